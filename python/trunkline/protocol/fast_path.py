"""The short way of ordinary audio: a chunk that may go out at once, a delta of the answer that is being given.

Nearly all that a line does is these two, a hundred times a second, and nearly all of what the ordinary path asks about
them is answered by "as before". So each has one place that asks whether everything is as before, does what is left, and
tells it as one compound fact. If anything is not, it does nothing and says so, and the ordinary path is taken: what a
chunk or a delta *means* is written there. Both leave the core in the same state and make no deadline earlier, so the
driver need not look at its timer; the soak's lives go this way, and a test compares both ways step by step.

Left out: sessions of other dialects, whose messages are rewritten, and lines that are attached to a call.
"""

from __future__ import annotations

import math
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
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.restore import Restore
    from trunkline.protocol.stream import Stream
    from trunkline.protocol.supervisor import Supervisor
    from trunkline.protocol.watchdog import Watchdog

__all__ = ["FastPath"]

_LIVE = State.LIVE
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
        self._is_open = policy.dialect is Dialect.GA and not policy.attached
        self._law = policy.law
        self._most_bytes = 2 * policy.samples(policy.chunk_limit_ms)
        self._outbox = conversation.outbox
        self._metering = conversation.metering
        self._ledger = conversation.ledger
        self._turns = conversation.turns
        self._latest = conversation.latest
        self._unwanted = conversation.unwanted
        self._drains = drains
        self._observations = drains.observations
        self._supervisor = supervisor
        self._attention = supervisor.attention
        self._restore = restore
        self._stream = stream
        self._watchdog = watchdog
        self._devices = devices
        self._draining = draining
        self.flow = Flow(0.0, 0, 0.0)
        """The latest."""

    def send(self, pcm: bytes, now: float) -> bytes | None:
        """Takes a chunk of the user's audio, and gives the message that must go out now on the current link.

        None if nothing was done: `Connection.send_audio` must be told. Ask only while the link takes more.
        """
        liveness, size = self._supervisor.link.liveness, len(pcm)
        if (
            self._supervisor.state is not _LIVE
            or not self._is_open
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
        if self.is_detailed or self._metering.is_on:
            self._tell_chunk(ChunkPassed(now, self._drains.epoch, samples, message), pcm)
            return message
        flow = self._growing_flow(now)
        flow.chunks += 1
        flow.samples += samples
        flow.up_bytes += len(message)
        return message

    def receive(self, epoch: int, message: bytes, now: float) -> bool:
        """Takes a delta of the answer that is being given.

        False if nothing was done: `Connection.receive` must be told.
        """
        link, growing, latest = self._supervisor.link, self._ledger.growing, self._latest
        if (
            growing is None
            or len(message) > LONGEST_DELTA
            or epoch != self._drains.epoch
            or self._supervisor.state is not _LIVE
            or not self._is_open
            or link.liveness is None
            or link.last_error is not None
            or now - self._attention.ran_at >= LAG
            or self._draining.is_on
            or self._watchdog.is_stalled
            or self._turns.silenced
            or self._unwanted.response_id
        ):
            return False
        delta = read_delta_fast(message, law=self._law)
        if delta is None:
            return False
        response_id, item_id, pcm = delta.response_id, delta.item_id, delta.pcm
        samples = len(pcm) // 2
        name, entry = growing
        if (
            item_id != name
            or item_id != latest.item_id
            or response_id != latest.response_id
            or entry.cut
            or entry.received_samples + samples > self._ledger.most_samples
        ):
            return False
        self._attention.ran_at = link.liveness.received_at = now
        link.heard += 1
        self._watchdog.answered(now)
        entry.received_samples += samples
        event = audio_delta(response_id, item_id, delta.output_index, delta.content_index, pcm)
        self._drains.events.append(event)
        if self.is_detailed or self._metering.is_on:
            passed = DeltaPassed(now, epoch, response_id, item_id, samples, message)
            self._tell_delta(passed, pcm)
            return True
        flow = self._growing_flow(now)
        flow.down_bytes += len(message)
        flow.deltas.append(_new(DeltaPassed, (now, epoch, response_id, item_id, samples, b"")))
        return True

    def _growing_flow(self, now: float) -> Flow:
        """The latest, unless its time is over, it was taken, or something stands behind it."""
        flow, observations = self.flow, self._observations
        if now >= flow.until or not observations or observations[-1] is not flow:
            until = (math.floor(now / FLOW_SECONDS) + 1) * FLOW_SECONDS
            self.flow = flow = Flow(now, self._drains.epoch, until)
            observations.append(flow)
        return flow

    def _tell_chunk(self, chunk: ChunkPassed, pcm: bytes) -> None:
        """One by one, if something is measured: what that tells stands between them."""
        observations, metering = self._observations, self._metering
        if not metering.is_on:
            observations.append(chunk)
            return
        accepted, sent, passed = chunk.facts()
        end = self._outbox.end
        observations.append(accepted)
        metering.accepted(pcm, end, chunk.at)
        observations.append(sent)
        metering.sent(Audio(start=end - chunk.samples, pcm=pcm, replayed=False), chunk.at)
        observations.append(passed)

    def _tell_delta(self, delta: DeltaPassed, pcm: bytes) -> None:
        observations, metering = self._observations, self._metering
        if not metering.is_on:
            observations.append(delta)
            return
        passed, received = delta.facts()
        observations.append(passed)
        metering.received(pcm, delta.at)
        observations.append(received)
