"""A process per core, and in each a pool of lines: opens them, streams 20 ms both ways for a while, tells the sums.

    OPENAI_API_KEY=… python examples/many_lines.py --lines 100 --processes 2 --seconds 10
    trunkline simulate --port 8765 & python examples/many_lines.py --base-url ws://127.0.0.1:8765/v1 --api-key sk-test-1

Processes share nothing. A bridge does the same with what comes in from outside: each process listens on the same port
(`reuse_port=True`), and the kernel gives each call to one of them.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from trunkline import Line, Pool
from trunkline.client.pool import run
from trunkline.protocol.events import AudioDelta

CHUNK = bytes(960)  # 20 ms at 24 kHz
CHUNK_SECONDS = 0.02
QUESTION = {"type": "response.create", "response": {"instructions": "Talk until you are stopped."}}


async def listen(line: Line) -> int:
    """Counts the samples of the answer; a bridge would give them to its caller."""
    samples = 0
    async for event in line:
        if isinstance(event, AudioDelta):
            samples += len(event.pcm) // 2
    return samples


async def speak(lines: list[Line], seconds: float) -> None:
    """One pacer for all lines: a timer for each would wake the loop as often as there are lines."""
    clock = asyncio.get_running_loop().time
    due = began_at = clock()
    while due < began_at + seconds:
        for line in lines:
            line.send_audio(CHUNK)
        due += CHUNK_SECONDS
        await asyncio.sleep(max(0.0, due - clock()))


async def work(options: argparse.Namespace, count: int) -> tuple[int, int, int]:
    """Lines that lived, samples given, samples heard."""
    settings = {"base_url": options.base_url, "api_key": options.api_key}
    async with Pool(count, **{name: value for name, value in settings.items() if value}) as pool:
        lines = await asyncio.gather(*(pool.open() for _ in range(count)))
        # To look through the objects of many lines would take longer than a chunk may be late.
        gc.collect()
        gc.freeze()
        ears = [asyncio.create_task(listen(line)) for line in lines]
        for line in lines:
            line.send(QUESTION)
        await speak(lines, options.seconds)
        given = pool.totals().books.accepted
    return count, given, sum(await asyncio.gather(*ears))


def process(options: argparse.Namespace, number: int) -> tuple[int, int, int]:
    """What one process does; `number` is its core."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})
    share = options.lines // options.processes + (number < options.lines % options.processes)
    return run(work(options, share)) if share else (0, 0, 0)


def main() -> None:
    """Shares the lines out, and sums up what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=20)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--base-url")
    parser.add_argument("--api-key")
    options = parser.parse_args()
    # Spawned and not forked: nothing of an event loop, a socket or a thread comes along.
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as executor:
        numbers = range(options.processes)
        told = list(executor.map(process, [options] * options.processes, numbers))
    lines, given, heard = map(sum, zip(*told, strict=True))
    print(
        f"{lines} lines in {options.processes} processes: given {given / 24_000:.1f} s, heard {heard / 24_000:.1f} s"
    )


if __name__ == "__main__":
    main()
