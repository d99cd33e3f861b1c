"""LiveKit: an AgentSession with its OpenAI RealtimeModel, without a room.

It truncates by what the loudspeaker says it played when the caller speaks into an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
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
    Note,
    answered,
    expect,
    run_flows,
    said,
    same_words,
)
from livekit import rtc
from livekit.agents import Agent, AgentSession, function_tool, utils
from livekit.agents.voice import io
from livekit.plugins import openai
from openai.types.realtime import AudioTranscription
from openai.types.realtime.realtime_audio_input_turn_detection import ServerVad

HARMLESS = ("response_cancel_not_active",)
"""It cancels once more what the server has cancelled at the beginning of speech."""


class MicrophoneInput(io.AudioInput):
    """The microphone as LiveKit takes audio: frames of 24 kHz."""

    def __init__(self, microphone: Microphone) -> None:
        super().__init__(label="microphone")
        self.chunks = microphone.chunks()

    async def __anext__(self) -> rtc.AudioFrame:
        chunk = await anext(self.chunks)
        return rtc.AudioFrame(chunk, 24_000, 1, len(chunk) // 2)


class Loudspeaker(io.AudioOutput):
    """Plays nothing in real time, and says how far it got: after the room's own output."""

    def __init__(self, log: Log) -> None:
        super().__init__(
            label="loudspeaker",
            capabilities=io.AudioOutputCapabilities(pause=False),
            sample_rate=24_000,
        )
        self.log = log
        self.pushed = 0.0
        self.began = 0.0
        self.interrupted = asyncio.Event()
        self.playing: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if self.playing is not None and not self.playing.done():
            await self.playing
        if not self.pushed:
            self.began = asyncio.get_running_loop().time()
            self.on_playback_started(created_at=self.began)
        self.pushed += frame.duration
        self.log.note("audio", ms=frame.duration * 1000)

    def flush(self) -> None:
        super().flush()
        if self.pushed and (self.playing is None or self.playing.done()):
            self.playing = asyncio.create_task(self._play())

    def clear_buffer(self) -> None:
        if self.pushed:
            self.interrupted.set()

    async def _play(self) -> None:
        left = self.began + self.pushed - asyncio.get_running_loop().time()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.interrupted.wait(), max(0.0, left))
        interrupted = self.interrupted.is_set()
        heard = min(asyncio.get_running_loop().time() - self.began, self.pushed)
        position = heard if interrupted else self.pushed
        self.pushed = 0.0
        self.interrupted.clear()
        self.log.note("played", ms=round(position * 1000), interrupted=interrupted)
        self.on_playback_finished(playback_position=position, interrupted=interrupted)


