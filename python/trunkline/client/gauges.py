"""What our side sees of the links it writes to: what the kernel says of them, and when they take nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.protocol.observations import KernelSampled, WriterStalled

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import Observation
    from trunkline.transports.base import Kernel

__all__ = ["INTERVAL", "Gauges"]

INTERVAL = 1.0
"""Seconds after which the kernel's figures are told again, and a stall that lasts."""

# Who asks each second is late by some milliseconds, and in time when it asks next.
_ROUNDING = 0.1


class Gauges:
    """The gauges of one line's links; `driver.py` is its only caller."""

    def __init__(self, observe: Callable[[Observation], None]) -> None:
        self._observe = observe
        self._kernel_at = 0.0
        self._full_since: dict[int, float] = {}
        """By epoch: since when a link takes nothing, or since that was told."""

    def full(self, epoch: int, now: float) -> None:
        """A link takes nothing; if that is known, nothing changes."""
        self._full_since.setdefault(epoch, now)

    def free(self, epoch: int, now: float) -> None:
        """A link takes messages again, or is gone."""
        self._tell_stall(epoch, now)
        self._full_since.pop(epoch, None)

    def opened(self) -> None:
        """There is a new link: its figures are told as soon as there are any."""
        self._kernel_at = 0.0

    def sample(self, epoch: int, kernel: Kernel | None, now: float) -> None:
        """The kernel was asked about the current link."""
        if now - self._full_since.get(epoch, now) >= INTERVAL:
            self._tell_stall(epoch, now)
        if kernel is None or now < self._kernel_at:
            return
        self._kernel_at = now + INTERVAL - _ROUNDING
        self._observe(
            KernelSampled(
                at=now,
                epoch=epoch,
                rtt=kernel.rtt,
                rtt_min=kernel.rtt_min,
                retransmits=kernel.retransmits,
                unsent_bytes=kernel.unsent_bytes,
                rtt_var=kernel.rtt_var,
            )
        )

    def _tell_stall(self, epoch: int, now: float) -> None:
        since = self._full_since.get(epoch)
        if since is not None:
            self._full_since[epoch] = now
            self._observe(WriterStalled(at=now, epoch=epoch, took=now - since))
