"""Two turns or two lines side by side, above the page that asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from trunkline.tui.widgets.comparison import paint_comparison
from trunkline.tui.widgets.scroll import ScrollPanel

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trunkline.tui.inspector.comparison import Comparison

__all__ = ["CompareScreen"]


_HEAD_AND_FRAME = 3


class CompareScreen(ModalScreen[None]):
    """A panel that scrolls; any way back leads to the page below."""

    CSS = """
    CompareScreen { align: center middle; }
    CompareScreen > Vertical { width: 92%; max-width: 110; max-height: 90%; background: $surface; }
    CompareScreen #comparison { width: 100%; height: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,equals_sign", "dismiss", "back", tooltip="Back to the screen below"),
        Binding("j,down", "move(1)", "down", tooltip="Scroll"),
        Binding("k,up", "move(-1)", "up", tooltip="Scroll"),
        Binding("pagedown", "move(10)", "page down", tooltip="Scroll"),
        Binding("pageup", "move(-10)", "page up", tooltip="Scroll"),
    ]

    def __init__(self, comparison: Comparison, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._comparison = comparison
        many = comparison.differences
        self._panel: ScrollPanel[Comparison] = ScrollPanel(
            paint_comparison,
            name="comparison",
            title=f"Compare  {comparison.left} and {comparison.right}",
            hint="1 difference" if many == 1 else f"{many} differences",
            ascii_only=ascii_only,
        )

    def compose(self) -> ComposeResult:
        """The panel."""
        box = Vertical(self._panel)
        box.styles.height = max(len(self._comparison.pairs), 1) + _HEAD_AND_FRAME
        yield box

    def on_mount(self) -> None:
        """Show the comparison."""
        self._panel.show(self._comparison)

    def action_move(self, lines: int) -> None:
        """Scroll."""
        self._panel.move(lines)
