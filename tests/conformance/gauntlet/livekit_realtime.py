"""LiveKit in the gauntlet: an AgentSession with its OpenAI RealtimeModel, without a room."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import microphone
from livekit import rtc
from livekit.agents import Agent, AgentSession, function_tool, utils
from livekit.agents.voice import io
from livekit.plugins import openai
from openai.types.realtime import AudioTranscription
from openai.types.realtime.realtime_audio_input_turn_detection import ServerVad

logging.basicConfig(level=logging.WARNING)


class Microphone(io.AudioInput):
    """The file as LiveKit takes audio: frames of 24 kHz."""

    def __init__(self) -> None:
        super().__init__(label="gauntlet")
        self.chunks = microphone.chunks()

    async def __anext__(self) -> rtc.AudioFrame:
        chunk = await anext(self.chunks)
        return rtc.AudioFrame(chunk, 24_000, 1, len(chunk) // 2)


class Loudspeaker(io.AudioOutput):
    """Plays nothing in real time, and says how far it got: after the room's own output."""

    def __init__(self) -> None:
        super().__init__(
            label="gauntlet",
            capabilities=io.AudioOutputCapabilities(pause=False),
            sample_rate=24_000,
        )
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
        heard = min(asyncio.get_running_loop().time() - self.began, self.pushed)
        interrupted = self.interrupted.is_set()
        position = heard if interrupted else self.pushed
        self.pushed = 0.0
        self.interrupted.clear()
        self.on_playback_finished(playback_position=position, interrupted=interrupted)


class Clerk(Agent):
    def __init__(self) -> None:
        super().__init__(instructions=microphone.INSTRUCTIONS)

    @function_tool
    async def look_up_fare(self, station: str) -> str:
        """The fare to a station."""
        return await microphone.look_up_fare()


async def main() -> None:
    closed = asyncio.Event()
    session = AgentSession(
        llm=openai.realtime.RealtimeModel(
            model="gpt-realtime-2.1",
            voice="marin",
            input_audio_transcription=AudioTranscription(model="gpt-realtime-whisper"),
            turn_detection=ServerVad(
                type="server_vad",
                silence_duration_ms=500,
                create_response=True,
                interrupt_response=True,
            ),
        )
    )
    session.on("close", lambda event: closed.set())
    session.input.audio = Microphone()
    session.output.audio = Loudspeaker()
    try:
        await session.start(agent=Clerk())
        await microphone.until_told_to_stop(asyncio.create_task(closed.wait()))
    finally:
        await session.aclose()
        await utils.http_context._close_http_ctx()  # what its worker does outside of a job


async def with_http() -> None:
    utils.http_context._new_session_ctx()
    await main()


asyncio.run(with_http())
