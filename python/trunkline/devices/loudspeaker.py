"""A loudspeaker over PortAudio, as a `Sink`."""

from __future__ import annotations

import asyncio
import contextlib
import math
from typing import TYPE_CHECKING, Any, Self

from trunkline.audio.resampler import Resampler
from trunkline.devices.base import BLOCK_SAMPLES, RATE_HZ
from trunkline.devices.channels import spread
from trunkline.devices.listing import Direction
from trunkline.devices.stream import STALL_SECONDS
from trunkline.devices.timeline import DeviceClock, Timeline
from trunkline.devices.watch import Watch

if TYPE_CHECKING:
    from types import TracebackType

    from trunkline.devices.base import Fill, Tell
    from trunkline.devices.stream import Form, Move

__all__ = ["Loudspeaker", "Pouring"]

# A tenth of a second. A device fills its buffer before it begins, and on a busy machine began 50 ms later than it said.
_LATE_BLOCKS = 5


class Pouring:
    """What one opening of the device takes; lives in its thread."""

    def __init__(self, form: Form, fill: Fill) -> None:
        self._form, self._fill = form, fill
        self._clock = DeviceClock(form.latency)
        self._timeline = Timeline(late_blocks=_LATE_BLOCKS)
        self._resampler = Resampler(RATE_HZ, form.rate_hz)
        self._rest = bytearray()
        self._called_at = math.inf

    def pour(self, count_samples: int, times: Any, now: float, *, is_broken: bool) -> bytes:
        """Exactly so many samples of the device's form."""
        told = self._clock.read(now, times.currentTime, times.outputBufferDacTime)
        # A device that paused may not say that it ran dry.
        has_paused = self._clock.is_told and now - self._called_at > STALL_SECONDS
        self._called_at = now
        at = self._timeline.follow(
            told,
            count_samples / self._form.rate_hz,
            is_sure=self._clock.is_sure,
            is_broken=is_broken or has_paused,
        )
        if self._form.rate_hz == RATE_HZ:
            return spread(self._fill(count_samples, at), self._form.channels)
        return spread(self._converted(count_samples, at), self._form.channels)

    def _converted(self, count_samples: int, at: float) -> bytes:
        size = count_samples * 2
        while len(self._rest) < size:
            # What is asked for now is heard behind what waits here already, and in the filter.
            waits = len(self._rest) / 2 / self._form.rate_hz + self._resampler.delay_ms / 1000
            self._rest += self._resampler.feed(self._fill(BLOCK_SAMPLES, at + waits))
        pcm = bytes(self._rest[:size])
        del self._rest[:size]
        return pcm


class Loudspeaker:
    """A device that plays, kept open while it is entered; silent until `start`.

    `name` is its name or a part of it (`trunkline devices` lists them), None the system's choice. If the device goes or
    stalls, `tell` is told, and nothing is asked for until it is there again. For one event loop.
    """

    def __init__(self, name: str | None = None, *, tell: Tell | None = None) -> None:
        self._watch = Watch(Direction.OUTPUT, name, self._prepare, tell)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._fill: Fill = _silence
        self.underflows = 0
        """How often the device itself ran dry, since the machine was too slow: heard as a crack."""

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
        """Closes it at once; what it holds is not played."""
        await self._watch.close()

    def start(self, fill: Fill) -> None:
        """Begins to ask for samples, and goes on until it is closed.

        A `fill` that raises is told to the event loop's exception handler, once, and not asked again: silence is
        played.
        """
        self._fill = fill

    def _prepare(self, form: Form) -> Move:
        """A new opening of the device; in the thread that opens it."""
        pouring = Pouring(form, self._ask)
        size = form.channels * 2

        def move(data: Any, count_samples: int, times: Any, flags: Any, now: float) -> None:
            is_broken = bool(flags.output_underflow)
            self.underflows += is_broken
            try:
                data[:] = pouring.pour(count_samples, times, now, is_broken=is_broken)
            except Exception as error:  # noqa: BLE001 - it would end the stream without a word
                data[:] = bytes(count_samples * size)
                self._give_up(error)

        return move

    def _ask(self, count_samples: int, heard_at: float) -> bytes:
        """Of whoever fills it now."""
        return self._fill(count_samples, heard_at)

    def _give_up(self, error: Exception) -> None:
        self._fill = _silence
        assert self._loop is not None
        told = {"message": f"what plays on {self.name} failed", "exception": error}
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._loop.call_exception_handler, told)


def _silence(count_samples: int, heard_at: float) -> bytes:  # noqa: ARG001 - a Fill
    return bytes(count_samples * 2)
