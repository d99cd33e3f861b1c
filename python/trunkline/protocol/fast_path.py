"""The short way of ordinary audio: a chunk that may go out at once, a delta of the answer that is being given.

Nearly all that a line does is these two, a hundred times a second, and nearly all of what the ordinary path asks about
them is answered by "as before". So each has one place that asks whether everything is as before, does what is left, and
tells it as one compound fact. If anything is not, it does nothing and says so, and the ordinary path is taken: what a
chunk or a delta *means* is written there. Both leave the core in the same state and make no deadline earlier, so the
driver need not look at its timer; the soak's lives go this way, and a test compares both ways step by step.

And nothing can change between two of them but by an input. So once the questions are answered the way is *open*: the
next chunk of the same size, the next delta of the same item, is only *noted*, in native code (`audio/short_way.py`)
and, where nobody wants to know of each, without a word to the core. What is noted is *posted* to the books before
anybody asks for them, and every other input posts it and shuts the way first (`Connection` sees to that).

Left out: sessions of other dialects, whose messages are rewritten, and lines that are attached to a call.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING

from trunkline.audio.codec import append_message, read_delta_fast
from trunkline.audio.short_way import Notes
from trunkline.protocol.attention import LAG
from trunkline.protocol.books import Audio
from trunkline.protocol.compound_facts import FLOW_SECONDS, ChunkPassed, DeltaPassed, Fact, Flow
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.events import AudioDelta, audio_delta
from trunkline.protocol.heartbeat import Heartbeat
from trunkline.protocol.lifecycle import FLOWING
from trunkline.protocol.limits import LONGEST_DELTA
from trunkline.protocol.observations import RoundTrip

if TYPE_CHECKING:
    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.devices import Devices
    from trunkline.protocol.draining import Draining
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.entry import Entry
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.restore import Restore
    from trunkline.protocol.stream import Stream
    from trunkline.protocol.supervisor import Supervisor
    from trunkline.protocol.watchdog import Watchdog

__all__ = ["FastPath"]

_new = tuple.__new__
_SLOTS = ("response_id", "item_id", "output_index", "content_index", "pcm")


class FastPath:
    """One line's; the driver asks it first."""

    def __init__(
        self,
        policy: LinePolicy,
        conversation: Conversation,
        drains: Drains,
        *,
        supervisor: Supervisor,
        restore: Restore,
        stream: Stream,
        watchdog: Watchdog,
        devices: Devices,
        draining: Draining,
    ) -> None:
        self._is_detailed = True
        self.has_news = False
        """Set when there is more to tell than a flow that still grows; whoever tells it resets it."""
        self._is_known = policy.dialect is Dialect.GA and not policy.attached
        self._law = policy.law
        self._most_bytes = 2 * policy.samples(policy.chunk_limit_ms)
        self._outbox = conversation.outbox
        self._metering = conversation.metering
        self._ledger = conversation.ledger
        self._turns = conversation.turns
        self._hearing = conversation.hearing
        self._latest = conversation.latest
        self._unwanted = conversation.unwanted
        self._drains = drains
        self._events = drains.events
        self._observations = drains.observations
        self._supervisor = supervisor
        self._attention = supervisor.attention
        self._restore = restore
        self._stream = stream
        self._watchdog = watchdog
        self._devices = devices
        self._draining = draining
        self.heartbeat = Heartbeat(
            supervisor,
            conversation,
            drains,
            stream=stream,
            watchdog=watchdog,
            draining=draining,
            post=self.post,
        )
        """The same for pings and pongs."""
        devices.changed = self._metering.changed = self.shut
        self.flow = Flow(0.0, 0, 0.0)
        """The latest."""
        self.notes = Notes(AudioDelta, _SLOTS, law=policy.law, longest_bytes=LONGEST_DELTA)
        """What needs no questions, and what passed of it since the books were asked for."""
        self._answer: tuple[str, str, Entry] | None = None
        """Ids of response and item of those deltas, and its entry."""

    @property
    def is_detailed(self) -> bool:
        """Whether somebody wants to know of each chunk and each delta; otherwise they are told as `Flow`."""
        return self._is_detailed

    @is_detailed.setter
    def is_detailed(self, is_detailed: bool) -> None:
        if is_detailed is not self._is_detailed:
            self.shut()
            self._is_detailed, self.notes.sums = is_detailed, not is_detailed

    @property
    def shows_messages(self) -> bool:
        """Whether a delta is told with its message; of one that is only summed nothing is shown but its audio."""
        return self._is_detailed or self._metering.is_on

    def is_flowing(self, now: float) -> bool:
        """Whether an answer comes at this moment, and nobody wants to know of each delta.

        Then nothing is learned by asking the kernel whether the peer lives, and what is noted can wait.
        """
        heard_at = self.notes.heard_at
        return heard_at is not None and now - heard_at < LAG and self.notes.sums

    # What is noted.

    def post(self) -> None:
        """Brings what was noted to the books; must precede every question that they, or a deadline, answer."""
        if (sent := self.notes.take_chunks()) is not None:
            self._post_chunks(*sent)
        if (heard := self.notes.take_deltas()) is not None:
            times, samples, message_bytes = heard
            self._post_deltas(array("d", times), array("Q", samples), message_bytes)

    def shut(self) -> None:
        """The same, and the next chunk and delta are asked about; must precede every other input."""
        self.post()
        self.notes.shut()

    def renew(self, now: float) -> None:
        """Lets a flow that was taken go on as another, without questions: nothing has changed since they were asked.

        What is shut stays shut. For who looks at a line while nobody wants to know of each chunk and each delta, behind
        having told the observations.
        """
        self.post()
        if self._is_detailed or self._observations:
            return
        self._outbox.let_go(silent_until=self._hearing.silent_until())
        entry = self._answer[2] if self._answer is not None else None
        left = 0 if entry is None else self._ledger.most_samples - entry.received_samples
        self.notes.renew(max(self._outbox.room(), 0), max(left, 0), now + FLOW_SECONDS)

    def _post_chunks(
        self, chunks: list[bytes], began_at: float, at: float, message_bytes: int
    ) -> None:
        liveness, each = self._supervisor.link.liveness, len(chunks[0]) // 2
        assert liveness is not None
        liveness.audio_at = at
        self._stream.due = at + each / self._stream.samples_per_second
        self._outbox.passed_on(chunks, each * len(chunks))
        if not self._is_detailed:
            flow = self._growing_flow(began_at)
            flow.add_chunks(len(chunks), each * len(chunks), message_bytes)

    def _post_deltas(self, times: array[float], samples: array[int], message_bytes: int) -> None:
        link = self._supervisor.link
        assert link.liveness is not None
        assert self._answer is not None
        (response_id, item_id, entry), at = self._answer, times[-1]
        self._attention.ran_at = link.liveness.received_at = at
        link.heard += len(times)
        self._watchdog.answered(at)
        entry.received_samples += sum(samples)
        if not self._is_detailed:
            flow = self._growing_flow(times[0])
            flow.add_deltas(response_id, item_id, times, samples, message_bytes)

    # Chunks.

    def send(self, pcm: bytes, now: float) -> bytes | None:
        """Takes a chunk of the user's audio, and gives the message that must go out now on the current link.

        None if nothing was done: `Connection.send_audio` must be told. Ask only while the link takes more.
        """
        message = self.notes.send(pcm, now)
        if message is None:
            return self._send_asking(pcm, now)
        if self._is_detailed:
            passed = (now, self._drains.epoch, len(pcm) // 2, message)
            self._observations.append(_new(ChunkPassed, passed))
            self.has_news = True
        return message

    def _send_asking(self, pcm: bytes, now: float) -> bytes | None:
        self.post()
        liveness, size = self._supervisor.link.liveness, len(pcm)
        # While a second link is made ready audio means what it means without, up to the switch, which is an input.
        if (
            self._supervisor.state not in FLOWING
            or not self._is_known
            or liveness is None
            or not liveness.is_busy()
            or self._drains.messages
            or self._devices.is_muted
            or size > self._most_bytes
            or size % 2
            or not self._outbox.pass_on(pcm, self._restore.backlog_end)
        ):
            return None
        samples = size // 2
        liveness.audio_at = now
        stream = self._stream
        stream.due = now + samples / stream.samples_per_second
        message = append_message(pcm, law=self._law)
        self._tell_chunk(ChunkPassed(now, self._drains.epoch, samples, message), pcm)
        if samples and not self._metering.is_on:
            self.notes.open_chunks(size, self._outbox.room() // samples, self._ends_at())
        return message

    # Deltas.

    def receive(self, epoch: int, message: bytes, now: float) -> bool:
        """Takes a delta of the answer that is being given.

        False if nothing was done: `Connection.receive` must be told.
        """
        event = self.notes.receive(epoch, message, now)
        if event is None:
            return self._receive_asking(epoch, message, now)
        self._events.append(event)
        if self._is_detailed:
            samples = len(event.pcm) // 2
            passed = (now, epoch, event.response_id, event.item_id, samples, message)
            self._observations.append(_new(DeltaPassed, passed))
            self.has_news = True
        return True

    def _receive_asking(self, epoch: int, message: bytes, now: float) -> bool:
        self.post()
        growing, latest = self._ledger.growing, self._latest
        if growing is None or len(message) > LONGEST_DELTA or not self._may_receive(epoch, now):
            return False
        delta = read_delta_fast(message, law=self._law)
        if delta is None:
            return False
        response_id, item_id, pcm = delta.response_id, delta.item_id, delta.pcm
        samples = len(pcm) // 2
        name, entry = growing
        left = self._ledger.most_samples - entry.received_samples - samples
        if (
            item_id != name
            or item_id != latest.item_id
            or response_id != latest.response_id
            or entry.cut
            or left < 0
        ):
            return False
        self._take_delta(entry, samples, now)
        self._events.append(
            audio_delta(response_id, item_id, delta.output_index, delta.content_index, pcm)
        )
        self._tell_delta(DeltaPassed(now, epoch, response_id, item_id, samples, message), pcm)
        if not self._metering.is_on:
            self._answer = response_id, item_id, entry
            self.notes.open_deltas(
                epoch,
                response_id,
                item_id,
                left=left,
                ran_at=now,
                lag=LAG,
                until=self._ends_at(),
            )
        return True

    def _take_delta(self, entry: Entry, samples: int, now: float) -> None:
        link = self._supervisor.link
        assert link.liveness is not None
        self._attention.ran_at = link.liveness.received_at = now
        link.heard += 1
        self._watchdog.answered(now)
        entry.received_samples += samples

    def _may_receive(self, epoch: int, now: float) -> bool:
        """Whether a delta that comes now can mean nothing more than itself."""
        link = self._supervisor.link
        return not (
            epoch != self._drains.epoch
            or self._supervisor.state not in FLOWING
            or not self._is_known
            or link.liveness is None
            or link.last_error is not None
            or now - self._attention.ran_at >= LAG
            or self._draining.is_on
            or self._watchdog.is_stalled
            or self._turns.silenced
            or self._unwanted.response_id
        )

    # What is told.

    def _ends_at(self) -> float:
        """Until when what is noted belongs to one flow."""
        return math.inf if self._is_detailed else self.flow.until

    def _growing_flow(self, now: float) -> Flow:
        """The latest, or the next, where its time is over, it was taken, or more than a ping's answer is behind it."""
        flow, observations = self.flow, self._observations
        if now >= flow.until or not _is_newest(flow, observations):
            self.flow = flow = Flow(now, self._drains.epoch, now + FLOW_SECONDS)
            self.has_news = bool(observations)
            observations.append(flow)
        return flow

    def _tell_chunk(self, chunk: ChunkPassed, pcm: bytes) -> None:
        """As part of a flow, as one, or one by one if something is measured: what that tells stands between them."""
        observations, metering = self._observations, self._metering
        self.has_news = self.has_news or self.shows_messages
        if metering.is_on:
            accepted, sent, passed = chunk.facts()
            end = self._outbox.end
            observations.append(accepted)
            metering.accepted(pcm, end, chunk.at)
            observations.append(sent)
            metering.sent(Audio(start=end - chunk.samples, pcm=pcm, replayed=False), chunk.at)
            observations.append(passed)
        elif self._is_detailed:
            observations.append(chunk)
        else:
            flow = self._growing_flow(chunk.at)
            flow.add_chunks(1, chunk.samples, len(chunk.message))

    def _tell_delta(self, delta: DeltaPassed, pcm: bytes) -> None:
        observations, metering = self._observations, self._metering
        self.has_news = self.has_news or self.shows_messages
        if metering.is_on:
            passed, received = delta.facts()
            observations.append(passed)
            metering.received(pcm, delta.at)
            observations.append(received)
        elif self._is_detailed:
            observations.append(delta)
        else:
            at, _, response_id, item_id, samples, message = delta
            flow = self._growing_flow(at)
            flow.add_deltas(response_id, item_id, (at,), (samples,), len(message))


def _is_newest(flow: Flow, observations: list[Fact]) -> bool:
    """Whether nothing stands behind it but what pings took: no sum asks on which side of those it was told."""
    for fact in reversed(observations):
        if fact is flow:
            return True
        if type(fact) is not RoundTrip:
            return False
    return False
