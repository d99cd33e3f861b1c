"""What the microphone gave, until there is evidence that the conversation has it.

The problem: the server never acknowledges audio. The plain way, sending and forgetting, loses a round trip of
sound at every reset and the whole un-committed utterance with it, and nobody is told.

Our way: every sample gets its place on the *capture axis* once, and stays here until one of three things is
known of it. It was *consumed*: an item holds it and we own its words (`transcribed`), the server heard
it as silence before an utterance (`heard`), or it was thrown away on request (`cleared`). Or it became a *gap*,
announced before any later audio is sent. Until then it is *retained*. So at every moment

    accepted = consumed + retained + gaps

Memory is bounded. When it is full, audio that the current session has but has not yet committed (a very long
utterance, a turn that is committed by hand) leaves memory and stays on the books as retained: the commit consumes
it, and the end of the session makes it a gap, since it cannot be sent again.

One cursor feeds each link. A new link starts at the oldest sample that is neither consumed nor part of an item
that is replayed as an item, so that nothing is in one conversation twice.

Requests whose place among the samples matters (commit, clear) are marks on the same axis. How much a new session is
given of the audio that waits is the outage policy's word; here it is a number of samples, and a reason for the rest.
"""

from __future__ import annotations

from trunkline.protocol.books import Audio, Books, Consumed, Gap, Lost, SavedAudio
from trunkline.protocol.marks import Mark, Marks
from trunkline.protocol.spans import AxisMap, SpanSet
from trunkline.protocol.tape import Tape

__all__ = ["Outbox"]

TOO_OLD = "older than the retention limit"


