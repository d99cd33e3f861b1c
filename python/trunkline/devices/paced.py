"""Sources and sinks without hardware: the event loop's clock is what a device's would be.

Due times are absolute, counted from when it was opened, so lateness does not add up. A loop that was blocked gives what
is due at once: nothing is left out, and a second of sound is a second of the call.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Self

from trunkline.devices.base import BLOCK_SAMPLES, BLOCK_SECONDS, RATE_HZ, Block, Change, Notice
from trunkline.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from trunkline.devices.base import Fill, Tell

__all__ = ["PacedSink", "PacedSource"]


class PacedSource:
    """Blocks from an iterator, each when a microphone would have captured it to its end."""

    def __init__(self, name: str, load: Callable[[], Iterator[bytes]]) -> None:
        """`load` gives the blocks: it is called in a thread when the source is opened, and may raise MediaError."""
        self.name = name
        """What a person calls it."""
        self._load = load
        self._blocks: Iterator[bytes] = iter(())
        self._waiting: bytes | None = None
        self._began_at = 0.0
        self._samples = 0

    async def __aenter__(self) -> Self:
        """Opens it. Raises MediaError if it cannot be had."""
        self._blocks = await asyncio.to_thread(self._load)
        self._began_at = asyncio.get_running_loop().time()
        self._samples, self._waiting = 0, None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes it at once."""
        self._blocks, self._waiting = iter(()), None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Block:
        """The next block, when it is captured. Cancelled, it loses none."""
        pcm = self._waiting = self._waiting or next(self._blocks, None)
        if pcm is None:
            raise StopAsyncIteration
        at = self._began_at + self._samples / RATE_HZ
        samples = len(pcm) // 2
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, at + samples / RATE_HZ - now))
        self._waiting = None
        self._samples += samples
        return Block(pcm, at)


class PacedSink:
    """Takes a block every 20 ms and gives it to a function."""

    def __init__(
        self,
        name: str,
        *,
        take: Callable[[bytes], object],
        latency: float = 0.0,
        tell: Tell | None = None,
    ) -> None:
        """`latency` is how much later than it is taken a block counts as heard, in seconds.

        A MediaError of `take` ends the playing: `tell` gets the loss, and closing raises the error.
        """
        self.name = name
        """What a person calls it."""
        self._take = take
        self._latency = latency
        self._tell = tell
        self._playing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """There is nothing to open."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends at once. Raises what ended the playing before, unless another error is on its way."""
        playing, self._playing = self._playing, None
        if playing is None:
            return
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError, *(() if error is None else (Exception,))):
            await playing

    def start(self, fill: Fill) -> None:
        """Begins to ask for samples, and goes on until it is closed."""
        self._playing = asyncio.get_running_loop().create_task(self._play(fill))

    async def _play(self, fill: Fill) -> None:
        loop = asyncio.get_running_loop()
        began_at, blocks = loop.time(), 0
        while True:
            due = began_at + blocks * BLOCK_SECONDS
            await asyncio.sleep(max(0.0, due - loop.time()))
            pcm = fill(BLOCK_SAMPLES, due + self._latency)
            try:
                self._take(pcm)
            except MediaError as error:
                self._tell_loss(error, loop.time())
                raise
            blocks += 1

    def _tell_loss(self, error: MediaError, now: float) -> None:
        if self._tell is not None:
            self._tell(Notice("speaker", self.name, Change.LOST, now, error.reason))
