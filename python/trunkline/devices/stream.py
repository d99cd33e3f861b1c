"""One stream of PortAudio, from its opening to its end: its format, and the pulse of its thread.

`open` and `close` wait for the system and belong into an `errand`. The callback runs in PortAudio's thread and needs
the interpreter, so it does nothing but note the time and move samples.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from trunkline.devices import portaudio
from trunkline.devices.base import RATE_HZ
from trunkline.devices.listing import Device, Direction, choose
from trunkline.errors import MediaError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

__all__ = ["STALL_SECONDS", "Form", "Move", "Stream"]

STALL_SECONDS = 0.1
"""Five blocks. PortAudio bunches calls: up to 41 ms apart were measured at latency 'low'."""

# What audio/resampler.py converts, besides the line's own.
_CONVERTED_HZ = (48_000, 44_100, 16_000, 8_000)
_BLOCKS_PER_SECOND = 50
# portaudio.h: the format is refused, so another may do. ALSA says "host error" for some of them.
_OTHER_FORMAT = {-9999, -9998, -9997, -9994}


@dataclass(frozen=True, slots=True)
class Form:
    """What an open device gives or takes: int16 at a rate, in blocks of 20 ms."""

    rate_hz: int
    channels: int
    latency: float
    """Seconds, by the device's own word."""

    @property
    def block_samples(self) -> int:
        """Of one block, of one channel."""
        return self.rate_hz // _BLOCKS_PER_SECOND


class Move(Protocol):
    """Moves the samples of one block, in the stream's thread."""

    def __call__(
        self, data: Any, count_samples: int, times: Any, flags: Any, now: float, /
    ) -> None:
        """`times` and `flags` are sounddevice's; `now` is the event loop's clock."""
        ...


class Stream:
    """One opening of one device."""

    def __init__(
        self,
        direction: Direction,
        wanted: str | None,
        prepare: Callable[[Form], Move],
        *,
        loop: asyncio.AbstractEventLoop,
        changed: Callable[[], None],
    ) -> None:
        self._direction, self._wanted, self._prepare = direction, wanted, prepare
        self._loop, self._changed = loop, changed
        # The loop's own clock must not be read in another thread (uvloop keeps it in a cache).
        self._offset = loop.time() - monotonic()
        self._stream: Any = None
        self._is_unwanted = False
        self.device: Device | None = None
        """Which one it is; None until it is open."""
        self.is_over = False
        """It gives no calls any more, and will not."""
        self.was_interrupted = False
        """Because the list of devices was made anew, and for no other reason."""
        self.opened_at = 0.0
        """When it was, by the loop's clock."""
        self.last_at = 0.0
        """When its thread was last called, by the loop's clock."""
        self.since = 0.0
        """From when on it has been called without a stall."""

    @property
    def name(self) -> str:
        """The device's, or what was asked for."""
        return self.device.name if self.device else self._wanted or self._direction.value

    def is_steady(self, now: float) -> bool:
        """Whether it is called, and has been for a while: a device that stands still fills its buffer at first."""
        is_called = not self.is_over and now - self.last_at <= STALL_SECONDS
        return is_called and self.last_at - self.since >= STALL_SECONDS

    def open(self) -> None:
        """Finds the device and starts. Raises MediaError if that is not possible; a closed one stays closed."""
        self.device = choose(portaudio.devices(), self._wanted, self._direction)
        portaudio.claim(self, self.device.name, self._begin)
        if self._is_unwanted:
            self.close()

    def close(self) -> None:
        """Ends at once; what the device holds is dropped. More than once is no mistake."""
        self._is_unwanted = self.is_over = True
        portaudio.leave(self, self._end)

    def abandon(self) -> None:
        """Closes it without waiting, even if it is only being opened."""
        self._is_unwanted = True
        threading.Thread(target=self._close_anyway, daemon=True, name="trunkline-sound").start()

    def _close_anyway(self) -> None:
        # Where a call hangs there is nobody left to tell.
        with contextlib.suppress(MediaError):
            self.close()

    def interrupt(self) -> None:
        """The list of devices is made anew (`portaudio.look_again`)."""
        if not self.is_over:
            self.was_interrupted = self.is_over = True
        self._end()
        self._tell()

    def _begin(self, module: Any) -> None:
        assert self.device is not None
        stream, form = self._opened(module, self.device)
        self._move = self._prepare(form)
        # Before it is called at all: time runs for the one that watches, too.
        self.opened_at = self.last_at = self.since = monotonic() + self._offset
        self._stream = stream
        try:
            stream.start()
        except module.PortAudioError:
            self._end()
            raise

    def _opened(self, module: Any, device: Device) -> tuple[Any, Form]:
        """The line's own format, or the nearest that can be converted."""
        refusal: Exception | None = None
        for rate_hz, channels in self._forms(device):
            try:
                stream = self._made(module, device, rate_hz, channels)
            except module.PortAudioError as error:
                refusal = refusal or error
                if len(error.args) < 2 or error.args[1] not in _OTHER_FORMAT:
                    break
            else:
                return stream, Form(rate_hz, channels, float(stream.latency))
        assert refusal is not None
        raise refusal

    def _forms(self, device: Device) -> Iterator[tuple[int, int]]:
        own = (device.rate_hz,) if device.rate_hz in _CONVERTED_HZ else ()
        for rate_hz in dict.fromkeys((RATE_HZ, *own, *_CONVERTED_HZ)):
            yield rate_hz, 1
            if device.channels(self._direction) >= 2:
                yield rate_hz, 2

    def _made(self, module: Any, device: Device, rate_hz: int, channels: int) -> Any:
        is_input = self._direction is Direction.INPUT
        kind = module.RawInputStream if is_input else module.RawOutputStream
        # Windows' mixer has one rate and converts if it is asked to.
        extra = (
            module.WasapiSettings(auto_convert=True)
            if device.host_api == "Windows WASAPI"
            else None
        )
        return kind(
            device=device.index,
            samplerate=rate_hz,
            channels=channels,
            dtype="int16",
            blocksize=rate_hz // _BLOCKS_PER_SECOND,
            latency="low",
            extra_settings=extra,
            callback=self._called,
            finished_callback=self._finished,
        )

    def _called(self, data: Any, frames: int, times: Any, flags: Any) -> None:
        now = monotonic() + self._offset
        if now - self.last_at > STALL_SECONDS:
            self.since = now
        self.last_at = now
        self._move(data, frames, times, flags, now)

    def _finished(self) -> None:
        self.is_over = True
        self._tell()

    def _tell(self) -> None:
        # A loop that is closed watches nothing any more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._changed)

    def _end(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            # `stop` would wait for a device that may stand still.
            stream.abort()
            stream.close()
