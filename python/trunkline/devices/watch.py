"""One device that is kept open: lost, stalled and come back.

A device ends in two ways. It is gone, which its stream tells; or its thread is called no more and nobody says so (a
suspended sink, some Bluetooth headsets), which only a clock can find. Either is told as a `Notice`, and the device is
opened again until it works; a stall that ends by itself first is the better end of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from trunkline.devices import portaudio
from trunkline.devices.base import Change, Notice
from trunkline.devices.stream import STALL_SECONDS, Stream
from trunkline.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trunkline.devices.base import Tell
    from trunkline.devices.listing import Direction
    from trunkline.devices.stream import Form, Move

__all__ = ["Watch"]

# How often it is looked: a stall is told after 0.1 to 0.15 s.
_TICK = 0.05
# A stream that was just opened fills its buffer and may then pause: up to 0.3 s were seen on a busy machine.
_BEGINNING = 0.5
# A stall that is over sooner needs no new stream (a sink that is suspended and resumed; unplugged, ALSA says nothing).
_PATIENCE = 0.5
# So long a new stream may take to be called steadily; a suspended sink lets itself be opened, and goes on by itself.
_NEW_PATIENCE = 2.0
# Between attempts to open what is not there: soon enough for a plug that was only moved, rare enough to cost nothing.
_PAUSES = (0.25, 0.5, 1.0, 2.0)
# Longer than another's call may hold it up.
_OPENING = 10.0
# Closing takes 2 ms; a system that hangs in it is left to it.
_CLOSING = 1.0
_STALLED = "it is open, but nothing comes or goes: is it suspended, switched off, or out of reach?"


class Watch:
    """Opens a device, watches it, and opens it again; lives in an event loop."""

    def __init__(
        self,
        direction: Direction,
        wanted: str | None,
        prepare: Callable[[Form], Move],
        tell: Tell | None,
    ) -> None:
        self._direction, self._wanted, self._prepare = direction, wanted, prepare
        self._told = tell
        self._happened = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stream: Stream | None = None
        self._name = wanted or direction.value
        # From here on silence counts: whoever holds the loop up may hold the device's thread up as well.
        self._excused_until = 0.0

    @property
    def name(self) -> str:
        """The device's, as far as it is known."""
        return self._name

    async def open(self) -> None:
        """Opens it for the first time. Raises MediaError if it cannot be had."""
        await self._open_once()
        if self._wanted is not None:
            assert self._stream is not None
            assert self._stream.device is not None
            # A part of a name may fit another device tomorrow.
            self._wanted = self._stream.device.lasting_name
        self._say(Change.OPENED)
        self._task = asyncio.create_task(self._keep(), name=f"trunkline-{self._direction.value}")
        self._task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Ends the watch and closes the device."""
        task, self._task = self._task, None
        try:
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        finally:
            # Also where whoever closes it is cancelled himself.
            await self._close_stream()

    async def _keep(self) -> None:
        while True:
            change = await self._trouble()
            if change is not None:
                self._say(change, _STALLED if change is Change.STALLED else "")
            if change is Change.STALLED and await self._is_steady_within(_PATIENCE):
                self._say(Change.RETURNED)
                continue
            await self._bring_back(change)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A fault of ours must not pass for a device that is silent."""
        if not task.cancelled() and (error := task.exception()) is not None:
            told = {"message": f"{self._name} is no longer watched", "exception": error}
            task.get_loop().call_exception_handler(told)

    async def _trouble(self) -> Change | None:
        """Waits for it; None if the stream was only interrupted, and can be opened again at once."""
        loop = asyncio.get_running_loop()
        while True:
            await self._tick()
            assert self._stream is not None
            if self._stream.is_over:
                return None if self._stream.was_interrupted else Change.LOST
            if loop.time() - max(self._stream.last_at, self._excused_until) > self._limit():
                return Change.STALLED

    def _limit(self) -> float:
        assert self._stream is not None
        has_begun = self._stream.last_at - self._stream.opened_at > _BEGINNING
        return STALL_SECONDS if has_begun else _BEGINNING

    async def _tick(self) -> None:
        """A moment, or less if something happens."""
        loop = asyncio.get_running_loop()
        due = loop.time() + _TICK
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(due):
                await self._happened.wait()
        self._happened.clear()
        if loop.time() > due + _TICK:
            self._excused_until = loop.time()

    async def _is_steady_within(self, patience: float) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while loop.time() < deadline and self._stream is not None and not self._stream.is_over:
            if self._stream.is_steady(loop.time()):
                return True
            await self._tick()
        return False

    async def _bring_back(self, change: Change | None) -> None:
        """Opens it again and again, until it works; what was told of it is `change`."""
        pauses = self._pauses()
        while True:
            try:
                await self._open_again()
            except MediaError as error:
                if change is not Change.LOST:
                    change = Change.LOST
                    self._say(change, error.reason)
                await asyncio.sleep(next(pauses))
                continue
            if await self._is_steady_within(_NEW_PATIENCE):
                break
            if change is None:
                change = Change.STALLED
                self._say(change, _STALLED)
        if change is not None:
            self._say(Change.RETURNED)

    @staticmethod
    def _pauses() -> Iterator[float]:
        yield from _PAUSES
        while True:
            yield _PAUSES[-1]

    async def _open_again(self) -> None:
        await self._close_stream()
        seen = portaudio.edition()
        try:
            await self._open_once()
        except MediaError:
            look = (portaudio.look_again, seen, self._wanted, self._direction)
            if not await portaudio.errand(*look):
                raise
            await self._open_once()

    async def _open_once(self) -> None:
        stream = Stream(
            self._direction,
            self._wanted,
            self._prepare,
            loop=asyncio.get_running_loop(),
            changed=self._happened.set,
        )
        self._stream = stream
        try:
            async with asyncio.timeout(_OPENING):
                await portaudio.errand(stream.open)
        except asyncio.CancelledError:
            # It may be open by the time that nobody waits for it any more.
            stream.abandon()
            raise
        except TimeoutError:
            stream.abandon()
            raise MediaError(stream.name, portaudio.HANGS) from None
        self._name = stream.name

    async def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            with contextlib.suppress(TimeoutError, MediaError):
                async with asyncio.timeout(_CLOSING):
                    await portaudio.errand(stream.close)

    def _say(self, change: Change, detail: str = "") -> None:
        if self._told is not None:
            loop = asyncio.get_running_loop()
            at = loop.time()
            notice = Notice(self._direction.value, self._name, change, at, detail)
            # Not from here: what raises in it must not end the watch.
            loop.call_soon(self._told, notice)
