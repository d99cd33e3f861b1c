"""One client process of `lines.py`, on one core: opens sessions, streams 20 ms both ways, prints one line of JSON.

    python benches/line_worker.py CONTESTANT URL [--loop uvloop] [--lines 50] [--seconds 4] [--idle]

All sessions have one pacer: session i is due i/n of a chunk's time after the first. What is late is sent at once; how
late is measured behind the send. The first session is opened and used before memory is looked at: it pays for imports
and caches.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import resource
import sys
import time
from array import array
from pathlib import Path
from typing import Any

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


def waited() -> float:
    """Seconds for which this process was ready and had no core: the disturbance by others."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9


def percentile(values: array, percent: float) -> float:
    return float(np.percentile(values, percent)) * 1e3 if len(values) else 0.0


class Run:
    """The sessions of one contestant, and what was measured of them."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.got = self.bad = 0
        self.late = array("d")
        noise = np.random.default_rng(1).normal(0, 3000, 50 * CHUNK_SAMPLES).astype(np.int16)
        pcm, size = noise.tobytes(), CHUNK_SAMPLES * 2
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
            await self.send(first, chunk)
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
        each = max(count - 1, 1)
        self.base_bytes = before
        return sessions, {
            "open_s": took,
            "open_cpu_ms": used / each * 1e3,
            "open_kib": (resident_bytes() - before) / 1024 / each,
        }

    async def stream(self, sessions: list[Any]) -> dict[str, float]:
        clock, late, options = time.perf_counter, self.late, self.options
        send, chunks, count = self.contestant.send, self.chunks, len(sessions)
        waits = asyncio.iscoroutinefunction(send)
        step = CHUNK_SECONDS / count
        start = clock() + 0.05
        warm, end = start + options.warm, start + options.warm + options.seconds
        sent, before = 0, None
        while (now := clock()) < end:
            if before is None and now >= warm:
                before = (now, processor(), sent, self.got, waited())
                del late[:]
            while (due := start + sent * step) <= now:
                session, chunk = sessions[sent % count], chunks[sent // count % len(chunks)]
                if waits:
                    await send(session, chunk)
                else:
                    send(session, chunk)
                late.append(clock() - due)
                sent += 1
            # At least a millisecond on every loop: asyncio rounds a timer up to it, uvloop down to none.
            wait = due - clock()
            await asyncio.sleep(max(0.001, wait) if wait > 0 else 0)
        assert before is not None
        return self.figures(before, (clock(), processor(), sent, self.got, waited()), step)

    def figures(self, before: tuple, after: tuple, step: float) -> dict[str, float]:
        wall, used, sent, got, stood = (b - a for a, b in zip(before, after, strict=True))
        return {
            "us_per_pair": used / max(sent, 1) * 1e6,
            "util": used / wall,
            "late_p50": percentile(self.late, 50),
            "late_p99": percentile(self.late, 99),
            "sent_ratio": sent / (wall / step),
            "got_ratio": got / (wall / step),
            "waited": stood / wall,
            "stream_kib": (resident_bytes() - self.base_bytes)
            / 1024
            / max(self.options.lines - 1, 1),
            "bad": self.bad,
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
    if options.cpu >= 0:
        os.sched_setaffinity(0, {options.cpu})
    loop = new_loop(options.loop)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(main(options))
    except Exception as error:  # noqa: BLE001 - the caller reads one line
        print(f"{options.contestant}: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