class LogLines(logging.Handler):
    """What LiveKit complains about goes to its log only, for example an answer that timed out."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self.log = log

    def emit(self, record: logging.LogRecord) -> None:
        extra = getattr(record, "error", "")
        self.log.note("complaint", text=f"{record.getMessage()} {extra}".strip())


class Clerk(Agent):
    def __init__(self, log: Log) -> None:
        super().__init__(instructions=INSTRUCTIONS)
        self.log = log

    @function_tool
    async def look_up_fare(self, station: str) -> str:
        """The fare to a station."""
        self.log.note("tool", station=station)
        return f"42 to {station}"


class Application:
    def __init__(self) -> None:
        self.log = Log()
        self.microphone = Microphone()
        self.session = AgentSession(
            resume_false_interruption=False,  # this loudspeaker cannot pause
            llm=openai.realtime.RealtimeModel(
                model=MODEL,
                voice="marin",
                input_audio_transcription=AudioTranscription(model=TRANSCRIBER),
                turn_detection=ServerVad(
                    type="server_vad",
                    silence_duration_ms=500,
                    create_response=True,
                    interrupt_response=True,
                ),
            ),
        )
        self.session.on("conversation_item_added", self.on_item)
        self.session.on("user_input_transcribed", self.on_transcript)
        self.session.on("error", lambda event: self.log.note("error", error=event.error))
        logging.getLogger("livekit").addHandler(LogLines(self.log))

    def on_item(self, event: Any) -> None:
        item = event.item
        if item.type == "message":
            self.log.note(
                "item", role=item.role, text=item.text_content, interrupted=item.interrupted
            )

    def on_transcript(self, event: Any) -> None:
        if event.is_final:
            self.log.note("heard", text=event.transcript)

    @property
    def realtime(self) -> Any:
        return self.session.current_agent.realtime_llm_session

    async def connect(self, saw: dict[str, Any]) -> None:
        self.session.input.audio = MicrophoneInput(self.microphone)
        self.session.output.audio = Loudspeaker(self.log)
        await self.session.start(agent=Clerk(self.log))
        self.realtime.on("openai_server_event_received", self.on_server_event)
        session = (await self.log.until("session.updated"))["event"]["session"]
        saw["voice"] = session["audio"]["output"]["voice"]
        await self.log.until(
            "session.updated",
            where=lambda note: (
                note["event"]["session"]["instructions"] == INSTRUCTIONS
                and note["event"]["session"]["tools"]
            ),
        )

    def on_server_event(self, event: dict[str, Any]) -> None:
        self.log.note(event["type"], event=event)

    async def spoken(self, saw: dict[str, Any]) -> None:
        since = self.log.mark()
        self.microphone.say(0)
        await self.answer_to(saw, 0, since)

    async def answer_to(self, saw: dict[str, Any], turn: int, since: int) -> None:
        """Heard, answered and played to the end; the item is there when it was played."""
        heard = await self.log.until("heard", since)
        item = await self.assistant_item(since)
        played = await self.log.until("played", since, lambda note: not note["interrupted"])
        saw["heard"], saw["said"], saw["audio_ms"] = heard["text"], item["text"], played["ms"]
        expect(same_words(saw["heard"], said(turn)), f"the transcript is {saw['heard']!r}")
        expect(same_words(saw["said"], answered(turn)), "the answer is not the interpreter's")
        expect(saw["audio_ms"] > 2000, "the answer has no sound")

    async def assistant_item(self, since: int, *, interrupted: bool = False) -> Note:
        return await self.log.until(
            "item",
            since,
            lambda note: note["role"] == "assistant" and note["interrupted"] == interrupted,
        )

    async def text(self, saw: dict[str, Any]) -> None:
        since = self.log.mark()
        await self.session.generate_reply(user_input=GREETING)
        saw["said"] = (await self.assistant_item(since))["text"]
        expect(saw["said"], "the answer is empty")

    async def tool(self, saw: dict[str, Any]) -> None:
        since = self.log.mark()
        self.session.generate_reply(user_input=ASK_FOR_FARE)
        tool = await self.log.until("tool", since)
        saw["called"], saw["station"] = "look_up_fare", tool["station"]
        saw["said"] = (await self.assistant_item(self.log.notes.index(tool)))["text"]
        expect(saw["said"], "there is no message after the output")

    async def barge_in(self, saw: dict[str, Any]) -> None:
        since = self.log.mark()
        self.session.generate_reply(user_input=ASK_FOR_LENGTH)
        await self.log.until("audio", since)
        self.microphone.say(1)
        played = await self.log.until("played", since)
        saw["played_ms"] = played["ms"]
        expect(played["interrupted"], "the answer was not interrupted")
        done = (await self.log.until("response.done", since))["event"]["response"]
        saw["status"], saw["reason"] = done["status"], done["status_details"]["reason"]
        truncated = await self.log.until("conversation.item.truncated", since)
        saw["truncated_ms"] = truncated["event"]["audio_end_ms"]
        item = await self.assistant_item(since, interrupted=True)
        saw["kept"] = item["text"]
        answer: dict[str, Any] = {}
        await self.answer_to(answer, 1, since)
        saw["then"] = answer["said"]

    async def long(self, saw: dict[str, Any]) -> None:
        since = self.log.mark()
        self.session.generate_reply(user_input=ASK_FOR_LENGTH)
        await self.log.until(
            "audio",
            since,
            lambda _: sum(note["ms"] for note in self.log.of("audio", since)) > 4000,
        )
        await self.session.interrupt()
        done = (await self.log.until("response.done", since))["event"]["response"]
        saw["status"], saw["reason"] = done["status"], done["status_details"]["reason"]
        expect(saw["reason"] == "client_cancelled", "the long answer was not cancelled")
        since = self.log.mark()
        await self.session.generate_reply(user_input=GREETING)
        saw["then"] = (await self.assistant_item(since))["text"]
        expect(saw["then"], "nothing is answered after it")

    async def errors(self, saw: dict[str, Any]) -> None:
        told = [note["event"]["error"] for note in self.log.of("error") if "event" in note.fields]
        refused = [error["message"] for error in told if error["code"] not in HARMLESS]
        raised = [str(note["error"]) for note in self.log.of("error") if "error" in note.fields]
        saw["harmless"] = [error["code"] for error in told if error["code"] in HARMLESS]
        saw["errors"] = refused + raised
        saw["complaints"] = [note["text"] for note in self.log.of("complaint")]
        expect(not saw["errors"], "the server refused something")
        expect(not saw["complaints"], "the client complained in its log")


async def main() -> None:
    utils.http_context._new_session_ctx()  # what its worker does outside of a job
    await run_flows("livekit-plugins-openai", Application())


asyncio.run(main())
