"""openai-agents: a RealtimeAgent run by a RealtimeRunner, as its quickstart has it.

The session truncates and retrieves by itself when the caller speaks into an answer.
"""

from __future__ import annotations

import asyncio
from typing import Any

from agents import function_tool, set_tracing_disabled
from agents.realtime import RealtimeAgent, RealtimeRunner, RealtimeSession
from agents.realtime.model_inputs import RealtimeModelSendInterrupt
from flows import (
    ASK_FOR_FARE,
    ASK_FOR_LENGTH,
    GREETING,
    INSTRUCTIONS,
    MODEL,
    SOCKET_URL,
    TRANSCRIBER,
    Log,
    Microphone,
    Note,
    answered,
    expect,
    run_flows,
    said,
    same_words,
)

# Of its own traces, which go to api.openai.com; the session's are asked of the server as ever.
set_tracing_disabled(True)

SETTINGS = {
    "model_name": MODEL,
    "audio": {
        "input": {
            "format": "pcm16",
            "transcription": {"model": TRANSCRIBER},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
        },
        "output": {"format": "pcm16", "voice": "marin"},
    },
}


@function_tool
async def look_up_fare(station: str) -> str:
    """The fare to a station."""
    return f"42 to {station}"


def has_message(done: Note) -> bool:
    return any(item["type"] == "message" for item in done["event"]["response"]["output"])


class Application:
    def __init__(self, session: RealtimeSession) -> None:
        self.session = session
        self.log = Log()
        self.microphone = Microphone()
        self.history: list[Any] = []
        self.tasks = [asyncio.create_task(self.listen())]

    async def listen(self) -> None:
        async for event in self.session:
            if event.type == "raw_model_event":
                if event.data.type == "raw_server_event":
                    self.log.note(event.data.data["type"], event=event.data.data)
                elif event.data.type == "exception":
                    self.log.note("exception", error=event.data.exception)
            else:
                if event.type == "history_updated":
                    self.history = event.history
                self.log.note(f"session.{event.type}", event=event)

    async def speak(self) -> None:
        async for chunk in self.microphone.chunks():
            await self.session.send_audio(chunk)

    async def done(self, since: int) -> dict[str, Any]:
        return (await self.log.until("response.done", since))["event"]["response"]

    async def write(self, text: str) -> int:
        since = self.log.mark()
        await self.session.send_message(text)
        return since

    def words_of(self, item_id: str) -> str | None:
        """The transcript that the session's history has of an item."""
        for item in self.history:
            if item.item_id == item_id and item.content:
                part = item.content[0]
                return getattr(part, "transcript", None) or getattr(part, "text", None)
        return None

    async def in_history(self, item_id: str, words: str, since: int) -> None:
        await self.log.until(
            "session.history_updated",
            since,
            lambda _: same_words(self.words_of(item_id) or "", words),
        )

    async def connect(self, saw: dict[str, Any]) -> None:
        updated = await self.log.until(
            "session.updated", where=lambda note: note["event"]["session"]["tracing"] == "auto"
        )
        session = updated["event"]["session"]
        saw["tracing"], saw["voice"] = session["tracing"], session["audio"]["output"]["voice"]
        expect(session["instructions"] == INSTRUCTIONS, "the instructions are not echoed")
        self.tasks.append(asyncio.create_task(self.speak()))

    async def spoken(self, saw: dict[str, Any]) -> None:
        since = self.log.mark()
        self.microphone.say(0)
        await self.answer_to(saw, 0, since)

    async def answer_to(self, saw: dict[str, Any], turn: int, since: int) -> None:
        committed = await self.log.until("input_audio_buffer.committed", since)
        at = self.log.notes.index(committed)
        response = await self.done(at)
        audio = [note["event"].audio.data for note in self.log.of("session.audio", at)]
        saw["audio_ms"] = sum(len(one) for one in audio) // 48
        await self.in_history(committed["event"]["item_id"], said(turn), since)
        await self.in_history(response["output"][0]["id"], answered(turn), since)
        saw["heard"] = self.words_of(committed["event"]["item_id"])
        saw["said"] = self.words_of(response["output"][0]["id"])
        expect(saw["audio_ms"] > 2000, "the answer has no sound")

    async def text(self, saw: dict[str, Any]) -> None:
        since = await self.write(GREETING)
        response = await self.done(since)
        item = response["output"][0]
        await self.in_history(item["id"], item["content"][0]["transcript"], since)
        saw["said"] = self.words_of(item["id"])

    async def tool(self, saw: dict[str, Any]) -> None:
        since = await self.write(ASK_FOR_FARE)
        ended = await self.log.until("session.tool_end", since)
        saw["called"], saw["output"] = ended["event"].tool.name, ended["event"].output
        # The call's own response may still have to end: the tool is run as soon as the call is done.
        done = await self.log.until("response.done", since, has_message)
        saw["said"] = done["event"]["response"]["output"][0]["content"][0]["transcript"]
        expect(saw["said"], "there is no message after the output")
        calls = [item for item in self.history if item.type == "function_call"]
        expect(calls and calls[0].output == saw["output"], "the call is not in the history")

    async def barge_in(self, saw: dict[str, Any]) -> None:
        since = await self.write(ASK_FOR_LENGTH)
        await self.log.until("session.audio", since)
        self.microphone.say(1)
        await self.log.until("session.audio_interrupted", since)
        response = await self.done(since)
        saw["status"] = response["status"]
        saw["reason"] = response["status_details"]["reason"]
        truncated = (await self.log.until("conversation.item.truncated", since))["event"]
        saw["truncated_ms"] = truncated["audio_end_ms"]
        await self.log.until(
            "conversation.item.retrieved",
            since,
            lambda note: note["event"]["item"]["id"] == truncated["item_id"],
        )
        expect(saw["status"] == "cancelled", "the answer was not interrupted")
        answer: dict[str, Any] = {}
        await self.answer_to(answer, 1, since)
        saw["then"] = answer["said"]

    async def long(self, saw: dict[str, Any]) -> None:
        since = await self.write(ASK_FOR_LENGTH)
        await self.log.until(
            "session.audio", since, lambda _: len(self.log.of("session.audio", since)) > 20
        )
        # `session.interrupt()` truncates only, where the server interrupts by itself (0.24).
        await self.session.model.send_event(RealtimeModelSendInterrupt(force_response_cancel=True))
        response = await self.done(since)
        saw["status"] = response["status"]
        saw["reason"] = response["status_details"]["reason"]
        await self.log.until("conversation.item.retrieved", since)
        expect(saw["reason"] == "client_cancelled", "the long answer was not cancelled")
        saw["then"] = (await self.done(await self.write(GREETING)))["status"]
        expect(saw["then"] == "completed", "nothing is answered after it")

    async def errors(self, saw: dict[str, Any]) -> None:
        errors = [str(note["event"].error) for note in self.log.of("session.error")]
        saw["errors"] = errors + [str(note["error"]) for note in self.log.of("exception")]
        expect(not saw["errors"], "the server refused something, or the client raised")


async def main() -> None:
    agent = RealtimeAgent(name="Clerk", instructions=INSTRUCTIONS, tools=[look_up_fare])
    runner = RealtimeRunner(starting_agent=agent, config={"model_settings": SETTINGS})
    # It does not read OPENAI_BASE_URL; `url` is its documented way to another server.
    async with await runner.run(model_config={"url": f"{SOCKET_URL}?model={MODEL}"}) as session:
        await run_flows("openai-agents", Application(session))


asyncio.run(main())
