"""How much audio is lost or doubled when a link breaks in speech: in network namespaces, as root, 100 ms round trip.

    python benches/reliability/audio.py [--repeats 100] [--lanes 10] [--only reset] [--json]

A caller says two recorded turns in real time; at a random moment of the second one the server's kernel resets the link,
or nothing gets through for 4 to 30 s, or the server is killed and another starts in its place. Judged from the server's
side, sample by sample (tests/scenarios/judging.py): every sample is in the last conversation, and in it once. A default
line replays at most 15 s; `replay_limit_ms` is 45 s here, since the silence lasts up to 30 s.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from network.server import Server  # noqa: E402
from network.talking import Call, talk  # noqa: E402
from network.world import World, why_not  # noqa: E402
from scenarios.calling import VAD  # noqa: E402
from trunkline.protocol.policy import LinePolicy  # noqa: E402

RATE_KHZ = 24
SPEECH = (0.1, 3.0)
"""Seconds into the second turn at which it breaks; the shorter of the two recordings lasts 3.3 s."""


async def in_speech(call: Call, dice: random.Random) -> None:
    await call.until(lambda: call.spoken == 2)
    await asyncio.sleep(dice.uniform(*SPEECH))
    call.mark()


async def reset(call: Call, dice: random.Random) -> None:
    await in_speech(call, dice)
    await asyncio.to_thread(call.world.reset, call.port)


async def blackhole(call: Call, dice: random.Random) -> None:
    await in_speech(call, dice)
    call.world.set(call.port, both={"black": True})
    await asyncio.sleep(dice.uniform(4.0, 30.0))
    call.world.set(call.port, both={"black": False})


async def killed(call: Call, dice: random.Random) -> None:
    await in_speech(call, dice)
    call.server.kill()
    await asyncio.sleep(dice.uniform(0.0, 2.0))
    await asyncio.to_thread(call.server.start)


TROUBLES: dict[str, Callable[[Call, random.Random], Awaitable[None]]] = {
    "reset": reset,
    "blackhole": blackhole,
    "killed": killed,
}


class Tally:
    """What became of the audio of many calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.broken = 0
        """Calls whose link did break."""
        self.lost_ms = 0.0
        self.wrong: list[str] = []
        """Calls in which a sample was lost unsaid, doubled or out of order, or a turn had no answer."""

    def add(self, call: Call, name: str) -> None:
        self.calls += 1
        self.broken += bool(call.deaths())
        self.lost_ms += call.books.gap / RATE_KHZ
        try:
            call.judge.check()
            assert call.completed == len(call.turns), "a turn has no answer"
        except AssertionError as error:
            self.wrong.append(f"{name}: {error}")

    def found(self) -> dict[str, object]:
        return {
            "n": self.calls,
            "broken": self.broken,
            "lost_ms": round(self.lost_ms, 3),
            "wrong": self.wrong,
        }


async def one(world: World, kind: str, seed: int, tally: Tally) -> None:
    port = world.new_port()
    world.set(port, both={"delay": 0.05})
    call = Call(world, port, Server(world.inside(world.far), world.folder, [port]))
    policy = LinePolicy(session=VAD, replay_limit_ms=45_000)
    dice = random.Random(seed)
    try:
        await talk(call, lambda call: TROUBLES[kind](call, dice), policy=policy)
    except Exception as error:  # noqa: BLE001 - counted, and told at the end
        tally.calls += 1
        tally.wrong.append(f"{kind} {seed}: {error!r}")
    else:
        tally.add(call, f"{kind} {seed}")


async def measure(
    world: World, kinds: list[str], repeats: int, lanes: int
) -> dict[str, dict[str, object]]:
    tallies = {kind: Tally() for kind in kinds}
    waiting = [(kind, seed) for seed in range(repeats) for kind in kinds]
    waiting.reverse()

    async def lane() -> None:
        while waiting:
            kind, seed = waiting.pop()
            await one(world, kind, seed, tallies[kind])

    await asyncio.gather(*(lane() for _ in range(lanes)))
    return {kind: tally.found() for kind, tally in tallies.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--lanes", type=int, default=10)
    parser.add_argument("--only", choices=list(TROUBLES), action="append")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if reason := why_not():
        sys.exit(f"nothing was measured: {reason}")
    kinds = arguments.only or list(TROUBLES)
    began = time.monotonic()
    with World(seed=11) as world:
        found = world.run(lambda: measure(world, kinds, arguments.repeats, arguments.lanes))
    if arguments.json:
        print(json.dumps(found))
        return
    for kind, what in found.items():
        print(f"{kind}: {what}")
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
