"""Lines that talk to a server of few words in memory; as a program, a process that publishes or records them.

    python -m fleet.talking DIRECTORY [--lines N] [--record FILE] [--controllable] [--flight DIRECTORY]

prints "ready" once all are live, and a JSON line of what its pacers saw when its input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import threading
from pathlib import Path

from client.serving import QUICK
from trunkline.client.client import Line
from trunkline.client.config import LineConfig
from trunkline.fleet.flight import FlightRecorder
from trunkline.fleet.publisher import Publisher
from trunkline.fleet.recorder import Recorder
from trunkline.fleet.telemetry import Telemetry
from trunkline.fleet.wishes import Faults
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.policy import LinePolicy
from trunkline.transports.memory import MemoryTransport, Peer

CHUNK = bytes(960)


def line_with(telemetry, transport: MemoryTransport, name: str = "") -> Line:
    config = LineConfig(credential="sk-test-1", policy=LinePolicy(backoff=QUICK), name=name)
    return Line(
        config, transport=transport, budget=RetryBudget(size=1000.0), seed=1, telemetry=telemetry
    )


async def serve(transport: MemoryTransport, number: int = 1) -> None:
    """Welcomes link after link, and says a word now and then."""
    async with asyncio.TaskGroup() as links:
        while True:
            peer = await transport.accept()
            links.create_task(_serve_link(peer, number))


async def _serve_link(peer: Peer, number: int) -> None:
    peer.send({"type": "session.created", "session": {"id": f"sess_{number}", "model": "m"}})
    appends = 0
    while True:
        message = await peer.receive()
        if message["type"] == "session.update":
            peer.send({"type": "session.updated", "session": message["session"]})
        elif message["type"] == "input_audio_buffer.append":
            appends += 1
            if appends % 50 == 1:
                _say(peer, appends)


def _say(peer: Peer, number: int) -> None:
    event = "conversation.item.input_audio_transcription.completed"
    peer.send({"type": event, "item_id": f"item_{number}", "transcript": f"the word {number}"})


class Talker:
    """One line and its pacer of 20 ms, which keeps how late it was."""

    def __init__(self, telemetry, number: int) -> None:
        self.transport = MemoryTransport()
        self.line = line_with(telemetry, self.transport, f"talker-{number}")
        self.number = number
        self.late_ms: list[float] = []
        self.live = asyncio.Event()

    async def run(self, over: asyncio.Event) -> None:
        server = asyncio.create_task(serve(self.transport, self.number))
        try:
            async with self.line:
                self.live.set()
                await self._talk(over)
        finally:
            server.cancel()

    async def _talk(self, over: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not over.is_set():
            due += 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))
            self.late_ms.append((loop.time() - due) * 1000)
            if self.line.state.value != "closed":
                self.line.send_audio(CHUNK)


class Coffee(Faults):
    """A simulator that can do two things."""

    def names(self):
        return ("spill", "refuse")

    def make(self, name):
        return f"made {name}"


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _main(arguments: argparse.Namespace) -> None:
    parts = []
    if arguments.directory:
        parts.append(
            Publisher(
                directory=Path(arguments.directory),
                controllable=arguments.controllable,
                faults=Coffee() if arguments.controllable else None,
            )
        )
    if arguments.record:
        parts.append(Recorder(arguments.record))
    if arguments.flight:
        parts.append(FlightRecorder(arguments.flight, on_signal=True))
    telemetry = Telemetry(*parts, name="talking") if parts else None
    if telemetry is not None:
        telemetry.start()
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(over.set)), daemon=True
    ).start()
    talkers = [Talker(telemetry, number) for number in range(1, arguments.lines + 1)]
    tasks = [asyncio.create_task(one.run(over)) for one in talkers]
    for one in talkers:
        await one.live.wait()
    tell("ready")
    await asyncio.gather(*tasks)
    late = sorted(ms for one in talkers for ms in one.late_ms)
    ranks = {f"p{rank}": round(late[len(late) * rank // 100], 3) for rank in (50, 95, 99)}
    tell(json.dumps(ranks | {"max": round(late[-1], 3), "chunks": len(late)}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", nargs="?", default="")
    parser.add_argument("--lines", type=int, default=1)
    parser.add_argument("--record")
    parser.add_argument("--flight")
    parser.add_argument("--controllable", action="store_true")
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
