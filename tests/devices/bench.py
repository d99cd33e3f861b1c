"""A line, a microphone and a loudspeaker that do what a test says, and nothing by themselves."""

from __future__ import annotations

import asyncio
import time

from trunkline.devices.base import BLOCK_SAMPLES, RATE_HZ, Block
from trunkline.protocol import events

BLOCK = b"\1\0" * BLOCK_SAMPLES


class HandLine:
    """Notes what it is told, and gives the events that it is handed."""

    def __init__(self) -> None:
        self.told: list[tuple] = []
        self.queue: asyncio.Queue = asyncio.Queue()
        self.refusal: Exception | None = None

    def of(self, kind: str) -> list:
        return [rest for name, *rest in self.told if name == kind]

    def _tell(self, *fact) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.told.append(fact)

    def send_audio(self, samples) -> None:
        self._tell("audio", samples)

    def send(self, event) -> str:
        self._tell("send", event)
        return "e"

    def played(self, item_id, samples) -> None:
        self._tell("played", item_id, samples)

    def playout(self, buffered_ms, underruns, *, target_ms=None, underrun_ms=0.0) -> None:
        self._tell("playout", buffered_ms, underruns, target_ms, underrun_ms)

    def capture_overrun(self, lost_ms) -> None:
        self._tell("overrun", lost_ms)

    def __aiter__(self):
        return self

    async def __anext__(self):
        event = await self.queue.get()
        if isinstance(event, Exception):
            raise event
        if event is None:
            raise StopAsyncIteration
        return event


class Device:
    """What sources and sinks have in common: whether they are open, and how that fails."""

    name = "device"

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.is_open = False
        self.closings = 0

    async def __aenter__(self):
        if self.failure is not None:
            raise self.failure
        self.is_open = True
        return self

    async def __aexit__(self, *_) -> None:
        self.is_open = False
        self.closings += 1


class HandSource(Device):
    """Gives the blocks that it is handed; None ends it."""

    def __init__(self, *blocks: Block | Exception | None, failure: Exception | None = None) -> None:
        super().__init__(failure)
        self.queue: asyncio.Queue = asyncio.Queue()
        for block in blocks:
            self.queue.put_nowait(block)

    def __aiter__(self):
        return self

    async def __anext__(self) -> Block:
        block = await self.queue.get()
        if isinstance(block, Exception):
            raise block
        if block is None:
            raise StopAsyncIteration
        return block


class HandSink(Device):
    """Asks for samples when it is told to."""

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__(failure)
        self.fill = None

    def start(self, fill) -> None:
        assert self.is_open
        self.fill = fill

    def play(self, count_samples: int = BLOCK_SAMPLES) -> bytes:
        """What is heard a block later than it is asked for is heard now."""
        return self.fill(count_samples, time.monotonic() - count_samples / RATE_HZ)


class NotingEcho:
    """Turns each block into one of its own, and notes what was played."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def played(self, pcm: bytes, heard_at: float) -> None:
        del heard_at
        self.heard.append(pcm)

    def clean(self, block: Block) -> Block:
        return block


def delta(item_id: str, samples: int = RATE_HZ, response_id: str = "r") -> events.AudioDelta:
    return events.AudioDelta(
        response_id=response_id,
        item_id=item_id,
        output_index=0,
        content_index=0,
        pcm=b"\2\0" * samples,
    )


def created(response_id: str = "r") -> events.ResponseCreated:
    return events.ResponseCreated(response_id=response_id, conversation_id="c", response={})


def done(response_id: str = "r", status: str = "completed") -> events.ResponseDone:
    return events.ResponseDone(response_id=response_id, status=status, response={})