class Outbox:
    """The retained audio and its books; `connection.py` is its only caller."""

    def __init__(self, *, retention_samples: int, slack_samples: int = 0) -> None:
        self._retention, self._slack = retention_samples, slack_samples
        self._tape = Tape()
        self._kept = 0
        """Capture position of the first sample in memory."""
        self._base = 0
        """Everything before it is settled."""
        self._end = 0
        self._stop = 1 << 62
        """Nothing behind it is sent."""
        self._cursor = 0
        self._reached = 0
        self._heard = 0
        self._done = SpanSet()
        """Consumed or given up, of what is still in memory."""
        self._items = SpanSet()
        """Part of an item of the conversation."""
        self._axis = AxisMap()
        self.marks = Marks()
        """The requests that have their place among the samples."""
        self._entries: list[Consumed | Gap | Lost] = []
        self._consumed = self._gap = 0

    # What comes in.

    @property
    def end(self) -> int:
        """Capture position after the last accepted sample."""
        return self._end

    @property
    def cursor(self) -> int:
        """Capture position of the next sample for the current link."""
        return self._cursor

    def accept(self, pcm: bytes) -> None:
        """Takes whole samples on the books; `make_room` must follow if that is too much."""
        self._tape.append(pcm)
        self._end += len(pcm) // 2

    def pass_on(self, pcm: bytes, least: int) -> bool:
        """Takes whole samples on the books and hands them out at once.

        Or does nothing, if something stands before them, if they stand before `least`, or if there is no room.
        """
        start, samples = self._cursor, len(pcm) // 2
        if start != self._end or not least <= start < self._stop or self.marks.waiting:
            return False
        if samples > self.room():
            return False
        self.passed_on([pcm], samples)
        return True

    def passed_on(self, pieces: list[bytes], samples: int) -> None:
        """The same for pieces of one size, handed out since: nothing else has happened, and there was room."""
        self._tape.extend(pieces, len(pieces[0]))
        self._axis.extend(self._cursor, samples)
        self._end = self._cursor = self._reached = self._end + samples

    def room(self) -> int:
        """How many more samples may be in memory, until so many must leave it that there is slack again."""
        return self._retention + self._slack - self._end + self._kept

    def is_overfull(self) -> bool:
        """Whether more is in memory than may be."""
        return self.room() < 0

    def make_room(self, *, silent_until: int) -> None:
        """The oldest samples leave memory. What was heard before `silent_until` was silence."""
        end = self._end - self._retention
        for low, high in self._loose(end):
            known = min(max(silent_until, low), high)
            self.consume(low, known, "heard")
            # From here to the cursor the current session has it, and may still commit it.
            unsent = min(max(self._cursor, known), high)
            self._announce_gap(unsent, high, TOO_OLD)
        # What an item holds has been in the conversation; its audio is given up before its words are known.
        for low, high in self._items.within(self._base, end):
            self.consume(low, high, "committed")
        self._drop_memory(end)
        self._trim()

    def let_go(self, *, silent_until: int) -> None:
        """The same ahead of time, where it says nothing: in a long utterance, all of which is sent."""
        end = self._end - self._retention
        is_settled = silent_until > self._base or self._done or self._items
        if self._cursor == self._end and not is_settled:
            self._drop_memory(end)

    def mark(
        self,
        type_: str,
        event_id: str,
        message: bytes,
        *,
        lasting: bool = False,
        foreign: bool = False,
    ) -> None:
        """Puts a request after the last accepted sample."""
        self.marks.add(
            Mark(
                position=min(self._end, self._stop),
                type=type_,
                event_id=event_id,
                message=message,
                lasting=lasting,
                foreign=foreign,
            )
        )

    def hold(self) -> None:
        """What is accepted from here on is kept and not sent; requests stand before it."""
        self._stop = self._end

    # What goes out.

    def is_empty(self) -> bool:
        """Whether everything was handed out, and no request waits."""
        return self._cursor == self._end and self.marks.next_position() is None

    def take(self, limit_samples: int) -> Audio | Mark | None:
        """The next audio, at most `limit_samples` of it, or the request that stands before it."""
        self._skip_settled()
        if (mark := self.marks.take(self._cursor)) is not None:
            return mark
        if self._cursor >= self._end:
            return None
        stop = min(self._cursor + limit_samples, self._next_stop())
        return self._cut(stop) if stop > self._cursor else None

    def _next_stop(self) -> int:
        """Where audio that may go in one piece ends."""
        stops = [min(self._end, self._stop)]
        position = self.marks.next_position()
        if position is not None:
            stops.append(position)
        if self._cursor < self._reached:
            stops.append(self._reached)
        for settled in (self._done, self._items):
            start = settled.next_start(self._cursor)
            if start is not None:
                stops.append(start)
        return min(stops)

    def _skip_settled(self) -> None:
        done, items = self._done, self._items
        while (end := done.end_of(self._cursor) or items.end_of(self._cursor)) is not None:
            self._cursor = end

    def _cut(self, stop: int) -> Audio:
        start = self._cursor
        audio = Audio(start=start, pcm=self.pcm(start, stop), replayed=start < self._reached)
        self._axis.extend(start, stop - start)
        self._cursor = stop
        self._reached = max(self._reached, stop)
        return audio

    def pcm(self, start: int, end: int) -> bytes:
        """The retained audio of a range; empty if part of it is gone."""
        if start < self._kept:
            return b""
        return self._tape.read(2 * (start - self._kept), 2 * (end - self._kept))

    # What is known.

    def locate(self, server_samples: int, *, as_end: bool = False) -> int | None:
        """Capture position of a place on the session's own sample clock."""
        return self._axis.locate(server_samples, as_end=as_end)

    @property
    def read(self) -> int:
        """Capture position before which a far end has read everything."""
        return self._heard

    def heard(self, position: int) -> None:
        """The far end of the link has read everything before the position (pongs prove it, see `hearing.py`)."""
        self._heard = max(self._heard, min(position, self._end))

    def itemise(self, start: int, end: int) -> None:
        """An item holds the range: it is replayed with the item, not as audio."""
        self._items.add(max(start, self._base), end)

    def consume(self, start: int, end: int, evidence: str) -> None:
        """There is evidence for the range."""
        samples = self._done.add(max(start, self._base), min(end, self._end))
        if samples:
            self._consumed += samples
            self._entries.append(Consumed(samples=samples, evidence=evidence))
            self._trim()

    def consume_silence(self, end: int) -> None:
        """The server heard no speech before the position: what no item holds is settled."""
        for low, high in self._loose(end):
            self.consume(low, high, "heard")

    def recall(self, event_id: str) -> bool:
        """A request is not wanted any more; gives whether it had not gone out yet."""
        return bool(self.marks.remove({event_id}))

    def clear(self) -> None:
        """The input buffer is thrown away on request: what no item holds, or will hold, need not be kept."""
        start = max((mark.position for mark in self.marks.lasting()), default=self._base)
        for low, high in self._loose(self._end):
            self.consume(max(low, start), high, "cleared")

    def has_loose(self) -> bool:
        """Whether there is audio that is neither settled nor part of an item."""
        return bool(self._loose(self._end))

    def can_move(self) -> bool:
        """Whether all audio that is not settled could be sent again: none of it has left memory."""
        return not self._loose(self._kept)

    def first_loose(self, position: int) -> int:
        """The first position from there on that is not settled."""
        position = max(position, self._base)
        return self._done.end_of(position) or position

    def _loose(self, end: int, *, start: int = 0) -> list[tuple[int, int]]:
        """What is neither settled nor part of an item, before the position."""
        return [
            hole
            for low, high in self._done.missing(max(start, self._base), min(end, self._end))
            for hole in self._items.missing(low, high)
        ]

    # A new link.

    def dropped(self) -> None:
        """The session is gone with what it had: what is no longer in memory cannot be sent again."""
        for low, high in self._loose(self._kept):
            self._announce_gap(low, high, TOO_OLD)
        self._trim()
        self._tell_lost(self.marks.dropped())
        self._rewind()

    def _tell_lost(self, marks: list[Mark]) -> None:
        self._entries += [Lost(type=mark.type, event_id=mark.event_id) for mark in marks]

    def restart(self, *, limit_samples: int, silent_until: int, reason: str) -> None:
        """Points the cursor at what a new session must get; what is beyond the limit is settled first.

        Audio before `silent_until` was heard and was no speech: the replay begins behind it.
        """
        commits = self.marks.lasting()
        self.marks.replace(commits)
        if not commits:
            # A commit on its way holds all that was sent before it, speech or not.
            self.consume_silence(silent_until)
        self._rewind()
        self.catch_up(limit_samples=limit_samples, reason=reason)
        self._rewind()

    def catch_up(self, *, limit_samples: int, reason: str) -> None:
        """Of what waits to be sent only the latest is wanted; the rest becomes a gap, and its commits are lost."""
        held = self._commits_of_audio()
        loose = self._loose(self._end, start=self._cursor)
        excess = sum(high - low for low, high in loose) - limit_samples
        for low, high in loose:
            stop = low + max(0, min(excess, high - low))
            self._announce_gap(low, stop, reason)
            excess -= stop - low
        self._tell_lost(self.marks.remove(held - self._commits_of_audio()))
        self._trim()

    def _commits_of_audio(self) -> set[str]:
        """Event ids of the commits that will find audio between the one before them and themselves."""
        found = set()
        start = self._cursor
        for mark in self.marks.waiting_lasting():
            if self._loose(mark.position, start=start):
                found.add(mark.event_id)
            start = max(start, mark.position)
        return found

    def _rewind(self) -> None:
        self._axis = AxisMap()
        self._cursor = self._base
        self._skip_settled()

    def _announce_gap(self, start: int, end: int, reason: str) -> None:
        samples = self._done.add(start, end)
        if samples:
            self._gap += samples
            self._entries.append(Gap(start=start, samples=samples, reason=reason))

    def _trim(self) -> None:
        if (end := self._done.end_of(self._base)) is None:
            return
        self._drop_memory(end)
        self._base = end
        self._done.drop_before(end)
        self._items.drop_before(end)
        self._cursor = max(self._cursor, end)

    def _drop_memory(self, end: int) -> None:
        if end > self._kept:
            self._tape.forget(2 * (end - self._kept))
            self._kept = end

    # What is told.

    def next_entry(self) -> Consumed | Gap | Lost | None:
        """The next entry of the books, oldest first."""
        return self._entries.pop(0) if self._entries else None

    def books(self) -> Books:
        """The sums at this moment."""
        return Books(
            accepted=self._end,
            consumed=self._consumed,
            retained=self._end - self._consumed - self._gap,
            gap=self._gap,
            waiting=self.waiting(),
        )

    def waiting(self, *, since: int = 0) -> int:
        """How many samples, of those since a position, the current link was not handed yet."""
        start = max(self._cursor, since)
        if start >= self._end:
            return 0
        end = min(self._end, self._stop)
        return sum(high - low for low, high in self._loose(end, start=start))

    # For another process.

    def settled(self) -> list[tuple[int, int]]:
        """All that was consumed or given up, as ranges of the capture axis."""
        ranges = SpanSet()
        ranges.add(0, self._base)
        for low, high in self._done:
            ranges.add(low, high)
        return list(ranges)

    def items(self) -> list[tuple[int, int]]:
        """The ranges that items hold, of what is not settled."""
        return list(self._items)

    def memory(self) -> tuple[int, bytes]:
        """Where the retained audio begins, and the audio."""
        return self._kept, self._tape.read(0, len(self._tape))

    @property
    def reached(self) -> int:
        """Capture position up to which some session was given the audio."""
        return self._reached

    def adopt(self, saved: SavedAudio) -> None:
        """Takes over what another process kept; what it did not hand over becomes a gap."""
        self._end, self._consumed, self._gap = saved.accepted, saved.consumed, saved.gap
        self._kept, self._tape = saved.kept_from, Tape(saved.pcm)
        self._reached, self._heard = saved.reached, saved.read
        for low, high in saved.settled:
            self._done.add(low, high)
        for low, high in saved.items:
            self._items.add(low, high)
        self.marks.replace(saved.commits)
        self._trim()
        for low, high in self._loose(self._kept):
            self._announce_gap(low, high, "not in the snapshot" if not saved.pcm else TOO_OLD)
        self._trim()
        self._rewind()
