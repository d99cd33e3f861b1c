"""The official Python SDK, as its README uses it: `async for event in connection`."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import Any

from flows import (
    ASK_FOR_FARE,
    ASK_FOR_LENGTH,
    GREETING,
    INSTRUCTIONS,
    MODEL,
    TRANSCRIBER,
    Log,
    Microphone,
    answered,
    expect,
    run_flows,
    said,
    same_words,
)
from openai import AsyncOpenAI

TOOL = {
    "type": "function",
    "name": "look_up_fare",
    "description": "The fare to a station.",
    "parameters": {
        "type": "object",
        "properties": {"station": {"type": "string"}},
        "required": ["station"],
    },
}
SESSION = {
    "type": "realtime",
    "instructions": INSTRUCTIONS,
    "tools": [TOOL],
    "audio": {
        "input": {
            "transcription": {"model": TRANSCRIBER},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
        },
        "output": {"voice": "marin"},
    },
}


class Application:
    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.log = Log()
        self.microphone = Microphone()
        self.tasks = [asyncio.create_task(self.listen())]

    async def listen(self) -> None:
        async for event in self.connection:
            self.log.note(event.type, event=event)

    async def speak(self) -> None:
        async for chunk in self.microphone.chunks():
            await self.connection.input_audio_buffer.append(audio=base64.b64encode(chunk).decode())

    async def write(self, text: str, **response: Any) -> int:
        since = self.log.mark()
        part = {"type": "input_text", "text": text}
        await self.connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": [part]}
        )
        await self.connection.response.create(response=response)
        return since

    async def done(self, since: int) -> Any:
        return (await self.log.until("response.done", since))["event"].response

    async def connect(self, saw: dict[str, Any]) -> None:
        await self.log.until("session.created")
        await self.connection.session.update(session=SESSION)
        session = (await self.log.until("session.updated"))["event"].session
        saw["voice"] = session.audio.output.voice
        expect(session.instructions == INSTRUCTIONS, "the instructions are not echoed")
        self.tasks.append(asyncio.create_task(self.speak()))

    async def spoken(self, saw: dict[str, Any]) -> None:
        since = self.log.mark()
        self.microphone.say(0)
        await self.answer_to(saw, 0, since)

    async def answer_to(self, saw: dict[str, Any], turn: int, since: int) -> None:
        heard = await self.log.until("conversation.item.input_audio_transcription.completed", since)
        committed = await self.log.until("input_audio_buffer.committed", since)
        at = self.log.notes.index(committed)
        response = await self.done(at)
        audio = [note["event"].delta for note in self.log.of("response.output_audio.delta", at)]
        saw["heard"] = heard["event"].transcript
        saw["said"] = response.output[0].content[0].transcript
        saw["audio_ms"] = sum(len(base64.b64decode(one)) for one in audio) // 48
        expect(same_words(saw["heard"], said(turn)), f"the transcript is {saw['heard']!r}")
        expect(same_words(saw["said"], answered(turn)), "the answer is not the interpreter's")
        expect(saw["audio_ms"] > 2000, "the answer has no sound")

    async def text(self, saw: dict[str, Any]) -> None:
        response = await self.done(await self.write(GREETING, output_modalities=["text"]))
        saw["said"] = response.output[0].content[0].text
        expect(saw["said"], "the answer is empty")

    async def tool(self, saw: dict[str, Any]) -> None:
        since = await self.write(ASK_FOR_FARE)
        call = (await self.log.until("response.function_call_arguments.done", since))["event"]
        await self.done(since)
        saw["called"], saw["arguments"] = call.name, call.arguments
        expect(call.name == "look_up_fare", "another function is called")
        since = self.log.mark()
        item = {"type": "function_call_output", "call_id": call.call_id, "output": '{"fare":42}'}
        await self.connection.conversation.item.create(item=item)
        await self.connection.response.create()
        saw["said"] = (await self.done(since)).output[0].content[0].transcript
        expect(saw["said"], "there is no message after the output")

    async def barge_in(self, saw: dict[str, Any]) -> None:
        since = await self.write(ASK_FOR_LENGTH)
        delta = (await self.log.until("response.output_audio.delta", since))["event"]
        began = time.monotonic()
        self.microphone.say(1)
        await self.log.until("input_audio_buffer.speech_started", since)
        played = {"item_id": delta.item_id, "content_index": delta.content_index}
        heard_ms = int((time.monotonic() - began) * 1000)
        await self.connection.conversation.item.truncate(**played, audio_end_ms=heard_ms)
        response = await self.done(since)
        saw["status"], saw["reason"] = response.status, response.status_details.reason
        truncated = (await self.log.until("conversation.item.truncated", since))["event"]
        saw["truncated_ms"] = truncated.audio_end_ms
        await self.connection.conversation.item.retrieve(item_id=delta.item_id)
        item = (await self.log.until("conversation.item.retrieved", since))["event"].item
        saw["retrieved_status"] = item.status
        expect(saw["reason"] == "turn_detected", "the answer was not interrupted by speech")
        answer: dict[str, Any] = {}
        await self.answer_to(answer, 1, since)
        saw["then"] = answer["said"]

    async def long(self, saw: dict[str, Any]) -> None:
        since = await self.write(ASK_FOR_LENGTH)
        await self.log.until(
            "response.output_audio.delta",
            since,
            lambda _: len(self.log.of("response.output_audio.delta", since)) > 20,
        )
        await self.connection.response.cancel()
        response = await self.done(since)
        saw["status"], saw["reason"] = response.status, response.status_details.reason
        expect(saw["reason"] == "client_cancelled", "the long answer was not cancelled")
        saw["then"] = (await self.done(await self.write(GREETING))).status
        expect(saw["then"] == "completed", "nothing is answered after it")

    async def errors(self, saw: dict[str, Any]) -> None:
        saw["errors"] = [note["event"].error.message for note in self.log.of("error")]
        expect(not saw["errors"], "the server refused something")


async def main() -> None:
    async with AsyncOpenAI().realtime.connect(model=MODEL) as connection:
        await run_flows("openai", Application(connection))


asyncio.run(main())
