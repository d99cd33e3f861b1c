"""pipecat in the gauntlet: its OpenAI realtime service in a pipeline, as its example has it."""

from __future__ import annotations

import asyncio
import os
import sys

import microphone
from loguru import logger
from pipecat.adapters.schemas.function_schema import FunctionSchema
from pipecat.adapters.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import InputAudioRawFrame, LLMRunFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.services.openai.realtime.events import (
    AudioConfiguration,
    AudioInput,
    AudioOutput,
    InputAudioTranscription,
    SessionProperties,
    TurnDetection,
)
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.workers.runner import WorkerRunner

logger.remove()
logger.add(sys.stderr, level="WARNING")


async def look_up_fare(params) -> None:
    await params.result_callback(await microphone.look_up_fare())


async def speak(worker: PipelineWorker) -> None:
    async for chunk in microphone.chunks():
        await worker.queue_frame(
            InputAudioRawFrame(audio=chunk, sample_rate=24_000, num_channels=1)
        )


async def ended(running: asyncio.Task[None]) -> None:
    await asyncio.wait([running])


async def main() -> None:
    properties = SessionProperties(
        instructions=microphone.INSTRUCTIONS,
        audio=AudioConfiguration(
            input=AudioInput(
                transcription=InputAudioTranscription(model="gpt-realtime-whisper"),
                turn_detection=TurnDetection(silence_duration_ms=500),
            ),
            output=AudioOutput(voice="marin"),
        ),
    )
    service = OpenAIRealtimeLLMService(
        api_key=os.environ["OPENAI_API_KEY"],
        base_url=os.environ["OPENAI_BASE_URL"].replace("http", "ws", 1) + "/realtime",
        settings=OpenAIRealtimeLLMService.Settings(
            model="gpt-realtime-2.1", session_properties=properties
        ),
    )
    service.register_function("look_up_fare", look_up_fare)
    tool = FunctionSchema(
        name="look_up_fare",
        description="The fare to a station.",
        properties={"station": {"type": "string"}},
        required=["station"],
    )
    context = LLMContext(tools=ToolsSchema(standard_tools=[tool]))
    pair = LLMContextAggregatorPair(context)
    worker = PipelineWorker(
        Pipeline([pair.user(), service, pair.assistant()]),
        params=PipelineParams(audio_in_sample_rate=24_000, audio_out_sample_rate=24_000),
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    await worker.queue_frames([LLMRunFrame()])
    try:
        await microphone.until_told_to_stop(
            asyncio.create_task(speak(worker)), asyncio.create_task(ended(running))
        )
    finally:
        await worker.cancel()
        await asyncio.wait([running], timeout=4)


asyncio.run(main())
