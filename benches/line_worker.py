"""One client process of `lines.py`, on one core: opens sessions, streams 20 ms both ways, prints one line of JSON.

    python benches/line_worker.py CONTESTANT URL [--loop uvloop] [--lines 50] [--seconds 4] [--idle] [--sample 10]

All sessions have one pacer: session i is due i/n of a chunk's time after the first. What is late is sent at once; how
late is measured behind the send. The first session is opened and used before memory is looked at: it pays for imports
and caches.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import math
import os
import resource
import sys
import time
from array import array
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from line_contestants import CONTESTANTS

CHUNK_SECONDS = 0.02
CHUNK_SAMPLES = 480


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("contestant", choices=CONTESTANTS)
    parser.add_argument("url")
    parser.add_argument("--loop", default="asyncio", choices=("asyncio", "uvloop"))
    parser.add_argument("--lines", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--warm", type=float, default=1.0)
    parser.add_argument("--cpu", type=int, default=0)
    parser.add_argument("--server", type=int, default=0, help="process id, to know what it used")
    parser.add_argument("--sample", type=float, default=0.0, help="seconds between looks at memory")
    parser.add_argument("--idle", action="store_true", help="open the sessions and stream nothing")
    return parser.parse_args()


def new_loop(name: str) -> asyncio.AbstractEventLoop:
    if name == "uvloop":
        import uvloop

        return uvloop.new_event_loop()
    return asyncio.new_event_loop()


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Standing(NamedTuple):
    """What was used until now, in seconds; of two of them the differences count."""

    wall: float
    used: float
    waited: float
    """Ready and without a core: the disturbance by others."""
    stolen: float
    """Of this core by the host."""
    server_used: float
    server_waited: float

    @classmethod
    def now(cls, options: argparse.Namespace) -> Standing:
        _, waited = scheduled("self")
        server = scheduled(str(options.server)) if options.server else (0.0, 0.0)
        stole = stolen(options.cpu)
        return cls(time.perf_counter(), processor(), waited, stole, *server)


def scheduled(process: str) -> tuple[float, float]:
    """Seconds on a core, and ready without one."""
    used, waited, _ = Path(f"/proc/{process}/schedstat").read_text().split()
    return int(used) / 1e9, int(waited) / 1e9


def stolen(cpu: int) -> float:
    name = f"cpu{max(cpu, 0)}"
    with Path("/proc/stat").open() as lines:
        fields = next(line.split() for line in lines if line.split()[0] == name)
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")


def sample() -> tuple[int, int, int]:
    """Bytes resident, tasks, descriptors."""
    return resident_bytes(), len(asyncio.all_tasks()), len(list(Path("/proc/self/fd").iterdir()))


def percentile(values: array, percent: float) -> float:
    return float(np.percentile(values, percent)) * 1e3 if len(values) else 0.0


class Run:
    """The sessions of one contestant, and what was measured of them."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.got = self.bad = 0
        self.late = array("d")
        self.samples: list[tuple[float, int, int, int, float]] = []
        noise = np.random.default_rng(1).normal(0, 3000, 50 * CHUNK_SAMPLES).astype(np.int16)
        # Views, of which a chunk is made for each send: what came from a microphone is nobody else's, and whoever keeps
        # it has it in memory.
        pcm, size = memoryview(noise.tobytes()), CHUNK_SAMPLES * 2
        self.chunks = [pcm[at : at + size] for at in range(0, len(pcm), size)]
        self.contestant = CONTESTANTS[options.contestant](options.url, self.heard, secure(options))

    def heard(self, _number: int, audio: np.ndarray) -> None:
        self.got += 1
        self.bad += audio.size != CHUNK_SAMPLES

    async def send(self, session: Any, pcm: bytes) -> None:
        result = self.contestant.send(session, pcm)
        if result is not None:
            await result

    async def open(self) -> tuple[list[Any], dict[str, float]]:
        first = await self.contestant.open(0)
        for chunk in self.chunks[:5]:
            await self.send(first, bytes(chunk))
            await asyncio.sleep(0.05)
        gc.collect()
        before, began, used = resident_bytes(), time.perf_counter(), processor()
        count, together = self.options.lines, self.contestant.opens_together
        sessions = [first]
        for at in range(1, count, together):
            numbers = range(at, min(at + together, count))
            sessions += await asyncio.gather(*map(self.contestant.open, numbers))
        took, used = time.perf_counter() - began, processor() - used
        await asyncio.sleep(0.3)
        gc.collect()
        # As a server does that holds many sessions (docs/many-lines.md): to go through all their objects takes longer
        # than any of them may be late. For every contestant.
        gc.freeze()
        each = max(count - 1, 1)
        self.base_bytes = before
        return sessions, {
            "open_s": took,
            "open_cpu_ms": used / each * 1e3,
            "open_kib": (resident_bytes() - before) / 1024 / each,
        }

    async def stream(self, sessions: list[Any]) -> dict[str, Any]:
        clock, late, options = time.perf_counter, self.late, self.options
        send, chunks, count = self.contestant.send, self.chunks, len(sessions)
        waits = asyncio.iscoroutinefunction(send)
        step = CHUNK_SECONDS / count
        start = clock() + 0.05
        warm, end = start + options.warm, start + options.warm + options.seconds
        sent, before, look_at = 0, None, math.inf
        while (now := clock()) < end:
            if before is None and now >= warm:
                before = (Standing.now(options), sent, self.got)
                look_at = now if options.sample else math.inf
                del late[:]
            if now >= look_at:
                self.samples.append((now - warm, *sample(), percentile(late, 99)))
                look_at += options.sample
                # An hour of them would be the memory that grows.
                del late[:]
            while (due := start + sent * step) <= now:
                session, chunk = sessions[sent % count], bytes(chunks[sent // count % len(chunks)])
                if waits:
                    await send(session, chunk)
                else:
                    send(session, chunk)
                late.append((done := clock()) - due)
                sent += 1
                if done >= end:
                    # More than one core can do: what is owed grows with each round, and need not be told to the end.
                    break
            # At least a millisecond on every loop: asyncio rounds a timer up to it, uvloop down to none.
            wait = due - clock()
            await asyncio.sleep(max(0.001, wait) if wait > 0 else 0)
        if before is None:
            raise RuntimeError("it came to no measurement: a round took longer than the run")
        return self.figures(before, (Standing.now(options), sent, self.got), step)

    def figures(self, before: tuple, after: tuple, step: float) -> dict[str, Any]:
        took = Standing(*(b - a for a, b in zip(before[0], after[0], strict=True)))
        sent, got, wall = after[1] - before[1], after[2] - before[2], took.wall
        ours = self.late.itemsize * len(self.late)
        grown = (resident_bytes() - self.base_bytes - ours) / 1024
        return {
            "us_per_pair": took.used / max(sent, 1) * 1e6,
            "util": took.used / wall,
            "late_p50": percentile(self.late, 50),
            "late_p99": percentile(self.late, 99),
            "sent_ratio": sent / (wall / step),
            "got_ratio": got / (wall / step),
            "waited": took.waited / wall,
            "stolen": took.stolen / wall,
            "server_util": took.server_used / wall,
            "server_waited": took.server_waited / wall,
            "stream_kib": grown / max(self.options.lines - 1, 1),
            "bad": self.bad,
            **({"samples": self.samples} if self.samples else {}),
        }


def secure(options: argparse.Namespace) -> Any:
    """One that trusts the bench's own certificate, which SSL_CERT_FILE names for those who read it by themselves."""
    import ssl

    return ssl.create_default_context() if options.url.startswith("wss") else None


async def main(options: argparse.Namespace) -> None:
    run = Run(options)
    sessions, figures = await run.open()
    if not options.idle:
        figures |= await run.stream(sessions)
    print(json.dumps(figures), flush=True)
    # Goodbyes are not measured, and four hundred of them take their time.
    os._exit(0)


if __name__ == "__main__":
    options = parsed()
    # A session is a descriptor, and 1,024 is the usual limit.
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    if options.cpu >= 0:
        os.sched_setaffinity(0, {options.cpu})
    loop = new_loop(options.loop)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(main(options))
    except Exception as error:  # noqa: BLE001 - the caller reads one line
        print(f"{options.contestant}: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
