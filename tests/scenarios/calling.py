"""A caller in a hurry: real sockets and a real simulator, at several times the speed of speech."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import trunkline
from scenarios.judging import CHUNK_SAMPLES, RATE_HZ, Judge, caller_stream
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.simulator.scenario import Scenario
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing

TIMING = Timing(pace=10.0, response_delay=0.03, transcription_delay=0.05)
VAD = {
    "audio": {
        "input": {
            "transcription": {"model": "gpt-realtime-whisper"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
        }
    }
}
MANUAL = {
    "audio": {"input": {"transcription": {"model": "gpt-realtime-whisper"}, "turn_detection": None}}
}


@dataclass
class Heard:
    """What came of a call."""

    facts: list[seen.Observation] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    """The answers that were given to their end."""
    interrupted: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    """What came of each answer, by its item, complete or not."""
    gaps: int = 0
    sessions: list = field(default_factory=list)
    books: object = None

    def milestones(self) -> list[str]:
        """The facts that tell the story of the links, one line each."""
        return [line for fact in self.facts if (line := _line(fact))]


def _line(fact: seen.Observation) -> str:
    match fact:
        case seen.Transition():
            return fact.target.value
        case seen.LinkEnded():
            code = fact.closure.code
            return f"ended {code} {fact.closure.fault.name if fact.closure.fault else ''}".strip()
        case seen.Restored():
            return f"restored {fact.items} items, lost {fact.lost_samples}, owed {fact.owed}"
        case seen.AudioGap() | seen.Anomaly():
            return str(fact)
        case seen.Milestone(kind=seen.MilestoneKind.RESPONSE_DONE):
            return f"response {fact.status}"
    return ""


async def call(
    faults: list[dict], *, turns: list[int], session: dict = VAD, tail_ms: int = 900
) -> tuple[Heard, Judge]:
    """Speaks the turns, each when the one before was answered, through a server with faults."""
    pieces, stream = caller_stream(turns, pause_ms=tail_ms)
    heard = Heard()
    scenario = Scenario.from_dict({"faults": faults})
    async with SimulatorServer(scenario=scenario, timing=TIMING) as server:
        line = trunkline.connect(
            model="gpt-realtime-2.1",
            api_key="sk-test-1",
            base_url=server.base_url,
            session=session,
            observers=[heard.facts.append],
            budget=RetryBudget(),
            seed=2,
        )
        async with line:
            listener = asyncio.create_task(_listen(line, heard))
            for number, piece in enumerate(pieces, 1):
                await _speak(line, piece)
                if session is MANUAL:
                    line.send({"type": "input_audio_buffer.commit"})
                    line.send({"type": "response.create"})
                async with asyncio.timeout(20):
                    while len(heard.completed) < number:
                        await asyncio.sleep(0.01)
            # The last transcript may come after the answer.
            async with asyncio.timeout(20):
                while not _is_settled(line):
                    await asyncio.sleep(0.01)
            heard.books = line.books()
        await listener
        heard.sessions = list(server.sessions)
    return heard, Judge(stream, heard.sessions)


def _is_settled(line) -> bool:
    """Whether little more than one turn is still kept: one that was restored as audio gets no words."""
    books = line.books()
    return books.waiting == 0 and books.retained <= 5 * RATE_HZ


async def _speak(line, piece: bytes) -> None:
    for start in range(0, len(piece), 2 * CHUNK_SAMPLES):
        line.send_audio(piece[start : start + 2 * CHUNK_SAMPLES])
        await asyncio.sleep(0.002)


async def _listen(line, heard: Heard) -> None:
    words = ""
    received: dict[str, int] = {}
    async for event in line:
        if isinstance(event, events.AudioDelta):
            received[event.item_id] = received.get(event.item_id, 0) + len(event.pcm) // 2
            # Half of what came is played at any moment, and all of it in the end.
            line.played(event.item_id, received[event.item_id] // 2)
        elif isinstance(event, events.AudioDone):
            line.played(event.item_id, received[event.item_id])
        elif isinstance(event, events.TranscriptDelta):
            heard.words[event.item_id] = heard.words.get(event.item_id, "") + event.delta
        elif isinstance(event, events.TranscriptDone) and event.speaker is events.Speaker.ASSISTANT:
            words = event.text
        elif isinstance(event, events.ResponseDone) and event.status == "completed":
            heard.completed.append(words)
        elif isinstance(event, events.Interrupted):
            heard.interrupted.append(event.item_id)
        elif isinstance(event, events.LineGap):
            heard.gaps += 1
