"""Raw WebSocket and HTTP access to a simulator, for tests of the server itself."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
from websockets.asyncio.client import connect

from trunkline.simulator.timing import Timing

if TYPE_CHECKING:
    from trunkline.simulator.server import SimulatorServer

FAST = Timing(pace=1000.0, response_delay=0.0, transcription_delay=0.0)
KEY = {"Authorization": "Bearer sk-test"}


def run(test) -> None:
    asyncio.run(asyncio.wait_for(test, 10))


def address(server: SimulatorServer, query: str = "?model=gpt-realtime-2.1") -> str:
    return f"ws{server.base_url.removeprefix('http')}/realtime{query}"


@asynccontextmanager
async def dialled(server: SimulatorServer, **options: Any):
    """A connection whose session.created was read."""
    async with connect(address(server), additional_headers=KEY, **options) as ws:
        await until(ws, "session.created")
        yield ws


async def until(ws, kind: str) -> dict[str, Any]:
    while (event := json.loads(await ws.recv()))["type"] != kind:
        pass
    return event


async def send(ws, event: dict[str, Any]) -> None:
    await ws.send(json.dumps(event))


async def call(server: SimulatorServer, method: str, path: str, *, headers=KEY, **options: Any):
    """Status, headers and JSON body of an HTTP call to the server's root."""
    url = f"{server.base_url.removesuffix('/v1')}{path}"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, headers=headers, **options) as response,
    ):
        text = await response.text()
        return response.status, response.headers, json.loads(text) if text else None
