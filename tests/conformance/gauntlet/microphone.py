"""What every driver of the gauntlet needs and no client gives: a microphone, and when to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import wave
from collections.abc import AsyncIterator

INSTRUCTIONS = "You are a clerk at a ticket office. Answer briefly."
CHUNK_SAMPLES = 480  # 20 ms at 24 kHz


async def chunks() -> AsyncIterator[bytes]:
    """The file in real time, over and over; due times are absolute, so lateness does not add up."""
    with wave.open(os.environ["TRUNKLINE_GAUNTLET_WAV"]) as file:
        pcm = file.readframes(file.getnframes())
    loop = asyncio.get_running_loop()
    due, at = loop.time(), 0
    while True:
        chunk = pcm[at : at + 2 * CHUNK_SAMPLES]
        at = (at + len(chunk)) % len(pcm)
        yield chunk
        due += len(chunk) / 48_000
        await asyncio.sleep(max(0.0, due - loop.time()))


async def until_told_to_stop(*jobs: asyncio.Task[None]) -> None:
    """Returns at SIGTERM or SIGINT, or when the first job ends; raises what that raised."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    waiting = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([waiting, *jobs], return_when=asyncio.FIRST_COMPLETED)
        for job in done - {waiting}:
            job.result()
    finally:
        for job in (waiting, *jobs):
            job.cancel()
        await asyncio.gather(waiting, *jobs, return_exceptions=True)


_runs = 0


async def look_up_fare() -> str:
    """The tool: it takes a second, and its result tells how often it was run."""
    global _runs  # noqa: PLW0603 - a short program
    _runs += 1
    result = f'{{"fare": 42, "run": {_runs}}}'
    await asyncio.sleep(1.0)
    return result
