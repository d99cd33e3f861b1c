"""The words of one side of a translation as items of a readable length, since the server knows no items there.

A passage is a sentence: it ends with the sign that ends one, or when no words came for a second of what was heard.
That is for whoever shows words (a terminal, subtitles, a console); the application gets each piece as it came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.protocol.events import Speaker
    from trunkline.protocol.narrator import Narrator

__all__ = ["Passages"]

# Ends of sentences in Latin, Greek, Arabic, Indic and East Asian writing (of Unicode's Sentence_Terminal).
_ENDINGS = (".", "!", "?", "…", "\u061f", "\u0964", "\u3002", "\uff01", "\uff1f")
_PAUSE_MS = 1000


class Passages:
    """Tells the words of one side; the items are numbered through all sessions of the line."""

    def __init__(self, speaker: Speaker, name: str, narrator: Narrator) -> None:
        self._speaker = speaker
        self._name = name
        self._narrator = narrator
        self._count = 0
        self._text = ""
        self._at_ms = 0
        """What the session had heard when the latest words came."""

    def add(self, delta: str, elapsed_ms: int, now: float) -> None:
        """Some more words."""
        self.passed(elapsed_ms, now)
        if not self._text:
            if not delta.strip():
                return
            self._count += 1
        self._text += delta
        self._at_ms = elapsed_ms
        self._tell(delta, now, final=False)
        if self._text.rstrip().endswith(_ENDINGS):
            self.end(now)

    def passed(self, elapsed_ms: int, now: float) -> None:
        """The session has heard so much: without words for long, what was begun is over."""
        if elapsed_ms - self._at_ms >= _PAUSE_MS:
            self.end(now)

    def end(self, now: float) -> None:
        """What was begun is over; nothing happens if nothing was."""
        text, self._text = self._text.strip(), ""
        if text:
            self._tell(text, now, final=True)

    def _tell(self, text: str, now: float, *, final: bool) -> None:
        item_id = f"{self._name}_{self._count}"
        self._narrator.transcript(now, self._speaker, item_id, text, final=final)
