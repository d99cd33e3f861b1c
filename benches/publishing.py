"""What publishing costs lines: 20 ms pacers of one process, without telemetry, unread, read, and read by who is stuck.

    python benches/publishing.py [--lines 50] [--seconds 20] [--rounds 3]

Each round runs every mode in a process of its own, one after the other, so that a busy machine is equally unfair to
all. Printed are the lateness of the pacers (from when a chunk was due to when it was given) and the processor's time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHUNK = bytes(960)
MODES = ("none", "unread", "read", "stuck", "recorded")


async def serve(transport):
    peer = await transport.accept()
    peer.send({"type": "session.created", "session": {"id": "sess_1", "model": "m"}})
    while True:
        message = await peer.receive()
        if message["type"] == "session.update":
            peer.send({"type": "session.updated", "session": message["session"]})


async def talk(line, transport, seconds: float, late: list[float]) -> None:
    server = asyncio.create_task(serve(transport))
    async with line:
        loop = asyncio.get_running_loop()
        due = loop.time()
        ends = due + seconds
        while due < ends:
            due += 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))
            late.append((loop.time() - due) * 1000)
            line.send_audio(CHUNK)
    server.cancel()


async def lines(telemetry, count: int, seconds: float) -> list[float]:
    from trunkline.client.client import Line
    from trunkline.client.config import LineConfig
    from trunkline.transports.memory import MemoryTransport

    late: list[list[float]] = [[] for _ in range(count)]
    tasks = []
    for number in range(count):
        transport = MemoryTransport()
        config = LineConfig(credential="sk-test-1", name=f"line-{number}")
        line = Line(config, transport=transport, telemetry=telemetry)
        tasks.append(asyncio.create_task(talk(line, transport, seconds, late[number])))
        await asyncio.sleep(0.02 / count)
    await asyncio.gather(*tasks)
    # The first four seconds are those of connecting, and of a console that starts beside it.
    return sorted(ms for one in late for ms in one[200:])


def child(mode: str, directory: str, count: int, seconds: float) -> None:
    from trunkline.fleet.publisher import Publisher
    from trunkline.fleet.recorder import Recorder

    telemetry = None
    if mode == "recorded":
        telemetry = Recorder(Path(directory) / f"{os.getpid()}.tlrec")
    elif mode != "none":
        telemetry = Publisher(directory=Path(directory))
    late = asyncio.run(lines(telemetry, count, seconds))
    if telemetry is not None:
        telemetry.close()
    used = resource.getrusage(resource.RUSAGE_SELF)
    ranks = {f"p{rank:g}": late[int(len(late) * rank / 100)] for rank in (50, 95, 99, 99.9)}
    print(json.dumps(ranks | {"max": late[-1], "cpu_s": used.ru_utime + used.ru_stime}))


def reader(directory: str) -> None:
    from trunkline.fleet.finder import Finder
    from trunkline.fleet.fleet_desk import FleetDesk

    with FleetDesk(finder=Finder(Path(directory))) as desk:
        while desk.fleet() is None or not desk.fleet().rows:
            time.sleep(0.05)
        print("attached", flush=True)
        desk.watch(desk.fleet().rows[0].key)
        while True:
            time.sleep(1.0)


def spawn(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True
    )


def measure(mode: str, count: int, seconds: float) -> dict[str, float]:
    directory = tempfile.mkdtemp(prefix="tl-")
    publisher = spawn("--child", mode, directory, "--lines", str(count), "--seconds", str(seconds))
    console = None
    try:
        if mode in ("read", "stuck"):
            console = spawn("--reader", directory)
            assert console.stdout is not None
            assert console.stdout.readline() == "attached\n"
            if mode == "stuck":
                console.send_signal(signal.SIGSTOP)
        told, _ = publisher.communicate(timeout=seconds + 60)
    finally:
        if console is not None:
            console.kill()
            console.wait()
        shutil.rmtree(directory)
    return json.loads(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--modes", nargs="*", default=MODES)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--reader", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.child, options.lines, options.seconds)
        return
    if options.reader:
        reader(options.reader)
        return
    found: dict[str, list[dict[str, float]]] = {mode: [] for mode in options.modes}
    for _ in range(options.rounds):
        for mode in options.modes:
            found[mode].append(measure(mode, options.lines, options.seconds))
    print(
        f"{'mode':10}{'p50':>8}{'p95':>8}{'p99':>8}{'p99.9':>8}{'max':>8}{'cpu s':>8}   ms late, median"
    )
    for mode, rounds in found.items():
        names = ("p50", "p95", "p99", "p99.9", "max", "cpu_s")
        figures = [statistics.median(one[name] for one in rounds) for name in names]
        print(f"{mode:10}" + "".join(f"{figure:8.2f}" for figure in figures))


if __name__ == "__main__":
    main()
