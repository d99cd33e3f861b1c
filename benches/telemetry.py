"""What telemetry costs: on a line's hot path, in a console of a thousand lines, and in memory.

    python benches/telemetry.py session [--lines 8] [--rounds 12] [--seconds 2]
    python benches/telemetry.py fleet   [--lines 1000] [--seconds 30]
    python benches/telemetry.py memory  [--lines 200] [--minutes 65]
    python benches/telemetry.py wire

**session**: real lines over real sockets to the simulator's server in a process of its own; 20 ms up and 20 ms down,
both at real time. Three ways of watching take turns within one run, a round each: nobody, a digester, and a digester
with `Line.measure` (levels, lateness, the loop's lag). The figure is the processor time of this process, and what is
above nobody's; medians of the rounds.

**fleet**: the frames of busy lines, a beat each 0.5 s and what a conversation of a turn each 6 s tells, folded in the
order of their time, with a snapshot each 0.5 s. Figures are shares of a core: processor time over the time that the
frames are of.

**memory**: what Python allocates for the fold, per line, by the quarter of an hour, and once an hour and a talk of 120
turns are in it. The longest window is an hour, so until then it grows.

**wire**: encoding and decoding of a beat and a fact, and a keyframe's size per line.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import statistics
import subprocess
import sys
import time
import tracemalloc
from itertools import chain
from typing import TYPE_CHECKING

import trunkline
from busy_line import began, busy_beat, conversation, live, moment, renamed, turn
from trunkline.protocol import observations as seen
from trunkline.protocol.observations import Direction
from trunkline.telemetry.digester import Digester
from trunkline.telemetry.fleet import FleetFold
from trunkline.telemetry.frames import Began
from trunkline.telemetry.wireform import decode, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

RATE_HZ = 24_000
CHUNK_SAMPLES = 480
CHUNK_SECONDS = 0.02
FACTS_A_LIST = 25
KEY = "sk-test-telemetry"
SERVER = """
import asyncio, gc, sys
from trunkline.simulator import SimulatorServer, Timing, Tone
async def main():
    timing = Timing(pace=1.0, delta_ms=20)
    async with SimulatorServer(voice=Tone(tone_ms=3_600_000), timing=timing, audio_limit_bytes=1_000_000) as server:
        gc.freeze()
        gc.set_threshold(100_000, 50, 1000)
        print(server.port, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
asyncio.run(main())
"""
# Quiet noise, at -70 dBFS: the detector judges every frame and hears nobody.
PCM = b"\x05\x00\xfb\xff" * (CHUNK_SAMPLES // 2)


class Watch:
    """An observer that can be turned on and off between rounds."""

    def __init__(self, name: str) -> None:
        self.on = False
        self.facts = 0
        self.frames = 0
        began = Began(line=name, at=time.monotonic(), wall_offset=0.0, name=name)
        self._digester = Digester(began, self._emit, interval=1.0)

    def __call__(self, fact: seen.Observation) -> None:
        self.observe_all((fact,))

    def observe_all(self, facts: Sequence[seen.Observation]) -> None:
        if self.on:
            self.facts += len(facts)
            self._digester.observe_all(facts)

    def _emit(self, _: object) -> None:
        self.frames += 1


async def talk(line: trunkline.Line, stop: asyncio.Event) -> None:
    """Sends a chunk each 20 ms, and asks for an answer once."""
    loop = asyncio.get_running_loop()
    due = loop.time() + random.random() * CHUNK_SECONDS
    line.send({"type": "response.create"})
    while not stop.is_set():
        await asyncio.sleep(max(due - loop.time(), 0.0))
        line.send_audio(PCM)
        due += CHUNK_SECONDS


async def listen(line: trunkline.Line) -> None:
    """Takes the events as a player does: each piece of audio is said to be played."""
    played: dict[str, int] = {}
    async for event in line:
        if type(event).__name__ == "ResponseDone":
            # The token limit ends the longest answer.
            line.send({"type": "response.create"})
        if type(event).__name__ == "AudioDelta":
            played[event.item_id] = played.get(event.item_id, 0) + len(event.pcm) // 2
            line.played(event.item_id, played[event.item_id])
            line.playout(80.0, 0)


async def session(lines: int, rounds: int, seconds: float, base_url: str) -> None:
    watches = [Watch(f"line-{n}") for n in range(lines)]
    opened = [
        trunkline.connect(
            model="gpt-realtime",
            api_key=KEY,
            base_url=base_url,
            session={"audio": {"input": {"turn_detection": None}}},
            observers=(watch,),
        )
        for watch in watches
    ]
    stop = asyncio.Event()
    for line in opened:
        await line.__aenter__()
    tasks = [
        asyncio.create_task(work) for line in opened for work in (talk(line, stop), listen(line))
    ]
    await asyncio.sleep(2.0)
    ways = ("nobody", "digester", "digester and measure")
    took: dict[str, list[float]] = {way: [] for way in ways}
    gc.freeze()
    facts: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds * len(ways)):
        way = ways[number % len(ways)]
        for line, watch in zip(opened, watches, strict=True):
            watch.on = way != "nobody"
            line.measure(way == "digester and measure")
        await asyncio.sleep(0.2)
        begun, cpu, before = time.monotonic(), time.process_time(), sum(w.facts for w in watches)
        await asyncio.sleep(seconds)
        passed = time.monotonic() - begun
        took[way].append((time.process_time() - cpu) / passed / lines)
        facts[way].append((sum(watch.facts for watch in watches) - before) / passed / lines)
    stop.set()
    for line in opened:
        await line.aclose()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    report(took, facts)


def report(took: dict[str, list[float]], facts: dict[str, list[float]]) -> None:
    plain = statistics.median(took["nobody"])
    print(f"medians of {len(took['nobody'])} rounds each, load {os.getloadavg()[0]:.1f}")
    for way, values in took.items():
        median = statistics.median(values)
        paired = [a / b - 1 for a, b in zip(values, took["nobody"], strict=True)]
        print(
            f"{way:22} {median * 1e3:6.2f} ms of processor a second and line,"
            f" {(median / plain - 1) * 100:+5.1f} % (pairs {statistics.median(paired) * 100:+5.1f} %),"
            f" {statistics.median(facts[way]):.0f} facts"
        )


def run_session(lines: int, rounds: int, seconds: float) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        port = server.stdout.readline().strip()
        asyncio.run(session(lines, rounds, seconds, f"ws://127.0.0.1:{port}/v1"))
    finally:
        server.stdin.close()
        server.wait(10)


# Frames as busy lines tell them.


def run_fleet(lines: int, seconds: int) -> None:
    dice = random.Random(1)
    keys = [f"web-{n:04}" for n in range(lines)]
    fleet = FleetFold()
    for key in keys:
        for frame in (*began(key), live(key)):
            fleet.apply(frame)
    # A few conversations, each told by many lines: the frames of a thousand would not fit into memory.
    folding = snapping = decoding = 0.0
    kinds = [conversation("k", 0, seconds, dice) for _ in range(10)]
    byte_kinds = [[encode(frame) for frame in kind] for kind in kinds]
    total = snapshots = 0
    for tick in range(seconds * 2):
        begin, end = tick / 2, (tick + 1) / 2
        parts = [[f for f in kind if begin < moment(f) <= end] for kind in kinds]
        documents = [
            [d for f, d in zip(kind, written, strict=True) if begin < moment(f) <= end]
            for kind, written in zip(kinds, byte_kinds, strict=True)
        ]
        frames = [renamed(frame, key) for n, key in enumerate(keys) for frame in parts[n % 10]]
        gc.collect()
        cpu = time.process_time()
        for frame in frames:
            fleet.apply(frame)
        folding += time.process_time() - cpu
        total += len(frames)
        cpu = time.process_time()
        fleet.snapshot(1_800_000_000.0 + end)
        snapping += time.process_time() - cpu
        snapshots += 1
        flat = list(chain.from_iterable(documents)) * (lines // 10)
        cpu = time.process_time()
        for document in flat:
            decode(document)
        decoding += time.process_time() - cpu
    print(f"{lines} lines, {total / seconds:.0f} frames a second, load {os.getloadavg()[0]:.1f}")
    print(
        f"folding    {folding / seconds * 100:5.2f} % of a core, {folding / total * 1e6:5.1f} µs a frame"
    )
    print(
        f"snapshots  {snapping / seconds * 100:5.2f} % of a core, {snapping / snapshots * 1e3:5.1f} ms each"
    )
    print(
        f"decoding   {decoding / seconds * 100:5.2f} % of a core, where frames come from another process"
    )


def run_memory(lines: int, minutes: int) -> None:
    dice = random.Random(1)
    keys = [f"web-{n:04}" for n in range(lines)]
    gc.collect()
    tracemalloc.start()
    fleet = FleetFold()
    for key in keys:
        for frame in (*began(key), live(key)):
            fleet.apply(frame)
    empty = tracemalloc.get_traced_memory()[0]
    for minute in range(minutes):
        for key in keys:
            for frame in conversation(key, minute * 60, minute * 60 + 60, dice):
                fleet.apply(frame)
        fleet.snapshot(1_800_000_000.0 + minute * 60 + 60)
        if minute % 15 == 14:
            gc.collect()
            held = tracemalloc.get_traced_memory()[0]
            print(f"{minute + 1} minutes: {held / lines / 1024:5.1f} KiB a line")
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(f"{lines} lines after {minutes} minutes")
    print(
        f"{held / lines / 1024:5.1f} KiB a line, of which {empty / lines / 1024:.1f} were there when it began"
    )
    print(f"{len(fleet.dump()) / lines / 1024:5.1f} KiB a line in a keyframe")


def run_wire() -> None:
    dice = random.Random(1)
    beat = busy_beat("web-0001", 1.0, dice)
    fact = turn("web-0001", 0.0, 1)[0]
    for name, frame in (("beat", beat), ("fact", fact)):
        document = encode(frame)
        print(
            f"{name}: {len(document)} B, encoded in {timed(lambda frame=frame: encode(frame)):.1f} µs,"
            f" decoded in {timed(lambda document=document: decode(document)):.1f} µs"
        )
    samples = digested()
    print("; ".join(f"{name} {took:.2f} µs" for name, took in samples))


def digested() -> list[tuple[str, float]]:
    """What a digester takes for each frequent fact: when it comes, in lists as it comes."""
    digester = Digester(began("x")[0], lambda _: None)
    base = {"at": 0.1, "epoch": 1}
    facts = [
        seen.AudioAccepted(samples=480, **base),
        seen.AudioSent(samples=480, replayed=False, **base),
        seen.MessagePassed(
            direction=Direction.UP, type="input_audio_buffer.append", size_bytes=1300, **base
        ),
        seen.ChunkLate(late=0.0006, samples=480, **base),
        seen.AudioReceived(response_id="r", item_id="i", samples=480, **base),
        seen.AudioHeard(item_id="i", samples=480, **base),
        seen.PlayoutSampled(buffered_ms=80.0, underruns=0, **base),
        seen.LevelSampled(
            direction=Direction.UP, mean_square=0.01, peak=0.2, clipped=0, samples=2400, **base
        ),
        seen.QueueSampled(outbox_samples=0, retained_samples=0, transport_bytes=0, **base),
        seen.LoopLagged(lag=0.001, **base),
    ]

    def list_of(fact: seen.Observation) -> None:
        digester.observe_all((fact,) * FACTS_A_LIST)
        digester._delivery.take()

    return [
        (type(fact).__name__, timed(lambda fact=fact: list_of(fact), 200) / FACTS_A_LIST)
        for fact in facts
    ]


def timed(work, count: int = 2_000) -> float:
    """Microseconds a call, the best of five."""
    best = float("inf")
    for _ in range(5):
        begun = time.process_time()
        for _ in range(count):
            work()
        best = min(best, time.process_time() - begun)
    return best / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["session", "fleet", "memory", "wire"])
    parser.add_argument("--lines", type=int)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--minutes", type=int, default=65)
    options = parser.parse_args()
    if options.what == "session":
        run_session(options.lines or 8, options.rounds, options.seconds or 2)
    elif options.what == "fleet":
        run_fleet(options.lines or 1000, options.seconds or 30)
    elif options.what == "memory":
        run_memory(options.lines or 200, options.minutes)
    else:
        run_wire()


if __name__ == "__main__":
    main()
