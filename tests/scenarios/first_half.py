"""A process that has the first turn of a call, prints the snapshot, and is gone; its argument is the base URL."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import trunkline
from scenarios.calling import VAD
from scenarios.judging import caller_stream
from trunkline.protocol import events


async def first_half(base_url: str) -> None:
    (turn, next_turn), _ = caller_stream([1, 3])
    line = trunkline.connect(api_key="sk-test-1", base_url=base_url, session=VAD)
    async with line:
        line.send_audio(turn)
        async for event in line:
            if isinstance(event, events.ResponseDone):
                break
        # The second turn is cut in the middle: what was said of it goes over as audio.
        line.send_audio(next_turn[: len(next_turn) // 4 * 2])
        await asyncio.sleep(0.3)
    sys.stdout.write(json.dumps(line.snapshot()))


if __name__ == "__main__":
    asyncio.run(first_half(sys.argv[1]))
