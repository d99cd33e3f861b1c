"""LiveKit in the gauntlet: an AgentSession with its OpenAI RealtimeModel, without a room."""

from __future__ import annotations

import asyncio
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
    """Plays nothing in real time, and says how far it got."""

    def __init__(self) -> None:
        super().__init__(
            label="gauntlet",
            capabilities=io.AudioOutputCapabilities(pause=False),
            sample_rate=24_000,
        )
        self.seconds = 0.0
        self.began: float | None = None
        self.playing: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if self.began is None:
            self.began = asyncio.get_running_loop().time()
            self.on_playback_started(created_at=self.began)
        self.seconds += frame.duration

    def flush(self) -> None:
        super().flush()
        if self.began is not None and self.playing is None:
            self.playing = asyncio.create_task(self._play())

    def clear_buffer(self) -> None:
        if self.began is not None:
            heard = asyncio.get_running_loop().time() - self.began
            self._finish(min(heard, self.seconds), interrupted=heard < self.seconds)

    async def _play(self) -> None:
        assert self.began is not None
        await asyncio.sleep(self.began + self.seconds - asyncio.get_running_loop().time())
        self._finish(self.seconds, interrupted=False)

    def _finish(self, position: float, *, interrupted: bool) -> None:
        if self.playing is not None and self.playing is not asyncio.current_task():
            self.playing.cancel()
        self.seconds, self.began, self.playing = 0.0, None, None
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
