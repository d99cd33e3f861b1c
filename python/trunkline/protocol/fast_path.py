"""The short way of ordinary audio: a chunk that may go out at once, a delta of the answer that is being given.

Nearly all that a line does is these two, a hundred times a second, and nearly all of what the ordinary path asks about
them is answered by "as before". So each has one place that asks whether everything is as before, does what is left, and
tells it as one compound fact. If anything is not, it does nothing and says so, and the ordinary path is taken: what a
chunk or a delta *means* is written there. Both leave the core in the same state and make no deadline earlier, so the
driver need not look at its timer; the soak's lives go this way, and a test compares both ways step by step.

And nothing can change between two of them but by an input. So once the questions are answered the way is *open*: the
next chunk of the same size, the next delta of the same item, is only *noted*. What is noted is *posted* to the books
before anybody asks for them, and every other input posts it and shuts the way first (`Connection` sees to that).

Left out: sessions of other dialects, whose messages are rewritten, and lines that are attached to a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.audio.codec import append_message, read_delta_fast
from trunkline.protocol.attention import LAG
from trunkline.protocol.books import Audio
from trunkline.protocol.compound_facts import FLOW_SECONDS, ChunkPassed, DeltaPassed, Flow
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.events import audio_delta
from trunkline.protocol.lifecycle import State
from trunkline.protocol.limits import LONGEST_DELTA

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

_LIVE = State.LIVE
# Of no chunk, and of no link.
_SHUT = -1
_new = tuple.__new__


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
        self.is_detailed = True
        """Whether somebody wants to know of each chunk and each delta; otherwise they are told as `Flow`."""
        self.has_news = False
        """Set when there is more to tell than a flow that still grows; whoever tells it resets it."""
        self._is_known = policy.dialect is Dialect.GA and not policy.attached
        self._law = policy.law
        self._most_bytes = 2 * policy.samples(policy.chunk_limit_ms)
        self._outbox = conversation.outbox
        self._metering = conversation.metering
        self._ledger = conversation.ledger
        self._turns = conversation.turns
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
        devices.changed = self._metering.changed = self.shut
        self.flow = Flow(0.0, 0, 0.0)
        """The latest."""
        self._chunk_bytes = _SHUT
        """Of a chunk that needs no questions."""
        self._chunks_left = 0
        """How many of them the outbox has room for."""
        self._sent: list[bytes] = []
        """Noted chunks."""
        self._sent_at = 0.0
        self._epoch = _SHUT
        """Of the link whose deltas of the answer below need no questions."""
        self._answer: tuple[str, str, Entry | None] = ("", "", None)
        """Ids of response and item, and its entry."""
        self._samples_left = 0
        """How many more that may be."""
        self._heard = self._heard_samples = 0
        """Noted deltas."""
        self._heard_at = 0.0

    @property
    def shows_messages(self) -> bool:
        """Whether a delta is told with its message; of one that is only summed nothing is shown but its audio."""
        return self.is_detailed or self._metering.is_on

    # What is noted.

    def post(self) -> None:
        """Brings what was noted to the books; must precede every question that they, or a deadline, answer."""
        if self._sent:
            self._post_chunks()
        if self._heard:
            self._post_deltas()

    def shut(self) -> None:
        """The same, and the next chunk and delta are asked about; must precede every other input."""
        self._shut_chunks()
        self._shut_deltas()

    def _shut_chunks(self) -> None:
        if self._sent:
            self._post_chunks()
        self._chunk_bytes = _SHUT

    def _shut_deltas(self) -> None:
        if self._heard:
            self._post_deltas()
        self._epoch = _SHUT

    def _post_chunks(self) -> None:
        liveness = self._supervisor.link.liveness
        assert liveness is not None
        liveness.audio_at = at = self._sent_at
        self._stream.due = at + self._chunk_bytes // 2 / self._stream.samples_per_second
        sent, self._sent = self._sent, []
        self._outbox.passed_on(b"".join(sent))

    def _post_deltas(self) -> None:
        link, entry = self._supervisor.link, self._answer[2]
        assert link.liveness is not None
        assert entry is not None
        link.liveness.received_at = self._heard_at
        link.heard += self._heard
        self._watchdog.answered(self._heard_at)
        entry.received_samples += self._heard_samples
        self._heard = self._heard_samples = 0

    # Chunks.

    def send(self, pcm: bytes, now: float) -> bytes | None:
        """Takes a chunk of the user's audio, and gives the message that must go out now on the current link.

        None if nothing was done: `Connection.send_audio` must be told. Ask only while the link takes more.
        """
        if len(pcm) != self._chunk_bytes or not self._chunks_left:
            return self._send_asking(pcm, now)
        self._chunks_left -= 1
        self._sent.append(pcm)
        self._sent_at = now
        message = append_message(pcm, law=self._law)
        if self.is_detailed:
            passed = (now, self._drains.epoch, self._chunk_bytes // 2, message)
            self._observations.append(_new(ChunkPassed, passed))
            self.has_news = True
            return message
        flow = self._growing_flow(now)
        flow.chunks += 1
        flow.samples += self._chunk_bytes // 2
        flow.up_bytes += len(message)
        return message

    def _send_asking(self, pcm: bytes, now: float) -> bytes | None:
        self._shut_chunks()
        liveness, size = self._supervisor.link.liveness, len(pcm)
        if (
            self._supervisor.state is not _LIVE
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
            self._chunk_bytes, self._chunks_left = size, self._outbox.room() // samples
        return message

    # Deltas.

    def receive(self, epoch: int, message: bytes, now: float) -> bool:
        """Takes a delta of the answer that is being given.

        False if nothing was done: `Connection.receive` must be told.
        """
        attention = self._attention
        if epoch != self._epoch or now - attention.ran_at >= LAG or len(message) > LONGEST_DELTA:
            return self._receive_asking(epoch, message, now)
        delta = read_delta_fast(message, law=self._law)
        if delta is None:
            return False
        response_id, item_id, pcm = delta.response_id, delta.item_id, delta.pcm
        answer, samples = self._answer, len(pcm) // 2
        if item_id != answer[1] or response_id != answer[0] or samples > self._samples_left:
            return self._receive_asking(epoch, message, now)
        self._samples_left -= samples
        self._heard += 1
        self._heard_samples += samples
        self._heard_at = attention.ran_at = now
        self._events.append(
            audio_delta(response_id, item_id, delta.output_index, delta.content_index, pcm)
        )
        if self.is_detailed:
            passed = (now, epoch, response_id, item_id, samples, message)
            self._observations.append(_new(DeltaPassed, passed))
            self.has_news = True
            return True
        flow = self._growing_flow(now)
        flow.down_bytes += len(message)
        flow.deltas.append(_new(DeltaPassed, (now, epoch, response_id, item_id, samples, b"")))
        return True

    def _receive_asking(self, epoch: int, message: bytes, now: float) -> bool:
        self._shut_deltas()
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
        self._attention.ran_at = now
        self._answer = (response_id, item_id, entry)
        self._heard, self._heard_samples, self._heard_at = 1, samples, now
        self._post_deltas()
        self._events.append(
            audio_delta(response_id, item_id, delta.output_index, delta.content_index, pcm)
        )
        self._tell_delta(DeltaPassed(now, epoch, response_id, item_id, samples, message), pcm)
        if not self._metering.is_on:
            self._epoch, self._samples_left = epoch, left
        return True

    def _may_receive(self, epoch: int, now: float) -> bool:
        """Whether a delta that comes now can mean nothing more than itself."""
        link = self._supervisor.link
        return not (
            epoch != self._drains.epoch
            or self._supervisor.state is not _LIVE
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

    def _growing_flow(self, now: float) -> Flow:
        """The latest, or the next, where its time is over, it was taken, or something stands behind it."""
        flow, observations = self.flow, self._observations
        if now >= flow.until or not observations or observations[-1] is not flow:
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
        elif self.is_detailed:
            observations.append(chunk)
        else:
            flow = self._growing_flow(chunk.at)
            flow.chunks += 1
            flow.samples += chunk.samples
            flow.up_bytes += len(chunk.message)

    def _tell_delta(self, delta: DeltaPassed, pcm: bytes) -> None:
        observations, metering = self._observations, self._metering
        self.has_news = self.has_news or self.shows_messages
        if metering.is_on:
            passed, received = delta.facts()
            observations.append(passed)
            metering.received(pcm, delta.at)
            observations.append(received)
        elif self.is_detailed:
            observations.append(delta)
        else:
            flow = self._growing_flow(delta.at)
            flow.down_bytes += len(delta.message)
            flow.deltas.append(delta._replace(message=b""))
