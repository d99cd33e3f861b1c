"""A widget that shows what a painter paints, line by line, in a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from trunkline.tui.ink import Span, Tone, fit, plain
from trunkline.tui.widgets.frame import bottom_edge, top_edge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.events import Resize

    from trunkline.tui.ink import Line, Painter

__all__ = ["Caption", "Panel"]

T = TypeVar("T")
Caption: TypeAlias = "str | Callable[[T], str]"

# From this width on there is a blank between the frame and what it holds.
_PADDED_CELLS = 24
_BLANK = (Span(" "),)
_UNSTYLED = Style()


class Panel(Widget, Generic[T]):
    """Shows one value. Only the lines that changed are drawn again.

    Spans become segments here, and only here: nothing is parsed for markup on the way. The frame is painted too,
    since Textual's has one title and another set of signs.
    """

    def __init__(
        self,
        painter: Painter[T],
        *,
        name: str,
        title: Caption[T] = "",
        hint: Caption[T] = "",
        ascii_only: bool = False,
        framed: bool = True,
    ) -> None:
        super().__init__(id=name)
        self.note = ""
        """What the lower edge says."""
        self._painter = painter
        self._title = title
        self._hint = hint
        self._ascii_only = ascii_only
        self._framed = framed
        self._value: T | None = None
        self._lines: Sequence[Line] = ()
        self._edges: tuple[str, str, str] = ("", "", "")
        self._tones: dict[str, Style] = {}
        self._toned: dict[Tone, Style] = {}

    def show(self, value: T) -> None:
        """Show a value; cheap if it looks as the one before."""
        if value is not self._value:
            self._value = value
            self._repaint()

    @property
    def inner(self) -> Size:
        """The room in the frame."""
        if not self._framed:
            return self.size
        width, height = self.size
        return Size(max(width - 2 - 2 * self._padding, 0), max(height - 2, 0))

    @property
    def first_line(self) -> int:
        """Which line of the painting is at the top."""
        return 0

    @property
    def cursor_line(self) -> int | None:
        """Which line of the painting has the cursor."""
        return None

    def render_line(self, y: int) -> Strip:
        """One line, as Textual asks for it."""
        width = self.size.width
        if not self._framed:
            return self._strip(fit(self._at(y), width), width)
        tone = Tone.FOCUS if self.has_focus else Tone.FRAME
        title, hint, note = self._edges
        if y == 0:
            return self._strip(top_edge(title, hint, width, tone), width)
        if y == self.size.height - 1:
            return self._strip(bottom_edge(note, width, tone), width)
        edge = Span("│", tone)
        left = (Span("▸"),) if self._has_cursor(y - 1) else _BLANK
        pads = (left, _BLANK) if self._padding else ((), ())
        inside = (*pads[0], *fit(self._at(y - 1), self.inner.width), *pads[1])
        strip = self._strip(fit((edge, *inside, edge), width), width)
        return self._lit(strip) if self._has_cursor(y - 1) else strip

    def notify_style_update(self) -> None:
        """The theme changed."""
        self._tones.clear()
        self._toned.clear()
        super().notify_style_update()

    def on_resize(self, _: Resize) -> None:
        """The size decides what is shown."""
        self._repaint()
        self.refresh()

    @property
    def _padding(self) -> int:
        return 1 if self.size.width >= _PADDED_CELLS else 0

    def _at(self, y: int) -> Line:
        index = y + self.first_line
        return self._lines[index] if 0 <= index < len(self._lines) else ()

    def _has_cursor(self, y: int) -> bool:
        return self.cursor_line is not None and self.cursor_line == y + self.first_line

    def _repaint(self) -> None:
        """Paint, and draw the visible lines that differ from before."""
        if self._value is None or not self.size:
            return
        before, top, marked = self._lines, self.first_line, self.cursor_line
        inner = self.inner
        self._lines = self._painter(self._value, inner.width, inner.height)
        self._painted()
        old_edges, self._edges = self._edges, self._captions(self._value)
        if self.first_line != top or self.cursor_line != marked:
            self.refresh()
            return
        self._refresh_lines(before, edges_changed=old_edges != self._edges)

    def _captions(self, value: T) -> tuple[str, str, str]:
        return _caption(self._title, value), _caption(self._hint, value), self.note

    def _repaint_edges(self) -> None:
        if self._value is not None:
            self._edges = self._captions(self._value)
            self.refresh()

    def _refresh_lines(self, before: Sequence[Line], *, edges_changed: bool) -> None:
        top, height, offset = self.first_line, self.inner.height, int(self._framed)
        shown = range(top, top + height)
        changed = [n - top + offset for n in shown if _line(before, n) != _line(self._lines, n)]
        if edges_changed and self._framed:
            changed += [0, self.size.height - 1]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _painted(self) -> None:
        """The lines are new; nothing more to do where nothing scrolls."""

    def _strip(self, line: Line, width: int) -> Strip:
        return Strip([self._segment(*span) for span in line], width)

    def _segment(self, words: str, tone: Tone) -> Segment:
        # By the tone itself: reading the value of a member costs more than the rest.
        style = self._toned.get(tone)
        if style is None:
            style = self._toned[tone] = self._style(tone.value)
        return Segment(plain(words) if self._ascii_only else words, style)

    def _lit(self, strip: Strip) -> Strip:
        """The line under the cursor, between its edges."""
        left, inside, right = strip.divide([1, self.size.width - 1, self.size.width])
        lit = Strip(
            Segment.apply_style(inside, post_style=self._style("cursor")), inside.cell_length
        )
        return Strip.join([left, lit, right])

    def _style(self, name: str) -> Style:
        style = self._tones.get(name)
        if style is None:
            # One set of styles for the whole screen: a set for each panel was most of the time until the first paint.
            whole = self.screen.get_component_rich_style(f"panel--{name}", default=_UNSTYLED)
            style = self._tones[name] = Style(
                color=None if name == "cursor" else whole.color,
                bgcolor=whole.bgcolor if name in ("cursor", "inverse") else None,
                bold=whole.bold,
            )
        return style


def _caption(caption: Caption[T], value: T) -> str:
    return caption if isinstance(caption, str) else caption(value)


def _line(lines: Sequence[Line], index: int) -> Line | None:
    return lines[index] if index < len(lines) else None
