"""The flow of one connection: open, slow, shut for a while or for good, or torn off."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.simulator.clock import Alarm, Clock

__all__ = ["Valve"]


class Valve:
    """Holds what reads and writes a transport; while it is shut nobody may do either."""

    def __init__(self, transport: asyncio.Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._timer: Alarm | None = None
        self._bytes_per_second: float | None = None
        self._slow_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether messages may pass."""
        return self._flowing.is_set()

    async def wait(self) -> None:
        """Until it is open."""
        await self._flowing.wait()

    def shut(self, seconds: float | None) -> None:
        """Let nothing pass for so long; None = until `open`."""
        self._flowing.clear()
        self._transport.pause_reading()
        self.cancel()
        if seconds is not None:
            self._timer = self._clock.call_at(self._clock.now() + seconds, self._resume)

    def open(self) -> None:
        """Nobody waits any more."""
        self._flowing.set()

    def cancel(self) -> None:
        """Forget the end of a stall."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def reset(self) -> None:
        """Tear the connection off with an RST."""
        # Linger of zero makes the kernel send RST instead of FIN when the transport drops the
        # socket.
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
        self.open()

    def end(self) -> None:
        """Hang up with a FIN and no word."""
        self._transport.close()
        self.open()

    def slow_down(self, bytes_per_second: float, seconds: float | None) -> None:
        """Read no faster than this, for so long."""
        self._bytes_per_second = bytes_per_second
        self._slow_until = float("inf") if seconds is None else self._clock.now() + seconds

    @property
    def is_slow(self) -> bool:
        """Whether `dawdle` would wait."""
        return self._bytes_per_second is not None

    async def dawdle(self, size: int) -> None:
        """Take the time that a message of so many bytes takes."""
        rate = self._bytes_per_second
        if rate is None or self._clock.now() >= self._slow_until:
            self._bytes_per_second = None
            return
        over = asyncio.Event()
        self._clock.call_at(self._clock.now() + size / rate, over.set)
        await over.wait()

    def _resume(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()
        self.open()
