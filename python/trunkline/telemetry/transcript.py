"""The words of both sides, one line per item, whatever the pieces they come in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.protocol.observations import MilestoneKind, Speaker
from trunkline.telemetry.snapshot import TranscriptLine, Utterance
from trunkline.text import clean

if TYPE_CHECKING:
    from trunkline.protocol.observations import Milestone, Transcript

__all__ = ["KEPT_CHARS", "KEPT_LINES", "Item", "Transcripts"]

KEPT_LINES = 200
"""How many items are kept."""
KEPT_CHARS = 2000
"""How much of one item is kept; more than a minute of speech."""

# A turn that is committed by hand has no reported beginning.
_BEGINNINGS = frozenset({MilestoneKind.SPEECH_STARTED, MilestoneKind.COMMITTED})


@dataclass(slots=True)
class Item:
    """What one item says, as far as it came."""

    at: float
    epoch: int
    speaker: str
    text: str = ""
    progress: Utterance = Utterance.OPEN
    _view: TranscriptLine | None = field(default=None, init=False, repr=False, compare=False)

    def changed(self) -> None:
        """What was shown of it is out of date."""
        self._view = None

    def view(self) -> TranscriptLine:
        """The item for a reader."""
        if self._view is None:
            self._view = TranscriptLine(
                at=self.at,
                speaker=self.speaker,
                text=clean(self.text, limit_chars=KEPT_CHARS),
                progress=self.progress,
            )
        return self._view


@dataclass(slots=True)
class Transcripts:
    """Folds deltas and final texts.

    The whole text of an item is cleaned each time, not its pieces: a key or a sequence may be split
    over two deltas.
    """

    limit: int = KEPT_LINES
    items: dict[str, Item] = field(default_factory=dict)
    """By speaker and id of the item, in the order in which they began."""
    _view: tuple[TranscriptLine, ...] | None = field(
        default=None, init=False, repr=False, compare=False
    )

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
        item.changed()
        self._view = None

    def shrink(self, limit: int) -> None:
        """Keep only so many, now and from now on."""
        self.limit = limit
        while len(self.items) > limit:
            del self.items[next(iter(self.items))]
            self._view = None

    def link_ended(self) -> None:
        """What was not final will not go on; a new session says it again in full."""
        for item in self.items.values():
            if item.progress is Utterance.OPEN:
                item.progress = Utterance.CUT
                item.changed()
                self._view = None

    def view(self) -> tuple[TranscriptLine, ...]:
        """The kept lines in the order their items began."""
        if self._view is None:
            self._view = tuple(item.view() for item in self.items.values() if item.text)
        return self._view

    def _item(self, speaker: Speaker, fact: Transcript | Milestone) -> Item:
        key = f"{speaker.value} {fact.item_id}"
        item = self.items.get(key)
        if item is None:
            item = Item(at=fact.at, epoch=fact.epoch, speaker=speaker.value)
            self.items[key] = item
            while len(self.items) > self.limit:
                del self.items[next(iter(self.items))]
        return item
