"""The keys that take something out of the inspector: a copy, an export, the sound of a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from trunkline.tui.exports.exporter import Exporter
from trunkline.tui.exports.folder import Folder
from trunkline.tui.screens.choice import ChoiceScreen
from trunkline.tui.screens.inspector import InspectorPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from trunkline.tui.context import Context
    from trunkline.tui.exports.folder import Shelf

__all__ = ["TakingKeys"]


class TakingKeys(InspectorPage):
    """What leaves goes to a file of this user, whose path is told."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "wav", "wav", tooltip="Write the sound of the turn as a WAV file"),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.shelf: Shelf = Folder()
        """Where exports go."""

    def action_wav(self) -> None:
        """Write the sound of the turn, or say why not."""
        if (turn := self.turn_or_complaint()) is not None:
            self._write(lambda to: to.sound(turn))

    def copy_selected(self) -> None:
        """Put the event on the clipboard and into a file: not every terminal takes a clipboard's sequence."""
        if self.entry is None:
            raise ValueError("nothing is selected")
        exporter = self._exporter
        text = exporter.text_of(self.entry, hides_words=self.hides_words)
        self.app.copy_to_clipboard(text)
        self.tell(f"copied, and written to {exporter.copy(text)}")

    def export_shown(self) -> None:
        """Ask for a form, and write what is shown. The picture is of the screen before the question."""
        svg = self.app.export_screenshot()
        forms = self._forms(svg)
        title = f"Export   transcripts {'hidden' if self.hides_words else 'shown, T hides them'}"

        def chosen(form: str | None) -> None:
            if form is not None:
                self._write(forms[form])

        self.app.push_screen(
            ChoiceScreen(title, list(forms), ascii_only=self.context.ascii_only), chosen
        )

    def _forms(self, svg: str) -> dict[str, Callable[[Exporter], str]]:
        """What can be written, and how."""
        rows, text = tuple(self.stream.rows), self.choosing.expression
        hides, turn = self.hides_words, self.turn
        shown = f"of the {len(rows)} shown"
        forms: dict[str, Callable[[Exporter], str]] = {
            f"JSON {shown}": lambda to: to.events(
                rows, lines=False, filter_text=text, hides_words=hides
            ),
            f"NDJSON {shown}": lambda to: to.events(
                rows, lines=True, filter_text=text, hides_words=hides
            ),
            "SVG picture of the screen": lambda to: to.picture(svg),
        }
        if turn is not None:
            kept = "" if self._exporter.keeps_sound(turn) else " (audio is not kept)"
            forms[f"WAV of turn {turn}{kept}"] = lambda to: to.sound(turn)
        return forms

    def _write(self, deed: Callable[[Exporter], str]) -> None:
        try:
            self.tell(f"written to {deed(self._exporter)}")
        except ValueError as error:
            self.tell(str(error), refused=True)

    @property
    def _exporter(self) -> Exporter:
        return Exporter(self.context, self.shelf)
