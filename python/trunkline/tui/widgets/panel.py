"""A widget that shows what a painter paints, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from trunkline.tui.ink import ASCII, Tone, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual.events import Resize

    from trunkline.tui.ink import Line, Painter

__all__ = ["Panel"]

T = TypeVar("T")


class Panel(Widget, Generic[T]):
    """Shows one value. Only the lines that changed are drawn again.

    Spans become segments here, and only here: nothing is parsed for markup on the way.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"panel--{tone.value}" for tone in Tone}

    def __init__(
        self, painter: Painter[T], *, name: str, title: str = "", ascii_only: bool = False
    ) -> None:
        super().__init__(id=name)
        self.border_title = title
        self._painter = painter
        self._ascii_only = ascii_only
        self._value: T | None = None
        self._lines: Sequence[Line] = ()
        self._tones: dict[Tone, Style] = {}

    def show(self, value: T) -> None:
        """Show a value; cheap if it looks as the one before."""
        if value is not self._value:
            self._value = value
            self._repaint()

    @property
    def first_line(self) -> int:
        """Which line of the painting is at the top."""
        return 0

    def render_line(self, y: int) -> Strip:
        """One line of the content, as Textual asks for it."""
        width = self.size.width
        index = y + self.first_line
        line = self._lines[index] if 0 <= index < len(self._lines) else ()
        return Strip([self._segment(*span) for span in fit(line, width)], width)

    def notify_style_update(self) -> None:
        """The theme changed."""
        self._tones.clear()
        super().notify_style_update()

    def on_resize(self, _: Resize) -> None:
        """The size decides what is shown."""
        self._repaint()
        self.refresh()

    def _repaint(self) -> None:
        """Paint, and draw the visible lines that differ from before."""
        if self._value is None or not self.size:
            return
        before, top = self._lines, self.first_line
        self._lines = self._painter(self._value, self.size.width, self.size.height)
        self._painted()
        if self.first_line != top:
            self.refresh()
            return
        shown = range(top, top + self.size.height)
        changed = [n - top for n in shown if _at(before, n) != _at(self._lines, n)]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _painted(self) -> None:
        """The lines are new; nothing more to do where nothing scrolls."""

    def _segment(self, words: str, tone: Tone) -> Segment:
        style = self._tones.get(tone)
        if style is None:
            style = self._tones[tone] = self.get_component_rich_style(f"panel--{tone.value}")
        return Segment(words.translate(ASCII) if self._ascii_only else words, style)


def _at(lines: Sequence[Line], index: int) -> Line | None:
    return lines[index] if index < len(lines) else None
