"""What one bad line does to the others: twenty lines stream, another one's server floods it.

    python benches/bad_line.py [--seconds 4]

The twenty have the load server in C (`native/rtserver.c`), the other one a server in Python that sends as fast as it
can: tiny messages, messages that are no JSON, or messages of 8 MB, ten a second. The client has one core, the servers
the other. The figure is how late the twenty's chunks are sent, beside the same without a flood.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time

import numpy as np

from lines import Server
from trunkline.client.client import Line, connect

CHUNK = bytes(960)
CHUNK_SECONDS = 0.02
LINES = 20
KEY = "sk-test-bad-line"
FLOOD = """
import asyncio, json, os, sys
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
from websockets.asyncio.server import serve
item = {"id": "x", "content": [{"audio": "A" * 8_000_000}]}
texts = {"tiny": '{"type":"x.y"}', "garbage": '{"type":', "giant": json.dumps({"type": "x.y", "item": item})}
# Twenty messages that are no JSON end a link, so they come slower than that.
pauses = {"tiny": None, "garbage": 0.6, "giant": 0.1, "none": 1.0}
kind = sys.argv[1]
async def flood(connection):
    await connection.send(json.dumps({"type": "session.created", "session": {"id": "s", "model": "m"}}))
    await connection.recv()
    await connection.send(json.dumps({"type": "session.updated", "session": {}}))
    while True:
        if kind in texts:
            await connection.send(texts[kind])
        if pauses[kind] is not None:
            await asyncio.sleep(pauses[kind])
async def main():
    async with serve(flood, "127.0.0.1", 0, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()
asyncio.run(main())
"""


async def read(line: Line) -> None:
    async for _ in line:
        pass


def dialed(url: str) -> Line:
    return connect(model="gpt-realtime-2.1", api_key=KEY, base_url=url)


async def lateness(url: str, bad_url: str, seconds: float) -> list[float]:
    """In seconds, of each chunk of the good lines."""
    good = [dialed(url) for _ in range(LINES)]
    everybody = [*good, dialed(bad_url)]
    await asyncio.gather(*(line.__aenter__() for line in everybody))
    tasks = [asyncio.create_task(read(line)) for line in everybody]
    clock, late, sent = time.perf_counter, [], 0
    start = clock() + CHUNK_SECONDS
    while (now := clock()) < start + seconds:
        while (due := start + sent * CHUNK_SECONDS / LINES) <= now:
            good[sent % LINES].send_audio(CHUNK)
            late.append(clock() - due)
            sent += 1
        await asyncio.sleep(max(0.001, due - clock()))
    for line in everybody:
        line._connection.abandon(clock())
        line._driver.pump()
    await asyncio.gather(*tasks)
    return late


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    cores = os.sched_getaffinity(0)
    print("| flood | p50 ms | p99 ms | largest ms |\n|---|---|---|---|")
    for kind in ("none", "garbage", "tiny", "giant"):
        command = [sys.executable, "-c", FLOOD, kind]
        with (
            Server(tls=False) as server,
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            ) as flooding,
        ):
            assert flooding.stdout is not None
            # Not before: what is started inherits it.
            os.sched_setaffinity(0, {min(cores)})
            bad_url = f"ws://127.0.0.1:{json.loads(flooding.stdout.readline())}/v1"
            late = asyncio.run(lateness(server.url, bad_url, options.seconds))
            flooding.terminate()
            os.sched_setaffinity(0, cores)
        p50, p99 = np.percentile(late, [50, 99]) * 1e3
        print(f"| {kind} | {p50:.2f} | {p99:.2f} | {max(late) * 1e3:.1f} |")


if __name__ == "__main__":
    main()
