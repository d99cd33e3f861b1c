"""The official SDK in the gauntlet; with --reconnect, its opt-in reconnection (openai >= 3).

As its README uses it: `async with client.realtime.connect(...)`, `async for event in connection`.
The reconnection restores the connection only; its docstrings leave the session to the application,
which is told of a new one by `session.created`. An application that sends its settings whenever it
sees that event is the pattern, so this one does. With --trunkline it is connected by another
call, and nothing else.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import sys

import microphone
from openai import AsyncOpenAI, WebSocketConnectionClosedError
from websockets.exceptions import ConnectionClosed

SESSION = {
    "type": "realtime",
    "instructions": microphone.INSTRUCTIONS,
    "tools": [
        {
            "type": "function",
            "name": "look_up_fare",
            "description": "The fare to a station.",
            "parameters": {
                "type": "object",
                "properties": {"station": {"type": "string"}},
                "required": ["station"],
            },
        }
    ],
    "audio": {
        "input": {
            "transcription": {"model": "gpt-realtime-whisper"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
        },
        "output": {"voice": "marin"},
    },
}
RECONNECT = "--reconnect" in sys.argv
OVER_A_LINE = "--trunkline" in sys.argv


def on_reconnecting(event):
    print(f"reconnecting {event.attempt}/{event.max_attempts} after {event.close_code}")


@contextlib.contextmanager
def unless_reconnecting():
    """Until the iteration has noticed a drop and queues for it, sending raises."""
    try:
        yield
    except (ConnectionClosed, WebSocketConnectionClosedError):
        if not RECONNECT:
            raise


async def speak(connection) -> None:
    async for chunk in microphone.chunks():
        with unless_reconnecting():
            await connection.input_audio_buffer.append(audio=base64.b64encode(chunk).decode())


async def listen(connection) -> None:
    tools = set()
    async for event in connection:
        if event.type == "session.created":
            with unless_reconnecting():
                await connection.session.update(session=SESSION)
        elif event.type == "response.function_call_arguments.done":
            tools.add(asyncio.create_task(answer(connection, event.call_id)))
        elif event.type == "error":
            print("error:", event.error.message)


async def answer(connection, call_id: str) -> None:
    output = await microphone.look_up_fare()
    item = {"type": "function_call_output", "call_id": call_id, "output": output}
    with unless_reconnecting():
        await connection.conversation.item.create(item=item)
        await connection.response.create()


def connect(client):
    if OVER_A_LINE:
        from trunkline.adapters import openai as adapter

        return adapter.connect(client, model="gpt-realtime-2.1")
    options = {"on_reconnecting": on_reconnecting} if RECONNECT else {}
    return client.realtime.connect(model="gpt-realtime-2.1", **options)


async def main() -> None:
    async with connect(AsyncOpenAI()) as connection:
        await microphone.until_told_to_stop(
            asyncio.create_task(speak(connection)), asyncio.create_task(listen(connection))
        )


asyncio.run(main())
