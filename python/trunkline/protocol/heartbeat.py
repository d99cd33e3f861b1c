"""The ping and the pong of a line to which nothing else happens.

Each second of a line that streams has one of both, and on the ordinary path they cost as much as a dozen chunks: every
input shuts the short way of audio, settles the books and has all drains looked into, because it may change anything. A
ping that is due, and is all that is due, and the pong that answers it change none of what the short way asked about. So
here what was noted is only posted, and the way stays open.

One thing is left to who calls: behind a ping that no audio followed yet the next one is due later than it will be once
audio is noted, so whoever keeps the timer must come again at `soonest_ping_at`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.protocol import observations as seen
from trunkline.protocol.attention import LAG
from trunkline.protocol.lifecycle import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.draining import Draining
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.link import Link
    from trunkline.protocol.stream import Stream
    from trunkline.protocol.supervisor import Supervisor
    from trunkline.protocol.watchdog import Watchdog

__all__ = ["Heartbeat"]


class Heartbeat:
    """One line's; the driver asks it first. `post` is that of the short way."""

    def __init__(
        self,
        supervisor: Supervisor,
        conversation: Conversation,
        drains: Drains,
        *,
        stream: Stream,
        watchdog: Watchdog,
        draining: Draining,
        post: Callable[[], None],
    ) -> None:
        self._supervisor = supervisor
        self._rotation = supervisor.rotation
        self._conversation = conversation
        self._drains = drains
        self._stream = stream
        self._watchdog = watchdog
        self._draining = draining
        self._post = post

    def ping(self, now: float, *, early: float = 0.0) -> bytes | None:
        """The payload of the ping that must be written now on the current link; `early` if it is due that soon.

        None if nothing was done: none is due, or something else is, and `Connection.handle_timeout` must be told.
        """
        link = self._calm_link(now)
        if link is None or link.liveness is None:
            return None
        due = link.liveness.ping_at() - early
        if now < due or link.is_questionable(now) or self._is_anything_due(now):
            return None
        self._supervisor.attention.ran_at = now
        return link.ping(now, self._conversation.outbox.cursor)

    def ping_at(self) -> float | None:
        """When the next ping is due; None without a link."""
        liveness = self._supervisor.link.liveness
        return None if liveness is None else liveness.ping_at()

    def soonest_ping_at(self) -> float:
        """When the next ping is due if audio flows; ask behind a ping."""
        liveness = self._supervisor.link.liveness
        assert liveness is not None
        return liveness.soonest_ping_at()

    def pong(self, epoch: int, payload: bytes, now: float) -> bool:
        """Takes a pong; False if nothing was done: `Connection.pong` must be told."""
        link = self._calm_link(now)
        if link is None or epoch != self._drains.epoch:
            return False
        self._supervisor.attention.ran_at = now
        self.answered(epoch, payload, now)
        return True

    def answered(self, epoch: int, payload: bytes, now: float) -> None:
        """What a pong of the current link means, on either way: how long it took, and what was parsed."""
        if (answer := self._supervisor.link.pong(payload, now)) is not None:
            rtt, cursor = answer
            self._conversation.hearing.parsed(cursor, now)
            self._drains.observations.append(seen.RoundTrip(at=now, epoch=epoch, rtt=rtt))

    def _calm_link(self, now: float) -> Link | None:
        """The link of a line that is live and was heard just now, with all that was noted on the books."""
        supervisor = self._supervisor
        if supervisor.state is not State.LIVE or supervisor.link.liveness is None:
            return None
        self._post()
        return None if now - supervisor.attention.ran_at >= LAG else supervisor.link

    def _is_anything_due(self, now: float) -> bool:
        """Whether there is a deadline now, but for the link's own."""
        if self._draining.is_on or self._stream.waits_until is not None:
            return True
        others = self._rotation.deadline(), self._watchdog.deadline()
        return any(due is not None and now >= due for due in others)
