"""A bare client for an arena's own tests."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import asynccontextmanager

from websockets.asyncio.client import connect

from gauntlet.planting import SPEECH
from trunkline.gauntlet.arena import Arena
from trunkline.gauntlet.trial import Aim, Trial

KEY = "sk-test-arena"


def run(test) -> None:
    asyncio.run(asyncio.wait_for(test, 20))


def trial(*steps, aim: Aim = Aim.BACK, **more) -> Trial:
    return Trial(name="planted", summary="", aim=aim, steps=steps, **more)


@asynccontextmanager
async def arena(*steps, **more):
    async with Arena(trial(*steps, **more), key=KEY) as server:
        yield server


def dial(server: Arena, *, key: str = KEY):
    url = f"ws{server.base_url.removeprefix('http')}/realtime?model=gpt-realtime"
    return connect(url, additional_headers={"Authorization": f"Bearer {key}"})


async def until(ws, kind: str) -> list[dict]:
    """The events up to the first of a type."""
    seen = []
    while not seen or seen[-1]["type"] != kind:
        seen.append(json.loads(await ws.recv()))
    return seen


async def update(ws) -> None:
    await ws.send(json.dumps({"type": "session.update", "session": {"type": "realtime"}}))


async def append(ws, start: int, end: int) -> None:
    """The file from one sample to another, in one burst: the detector runs by the samples."""
    for at in range(start, end, 4800):
        audio = base64.b64encode(SPEECH.pcm[2 * at : 2 * min(at + 4800, end)]).decode()
        await ws.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))
