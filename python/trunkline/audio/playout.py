"""What is to be played, and exactly how much of it was.

The problem: a reply arrives several times faster than it plays, so when the user interrupts, the
server believes in seconds of speech that nobody heard. It must be told how many milliseconds of
which item were played, and a figure above what it sent is refused.

The plain way is a queue of bytes and a clock: what has played is the time since the first sample.
That counts silence while the queue was empty, the speaker's own buffer and every pause as speech.

Our way: the buffer keeps a ledger per item and content part, and only samples handed to the
speaker move it. Audio is played in the order it came, and what was played of a part is always a
prefix of what was received of it: once a piece is flushed or refused, whatever follows in that part
is dropped too, since playing on behind a hole would make the position a lie. So played ≤ received,
both only grow, and at any time received = played + buffered + flushed + refused.

An underrun is a pull that finds too little while a reply is unfinished: an empty buffer between two
replies is quiet, not a fault. Consecutive pulls that find nothing belong to one underrun, and the
samples of silence are counted apart.

Left out on purpose: when to begin and how to bridge a hole (`jitter` does, on top of `take`), the
device's own latency (`heard`), time stretching, and locks. A device calls `pull` from a thread of
its own: then either the whole object is used under the device's lock, or the pulling thread owns it
and is sent what to do (`devices.player`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from trunkline.audio.format import PCM_24K, AudioFormat
from trunkline.errors import CodecError

__all__ = ["LIMIT_MS", "Playout", "PlayoutStats", "Taken"]

LIMIT_MS = 300_000
"""A fuller buffer refuses audio: 14 MB. A reply ends at 4096 tokens, some 200 s of speech; half the
limit would cut the longest ones, twice would only hide a stuck speaker for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayoutStats:
    """The books at one moment; received = played + buffered + flushed + refused, always."""

    received_samples: int
    """All that was pushed."""
    played_samples: int
    """All that was pulled, silence not counted."""
    buffered_samples: int
    """What waits to be played."""
    buffered_ms: int
    """The same as time, rounded down."""
    flushed_samples: int
    """What was dropped because it was interrupted."""
    refused_samples: int
    """What was dropped because the buffer was at its limit."""
    underruns: int
    """How often the buffer ran dry inside a reply."""
    underrun_samples: int
    """Silence played in its place."""
    unfinished: int
    """Items that more audio is expected for."""


class Taken(NamedTuple):
    """Some samples of one item, in the order they came."""

    item_id: str
    position: int
    """How many samples of the item were taken before, of all its parts."""
    is_first: bool
    """Whether nothing of its part was taken before."""
    pcm: memoryview


@dataclass(slots=True)
class _Part:
    """The ledger of one content part; what was played is a prefix of what was received."""

    received: int = 0
    played: int = 0
    is_refused: bool = False
    """There is a hole, so what still comes is refused."""


@dataclass(slots=True)
class _Item:
    item_id: str
    parts: dict[int, _Part] = field(default_factory=dict)
    played: int = 0
    """Of all parts."""
    is_flushed: bool = False
    """It was interrupted, so what still comes is dropped."""


@dataclass(slots=True)
class _Piece:
    item: _Item
    part: _Part
    pcm: memoryview


@dataclass(slots=True)
class _Counters:
    received: int = 0
    played: int = 0
    flushed: int = 0
    refused: int = 0
    underruns: int = 0
    underrun_samples: int = 0


