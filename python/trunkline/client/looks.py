"""What a line does now and then: how far has the kernel come with its bytes, did the machine sleep, a ping.

Once a second, at a moment of its own, the look is longer: all that the kernel tells, and the ping. A timer for that
ping would wake the loop for each line, which costs more than the ping.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trunkline.client.wheel import EARLY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trunkline.client.clocks import Clocks
    from trunkline.client.gauges import Gauges
    from trunkline.protocol.connection import Connection
    from trunkline.transports.base import Link

__all__ = ["Looks"]

# A difference of the clocks that no adjustment makes (clock_adjtime(2): 0.5 ms a second): the machine slept.
_SLEPT = 2.0


class Looks:
    """One line's; `driver.py` is its only caller, and whoever looks must empty the drains behind it.

    `moment` is one of those, whole seconds apart, at which it looks longer.
    """

    def __init__(
        self,
        connection: Connection,
        links: Mapping[int, Link],
        gauges: Gauges,
        clocks: Clocks,
        *,
        draw: Callable[[], float],
        moment: float,
    ) -> None:
        self._connection = connection
        self._heartbeat = connection.fast_path.heartbeat
        self._long_at = moment
        """When the next long look is due."""
        self._links = links
        """By epoch; the driver changes it."""
        self._gauges = gauges
        self._draw = draw
        self._slept = clocks.slept
        self._slept_before = clocks.slept()

    def has_slept(self, now: float) -> bool:
        """Whether the machine slept meanwhile, which the line is told."""
        slept, before = self._slept(), self._slept_before
        self._slept_before = slept
        if slept - before <= _SLEPT:
            return False
        self._connection.resumed(slept - before, now)
        return True

    def is_long(self, now: float) -> bool:
        """Whether the long look is due; asked once a turn."""
        late = now - self._long_at + EARLY
        if late < 0:
            return False
        self._long_at += math.floor(late) + 1.0
        return True

    def timer_at(self, due: float | None) -> float | None:
        """When a timer must be for a deadline; None if the next long look comes before it, which asks again."""
        return None if due is None or due >= self._long_at else due

    def comes_to_ping(self) -> bool:
        """Whether the next long look is in time for the next ping, so that no timer need be."""
        due = self._heartbeat.ping_at()
        return due is not None and due >= self._long_at - EARLY

    def has_pinged(self, now: float) -> bool:
        """Whether a ping was all that there was to do, and was done."""
        payload = self._heartbeat.ping(now, early=EARLY)
        if payload is None:
            return False
        # As on the ordinary way: a seed gives the same delays.
        self._draw()
        self._links[self._connection.epoch].ping(payload)
        return True

    def is_calm(self, now: float) -> bool:
        """Whether all there is to know is that the peer's kernel acknowledges; the core is told that."""
        epoch = self._connection.epoch
        link = self._links.get(epoch)
        if link is None or len(self._links) > 1 or not link.writable:
            return False
        acked = link.acked_bytes()
        return acked is not None and self._connection.kernel.acknowledged(epoch, acked, now)

    def doubt(self, now: float) -> None:
        """Asks what came over a link and was not read, if it would be taken for dead now."""
        kernel = self._connection.kernel
        for epoch, link in self._links.items():
            if kernel.is_doubtful(epoch, now):
                came = link.arrivals()
                kernel.waits(
                    epoch, now, received_bytes=came.received_bytes, unread_bytes=came.unread_bytes
                )

    def sample(self, now: float) -> None:
        """Asks the kernel for all it knows of each link."""
        for epoch, link in self._links.items():
            progress = link.progress()
            self._connection.kernel.progress(
                epoch,
                now,
                acked_bytes=progress.acked_bytes,
                unsent_bytes=progress.unsent_bytes,
            )
            # Behind what was noted until now, which is one flow so.
            if epoch == self._connection.epoch:
                self._gauges.sample(epoch, progress.kernel, now)
