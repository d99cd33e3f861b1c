"""pydantic-ai in the gauntlet: Agent.realtime(...).session() with its opt-in reconnect policy."""

from __future__ import annotations

import asyncio

import microphone
from pydantic_ai import Agent
from pydantic_ai.realtime import RealtimeSessionReconnectEvent
from pydantic_ai.realtime.openai import OpenAIRealtimeModel, OpenAIRealtimeModelSettings

agent = Agent(instructions=microphone.INSTRUCTIONS)


@agent.tool_plain
async def look_up_fare(station: str) -> str:
    """The fare to a station."""
    return await microphone.look_up_fare()


async def listen(session) -> None:
    async for event in session:
        if isinstance(event, RealtimeSessionReconnectEvent):
            print("reconnected")


async def main() -> None:
    settings = OpenAIRealtimeModelSettings(
        input_transcription_model="gpt-realtime-whisper",
        turn_detection={"silence_duration_ms": 500},
        openai_voice="marin",
        reconnect={"max_attempts": 3},
    )
    model = OpenAIRealtimeModel("gpt-realtime-2.1", settings=settings)
    async with agent.realtime(model).session() as session:
        await microphone.until_told_to_stop(
            asyncio.create_task(session.send_audio(microphone.chunks())),
            asyncio.create_task(listen(session)),
        )


asyncio.run(main())
