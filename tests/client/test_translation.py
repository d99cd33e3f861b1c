"""A line to an interpreter over a link in memory."""

from __future__ import annotations

import asyncio
import base64

import pytest

import trunkline
from client.serving import QUICK, welcome
from trunkline.client.translation import TranslationLine, translate, translation_session
from trunkline.errors import ConfigError, LineFailed, LocalError, MediaError
from trunkline.protocol import events
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.outage import Outage
from trunkline.protocol.policy import LinePolicy
from trunkline.transports.memory import MemoryTransport

CHUNK = (8000).to_bytes(2, "little") * 4800
"""200 ms of sound."""


def line_over(transport: MemoryTransport, **more) -> TranslationLine:
    policy = more.pop("policy", LinePolicy(backoff=QUICK))
    budget = RetryBudget(size=1000.0)
    return translate(
        **{"to": "es", "api_key": "sk-test-1", "transport": transport, "budget": budget} | more,
        policy=policy,
        seed=1,
    )


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 20))


async def heard(peer) -> bytes:
    append = await peer.receive()
    assert append["type"] == "session.input_audio_buffer.append"
    return base64.b64decode(append["audio"])


def test_what_is_said_comes_out_in_pieces_until_the_line_is_finished():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport, transcribe="gpt-realtime-whisper")
        entering = asyncio.create_task(line.__aenter__())
        peer = await welcome(transport)
        assert await entering is line
        line.send_audio(CHUNK)
        assert await heard(peer) == CHUNK
        done = line.finish()
        assert (await peer.receive())["type"] == "session.close"
        audio = base64.b64encode(CHUNK).decode()
        peer.send({"type": "session.output_audio.delta", "delta": audio, "elapsed_ms": 0})
        peer.send({"type": "session.output_transcript.delta", "delta": "Hola."})
        peer.send({"type": "session.closed"})
        said = [event async for event in line]
        assert events.TranslatedAudio(pcm=CHUNK, elapsed_ms=0) in said
        assert events.TargetText(delta="Hola.", elapsed_ms=None) in said
        assert said[-1] == events.SessionClosed()
        await done
        assert line.books().retained == 0
        await line.aclose()

    run(scenario())


def test_the_next_session_is_told_the_language_and_what_was_not_translated():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport)
        entering = asyncio.create_task(line.__aenter__())
        peer = await welcome(transport)
        await entering
        line.send_audio(CHUNK)
        assert await heard(peer) == CHUNK
        peer.drop()
        peer = await transport.accept()
        peer.send({"type": "session.created", "session": {}})
        update = await peer.receive()
        assert update["session"] == {"audio": {"output": {"language": "es"}}}
        peer.send({"type": "session.updated", "session": {}})
        assert await heard(peer) == CHUNK
        assert (await peer.receive())["type"] == "session.update"
        peer.send({"type": "session.updated", "session": {}})
        kinds = []
        async for event in line:
            kinds.append(type(event))
            if isinstance(event, events.LineLive) and event.epoch == 2:
                break
        assert events.LineDropped in kinds
        await line.aclose()

    run(scenario())


@pytest.mark.parametrize(
    ("closure", "is_advised"),
    [
        (Closure(status=404), True),
        (Closure(code=4000, reason="invalid_request_error.invalid_model"), True),
        (Closure(code=4004, error_code="model_not_found"), True),
        (Closure(code=3000, reason="invalid_request_error.invalid_api_key"), False),
    ],
)
def test_a_server_without_the_endpoint_is_told_from_one_that_refuses(closure, is_advised: bool):
    async def scenario():
        transport = MemoryTransport()
        transport.refuse_next(closure)
        with pytest.raises(LineFailed) as caught:
            await line_over(transport).__aenter__()
        assert ("docs/translation.md" in caught.value.advice) == is_advised
        assert caught.value.closures == (closure,)

    run(scenario())


def test_a_failure_without_evidence_is_passed_on():
    from trunkline.client.translation import may_lack_endpoint

    assert not may_lack_endpoint(LineFailed("cause", "advice", []))
    assert not isinstance(LineFailed("cause", "advice", []), MediaError)


def test_only_settings_can_be_sent():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport)
        entering = asyncio.create_task(line.__aenter__())
        peer = await welcome(transport)
        await entering
        with pytest.raises(LocalError, match="no turns"):
            line.send({"type": "response.create"})
        line.send({"type": "session.update", "session": {"audio": {"output": {"language": "pt"}}}})
        assert (await peer.receive())["session"] == {"audio": {"output": {"language": "pt"}}}
        await line.aclose()

    run(scenario())


def test_where_it_dials_and_what_it_keeps():
    line = line_over(
        MemoryTransport(), outage=Outage.drop(), policy=LinePolicy(retention_ms=20_000)
    )
    assert line.config.url().endswith("/v1/realtime/translations?model=gpt-realtime-translate")
    policy = line.config.policy
    assert policy.dialect is Dialect.TRANSLATION
    assert (policy.outage, policy.retention_ms) == (Outage.drop(), 20_000)
    assert policy.session == translation_session("es")


def test_the_settings_name_what_was_asked_for_and_nothing_else():
    session = translation_session("es", transcribe="w", noise_reduction="near_field")
    assert session["audio"]["input"] == {
        "transcription": {"model": "w"},
        "noise_reduction": {"type": "near_field"},
    }
    assert "input" not in translation_session("es")["audio"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"to": " "}, "language"),
        ({"policy": LinePolicy(session={"instructions": "x"})}, "leave it out"),
        ({"endpoint": trunkline.Endpoint.xai()}, "only the API of OpenAI"),
        ({"endpoint": trunkline.Endpoint.azure("https://x.openai.azure.com")}, "conversation"),
        ({"noise_reduction": "loud", "ephemeral": 5}, "keys that live longer"),
    ],
)
def test_what_cannot_work_is_told_before_the_dial(more: dict, words: str):
    with pytest.raises(ConfigError, match=words):
        line_over(MemoryTransport(), **more)


@pytest.mark.parametrize("how", ["session", "policy"])
def test_a_conversation_is_no_interpreter(how: str):
    session = translation_session("es")
    given = {"session": session} if how == "session" else {"policy": LinePolicy(session=session)}
    with pytest.raises(ConfigError, match=r"trunkline\.translate"):
        trunkline.connect(api_key="sk-test-1", **given)


def test_a_line_that_an_operator_drains_does_not_wait_for_ever():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport)
        entering = asyncio.create_task(line.__aenter__())
        peer = await welcome(transport)
        await entering
        line.drain()
        assert (await peer.receive())["type"] == "session.close"
        line.drain(within=0.01)
        assert [event async for event in line][-1] != events.SessionClosed()
        await line.aclose()

    run(scenario())
