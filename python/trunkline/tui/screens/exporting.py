"""A page whose facts can be taken along: as documents, as text, as a picture, and on the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from trunkline.tui.exports.folder import Folder, file_name
from trunkline.tui.exports.picture import self_contained
from trunkline.tui.page import Page
from trunkline.tui.screens.choice import ChoiceScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from trunkline.tui.context import Context
    from trunkline.tui.exports.folder import Shelf

__all__ = ["ExportingPage", "json_of", "ndjson_of"]


def json_of(document: dict[str, Any]) -> bytes:
    """One indented document."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def ndjson_of(documents: Iterable[dict[str, Any]]) -> bytes:
    """One document a line."""
    return b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in documents)


class ExportingPage(Page):
    """Files are this user's alone, and never replace another; where they are is told."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.shelf: Shelf = Folder()
        """Where exports go."""

    def documents(self) -> dict[str, tuple[str, Callable[[], bytes]]]:
        """Forms by the words of the menu: the file's ending, and what makes its content."""
        return {}

    def copied(self) -> str | None:
        """What `y` copies; None if there is nothing."""
        return None

    def subject(self) -> str:
        """What files are named by."""
        return str(self.context.title) or self.NAME.lower()

    def export_shown(self) -> None:
        """Ask for a form, and write what is shown: of the screen before the question."""
        svg, words = self.app.export_screenshot(), self._words()
        forms: dict[str, tuple[str, Callable[[], bytes]]] = {
            **self.documents(),
            "SVG picture of the screen": ("svg", lambda: self_contained(svg).encode()),
            "text of the screen": ("txt", words.encode),
        }

        def chosen(form: str | None) -> None:
            if form is not None:
                ending, make = forms[form]
                self._write(self.NAME.lower(), ending, make())

        menu = ChoiceScreen("Export", list(forms), ascii_only=self.context.ascii_only)
        self.app.push_screen(menu, chosen)

    def copy_selected(self) -> None:
        """Put it on the clipboard and into a file: not every terminal takes a clipboard's sequence."""
        words = self.copied()
        if words is None:
            raise ValueError("nothing is selected")
        self.app.copy_to_clipboard(words)
        self._write("copy", "json" if words.startswith("{") else "txt", words.encode())

    def _write(self, what: str, ending: str, content: bytes) -> None:
        name = file_name(self.subject(), what, self.context.at or 0.0, ending)
        try:
            self._tell(f"written to {self.shelf.put(name, content)}")
        except OSError as error:
            self._tell(f"it cannot be written: {error.strerror or type(error).__name__}")

    def _tell(self, words: str) -> None:
        self.app.notify(words, timeout=5, markup=False)

    def _words(self) -> str:
        """What is on the screen, line by line."""
        region = self.size.region
        lines = self._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in lines[: region.height]) + "\n"
