"""openai-agents in the gauntlet: a RealtimeAgent run by a RealtimeRunner, as its quickstart has it.

With --trunkline the runner is given another model, and nothing else.
"""

from __future__ import annotations

import asyncio
import os
import sys

import microphone
from agents import function_tool, set_tracing_disabled
from agents.realtime import RealtimeAgent, RealtimeRunner

set_tracing_disabled(True)


@function_tool
async def look_up_fare(station: str) -> str:
    """The fare to a station."""
    return await microphone.look_up_fare()


async def speak(session) -> None:
    async for chunk in microphone.chunks():
        await session.send_audio(chunk)


async def listen(session) -> None:
    async for event in session:
        if event.type == "error":
            print("error:", event.error)


def model():
    if "--trunkline" not in sys.argv:
        return None  # its own
    from trunkline.adapters.agents import TrunklineModel

    return TrunklineModel()


async def main() -> None:
    agent = RealtimeAgent(name="Clerk", instructions=microphone.INSTRUCTIONS, tools=[look_up_fare])
    settings = {
        "model_name": "gpt-realtime-2.1",
        "audio": {
            "input": {
                "format": "pcm16",
                "transcription": {"model": "gpt-realtime-whisper"},
                "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
            },
            "output": {"format": "pcm16", "voice": "marin"},
        },
    }
    runner = RealtimeRunner(
        starting_agent=agent,
        model=model(),
        config={"model_settings": settings, "tracing_disabled": True},
    )
    base_url = os.environ["OPENAI_BASE_URL"].replace("http", "ws", 1)
    # It does not read OPENAI_BASE_URL; `url` is its documented way to another server.
    url = f"{base_url}/realtime?model=gpt-realtime-2.1"
    async with await runner.run(model_config={"url": url}) as session:
        await microphone.until_told_to_stop(
            asyncio.create_task(speak(session)), asyncio.create_task(listen(session))
        )


asyncio.run(main())
