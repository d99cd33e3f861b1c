"""What the kernel says of a link's bytes: signs of life, what waits before it, and what came and was not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import FLOWING, State

if TYPE_CHECKING:
    from trunkline.protocol.bookkeeper import Bookkeeper
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.fast_path import FastPath
    from trunkline.protocol.liveness import Liveness
    from trunkline.protocol.supervisor import Supervisor
    from trunkline.protocol.watchdog import Watchdog

__all__ = ["Kernel"]


class Kernel:
    """The news of it, for one line; the driver brings them."""

    def __init__(
        self,
        supervisor: Supervisor,
        bookkeeper: Bookkeeper,
        watchdog: Watchdog,
        drains: Drains,
        fast_path: FastPath,
    ) -> None:
        self._supervisor = supervisor
        self._rotation = supervisor.rotation
        self._bookkeeper = bookkeeper
        self._watchdog = watchdog
        self._drains = drains
        self._fast_path = fast_path

    def acknowledged(self, epoch: int, acked_bytes: int, now: float) -> bool:
        """How many bytes were acknowledged on the only link of a line that is live, and nothing else.

        False if nothing was done: `progress` must be told. It tells of what waits, too, so it must be now and then.
        """
        liveness = self._supervisor.link.liveness
        if self._supervisor.state is not State.LIVE or epoch != self._drains.epoch or not liveness:
            return False
        self._fast_path.post()
        self._supervisor.attend(now)
        liveness.progress(acked_bytes, now)
        return True

    def is_doubtful(self, epoch: int, now: float) -> bool:
        """Whether a link would be taken for dead now; before that `waits` must be told what of it was not read."""
        self._fast_path.post()
        liveness = self._liveness_of(epoch)
        return liveness is not None and liveness.is_dead(now)

    def waits(
        self, epoch: int, now: float, *, received_bytes: int | None, unread_bytes: int
    ) -> None:
        """How much has come over a link, if the kernel tells, and how much of it was not read."""
        liveness = self._liveness_of(epoch)
        if liveness is not None:
            liveness.waits(received_bytes, unread_bytes, now)

    def _liveness_of(self, epoch: int) -> Liveness | None:
        if self._rotation.owns(epoch):
            return self._rotation.second.current().liveness
        return self._supervisor.link.liveness if epoch == self._drains.epoch else None

    def progress(
        self, epoch: int, now: float, *, acked_bytes: int | None, unsent_bytes: int
    ) -> None:
        """What the kernel acknowledged so far, if it tells, and what waits before it."""
        # Nothing of it is what the short way asks about.
        self._fast_path.post()
        supervisor = self._supervisor
        if self._rotation.owns(epoch):
            supervisor.attend(now)
            self._rotation.second.progress(acked_bytes, now)
            return
        if self._rotation.leaving.owns(epoch):
            return
        liveness = supervisor.link.liveness
        if not supervisor.is_current(epoch, "progress", now) or liveness is None:
            return
        if acked_bytes is not None:
            liveness.progress(acked_bytes, now)
        for _ in range(liveness.overdue(now)):
            self._drains.observations.append(seen.PingTimedOut(at=now, epoch=epoch))
        waiting = self._bookkeeper.sample(unsent_bytes, now)
        self._watchdog.sample(waiting, now, live=supervisor.state in FLOWING)
