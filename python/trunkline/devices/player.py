"""What a loudspeaker plays of a line's answers, and how much of them was heard.

The event loop receives; the sink pulls, maybe in a thread of its own. No lock is between them: the buffer belongs to
whoever pulls and is sent what to do through a queue, and what has become of it comes back as one value at a time and
through a second queue. (An append and a pop of a deque are single steps of the interpreter.)
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.audio.format import PCM_24K
from trunkline.audio.heard import HeardLedger
from trunkline.audio.jitter import PREFILL_MS, TARGET_MS, JitterBuffer, JitterStats, Span
from trunkline.audio.playout import LIMIT_MS
from trunkline.protocol import events

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.events import Event

__all__ = ["INTERPRETER", "Player", "PlayerStats"]

INTERPRETER = "interpreter"
"""The item of a translation session, which has none: all it says is one stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerStats:
    """How the playout stands; received = played + buffered + flushed + refused, in samples, always."""

    received_samples: int
    played_samples: int
    """What the sink was given."""
    buffered_samples: int
    flushed_samples: int
    """What was dropped because it was interrupted."""
    refused_samples: int
    """What was dropped because it was too much."""
    faded_samples: int
    """What was played fainter than it came, at the edge of a hole or an interruption."""
    buffered_ms: float
    """How long what waits will play."""
    underruns: int
    """How often a reply ran dry before its end."""
    underrun_ms: float
    """The silence played for it."""
    target_ms: int
    """How much there has to be before playing goes on after a hole."""


@dataclass(frozen=True, slots=True)
class _Published:
    """What the pulling side tells: the books, and how far it has read the commands."""

    books: JitterStats
    done: int = 0


@dataclass(slots=True)
class _Sent:
    """What the loop's side has asked for so far."""

    commands: int = 0
    samples: int = 0
    responses: dict[str, set[str]] = field(default_factory=dict)
    """The items of each response that is not done."""
    items: set[str] = field(default_factory=set)
    """All that audio came for."""


