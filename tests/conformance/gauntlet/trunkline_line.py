"""trunkline in the gauntlet: a line as the README uses it."""

from __future__ import annotations

import asyncio

import microphone

import trunkline
from trunkline.audio.playout import Playout
from trunkline.protocol import events

SESSION = {
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


class Caller:
    def __init__(self, line: trunkline.Line) -> None:
        self.line = line
        self.playout = Playout()
        self.playing = ""
        self.tools: set[asyncio.Task[None]] = set()

    async def speak(self) -> None:
        """The loudspeaker runs by the microphone's clock: 20 ms in, 20 ms out."""
        async for chunk in microphone.chunks():
            self.line.send_audio(chunk)
            self.playout.pull(microphone.CHUNK_SAMPLES)
            if self.playing:
                self.line.played(self.playing, self.playout.played_samples(self.playing))

    async def listen(self) -> None:
        async for event in self.line:
            if isinstance(event, events.AudioDelta):
                self.playing = event.item_id
                self.playout.push(event.item_id, event.content_index, event.pcm)
            elif isinstance(event, events.AudioDone):
                self.playout.finish(event.item_id)
            elif isinstance(event, events.Interrupted):
                self.playout.flush(event.item_id)
            elif isinstance(event, events.ToolCall):
                self.tools.add(asyncio.create_task(self.answer(event)))
            elif isinstance(event, events.LineDropped):
                print("dropped:", event.verdict.cause)

    async def answer(self, call: events.ToolCall) -> None:
        output = await microphone.look_up_fare()
        item = {"type": "function_call_output", "call_id": call.call_id, "output": output}
        self.line.send({"type": "conversation.item.create", "item": item})
        self.line.send({"type": "response.create"})


async def main() -> None:
    async with trunkline.connect(session=SESSION) as line:
        caller = Caller(line)
        await microphone.until_told_to_stop(
            asyncio.create_task(caller.speak()), asyncio.create_task(caller.listen())
        )


asyncio.run(main())
