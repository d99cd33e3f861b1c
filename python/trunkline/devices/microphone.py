"""A microphone over PortAudio, as a `Source`."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from typing import TYPE_CHECKING, Any, Self

from trunkline.audio.resampler import Resampler
from trunkline.devices.base import BLOCK_BYTES, RATE_HZ, Block
from trunkline.devices.channels import first_of
from trunkline.devices.listing import Direction
from trunkline.devices.ring import Ring
from trunkline.devices.stream import STALL_SECONDS
from trunkline.devices.timeline import DeviceClock, Timeline
from trunkline.devices.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from trunkline.devices.base import Tell
    from trunkline.devices.stream import Form, Move

__all__ = ["Capture", "Cutter", "Microphone"]

# Two seconds: an application that is away for longer has other troubles, and is told what it missed.
_RING_BLOCKS = 100
_UNSURE = 1
_BROKEN = 2


class Capture:
    """What one opening of the device gives: filled in its thread, emptied in the event loop."""

    def __init__(self, form: Form, wake: Callable[[], None]) -> None:
        self._form, self._wake = form, wake
        self._clock = DeviceClock(-form.latency)
        self._ring = Ring(_RING_BLOCKS, form.block_samples * 2 * form.channels)
        self._resampler = Resampler(form.rate_hz, RATE_HZ)
        self._called_at = -math.inf

    def move(self, data: Any, _count_samples: int, times: Any, flags: Any, now: float) -> None:
        """One block out of the device's thread."""
        told = self._clock.read(now, times.currentTime, times.inputBufferAdcTime)
        mark = 0 if self._clock.is_sure else _UNSURE
        if flags.input_overflow or self._is_after_a_stall(now):
            mark |= _BROKEN
        self._called_at = now
        self._ring.put(data, told, mark, _BROKEN)
        self._wake()

    def _is_after_a_stall(self, now: float) -> bool:
        """Also the first call after an opening. Without the device's times, late is not the same as missing."""
        is_first = self._called_at == -math.inf
        return is_first or (self._clock.is_told and now - self._called_at > STALL_SECONDS)

    def take(self, cutter: Cutter) -> bool:
        """The next block out of the ring and to the cutter; False if there is none."""
        found = self._ring.take()
        if found is None:
            return False
        data, told, mark = found
        mono = first_of(data, self._form.channels)
        seconds = len(mono) / 2 / self._form.rate_hz
        cutter.place(told, seconds, is_sure=not mark & _UNSURE, is_broken=bool(mark & _BROKEN))
        cutter.cut(self._resampler.feed(mono), delay=self._resampler.delay_ms / 1000)
        return True


class Cutter:
    """Blocks of the line's own size, with their times and what is missing between them."""

    def __init__(self) -> None:
        self._timeline = Timeline()
        self._rest = bytearray()
        self._end = 0.0
        self._lost = 0.0
        self.blocks: deque[Block] = deque()
        """What is ready."""

    def place(self, told: float, seconds: float, *, is_sure: bool, is_broken: bool) -> None:
        """Where the next samples belong."""
        at = self._timeline.follow(told, seconds, is_sure=is_sure, is_broken=is_broken)
        self._lost += self._timeline.hole
        self._end = at + seconds

    def cut(self, pcm: bytes, *, delay: float) -> None:
        """Takes these samples; the last of them ends the block that was placed, less the resampler's delay."""
        self._rest += pcm
        while len(self._rest) >= BLOCK_BYTES:
            at = self._end - delay - len(self._rest) / 2 / RATE_HZ
            self.blocks.append(Block(bytes(self._rest[:BLOCK_BYTES]), at, self._lost * 1000))
            self._lost = 0.0
            del self._rest[:BLOCK_BYTES]


class Microphone:
    """A device that records, kept open while it is entered; iterating gives blocks of 20 ms.

    `name` is its name or a part of it (`trunkline devices` lists them), None the system's choice. If the device goes or
    stalls, `tell` is told, the iteration waits, and goes on when the device is there again: what was not captured
    meanwhile is `lost_ms` of the next block, as is what the machine loses, or a reader that stays away for two seconds.
    For one event loop and one iteration.
    """

    def __init__(self, name: str | None = None, *, tell: Tell | None = None) -> None:
        self._watch = Watch(Direction.INPUT, name, self._prepare, tell)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._heard = asyncio.Event()
        self._captures: deque[Capture] = deque()
        self._cutter = Cutter()
        self._is_closed = False

    @property
    def name(self) -> str:
        """The device's name; before it is open, what was asked for."""
        return self._watch.name

    async def __aenter__(self) -> Self:
        """Opens it. Raises MediaError if it cannot be had, or the extra or PortAudio is not installed."""
        self._loop = asyncio.get_running_loop()
        await self._watch.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes it at once; the iteration ends."""
        self._is_closed = True
        self._heard.set()
        await self._watch.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Block:
        """The next block, when it is captured. Cancelled, it loses none."""
        while not self._is_closed:
            self._heard.clear()
            if self._has_block():
                return self._cutter.blocks.popleft()
            await self._heard.wait()
        raise StopAsyncIteration

    def _has_block(self) -> bool:
        while not self._cutter.blocks and self._captures:
            if self._captures[0].take(self._cutter):
                continue
            if len(self._captures) == 1:
                break
            # An earlier opening, which gives nothing any more.
            self._captures.popleft()
        return bool(self._cutter.blocks)

    def _prepare(self, form: Form) -> Move:
        """A new opening of the device; in the thread that opens it."""
        capture = Capture(form, self._wake)
        self._captures.append(capture)
        return capture.move

    def _wake(self) -> None:
        assert self._loop is not None
        # A loop that is closed waits for nothing any more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._heard.set)
