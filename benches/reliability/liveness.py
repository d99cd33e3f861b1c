"""How soon a dead link is found, and how often a living one is taken for dead: in network namespaces, as root.

    python benches/reliability/liveness.py [--repeats 200] [--lanes 8] [--seconds 60] [--json]

Every lane has a network of its own in one pair of namespaces (tests/network). A link is found dead when its end
is told; the clock begins when the emulator is told to drop everything. The moment of each break is random
against the pings.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import trunkline  # noqa: E402
from network.server import Server  # noqa: E402
from network.world import World, why_not  # noqa: E402
from trunkline.client.client import Line  # noqa: E402
from trunkline.protocol import observations as seen  # noqa: E402
from trunkline.protocol.backoff import BackoffPolicy, RetryBudget  # noqa: E402
from trunkline.protocol.lifecycle import State  # noqa: E402
from trunkline.protocol.policy import LinePolicy  # noqa: E402

# The way back is not what is measured: it shall be quick and never given up.
QUICK = BackoffPolicy(first_least=0.05, first_most=0.2, base=0.2, cap=0.4, patience=1e9)
MANUAL = {"audio": {"input": {"turn_detection": None}}}
CHUNK = bytes(960)


@dataclass
class Lane:
    """One line, its network, and the ends of its links."""

    world: World
    port: int
    dice: random.Random
    ends: list[seen.LinkEnded] = field(default_factory=list)
    congested: int = 0
    kernel: list[int] = field(default_factory=list)

    def observe(self, fact: seen.Observation) -> None:
        if isinstance(fact, seen.LinkEnded):
            self.ends.append(fact)
        elif isinstance(fact, seen.Congested) and not fact.over:
            self.congested += 1
        elif isinstance(fact, seen.QueueSampled):
            self.kernel.append(fact.transport_bytes)

    def line(self, *, backoff: BackoffPolicy = QUICK) -> Line:
        return trunkline.connect(
            api_key="sk-test-1",
            base_url=f"http://127.0.0.1:{self.port}/v1",
            policy=LinePolicy(session=MANUAL, backoff=backoff),
            budget=RetryBudget(size=1e9, daily_limit=10**9),
            observers=[self.observe],
            seed=self.port,
        )


async def stream(line: Line) -> None:
    """A microphone: 20 ms of audio 50 times a second, cleared now and then so that nothing is kept."""
    loop = asyncio.get_running_loop()
    due, count = loop.time(), 0
    while True:
        due += 0.02
        count += 1
        if line.state is State.LIVE or line.books().waiting < 240_000:
            line.send_audio(CHUNK)
        if line.state is State.LIVE and count % 100 == 0 and line.books().waiting == 0:
            line.send({"type": "input_audio_buffer.clear"})
        await asyncio.sleep(max(0.0, due - loop.time()))


async def live(line: Line) -> None:
    while line.state is not State.LIVE:
        await asyncio.sleep(0.01)


async def break_often(lane: Lane, repeats: int, *, streaming: bool) -> list[float]:
    """Blackhole after blackhole; gives how long each took to be found."""
    took = []
    async with lane.line() as line:
        microphone = asyncio.create_task(stream(line)) if streaming else None
        for _ in range(repeats):
            await live(line)
            # Long enough for a few pings, and anywhere between two of them.
            await asyncio.sleep(2.0 + lane.dice.uniform(0.0, 1.0 if streaming else 5.0))
            before = len(lane.ends)
            broken_at = asyncio.get_running_loop().time()
            lane.world.set(lane.port, both={"black": True})
            while len(lane.ends) == before:
                await asyncio.sleep(0.005)
            took.append(lane.ends[before].at - broken_at)
            lane.world.set(lane.port, both={"black": False})
        if microphone is not None:
            microphone.cancel()
    return took


async def leave_alone(
    lane: Lane, seconds: float, trouble: Callable[[Lane], Awaitable[None]]
) -> int:
    """Streams for so long; gives how often the link was taken for dead."""
    async with lane.line() as line:
        before = len(lane.ends)
        tasks = [asyncio.create_task(stream(line)), asyncio.ensure_future(trouble(lane))]
        await asyncio.sleep(seconds)
        deaths = len(lane.ends) - before
        for task in tasks:
            task.cancel()
    return deaths


async def nothing(_lane: Lane) -> None:
    pass


async def slow(lane: Lane) -> None:
    lane.world.set(lane.port, both={"rate": 25_000})


async def stalls(lane: Lane) -> None:
    while True:
        await asyncio.sleep(3.0 + lane.dice.uniform(0.0, 1.0))
        lane.world.set(lane.port, both={"black": True})
        await asyncio.sleep(2.0)
        lane.world.set(lane.port, both={"black": False})


def figures(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    last = len(ordered) - 1
    return {
        "n": len(ordered),
        "p50": round(ordered[last // 2], 3),
        "p99": round(ordered[round(last * 0.99)], 3),
        "max": round(ordered[-1], 3),
    }


def lanes_of(world: World, count: int) -> list[Lane]:
    lanes = [
        Lane(world, port, random.Random(port)) for port in (world.new_port() for _ in range(count))
    ]
    for lane in lanes:
        world.set(lane.port, both={"delay": 0.05})
    return lanes


async def detection(world: World, arguments: argparse.Namespace, *, streaming: bool) -> dict:
    count = arguments.lanes * (1 if streaming else 3)
    lanes = lanes_of(world, count)
    each = -(-arguments.repeats // count)
    return await _with_server(
        world, lanes, [break_often(lane, each, streaming=streaming) for lane in lanes]
    )


async def _with_server(world: World, lanes: list[Lane], work: list) -> dict:
    server = Server(world.inside(world.far), None, [lane.port for lane in lanes])
    await asyncio.to_thread(server.start)
    try:
        results = await asyncio.gather(*work)
    finally:
        await asyncio.to_thread(server.stop)
    return figures([one for part in results for one in part])


async def false_deaths(world: World, arguments: argparse.Namespace) -> dict:
    kinds = {
        "slow": (slow, {}),
        "stalls": (stalls, {}),
        "loss": (nothing, {"jitter": 0.02, "loss": 0.03}),
    }
    lanes = lanes_of(world, 2 * len(kinds))
    work, names = [], []
    for number, lane in enumerate(lanes):
        name = list(kinds)[number % len(kinds)]
        trouble, condition = kinds[name]
        world.set(lane.port, both=condition)
        names.append(name)
        work.append(leave_alone(lane, arguments.seconds, trouble))
    server = Server(world.inside(world.far), None, [lane.port for lane in lanes])
    await asyncio.to_thread(server.start)
    try:
        deaths = await asyncio.gather(*work)
    finally:
        await asyncio.to_thread(server.stop)
    told: dict = {}
    for name, lane, dead in zip(names, lanes, deaths, strict=True):
        one = told.setdefault(name, {"link_seconds": 0.0, "false_deaths": 0})
        one["link_seconds"] += arguments.seconds
        one["false_deaths"] += dead
        if name == "slow":
            one["congested"] = one.get("congested", 0) + lane.congested
            waiting = sorted(lane.kernel)
            one["transport_bytes_p50"] = waiting[len(waiting) // 2]
            one["transport_bytes_max"] = waiting[-1]
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--lanes", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", choices=["streaming", "idle", "alive"])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if reason := why_not():
        sys.exit(f"cannot measure: {reason}")
    parts = {
        "streaming": lambda world: detection(world, arguments, streaming=True),
        "idle": lambda world: detection(world, arguments, streaming=False),
        "alive": lambda world: false_deaths(world, arguments),
    }
    found = {}
    with World(seed=1) as world:
        for name, part in parts.items():
            if arguments.only in (None, name):
                began = time.monotonic()
                found[name] = world.run(lambda part=part: part(world))
                if not arguments.json:
                    print(f"{name}: {found[name]} in {time.monotonic() - began:.0f} s", flush=True)
    if arguments.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