class Player:
    """Fills a sink (`fill` is a `Fill`) with what the line gives; keep calling `given` and tell the line.

    Answers are to be PCM at 24 kHz, as is the line's default. All but `fill` is for the event loop. `on_played` is
    called in the sink's thread with what it was given and when that is heard, silence included, for an echo canceller.
    """

    def __init__(
        self,
        *,
        target_ms: int = TARGET_MS,
        prefill_ms: int = PREFILL_MS,
        limit_ms: int = LIMIT_MS,
        now: Callable[[], float] | None = None,
    ) -> None:
        """`now` is the clock that the sink's `heard_at` is of: the running event loop's, unless it is given."""
        self.on_played: Callable[[bytes, float], None] | None = None
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._limit_samples = PCM_24K.samples_of_ms(limit_ms)
        # Of the loop's side.
        self._sent = _Sent()
        self._ledger = HeardLedger()
        self._new_items: list[str] = []
        self._new: dict[str, int] = {}
        """What of each item the sink was given, of those of which it was given more."""
        self._heard: dict[str, int] = {}
        # Between both.
        self._commands: deque[Callable[[JitterBuffer], object]] = deque()
        self._given: deque[tuple[float, tuple[Span, ...]]] = deque()
        # Of the pulling side, which replaces the last by a new value each time.
        self._buffer = JitterBuffer(prefill_ms=prefill_ms, target_ms=target_ms, limit_ms=limit_ms)
        self._done = 0
        self._published = _Published(self._buffer.stats)

    # In the event loop.

    def receive(self, event: Event) -> None:
        """Takes one event of the line; those that say nothing of audio are ignored."""
        match event:
            case events.AudioDelta():
                self._sent.responses.setdefault(event.response_id, set()).add(event.item_id)
                self.push(event.item_id, event.content_index, event.pcm)
            case events.TranslatedAudio():
                self.push(INTERPRETER, 0, event.pcm)
            case events.AudioDone():
                self.finish(event.item_id)
            case events.Interrupted():
                self.flush(event.item_id)
            case events.ResponseDone():
                # A response that is cancelled has no end of its audio.
                for item_id in self._sent.responses.pop(event.response_id, ()):
                    self.finish(item_id)
            case _:
                pass

    def push(self, item_id: str, content_index: int, pcm: bytes) -> None:
        """Some more audio of an item: whole samples, in any amount.

        What is too much (five minutes by default, or a sink that does not pull) is refused and counted. Raises
        CodecError if the last sample is cut.
        """
        samples = PCM_24K.samples_of_bytes(len(pcm))
        if item_id not in self._sent.items:
            self._sent.items.add(item_id)
            self._new_items.append(item_id)
        if self._waiting_samples() + samples > self._limit_samples:
            # Decided here as well, so that nothing piles up before a sink that has stopped.
            self._command(lambda buffer: buffer.refuse(item_id, content_index, samples))
        else:
            self._command(lambda buffer: buffer.push(item_id, content_index, pcm))
        self._sent.samples += samples

    def finish(self, item_id: str) -> None:
        """No more audio comes for that item."""
        self._command(lambda buffer: buffer.finish(item_id))

    def finish_all(self) -> None:
        """No more audio comes at all: the line is over."""
        for item_id in self._sent.items:
            self.finish(item_id)
        self._sent.responses.clear()

    def flush(self, item_id: str | None = None) -> None:
        """Plays no more of an item, or of all: it is silent behind a fade of 5 ms, in the block that is pulled next.

        What the sink already has is heard; what still comes for these items is dropped.
        """
        self._command(lambda buffer: buffer.flush(item_id))

    def given(self) -> list[tuple[str, int]]:
        """How much the sink was given in all, of each item of which that grew, oldest first: for `Line.played`.

        All of it is heard, unless the device is lost: who is interrupted now falls silent with what is given next. So
        an answer that is interrupted is cut where the loudspeaker stops. A new item is told with 0 before it sounds, so
        that the line knows of a loudspeaker.
        """
        self._age(None)
        told = [(item_id, 0) for item_id in self._new_items] + list(self._new.items())
        self._new_items, self._new = [], {}
        return told

    @property
    def has_given(self) -> bool:
        """Whether there is news for `given`; from any thread."""
        return bool(self._given)

    def heard(self, now: float | None = None) -> list[tuple[str, int]]:
        """Of which items more was heard since last asked, and how much in all, oldest first.

        Only samples count whose time has passed by the device's own clock, some 60 ms after they were given.
        """
        self._age(now)
        heard, self._heard = self._heard, {}
        return list(heard.items())

    def lose(self, at: float | None = None) -> int:
        """The device was lost, at that time: what it holds is never heard. Gives how many samples that are."""
        self._collect()
        return self._ledger.lose(self._now() if at is None else at)

    @property
    def is_quiet(self) -> bool:
        """Whether all that came has been heard, and no more is expected."""
        published = self._published
        books = published.books
        is_idle = published.done == self._sent.commands
        self._age(None)
        is_empty = not books.buffered_samples and not books.unfinished
        return is_idle and is_empty and self._ledger.is_empty

    @property
    def stats(self) -> PlayerStats:
        """The books at this moment; what came and was not yet looked at by the pulling side is buffered."""
        books = self._published.books
        unread = self._sent.samples - books.received_samples
        buffered = books.buffered_samples + unread
        return PlayerStats(
            received_samples=self._sent.samples,
            played_samples=books.played_samples,
            buffered_samples=buffered,
            flushed_samples=books.flushed_samples,
            refused_samples=books.refused_samples,
            faded_samples=books.faded_samples,
            buffered_ms=buffered * 1000 / PCM_24K.rate_hz,
            underruns=books.underruns,
            underrun_ms=books.underrun_samples * 1000 / PCM_24K.rate_hz,
            target_ms=books.target_ms,
        )

    def _command(self, command: Callable[[JitterBuffer], object]) -> None:
        self._sent.commands += 1
        self._commands.append(command)

    def _waiting_samples(self) -> int:
        books = self._published.books
        return books.buffered_samples + self._sent.samples - books.received_samples

    def _collect(self) -> None:
        while self._given:
            heard_at, spans = self._given.popleft()
            self._ledger.give(heard_at, spans)
            for span in spans:
                self._new[span.item_id] = span.position + span.samples

    def _age(self, now: float | None) -> None:
        self._collect()
        if not self._ledger.is_empty:
            self._heard |= self._ledger.heard(self._now() if now is None else now)

    # Where the sink pulls.

    def fill(self, count_samples: int, heard_at: float) -> bytes:
        """Exactly so many samples; the first is heard at that time. Waits for nothing; one thread at a time."""
        while self._commands:
            self._commands.popleft()(self._buffer)
            self._done += 1
        pulled = self._buffer.pull(count_samples)
        if pulled.spans:
            # Before the books: whoever sees these empty must find the pieces here.
            self._given.append((heard_at, pulled.spans))
        self._published = _Published(self._buffer.stats, self._done)
        if self.on_played is not None:
            self.on_played(pulled.pcm, heard_at)
        return pulled.pcm
