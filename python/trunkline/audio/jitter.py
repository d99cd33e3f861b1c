"""When a reply may begin to be played, and what is played where its audio is late or unwanted.

The problem: audio comes in deltas at the network's mercy. Played as it comes, each late delta is a hole with a click on
both sides; and a reply that is interrupted ends in the middle of a wave, which clicks too.

Our way: a reply waits until `prefill_ms` of it have come, or its end. Where it runs dry nevertheless, it waits for a
target that grows with each hole (`jitter_target`). Edges that no reply has of its own are faded, each over 5 ms at the
most. All of that is one gain that moves by 1/120 a sample and is never above what is left before the hole in 120ths:
so it has come down to nothing when the last sample is played, whenever that turns out to be. It is 1, and samples pass
untouched, as long as 5 ms stay buffered behind each pull or the end of the reply has come.

A flush lets the next 5 ms of the reply fade and drops the rest. They are played and counted as played, so that a
truncation tells what was heard. Silence for want of audio is counted apart, and is an underrun only inside a reply.

The books are those of `playout`: received = played + buffered + flushed + refused, and faded samples are played ones.
Nobody waits for ever: audio that is there is played after half a second, however little it is.

Left out on purpose: stretching time (a reply comes several times faster than it plays, so holes are rare), inventing
sound for holes (speech that nobody said), and locks: the thread that pulls owns it all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from trunkline.audio.fade import FADE_SAMPLES, faded
from trunkline.audio.format import PCM_24K
from trunkline.audio.jitter_target import JitterTarget
from trunkline.audio.playout import LIMIT_MS, Playout, Taken
from trunkline.errors import CodecError

__all__ = [
    "PREFILL_MS",
    "TARGET_MS",
    "JitterBuffer",
    "JitterStats",
    "Pulled",
    "Span",
]

PREFILL_MS = 40
"""Two blocks: one to play and one to have. Replies come faster than they play, so it takes less time than that."""
TARGET_MS = 100
"""After a hole the network has proven to be late by more than the prefill; most deltas are a tenth of a second."""
_PATIENCE_SAMPLES = PCM_24K.samples_of_ms(500)


class Span(NamedTuple):
    """Where in a pull samples of an item are."""

    offset: int
    """Samples before them in the pull."""
    item_id: str
    position: int
    """Samples before them in the item."""
    samples: int


class Pulled(NamedTuple):
    """What is played next."""

    pcm: bytes
    spans: tuple[Span, ...]
    """What of it is of items, in order; the rest is silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JitterStats:
    """The books at one moment; received = played + buffered + flushed + refused, always."""

    received_samples: int
    played_samples: int
    buffered_samples: int
    flushed_samples: int
    refused_samples: int
    faded_samples: int = 0
    """Of those played, how many were not played as they came."""
    underruns: int = 0
    """How often a reply ran dry before its end."""
    underrun_samples: int = 0
    """Silence played in its place."""
    unfinished: int = 0
    """Items that more audio is expected for."""
    target_ms: int = 0
    """How much there has to be before playing goes on after a hole."""


