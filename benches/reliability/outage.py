"""How long a line needs to be live again, with its conversation restored, after a server was away for a second.

    python benches/reliability/outage.py [--repeats 200] [--lanes 10] [--down 1.0] [--json]

On loopback: the clock begins when the server listens again. A turn of the conversation is in the ledger each time, and
the line must say that the new session's echoes were equal to it; with default policies, backoff included.
"""

from __future__ import annotations

import argparse
import asyncio
import json

import trunkline
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.lifecycle import State
from trunkline.simulator.server import SimulatorServer

MANUAL = {"audio": {"input": {"turn_detection": None}}}
ITEM = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}


async def outage(lane: int, down: float) -> float:
    """One line, one outage; gives the seconds from the server's return to live."""
    restored: list[seen.Restored] = []
    ends: list[seen.LinkEnded] = []

    def observe(fact: seen.Observation) -> None:
        if isinstance(fact, seen.Restored):
            restored.append(fact)
        elif isinstance(fact, seen.LinkEnded):
            ends.append(fact)

    async with SimulatorServer(voice="tone") as server:
        port = server.port
        line = trunkline.connect(
            api_key="sk-test-1", base_url=server.base_url, session=MANUAL, seed=lane,
            observers=[observe], budget=RetryBudget(),
        )  # fmt: skip
        await line.__aenter__()
        line.send({"type": "conversation.item.create", "item": ITEM})
        async for event in line:
            if isinstance(event, events.ItemDone):
                break
    loop = asyncio.get_running_loop()
    while not ends:
        await asyncio.sleep(0.001)
    # The outage began when the link ended, not when the server had cleaned up.
    await asyncio.sleep(ends[0].at + down - loop.time())
    async with SimulatorServer(voice="tone", port=port):
        back_at = loop.time()
        while line.state is not State.LIVE:
            await asyncio.sleep(0.001)
        took = loop.time() - back_at
        await line.aclose()
    assert restored[-1].items == 1
    assert restored[-1].verified
    return took


async def measure(repeats: int, lanes: int, down: float) -> list[float]:
    async def one(lane: int) -> list[float]:
        return [await outage(lane * 1000 + n, down) for n in range(-(-repeats // lanes))]

    return [one for part in await asyncio.gather(*(one(n) for n in range(lanes))) for one in part]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--lanes", type=int, default=10)
    parser.add_argument("--down", type=float, default=1.0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    took = sorted(asyncio.run(measure(arguments.repeats, arguments.lanes, arguments.down)))
    last = len(took) - 1
    found = {
        "n": len(took),
        "p50": round(took[last // 2], 3),
        "p99": round(took[round(last * 0.99)], 3),
        "max": round(took[-1], 3),
    }
    print(json.dumps(found) if arguments.json else f"outage of {arguments.down} s: {found}")


if __name__ == "__main__":
    main()
