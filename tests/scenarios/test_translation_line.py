"""A line to an interpreter over real sockets, with the simulator's translation sessions and its faults."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

import trunkline
from scenarios.judging import CHUNK_SAMPLES, RATE_HZ, caller_stream
from trunkline.errors import LineFailed
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.policy import LinePolicy
from trunkline.protocol.window import RotationPolicy
from trunkline.simulator.scenario import Scenario
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing

TIMING = Timing(pace=10.0, response_delay=0.03)
SOURCE = "I am travelling with two children and a bicycle."
TARGET = "Viajo con dos niños y una bicicleta."
RST = {"when": {"utterance": 1, "ms": 900}, "action": "rst"}


@dataclass
class Heard:
    """What came of a talk."""

    source: str = ""
    target: str = ""
    audio: bytearray = field(default_factory=bytearray)
    facts: list[seen.Observation] = field(default_factory=list)
    said: list[events.Event] = field(default_factory=list)
    sessions: list = field(default_factory=list)
    books: object = None

    def of(self, kind: type) -> list:
        return [fact for fact in (*self.facts, *self.said) if isinstance(fact, kind)]

    def passages(self, speaker: events.Speaker) -> list[str]:
        return [
            fact.text for fact in self.of(seen.Transcript) if fact.final and fact.speaker is speaker
        ]


async def talk(
    faults: list[dict], *, turns=(3,), pause=0.004, rest_ms=1500, timing=TIMING, **more
) -> Heard:
    """Says the turns several times as fast as a person, and listens to the end."""
    heard = Heard()
    pieces, _ = caller_stream(list(turns), pause_ms=rest_ms)
    scenario = Scenario.from_dict({"faults": faults})
    async with SimulatorServer(scenario=scenario, timing=timing) as server:
        line = trunkline.translate(
            to="es",
            transcribe="gpt-realtime-whisper",
            api_key="sk-test-1",
            base_url=server.base_url,
            observers=[heard.facts.append],
            budget=RetryBudget(),
            seed=2,
            **more,
        )
        async with line:
            speaker = asyncio.create_task(_speak(line, b"".join(pieces), pause))
            async for event in line:
                _take(event, heard)
            await speaker
            heard.books = line.books()
        heard.sessions = list(server.sessions)
    return heard


async def _speak(line, pcm: bytes, pause: float) -> None:
    for start in range(0, len(pcm), 2 * CHUNK_SAMPLES):
        line.send_audio(pcm[start : start + 2 * CHUNK_SAMPLES])
        await asyncio.sleep(pause)
    line.finish()


def _take(event: events.Event, heard: Heard) -> None:
    heard.said.append(event)
    if isinstance(event, events.SourceText):
        heard.source += event.delta
    elif isinstance(event, events.TargetText):
        heard.target += event.delta
    elif isinstance(event, events.TranslatedAudio):
        heard.audio += event.pcm


def run(scenario, seconds: float = 60.0):
    return asyncio.run(asyncio.wait_for(scenario, seconds))


def balanced(heard: Heard) -> bool:
    books = heard.books
    return books.accepted == books.consumed + books.gap and books.retained == 0


def test_a_talk_is_translated_while_it_is_said_and_to_its_end():
    heard = run(talk([]))
    assert (heard.source.strip(), heard.target.strip()) == (SOURCE, TARGET)
    assert heard.passages(events.Speaker.ASSISTANT) == [TARGET]
    assert len(heard.audio) >= 2 * heard.books.accepted
    assert balanced(heard)
    (session,) = heard.sessions
    assert session.updates[0]["audio"]["output"]["language"] == "es"
    assert not heard.of(events.LineGap)


def test_a_reset_in_mid_speech_costs_no_word_and_says_none_twice():
    heard = run(talk([RST]))
    assert len(heard.sessions) == 2
    assert heard.target.strip() == TARGET
    (restored,) = heard.of(seen.Restored)
    assert restored.replayed_samples > 0
    assert restored.lost_samples == 0
    assert balanced(heard)
    assert heard.sessions[1].updates[0]["audio"]["output"]["language"] == "es"


def test_what_was_translated_before_a_reset_is_not_translated_again():
    fault = {"when": {"utterance": 2, "ms": 400}, "action": "rst"}
    heard = run(talk([fault], turns=(3, 4), rest_ms=4000))
    assert len(heard.sessions) == 2
    assert heard.target.count(TARGET) == 1
    assert "¿Cuánto costaría" in heard.target
    (restored,) = heard.of(seen.Restored)
    # The second sentence as far as it was said, and what nobody said was heard.
    assert restored.replayed_samples < 2 * RATE_HZ
    assert balanced(heard)


def test_a_link_into_a_black_hole_is_noticed_in_seconds():
    fault = {"when": {"utterance": 1, "ms": 900}, "action": "half_open"}
    heard = run(talk([fault], pause=0.02))
    (ended,) = [fact for fact in heard.of(seen.LinkEnded) if fact.closure.fault]
    assert ended.closure.fault.name == "DEAD"
    assert ended.lived < 8.0
    assert heard.target.strip() == TARGET
    assert balanced(heard)


def test_an_outage_that_drops_announces_what_was_not_translated():
    heard = run(talk([RST], outage=trunkline.Outage.drop()))
    gaps = heard.of(events.LineGap)
    assert gaps
    assert sum(gap.duration_ms for gap in gaps) == heard.books.gap * 1000 / RATE_HZ
    assert balanced(heard)


def test_an_expiry_is_met_by_a_second_link_in_time():
    rotation = RotationPolicy(lifetime=4.0, after=1.0, spread=0.1, latest=3.5, hurry=2.0)
    heard = run(
        talk(
            [],
            turns=(3, 4),
            pause=0.015,
            timing=Timing(pace=10.0, response_delay=0.03, lifetime=4.0),
            policy=LinePolicy(rotation=rotation),
        )
    )
    assert heard.of(seen.Rotated)
    assert not heard.of(events.LineDropped)
    assert TARGET in heard.target
    assert balanced(heard)


def test_an_expiry_that_comes_unasked_is_a_new_session_at_once():
    fault = {
        "when": {"utterance": 1, "ms": 900},
        "action": "error",
        "type": "invalid_request_error",
        "code": "session_expired",
        "message": "Your session hit the maximum duration of 60 minutes.",
    }
    heard = run(talk([fault]))
    assert len(heard.sessions) == 2
    assert heard.target.strip() == TARGET


@pytest.mark.parametrize(
    ("more", "words", "is_advised"),
    [
        ({"api_key": "sk-proj-canary0123"}, "the key was not accepted", False),
        ({"model": "gpt-realtime-2.1"}, "the model is not known", True),
        ({"path": "/elsewhere"}, "there is nothing at this address", True),
    ],
)
def test_a_refusal_is_final_and_says_what_to_do(more: dict, words: str, is_advised: bool):
    async def scenario():
        async with SimulatorServer() as server:
            base_url = server.base_url + more.pop("path", "")
            with pytest.raises(LineFailed, match=words) as caught:
                async with trunkline.translate(
                    **{"to": "es", "api_key": "sk-test-1", "base_url": base_url} | more,
                    budget=RetryBudget(),
                ):
                    pass
            assert ("conversation" in str(caught.value)) == is_advised
            assert "canary" not in str(caught.value)

    run(scenario())


def test_a_minted_key_opens_a_translation_and_the_key_itself_is_not_shown():
    async def scenario():
        async with SimulatorServer() as server:
            line = trunkline.translate(
                to="es", api_key="sk-test-1", base_url=server.base_url, ephemeral=60,
                budget=RetryBudget(),
            )  # fmt: skip
            async with line:
                pass
            assert [dial.key[:3] for dial in server.dials] == ["ek_"]
            assert server.sessions[0].model == "gpt-realtime-translate"

    run(scenario())