class JitterBuffer:
    """A playout that begins when it can go on, and ends without a click."""

    def __init__(
        self,
        *,
        prefill_ms: int = PREFILL_MS,
        target_ms: int = TARGET_MS,
        limit_ms: int = LIMIT_MS,
    ) -> None:
        self._playout = Playout(limit_ms=limit_ms)
        self._prefill_ms = prefill_ms
        self._target = JitterTarget(target_ms)
        self._gain = 0
        """Of the sample before the next one, in parts of FADE_SAMPLES."""
        self._tail = 0
        """How much of a flushed reply is still to be played."""
        self._is_dry = False
        self._held = 0
        """How long what is there has been kept waiting."""
        self._faded = self._underruns = self._underrun_samples = 0

    def push(self, item_id: str, content_index: int, pcm: bytes) -> int:
        """Takes a delta's audio and gives the number of samples that will be played of it; as `Playout.push`."""
        return self._playout.push(item_id, content_index, pcm)

    def refuse(self, item_id: str, content_index: int, samples: int) -> None:
        """Books audio that came and cannot be taken."""
        self._playout.refuse(item_id, content_index, samples)

    def finish(self, item_id: str) -> None:
        """Says that no more audio comes for that item."""
        self._playout.finish(item_id)

    def flush(self, item_id: str | None = None) -> int:
        """Drops what is buffered of one item or of all, but for a fade, and gives how many samples that were.

        What still comes for these items is dropped as it comes.
        """
        next_item = self._playout.next_item
        if not self._tail and next_item is not None and item_id in (None, next_item):
            self._tail = self._gain if self._playout.is_begun(next_item) else 0
        dropped = self._playout.flush(item_id, tail_samples=self._tail)
        if self._tail and next_item is not None:
            self._tail = min(self._tail, self._playout.ahead_samples(next_item, self._tail))
        return dropped

    def pull(self, count_samples: int) -> Pulled:
        """Exactly so many samples to play now, silence where there is nothing or must not be yet.

        Cost: one copy of the result; a sample that is faded costs 0.1 µs. Raises CodecError for a negative number.
        """
        if count_samples < 0:
            raise CodecError(f"{count_samples} samples cannot be pulled")
        pieces: list[bytes | memoryview] = []
        spans: list[Span] = []
        offset = 0
        while offset < count_samples and not self._is_held():
            taken = self._take(count_samples - offset)
            samples = len(taken.pcm) // 2
            pieces.append(self._shaped(taken))
            spans.append(Span(offset, taken.item_id, taken.position, samples))
            offset += samples
        self._note_silence(count_samples - offset)
        pieces.append(bytes(2 * (count_samples - offset)))
        return Pulled(b"".join(pieces), tuple(spans))

    @property
    def stats(self) -> JitterStats:
        """The books at this moment, as a value of its own."""
        books = self._playout.stats
        return JitterStats(
            received_samples=books.received_samples,
            played_samples=books.played_samples,
            buffered_samples=books.buffered_samples,
            flushed_samples=books.flushed_samples,
            refused_samples=books.refused_samples,
            faded_samples=self._faded,
            underruns=self._underruns,
            underrun_samples=self._underrun_samples,
            unfinished=books.unfinished,
            target_ms=self._target.ms,
        )

    # When.

    def _is_held(self) -> bool:
        """Whether there is nothing to play, or not enough yet."""
        item_id = self._playout.next_item
        if item_id is None:
            return True
        is_enough = (
            self._playout.buffered_samples >= self._wanted_samples(item_id)
            or not self._playout.is_unfinished(item_id)
            or self._held >= _PATIENCE_SAMPLES
        )
        if is_enough:
            self._is_dry, self._held = False, 0
        return not is_enough

    def _wanted_samples(self, item_id: str) -> int:
        if self._is_dry:
            return PCM_24K.samples_of_ms(self._target.ms)
        if self._playout.is_begun(item_id):
            return 0
        # What was learned from holes is asked for at the start already.
        return PCM_24K.samples_of_ms(self._prefill_ms + self._target.learned_ms)

    def _note_silence(self, samples: int) -> None:
        if not samples:
            return
        self._gain = 0
        if self._playout.buffered_samples:
            self._held += samples
        if not self._playout.is_within:
            self._is_dry = False
            return
        if not self._is_dry:
            self._is_dry = True
            self._underruns += 1
            self._target.ran_dry()
        self._underrun_samples += samples

    # How loud.

    def _take(self, limit_samples: int) -> Taken:
        # A tail ends where its own fade ends, so that what follows it has a gain of its own.
        taken = self._playout.take(min(limit_samples, self._tail or limit_samples))
        assert taken is not None, "nothing is held, so there is something"
        self._target.played(len(taken.pcm) / 48)
        return taken

    def _shaped(self, taken: Taken) -> bytes | memoryview:
        samples = len(taken.pcm) // 2
        if self._tail:
            return self._ended(taken.pcm, samples)
        if taken.is_first:
            self._gain = FADE_SAMPLES
        left = self._left_samples(taken.item_id)
        if self._gain == FADE_SAMPLES and left >= FADE_SAMPLES:
            return taken.pcm
        return self._bridged(taken.pcm, left)

    def _left_samples(self, item_id: str) -> int:
        """How many samples there are before a hole, as far as is known; enough if none is to come."""
        if not self._playout.is_unfinished(item_id):
            return FADE_SAMPLES
        return self._playout.ahead_samples(item_id, FADE_SAMPLES)

    def _ended(self, pcm: memoryview, samples: int) -> bytes:
        """The next samples of a tail, from the gain that was to nothing."""
        gains = [self._gain * (self._tail - 1 - at) // self._tail for at in range(samples)]
        self._tail -= samples
        return self._scaled(pcm, gains)

    def _bridged(self, pcm: memoryview, left: int) -> bytes:
        """Samples before a hole or after one; `left` are known to follow."""
        gains, gain = [], self._gain
        for follow in range(left + len(pcm) // 2 - 1, left - 1, -1):
            gain = min(gain + 1, follow, FADE_SAMPLES)
            gains.append(gain)
        return self._scaled(pcm, gains)

    def _scaled(self, pcm: memoryview, gains: list[int]) -> bytes:
        self._gain = gains[-1]
        self._faded += sum(gain < FADE_SAMPLES for gain in gains)
        return faded(pcm, gains)
