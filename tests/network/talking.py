"""A caller on one side of a network, speaking in real time, while something happens to the network or the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import trunkline
from network.server import Server
from network.world import World
from scenarios.calling import VAD, _is_settled
from scenarios.judging import CHUNK_SAMPLES, RATE_HZ, Judge, caller_stream
from trunkline.client.client import Line
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.policy import LinePolicy

CHUNK = CHUNK_SAMPLES / RATE_HZ
TURNS = [2, 3]
PATIENCE = 75.0


@dataclass
class Call:
    """One call: its line, its lane, its server, and what was seen of it."""

    world: World
    port: int
    server: Server
    turns: list[int] = field(default_factory=lambda: list(TURNS))
    quiet: float = 0.0
    """Seconds of silence without any audio after the first turn."""
    pace: float = 1.0
    facts: list[seen.Observation] = field(default_factory=list)
    completed: int = 0
    spoken: int = 0
    """Which turn is being spoken, or was spoken last."""
    judge: Judge | None = None
    books: object = None
    broken_at: float = 0.0

    def of(self, kind: type) -> list:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def deaths(self) -> list[str]:
        return [
            fact.closure.fault.name if fact.closure.fault else str(fact.closure.code)
            for fact in self.of(seen.LinkEnded)
            if not (fact.closure.code == 1000 and fact.closure.by_us)
        ]

    def found_after(self) -> float:
        """Seconds from the break to the end of the link."""
        return next(f.at for f in self.of(seen.LinkEnded) if f.at >= self.broken_at) - (
            self.broken_at
        )

    def mark(self) -> None:
        """Now it breaks."""
        self.broken_at = asyncio.get_running_loop().time()

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            await asyncio.sleep(0.01)


Trouble = Callable[[Call], Awaitable[None]]


async def talk(call: Call, trouble: Trouble, *, policy: LinePolicy | None = None) -> None:
    """Speaks all turns, each when the one before was answered; the trouble runs beside."""
    pieces, stream = caller_stream(call.turns)
    await asyncio.to_thread(call.server.start)
    try:
        line = trunkline.connect(
            api_key="sk-test-1",
            base_url=f"http://127.0.0.1:{call.port}/v1",
            policy=policy or LinePolicy(session=VAD),
            observers=[call.facts.append],
            budget=RetryBudget(size=1000.0),
            seed=call.port,
        )
        async with asyncio.timeout(PATIENCE), line:
            await _talk(call, line, pieces, trouble)
    finally:
        call.judge = Judge(stream, await asyncio.to_thread(call.server.stop))


async def _talk(call: Call, line: Line, pieces: list[bytes], trouble: Trouble) -> None:
    listening = asyncio.create_task(_listen(call, line))
    troubling = asyncio.ensure_future(trouble(call))
    try:
        for number, piece in enumerate(pieces, 1):
            call.spoken = number
            await _speak(line, piece, call.pace)
            await call.until(lambda number=number: call.completed >= number)
            if number == 1:
                await asyncio.sleep(call.quiet)
        await troubling
        await call.until(lambda: _is_settled(line))
        call.books = line.books()
    finally:
        troubling.cancel()
        listening.cancel()


async def _speak(line: Line, piece: bytes, pace: float) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, start in enumerate(range(0, len(piece), 2 * CHUNK_SAMPLES)):
        line.send_audio(piece[start : start + 2 * CHUNK_SAMPLES])
        await asyncio.sleep(max(0.0, began + (number + 1) * CHUNK / pace - loop.time()))


async def _listen(call: Call, line: Line) -> None:
    received: dict[str, int] = {}
    async for event in line:
        if isinstance(event, events.AudioDelta):
            received[event.item_id] = received.get(event.item_id, 0) + len(event.pcm) // 2
            line.played(event.item_id, received[event.item_id])
        elif isinstance(event, events.ResponseDone) and event.status == "completed":
            call.completed += 1
