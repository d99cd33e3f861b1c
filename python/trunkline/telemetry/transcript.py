"""The words of both sides, one line per item, whatever the pieces they come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.protocol.observations import MilestoneKind, Speaker
from trunkline.telemetry.snapshot import TranscriptLine, Utterance
from trunkline.text import clean

if TYPE_CHECKING:
    from trunkline.protocol.observations import Milestone, Transcript

__all__ = ["KEPT_CHARS", "KEPT_LINES", "Transcripts"]

KEPT_LINES = 200
"""How many items are kept."""
KEPT_CHARS = 2000
"""How much of one item is kept; more than a minute of speech."""

# A turn that is committed by hand has no reported beginning.
_BEGINNINGS = frozenset({MilestoneKind.SPEECH_STARTED, MilestoneKind.COMMITTED})


@dataclass(slots=True)
class _Item:
    at: float
    epoch: int
    speaker: str
    text: str = ""
    progress: Utterance = Utterance.OPEN
    view: TranscriptLine | None = None


class Transcripts:
    """Folds deltas and final texts.

    The whole text of an item is cleaned each time, not its pieces: a key or a sequence may be split
    over two deltas.
    """

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], _Item] = {}
        self._view: tuple[TranscriptLine, ...] | None = ()

    def begin(self, fact: Milestone) -> None:
        """Keep the place of what the user begins to say: its words come after the answer's."""
        if fact.item_id and fact.kind in _BEGINNINGS:
            self._item(Speaker.USER, fact)

    def add(self, fact: Transcript) -> None:
        """Take a piece, or the whole text once it is final."""
        item = self._item(fact.speaker, fact)
        if fact.final:
            item.text, item.progress = fact.text[: KEPT_CHARS + 1], Utterance.FINAL
        elif item.progress is not Utterance.FINAL and len(item.text) <= KEPT_CHARS:
            item.text += fact.text[: KEPT_CHARS + 1]
            item.progress = Utterance.OPEN
        item.view = self._view = None

    def link_ended(self) -> None:
        """What was not final will not go on; a new session says it again in full."""
        for item in self._items.values():
            if item.progress is Utterance.OPEN:
                item.progress, item.view, self._view = Utterance.CUT, None, None

    def view(self) -> tuple[TranscriptLine, ...]:
        """The kept lines in the order their items began."""
        if self._view is None:
            self._view = tuple(_line(item) for item in self._items.values() if item.text)
        return self._view

    def _item(self, speaker: Speaker, fact: Transcript | Milestone) -> _Item:
        key = (speaker.value, fact.item_id)
        item = self._items.get(key)
        if item is None:
            item = _Item(at=fact.at, epoch=fact.epoch, speaker=speaker.value)
            self._items[key] = item
            if len(self._items) > KEPT_LINES:
                del self._items[next(iter(self._items))]
        return item


def _line(item: _Item) -> TranscriptLine:
    if item.view is None:
        item.view = TranscriptLine(
            at=item.at,
            speaker=item.speaker,
            text=clean(item.text, limit_chars=KEPT_CHARS),
            progress=item.progress,
        )
    return item.view
