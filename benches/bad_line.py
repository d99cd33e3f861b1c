"""What one bad line does to the others: twenty lines stream, and another one's server misbehaves.

    python benches/bad_line.py [--seconds 4] [--rounds 5] [--only slow,giant] [--json FILE]

The twenty have the load server in C (`native/rtserver.c`), the other one a server in Python on the same core, which

- **slow**: takes nothing, so that the line's audio waits, until the line leaves it and dials again;
- **garbage**: sends what is no JSON, just slowly enough that the link is not left;
- **tiny**: sends the smallest messages as fast as it can;
- **giant**: sends messages of 8 MB, ten a second.

The client has a core of its own. The figure is how late the twenty's chunks are sent, beside the same with a server
that is quiet; kinds take turns within a round. How much the bad server got rid of is told, since a flood that does not
come shows nothing. Chunks that were due while the client was ready and had no core are left out, since that is the
machine's lateness (`chrt` for one takes a twentieth of each second from a client that has no rest); how many is told.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import math
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from line_runs import Server
from trunkline.client.client import Line, connect
from trunkline.errors import TrunklineError

CHUNK = bytes(960)
CHUNK_SECONDS = 0.02
LINES = 20
KEY = "sk-test-bad-line"
KINDS = ("none", "slow", "garbage", "tiny", "giant")
WITHIN_MS = 2.0
ROBBED_NS = 500_000
LEAST = 200
SERVER = """
import asyncio, json, os, signal, sys
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
from websockets.asyncio.server import serve
item = {"id": "x", "content": [{"audio": "A" * 8_000_000}]}
texts = {"tiny": '{"type":"x.y"}', "garbage": '{"type":', "giant": json.dumps({"type": "x.y", "item": item})}
# Twenty messages that are no JSON within ten seconds end a link.
pauses = {"tiny": None, "garbage": 0.6, "giant": 0.1, "none": 1.0, "slow": 1.0}
kind, sent = sys.argv[1], 0
async def flood(connection):
    global sent
    await connection.send(json.dumps({"type": "session.created", "session": {"id": "s", "model": "m"}}))
    await connection.recv()
    await connection.send(json.dumps({"type": "session.updated", "session": {}}))
    if kind == "slow":
        connection.transport.pause_reading()
    while True:
        if kind in texts:
            await connection.send(texts[kind])
            sent += 1
        if pauses[kind] is not None:
            await asyncio.sleep(pauses[kind])
def end():
    print(sent, flush=True)
    os._exit(0)
async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    async with serve(flood, "127.0.0.1", 0, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()
asyncio.run(main())
"""


async def read(line: Line) -> None:
    # A line that a bad server ends is part of the picture.
    with contextlib.suppress(TrunklineError):
        async for _ in line:
            pass


def dialed(url: str) -> Line:
    return connect(model="gpt-realtime-2.1", api_key=KEY, base_url=url)


class Robbery:
    """Notices when this process had to wait for its core."""

    def __init__(self) -> None:
        self._file = os.open("/proc/self/schedstat", os.O_RDONLY)
        self._waited = 0
        self.was_robbed()

    def was_robbed(self) -> bool:
        """Whether it waited for more than half a millisecond since it was asked last; 2 µs."""
        before = self._waited
        self._waited = int(os.pread(self._file, 100, 0).split()[1])
        return self._waited - before > ROBBED_NS

    def close(self) -> None:
        os.close(self._file)


async def lateness(url: str, bad_url: str, seconds: float) -> tuple[list[float], float]:
    """In seconds, of each chunk of the good lines; and the share of them that is left out."""
    good, bad = [dialed(url) for _ in range(LINES)], dialed(bad_url)
    everybody = [*good, bad]
    await asyncio.gather(*(line.__aenter__() for line in everybody))
    tasks = [asyncio.create_task(read(line)) for line in everybody]
    clock, late, sent = time.perf_counter, [], 0
    robbery, robbed_until = Robbery(), 0.0
    start = clock() + CHUNK_SECONDS
    while (now := clock()) < start + seconds:
        turn = []
        robbed_until = now if robbery.was_robbed() else robbed_until
        while (due := start + sent * CHUNK_SECONDS / LINES) <= now:
            good[sent % LINES].send_audio(CHUNK)
            if due > robbed_until:
                turn.append(clock() - due)
            if sent % LINES == 0:
                with contextlib.suppress(TrunklineError):
                    bad.send_audio(CHUNK)
            sent += 1
        if not robbery.was_robbed():
            late += turn
        await asyncio.sleep(max(0.001, due - clock()))
    robbery.close()
    for line in everybody:
        line._connection.abandon(clock())
        line._driver.pump()
    await asyncio.gather(*tasks)
    return late, 1 - len(late) / sent


def measured(kind: str, seconds: float) -> dict[str, float]:
    """One run: p50, p99 and the largest in ms, what the bad server sent, and the share that is left out."""
    cores = os.sched_getaffinity(0)
    command = [sys.executable, "-c", SERVER, kind]
    with (
        Server(tls=False) as server,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as bad,
    ):
        assert bad.stdout is not None
        # Not before: what is started inherits it.
        os.sched_setaffinity(0, {min(cores)})
        try:
            bad_url = f"ws://127.0.0.1:{json.loads(bad.stdout.readline())}/v1"
            late, robbed = asyncio.run(lateness(server.url, bad_url, seconds))
        finally:
            os.sched_setaffinity(0, cores)
            bad.send_signal(signal.SIGTERM)
        sent = int(bad.stdout.readline() or 0)
    # Too few for a p99: the machine had no core to give.
    late = late if len(late) >= LEAST else [math.nan]
    p50, p99 = np.percentile(late, [50, 99]) * 1e3
    return {"p50": p50, "p99": p99, "most": max(late) * 1e3, "sent": sent, "robbed": robbed}


def row(kind: str, rounds: list[dict[str, dict[str, float]]]) -> str:
    """Medians of the rounds, and whether the others were held up."""
    told = {
        name: statistics.median(round_[kind][name] for round_ in rounds)
        for name in ("p50", "p99", "most", "sent", "robbed")
    }
    more = statistics.median(round_[kind]["p99"] - round_["none"]["p99"] for round_ in rounds)
    verdict = f"{more:+.1f} {'met' if more <= WITHIN_MS else 'MISSED'}"
    if kind == "none" or math.isnan(more):
        verdict = "" if kind == "none" else "not measured: too much was left out"
    return (
        f"| {kind} | {told['sent']:.0f} | {told['p50']:.2f} | {told['p99']:.2f} | {told['most']:.1f} |"
        f" {verdict} | {told['robbed']:.0%} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(KINDS[1:]))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    kinds = ["none", *options.only.split(",")]
    if unknown := set(kinds) - set(KINDS):
        parser.error(f"no kind {', '.join(unknown)}; there are {', '.join(KINDS[1:])}")
    rounds = [
        {kind: measured(kind, options.seconds) for kind in kinds} for _ in range(options.rounds)
    ]
    print(
        "| the bad server | it sent | p50 ms | p99 ms | largest ms | p99 above quiet | left out |"
    )
    print("|---|---|---|---|---|---|---|")
    for kind in kinds:
        print(row(kind, rounds))
    if options.json:
        told: dict[str, Any] = {"at": dt.datetime.now(dt.UTC).isoformat(), "rounds": rounds}
        options.json.write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
