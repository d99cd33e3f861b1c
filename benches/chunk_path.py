"""What a line does for a chunk: 20 ms of audio given and sent, 20 ms of a reply received and read, without a network.

The link takes everything at once and the clock goes on by 20 ms with each chunk, so pings and samples come as often as
they do in a call. `--measured` is the same with `line.measure()`; nobody observes, so it is what making facts costs.
`--digested` has every other round observed by a telemetry digester: what attaching telemetry adds to the line's thread.

    python benches/chunk_path.py [--rounds 60] [--measured] [--digested]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import json
import time
from typing import NoReturn

from trunkline.client.client import Line
from trunkline.client.config import LineConfig
from trunkline.telemetry.digester import Digester
from trunkline.telemetry.frames import Began
from trunkline.transports.base import Progress

CHUNK = bytes(960)
CHUNK_SECONDS = 0.02
CHUNKS = 1000
ANSWER = {"id": "i", "type": "message", "role": "assistant", "status": "in_progress"}
BEGINNING = (
    {"type": "session.created", "session": {"id": "s", "model": "m"}},
    {"type": "session.updated", "session": {}},
    {"type": "response.created", "response": {"id": "r", "conversation_id": "c"}},
    {"type": "conversation.item.added", "item": ANSWER},
)
DELTA = {
    "type": "response.output_audio.delta",
    "event_id": "event_BGQCwd9zOaTBXZVJsPCgf",
    "response_id": "r",
    "item_id": "i",
    "output_index": 0,
    "content_index": 0,
    "delta": base64.b64encode(CHUNK).decode(),
}


class Loop(asyncio.SelectorEventLoop):
    """Its clock stands still until somebody moves it."""

    now = 1000.0

    def time(self) -> float:
        return self.now


class Link:
    """Takes everything, and gives what it was given."""

    phases = ()
    writable = True

    def __init__(self, listener) -> None:
        self.messages = asyncio.Queue()
        self._listener = listener
        self._sent_bytes = 0

    def write(self, message: bytes) -> None:
        self._sent_bytes += len(message)

    def ping(self, payload: bytes) -> None:
        asyncio.get_running_loop().call_soon(self._listener.pong, payload)

    async def deliver(self, take) -> NoReturn:
        while True:
            take((await self.messages.get(),))

    async def close(self, code: int, reason: str) -> None:
        """The run is over."""

    def abort(self) -> None:
        """The run is over."""

    def acked_bytes(self) -> int:
        return self._sent_bytes

    def progress(self) -> Progress:
        return Progress(acked_bytes=self._sent_bytes, unsent_bytes=0)


class Transport:
    async def dial(self, _target, listener) -> Link:
        self.link = Link(listener)
        for event in BEGINNING:
            self.link.messages.put_nowait(json.dumps(event).encode())
        return self.link


async def read(line: Line) -> None:
    async for _ in line:
        pass


def digester() -> Digester:
    began = Began(line="x", at=Loop.now, wall_offset=0.0, name="x")
    return Digester(began, lambda _: None)


async def measure(
    rounds: int, *, measured: bool, digested: bool
) -> tuple[list[float], list[float]]:
    """Microseconds of processor time for a chunk each way, plain and observed, the least first."""
    loop, transport = asyncio.get_running_loop(), Transport()
    line = Line(LineConfig(credential="sk-test-1"), transport=transport, seed=1)
    line.measure(measured)
    delta = json.dumps(DELTA).encode()
    plain, observed = [], []
    observe = digester().observe_all
    async with line:
        reader = asyncio.create_task(read(line))
        gc.disable()
        for round_ in range(rounds * (1 + digested)):
            is_observed = bool(digested and round_ % 2)
            line._driver._observers._lists[:] = [observe] if is_observed else []
            began_at = time.process_time_ns()
            for number in range(CHUNKS):
                loop.now += CHUNK_SECONDS
                line.send_audio(CHUNK)
                transport.link.messages.put_nowait(delta)
                if not number % 8:
                    await asyncio.sleep(0)
                    await asyncio.sleep(0)
            took = observed if is_observed else plain
            took.append((time.process_time_ns() - began_at) / CHUNKS / 1000)
        gc.enable()
        line._connection.abandon(loop.time())
        line._driver.pump()
        await reader
    return sorted(plain), sorted(observed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--measured", action="store_true")
    parser.add_argument("--digested", action="store_true")
    options = parser.parse_args()
    runner = asyncio.Runner(loop_factory=Loop)
    with runner:
        both = runner.run(
            measure(options.rounds, measured=options.measured, digested=options.digested)
        )
    for name, took in zip(("a chunk each way", "with a digester"), both, strict=True):
        if took:
            least, median = took[0], took[len(took) // 2]
            print(f"{name}: least {least:.1f} µs, median of {len(took)} rounds {median:.1f} µs")


if __name__ == "__main__":
    main()
