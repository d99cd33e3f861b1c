"""pipecat: its OpenAI realtime service in a pipeline, as its example has it.

After the first context its written messages reach the server as system messages.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

from flows import (
    ASK_FOR_FARE,
    ASK_FOR_LENGTH,
    GREETING,
    INSTRUCTIONS,
    KEY,
    MODEL,
    SOCKET_URL,
    TRANSCRIBER,
    Log,
    Microphone,
    answered,
    expect,
    run_flows,
    said,
    same_words,
)
from loguru import logger
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    FunctionCallResultFrame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMMessagesAppendFrame,
    LLMRunFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.realtime.events import (
    AudioConfiguration,
    AudioInput,
    AudioOutput,
    InputAudioTranscription,
    ResponseCancelEvent,
    SessionProperties,
    TurnDetection,
)
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.workers.runner import WorkerRunner

logger.remove()
logger.add(sys.stderr, level="WARNING")

TOOL = FunctionSchema(
    name="look_up_fare",
    description="The fare to a station.",
    properties={"station": {"type": "string"}},
    required=["station"],
)


class Watch(FrameProcessor):
    """Notes what passes at its place of the pipeline."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self.log = log

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case TTSAudioRawFrame():
                self.log.note("audio", ms=len(frame.audio) // 48)
            case TTSTextFrame():
                self.log.note("words", text=frame.text)
            case TranscriptionFrame():
                self.log.note("heard", text=frame.text)
            case FunctionCallResultFrame():
                self.log.note("tool", name=frame.function_name, result=frame.result)
            case ErrorFrame():
                self.log.note("error", text=frame.error)
            case InterruptionFrame():
                self.log.note("interrupted")
            case LLMFullResponseEndFrame():
                self.log.note("end")
        await self.push_frame(frame, direction)


async def look_up_fare(params: Any) -> None:
    await params.result_callback(f"42 to {params.arguments['station']}")


def service() -> OpenAIRealtimeLLMService:
    properties = SessionProperties(
        instructions=INSTRUCTIONS,
        audio=AudioConfiguration(
            input=AudioInput(
                transcription=InputAudioTranscription(model=TRANSCRIBER),
                turn_detection=TurnDetection(silence_duration_ms=500),
            ),
            output=AudioOutput(voice="marin"),
        ),
    )
    made = OpenAIRealtimeLLMService(
        api_key=KEY,
        base_url=SOCKET_URL,
        settings=OpenAIRealtimeLLMService.Settings(model=MODEL, session_properties=properties),
    )
    made.register_function("look_up_fare", look_up_fare)
    return made


class Application:
    def __init__(self) -> None:
        self.log = Log()
        self.microphone = Microphone()
        self.service = service()
        self.service.add_event_handler("on_conversation_item_created", self.on_item)
        context = LLMContext(
            messages=[{"role": "user", "content": GREETING}],
            tools=ToolsSchema(standard_tools=[TOOL]),
        )
        pair = LLMContextAggregatorPair(context)
        # Transcripts go upstream, audio and words downstream.
        stages = [pair.user(), Watch(self.log), self.service, Watch(self.log), pair.assistant()]
        self.worker = PipelineWorker(
            Pipeline(stages),
            params=PipelineParams(audio_in_sample_rate=24_000, audio_out_sample_rate=24_000),
        )
        self.runner = WorkerRunner(handle_sigint=False)
        self.tasks: list[asyncio.Task[Any]] = []

    async def on_item(self, _service: Any, item_id: str, item: Any) -> None:
        self.log.note("item", id=item_id, item=item)

    async def speak(self) -> None:
        async for chunk in self.microphone.chunks():
            await self.worker.queue_frame(
                InputAudioRawFrame(audio=chunk, sample_rate=24_000, num_channels=1)
            )

    async def write(self, text: str) -> int:
        since = self.log.mark()
        message = {"role": "user", "content": text}
        # At the service: the user's aggregator would keep it to itself.
        await self.service.queue_frame(LLMMessagesAppendFrame(messages=[message], run_llm=True))
        return since

    def words(self, since: int) -> str:
        return "".join(note["text"] for note in self.log.of("words", since))

    async def answer(self, since: int) -> str:
        await self.log.until("words", since)
        words = next(
            at for at in range(since, self.log.mark()) if self.log.notes[at].kind == "words"
        )
        await self.log.until("end", words)
        return self.words(since)

    async def connect(self, saw: dict[str, Any]) -> None:
        """The first context is a written message, so its answer comes with the connection."""
        await self.runner.add_workers(self.worker)
        self.tasks.append(asyncio.create_task(self.runner.run()))
        await self.worker.queue_frames([LLMRunFrame()])
        saw["said"] = await self.answer(0)
        self.tasks.append(asyncio.create_task(self.speak()))

    async def spoken(self, saw: dict[str, Any]) -> None:
        since = self.log.mark()
        self.microphone.say(0)
        await self.answer_to(saw, 0, since)

    async def answer_to(self, saw: dict[str, Any], turn: int, since: int) -> None:
        heard = await self.log.until("heard", since)
        saw["heard"], saw["said"] = heard["text"], await self.answer(since)
        saw["audio_ms"] = sum(note["ms"] for note in self.log.of("audio", since))
        expect(same_words(saw["heard"], said(turn)), f"the transcript is {saw['heard']!r}")
        expect(same_words(saw["said"], answered(turn)), "the answer is not the interpreter's")
        expect(saw["audio_ms"] > 2000, "the answer has no sound")

    async def text(self, saw: dict[str, Any]) -> None:
        saw["said"] = await self.answer(await self.write(GREETING))
        expect(saw["said"], "the answer is empty")

    async def tool(self, saw: dict[str, Any]) -> None:
        since = await self.write(ASK_FOR_FARE)
        tool = await self.log.until("tool", since)
        saw["called"], saw["output"] = tool["name"], tool["result"]
        saw["said"] = await self.answer(self.log.notes.index(tool))
        expect(saw["said"], "there is no message after the output")

    async def barge_in(self, saw: dict[str, Any]) -> None:
        since = await self.write(ASK_FOR_LENGTH)
        await self.log.until("audio", since)
        spoken_over = (
            await self.log.until("item", since, lambda note: note["item"].role == "assistant")
        )["id"]
        began = time.monotonic()
        self.microphone.say(1)
        interrupted = await self.log.until("interrupted", since)
        saw["after_ms"] = int((time.monotonic() - began) * 1000)
        item = await self.service.retrieve_conversation_item(spoken_over)
        saw["retrieved_status"] = item.status
        expect(item.status == "incomplete", "the answer was not interrupted")
        answer: dict[str, Any] = {}
        await self.answer_to(answer, 1, self.log.notes.index(interrupted))
        saw["then"] = answer["said"]

    async def long(self, saw: dict[str, Any]) -> None:
        since = await self.write(ASK_FOR_LENGTH)
        await self.log.until(
            "audio",
            since,
            lambda _: sum(note["ms"] for note in self.log.of("audio", since)) > 4000,
        )
        await self.service.send_client_event(ResponseCancelEvent())
        await self.log.until("end", self.log.mark())
        saw["audio_ms"] = sum(note["ms"] for note in self.log.of("audio", since))
        expect(saw["audio_ms"] < 40_000, "the long answer was not cancelled")
        saw["then"] = await self.answer(await self.write(GREETING))
        expect(saw["then"], "nothing is answered after it")

    async def errors(self, saw: dict[str, Any]) -> None:
        saw["errors"] = [note["text"] for note in self.log.of("error")]
        expect(not saw["errors"], "the server refused something")


async def main() -> None:
    await run_flows("pipecat-ai", Application())


asyncio.run(main())
