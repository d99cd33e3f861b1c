"""Puts what a page shows on the shelf, under names that say which line it is of and when it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.tui.exports.document import Excerpt, json_document, ndjson_document
from trunkline.tui.exports.folder import file_name
from trunkline.tui.exports.picture import self_contained
from trunkline.tui.exports.sound import not_heard, wav_file
from trunkline.tui.inspector.redaction import without_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.entry import Entry
    from trunkline.telemetry.sound import Sound
    from trunkline.tui.context import Context
    from trunkline.tui.exports.folder import Shelf

__all__ = ["Exporter"]


class Exporter:
    """Each method gives where it is now; ValueError says why it cannot be written."""

    def __init__(self, context: Context, shelf: Shelf) -> None:
        self._context = context
        self._shelf = shelf

    def events(
        self,
        entries: Sequence[Entry],
        *,
        lines: bool,
        filter_text: str = "",
        hides_words: bool = False,
    ) -> str:
        """Entries as one JSON document, or as one per line."""
        excerpt = Excerpt(
            entries=entries,
            line=self._context.line,
            exported_at=self._at,
            filter_text=filter_text,
            hides_words=hides_words,
        )
        content = ndjson_document(excerpt) if lines else json_document(excerpt)
        return self._put("events", "ndjson" if lines else "json", content)

    def text_of(self, entry: Entry, *, hides_words: bool = False) -> str:
        """What is copied of an entry: its contents, or what is told of it where they are not kept."""
        shown = without_words(entry) if hides_words else entry
        return shown.detail or f"{shown.type} {shown.note}".strip()

    def copy(self, text: str) -> str:
        """What was copied as a file, too: not every terminal takes a clipboard's sequence."""
        return self._put("copy", "json" if text.startswith("{") else "txt", text.encode())

    def sound(self, turn: int) -> str:
        """The sound of a turn."""
        return self._put(f"turn-{turn}", "wav", wav_file(self.sound_of(turn)))

    def sound_of(self, turn: int) -> Sound:
        """The sound itself."""
        key = self._context.selected
        kept = None if key is None else self._context.desk.sound(key, turn)
        if kept is None:
            raise ValueError(not_heard(turn, self.turns_heard))
        return kept

    def keeps_sound(self, turn: int | None) -> bool:
        """Whether there is sound of a turn."""
        return turn in self.turns_heard

    @property
    def turns_heard(self) -> tuple[int, ...]:
        """Of which there is sound, oldest first."""
        key = self._context.selected
        return () if key is None else self._context.desk.turns_heard(key)

    def picture(self, svg: str) -> str:
        """The screen as a picture."""
        return self._put("screen", "svg", self_contained(svg).encode())

    @property
    def _at(self) -> float:
        """Of what is shown: a screen that stands still is of when it was stopped."""
        return self._context.at or 0.0

    def _put(self, what: str, ending: str, content: bytes) -> str:
        line, key = self._context.line, self._context.selected
        name = line.name if line is not None else key or "fleet"
        try:
            return self._shelf.put(file_name(name, what, self._at, ending), content)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ValueError(f"it cannot be written: {reason}") from error
