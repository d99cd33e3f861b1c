"""What a source and a sink of sound are, whatever is behind them: a device, a file, a tone, or nothing.

All of them speak the line's own form: little-endian int16, mono, 24 kHz, in blocks of 20 ms. Times are seconds of the
event loop's clock, so that what a microphone took and what a loudspeaker gave can be compared with what the link did.

A source is iterated in the event loop; what it has lost is said with the block that follows the hole. A sink asks for
samples when it needs them, maybe in a thread of its own, so whoever fills it must neither wait nor take a lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType

__all__ = [
    "BLOCK_BYTES",
    "BLOCK_SAMPLES",
    "BLOCK_SECONDS",
    "RATE_HZ",
    "SILENCE",
    "Block",
    "Change",
    "Device",
    "Fill",
    "Notice",
    "Sink",
    "Source",
    "Tell",
]

RATE_HZ = 24_000
"""What the protocol's own format has (protocol.md §6)."""
BLOCK_SAMPLES = 480
"""20 ms: what ran without underruns on PortAudio, and what the line sends."""
BLOCK_SECONDS = BLOCK_SAMPLES / RATE_HZ
BLOCK_BYTES = 2 * BLOCK_SAMPLES
SILENCE = bytes(BLOCK_BYTES)
"""A block of it."""


@dataclass(frozen=True, slots=True)
class Block:
    """What a source gives at once."""

    pcm: bytes
    """`BLOCK_SAMPLES` samples; the last block of a file may be shorter."""
    at: float
    """When its first sample was captured, by the device's clock."""
    lost_ms: float = 0.0
    """What was captured right before it, or should have been, and is lost."""


class Change(Enum):
    """What becomes of a device."""

    OPENED = "opened"
    LOST = "lost"
    """It is gone, or gives an error."""
    STALLED = "stalled"
    """It is there, says nothing is wrong, and does nothing."""
    RETURNED = "returned"
    """It works again after either."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One such change, told in the event loop."""

    device: str
    """`microphone` or `speaker`."""
    name: str
    change: Change
    at: float
    detail: str = ""
    """What a person can do about it, or what the device said."""


class Device(Protocol):
    """What sources and sinks have in common."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    async def __aenter__(self) -> Self:
        """Opens it. Raises MediaError if it cannot be had."""
        ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes it at once; what a sink holds is not played."""
        ...


class Source(Device, Protocol):
    """A microphone, or what takes its place; iterating it gives blocks, and ends where a file ends."""

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> Block:
        """The next block, when it is captured. Cancelled, it loses none."""
        ...


class Sink(Device, Protocol):
    """A loudspeaker, or what takes its place."""

    def start(self, fill: Fill) -> None:
        """Begins to ask for samples, and goes on until it is closed."""
        ...


class Fill(Protocol):
    """Gives a sink what it plays next; called in the sink's thread, so it must not wait."""

    def __call__(self, count_samples: int, heard_at: float) -> bytes:
        """Exactly so many samples; the first is heard at that time, by the device's clock."""
        ...


Tell = Callable[[Notice], None]
"""Takes the changes of a device, in the event loop."""
