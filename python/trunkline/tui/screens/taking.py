"""The keys that take something out of the inspector: a copy, an export, the sound of its turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.tui.screens.choice import ChoiceScreen
from trunkline.tui.screens.inspector import InspectorPage
from trunkline.tui.screens.sounding import SoundKeys

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.tui.exports.exporter import Exporter

__all__ = ["TakingKeys"]


class TakingKeys(SoundKeys, InspectorPage):
    """What leaves goes to a file of this user, whose path is told."""

    def with_turn(self, deed: Callable[[int], None]) -> None:
        """With the turn of the event under the cursor."""
        if (turn := self.turn_or_complaint()) is not None:
            deed(turn)

    def copy_selected(self) -> None:
        """Put the event on the clipboard and into a file: not every terminal takes a clipboard's sequence."""
        if self.entry is None:
            raise ValueError("nothing is selected")
        exporter = self.exporter
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
            kept = "" if self.exporter.keeps_sound(turn) else " (audio is not kept)"
            forms[f"WAV of turn {turn}{kept}"] = lambda to: to.sound(turn)
        return forms

    def _write(self, deed: Callable[[Exporter], str]) -> None:
        try:
            self.tell(f"written to {deed(self.exporter)}")
        except ValueError as error:
            self.tell(str(error), refused=True)
