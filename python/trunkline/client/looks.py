"""What a line looks at now and then: how far the kernel has come with its bytes, and whether the machine slept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trunkline.client.clocks import Clocks
    from trunkline.client.gauges import Gauges
    from trunkline.protocol.connection import Connection
    from trunkline.transports.base import Link

__all__ = ["Looks"]

# A difference of the clocks that no adjustment makes (clock_adjtime(2): 0.5 ms a second): the machine slept.
_SLEPT = 2.0


class Looks:
    """One line's; `driver.py` is its only caller, and whoever looks must empty the drains behind it."""

    def __init__(
        self, connection: Connection, links: Mapping[int, Link], gauges: Gauges, clocks: Clocks
    ) -> None:
        self._connection = connection
        self._links = links
        """By epoch; the driver changes it."""
        self._gauges = gauges
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

    def is_calm(self, now: float) -> bool:
        """Whether all there is to know is that the peer's kernel acknowledges; the core is told that."""
        epoch = self._connection.epoch
        link = self._links.get(epoch)
        if link is None or len(self._links) > 1 or not link.writable:
            return False
        acked = link.acked_bytes()
        return acked is not None and self._connection.kernel.acknowledged(epoch, acked, now)

    def sample(self, now: float) -> None:
        """Asks the kernel for all it knows of each link."""
        for epoch, link in self._links.items():
            progress = link.progress()
            if epoch == self._connection.epoch:
                self._gauges.sample(epoch, progress.kernel, now)
            self._connection.kernel.progress(
                epoch,
                now,
                acked_bytes=progress.acked_bytes,
                unsent_bytes=progress.unsent_bytes,
            )
