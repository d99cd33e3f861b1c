"""Where a pair of frames takes its time in the line's own process, by its own clock.

    python benches/line_parts.py [--contestant trunkline] [--loop asyncio] [--lines 50] [--seconds 4] [--rounds 3]

Streams as `line_worker.py` does, on one core against the load server on the other, with a stopwatch around three calls.
Medians of all calls: what a busy machine does to some of them does not move those, as it moves the processor time that
`lines.py` divides by pairs. A stopwatch costs 0.1 to 0.5 µs itself.

- **send**: `line.send_audio(chunk)`, whole, with its system call.
- **read**: a read of all links that had something, for each delta that was in it, to the return of the application's
  listener; **hear**: of it, from the event that the short way made of it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import statistics
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from line_contestants import CONTESTANTS, Trunkline
from line_runs import Server
from line_worker import CHUNK_SECONDS, new_loop
from trunkline.transports import reading
from trunkline.transports.loop import clock_of
from trunkline.transports.masking import next_key

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = bytes(960)
OURS = [
    name
    for name, kind in CONTESTANTS.items()
    if issubclass(kind, Trunkline) and name != "trunkline-link"
]


class Stopwatch:
    """What each of some calls took."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = defaultdict(list)

    def around(self, name: str, call: Callable[[Any], object]) -> Callable[[Any], None]:
        clock, took = time.perf_counter, self.took[name].append

        def timed(argument: Any) -> None:
            began = clock()
            call(argument)
            took(clock() - began)

        return timed

    def shared(self, name: str, call: Callable[[], object], by: str) -> Callable[[], None]:
        """Around a call in which some of another kind are made: what it took for each of those."""
        clock, took, inner = time.perf_counter, self.took[name].append, self.took[by]

        def timed() -> None:
            before, began = len(inner), clock()
            call()
            if made := len(inner) - before:
                took((clock() - began) / made)

        return timed

    def medians(self) -> dict[str, float]:
        """Microseconds."""
        return {name: statistics.median(took) * 1e6 for name, took in self.took.items()}


def watched(line: Any, watch: Stopwatch) -> Callable[[Any], None]:
    """Puts the stopwatch around what the line calls; gives how a chunk is sent."""
    (link,) = line._driver._links.values()
    connection = link._connection
    listener, transport = connection.listener, connection.transport
    connection.open_way(
        listener.notes,
        listener.epoch,
        limit_bytes=1 << 16,
        clock=clock_of(asyncio.get_running_loop()),
        hear=watch.around("hear", listener.heard),
        write=transport.write,
        next_key=next_key,
        socket=transport.get_extra_info("socket").fileno(),
        waiting=transport.get_write_buffer_size,
    )
    return watch.around("send", line.send_audio)


def watch_reads(watch: Stopwatch) -> None:
    """Puts it around the call that reads for all links."""
    loop = asyncio.get_running_loop()
    poller = reading._pollers[loop]()
    loop.remove_reader(poller.fileno())
    loop.add_reader(poller.fileno(), watch.shared("read", poller.look, by="hear"))


async def measured(options: argparse.Namespace) -> dict[str, float]:
    with Server(tls=False) as server:
        contestant = CONTESTANTS[options.contestant](server.url, lambda _number, _audio: None)
        lines = [await contestant.open(number) for number in range(options.lines)]
        await asyncio.sleep(0.5)
        gc.collect()
        gc.freeze()
        watch = Stopwatch()
        sends = [watched(line, watch) for line in lines]
        watch_reads(watch)
        step, clock, sent = CHUNK_SECONDS / len(lines), time.perf_counter, 0
        start = clock()
        while clock() < start + options.seconds:
            while (due := start + sent * step) <= clock():
                sends[sent % len(sends)](CHUNK)
                sent += 1
            await asyncio.sleep(max(0.001, due - clock()))
        for line in lines:
            line._connection.abandon(line._driver.now())
            line._driver.pump()
        return watch.medians()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contestant", default="trunkline", choices=OURS)
    parser.add_argument("--loop", default="asyncio", choices=("asyncio", "uvloop"))
    parser.add_argument("--lines", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.sched_setaffinity(0, {0})
    rounds = []
    for _ in range(options.rounds):
        with asyncio.Runner(loop_factory=lambda: new_loop(options.loop)) as runner:
            rounds.append(runner.run(measured(options)))
    for name in ("send", "read", "hear"):
        print(f"{name}: {statistics.median(round_[name] for round_ in rounds):.1f} µs")


if __name__ == "__main__":
    main()