class Playout:
    """A bounded buffer of pcm between the line and a speaker.

    Whoever receives deltas calls `push`, `finish` and `flush`, whoever feeds the speaker calls
    `pull`; the prologue says what holds if these are different threads.
    """

    __slots__ = (
        "_buffered",
        "_counters",
        "_format",
        "_is_dry",
        "_items",
        "_limit_samples",
        "_queue",
        "_unfinished",
    )

    def __init__(self, *, audio_format: AudioFormat = PCM_24K, limit_ms: int = LIMIT_MS) -> None:
        self._format = audio_format
        self._limit_samples = audio_format.samples_of_ms(limit_ms)
        self._queue: deque[_Piece] = deque()
        self._buffered = 0
        self._items: dict[str, _Item] = {}
        self._unfinished: set[str] = set()
        self._counters = _Counters()
        self._is_dry = False

    def push(self, item_id: str, content_index: int, pcm: bytes) -> int:
        """Takes a delta's audio and gives the number of samples that will be played of it.

        The first audio of an item makes it unfinished. What does not fit under the limit is
        refused, newest first, and so is the rest of that part; what comes for a flushed item is
        flushed.

        Raises CodecError if the last sample is cut; nothing is taken then.
        """
        samples = self._format.samples_of_bytes(len(pcm))
        item = self._item(item_id)
        part = item.parts.setdefault(content_index, _Part())
        part.received += samples
        self._counters.received += samples
        if item.is_flushed:
            self._counters.flushed += samples
            return 0
        return self._enqueue(_Piece(item, part, memoryview(pcm)), samples)

    def pull(self, count_samples: int) -> bytes:
        """Exactly so many samples of pcm to play now, with silence behind what there is.

        Cost: one copy of the result. Raises CodecError for a negative number.
        """
        if count_samples < 0:
            raise CodecError(f"{count_samples} samples cannot be pulled")
        found: list[bytes | memoryview] = []
        wanted = count_samples
        while wanted and (taken := self.take(wanted)):
            wanted -= self._format.samples_of_bytes(len(taken.pcm))
            found.append(taken.pcm)
        self._note_silence(wanted, found_any=bool(found))
        found.append(bytes(self._format.bytes_of_samples(wanted)))
        return b"".join(found)

    def take(self, limit_samples: int) -> Taken | None:
        """What is to be played next, of one delta at most and without silence; None if there is nothing.

        Running dry is not counted here: whoever takes knows what it means. Cost: no copy.
        """
        if not self._queue or limit_samples < 1:
            return None
        piece = self._queue[0]
        size = min(len(piece.pcm), self._format.bytes_of_samples(limit_samples))
        pcm, piece.pcm = piece.pcm[:size], piece.pcm[size:]
        if not piece.pcm:
            self._queue.popleft()
        taken = Taken(piece.item.item_id, piece.item.played, not piece.part.played, pcm)
        self._count_played(piece, self._format.samples_of_bytes(size))
        return taken

    def _count_played(self, piece: _Piece, samples: int) -> None:
        piece.item.played += samples
        piece.part.played += samples
        self._counters.played += samples
        self._buffered -= samples

    def refuse(self, item_id: str, content_index: int, samples: int) -> None:
        """Books audio that came and cannot be taken, as `push` does when the buffer is at its limit."""
        item = self._item(item_id)
        part = item.parts.setdefault(content_index, _Part())
        part.received += samples
        part.is_refused = True
        self._counters.received += samples
        self._counters.refused += samples

    def finish(self, item_id: str) -> None:
        """Says that no more audio comes for that item; running dry behind it is no underrun."""
        self._unfinished.discard(item_id)

    def flush(self, item_id: str | None = None, *, tail_samples: int = 0) -> int:
        """Drops what is buffered, of one item or of all, and gives how many samples that were.

        With `tail_samples` so many stay of the item that is to be played next, if it is flushed, now or before:
        for a fade.

        What still comes for these items is dropped as it comes. Without `item_id` that holds for
        all that have audio buffered or are unfinished; an item that nothing has come for is not
        known here, and one that has been played to its end is left as it is.
        """
        if item_id is None:
            ids = self._unfinished | {piece.item.item_id for piece in self._queue}
        else:
            ids = self._items.keys() & {item_id}
        for known in ids:
            self._items[known].is_flushed = True
        self._unfinished -= ids
        return self._drop_flushed(tail_samples)

    def forget(self, item_id: str) -> None:
        """Drops the item's audio and its ledger, whose figures are zero from then on.

        For an item that the server has deleted, or that nobody will ask about: a ledger is kept
        for as long as the playout lives otherwise, at some 400 bytes an item.
        """
        self.flush(item_id)
        self._items.pop(item_id, None)

    @property
    def is_open(self) -> bool:
        """Whether a reply is unfinished."""
        return bool(self._unfinished)

    @property
    def is_within(self) -> bool:
        """Whether a reply is unfinished of which some has been played."""
        return any(self._items[item_id].played for item_id in self._unfinished)

    @property
    def next_item(self) -> str | None:
        """The item that is to be played next; None if nothing is buffered."""
        return self._queue[0].item.item_id if self._queue else None

    def is_unfinished(self, item_id: str) -> bool:
        """Whether more audio is expected for it."""
        return item_id in self._unfinished

    def is_begun(self, item_id: str) -> bool:
        """Whether any of its audio has been played."""
        item = self._items.get(item_id)
        return item is not None and item.played > 0

    def ahead_samples(self, item_id: str, limit_samples: int) -> int:
        """How much of that item is to be played next, before anything else; counted to the limit or a little more."""
        ahead = 0
        for piece in self._queue:
            if ahead >= limit_samples or piece.item.item_id != item_id:
                break
            ahead += self._format.samples_of_bytes(len(piece.pcm))
        return ahead

    @property
    def buffered_samples(self) -> int:
        """How much waits."""
        return self._buffered

    @property
    def buffered_ms(self) -> int:
        """How long what waits will play, rounded down."""
        return self._format.ms_of_samples(self._buffered)

    def played_samples(self, item_id: str, content_index: int = 0) -> int:
        """Samples of that part that were pulled; 0 for an unknown one."""
        return self._ledger(item_id, content_index).played

    def played_ms(self, item_id: str, content_index: int = 0) -> int:
        """The same as time, rounded down: what `conversation.item.truncate` may be told."""
        return self._format.ms_of_samples(self.played_samples(item_id, content_index))

    def received_samples(self, item_id: str, content_index: int = 0) -> int:
        """Samples of that part that were pushed, whatever became of them; 0 for an unknown one."""
        return self._ledger(item_id, content_index).received

    def received_ms(self, item_id: str, content_index: int = 0) -> int:
        """The same as time, rounded down."""
        return self._format.ms_of_samples(self.received_samples(item_id, content_index))

    @property
    def stats(self) -> PlayoutStats:
        """The books at this moment, as a value of its own."""
        return PlayoutStats(
            received_samples=self._counters.received,
            played_samples=self._counters.played,
            buffered_samples=self._buffered,
            buffered_ms=self.buffered_ms,
            flushed_samples=self._counters.flushed,
            refused_samples=self._counters.refused,
            underruns=self._counters.underruns,
            underrun_samples=self._counters.underrun_samples,
            unfinished=len(self._unfinished),
        )

    def _item(self, item_id: str) -> _Item:
        item = self._items.get(item_id)
        if item is None:
            item = self._items[item_id] = _Item(item_id)
            self._unfinished.add(item_id)
        return item

    def _ledger(self, item_id: str, content_index: int) -> _Part:
        item = self._items.get(item_id)
        return _Part() if item is None else item.parts.get(content_index, _Part())

    def _enqueue(self, piece: _Piece, samples: int) -> int:
        room = 0 if piece.part.is_refused else self._limit_samples - self._buffered
        taken = min(samples, room)
        if taken < samples:
            piece.part.is_refused = True
            self._counters.refused += samples - taken
        if taken:
            piece.pcm = piece.pcm[: self._format.bytes_of_samples(taken)]
            self._queue.append(piece)
            self._buffered += taken
        return taken

    def _note_silence(self, samples: int, *, found_any: bool) -> None:
        is_dry = bool(samples and self._unfinished)
        if is_dry:
            self._counters.underruns += found_any or not self._is_dry
            self._counters.underrun_samples += samples
        self._is_dry = is_dry

    def _drop_flushed(self, tail_samples: int) -> int:
        kept: deque[_Piece] = deque()
        room = self._format.bytes_of_samples(tail_samples)
        for piece in self._queue:
            if piece.item.is_flushed:
                piece.pcm = piece.pcm[:room]
                room -= len(piece.pcm)
            else:
                # The tail is what would be played next: nothing behind another item.
                room = 0
            if piece.pcm:
                kept.append(piece)
        left = sum(self._format.samples_of_bytes(len(piece.pcm)) for piece in kept)
        dropped = self._buffered - left
        self._queue, self._buffered = kept, left
        self._counters.flushed += dropped
        return dropped
