"""The line, as an application holds it."""

from __future__ import annotations

import array
import asyncio

import numpy as np
import pytest

import trunkline
from client.serving import confirm, heard, line_over, welcome
from trunkline.client.credentials import Secret
from trunkline.client.endpoint import Endpoint
from trunkline.errors import (
    CodecError,
    ConfigError,
    LineFailed,
    LocalError,
    OutboxFull,
    RotationAbandoned,
)
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.lifecycle import State
from trunkline.protocol.policy import LinePolicy
from trunkline.transports.memory import MemoryTransport


def run(scenario):
    async def bounded():
        async with asyncio.timeout(20):
            return await scenario

    return asyncio.run(bounded())


async def _entered(transport: MemoryTransport, **policy):
    line = line_over(transport, **policy)
    server = asyncio.create_task(welcome(transport))
    await line.__aenter__()
    return line, await server


def test_entering_returns_when_the_line_is_live_and_leaving_says_goodbye():
    async def scenario():
        transport = MemoryTransport()
        line, peer = await _entered(transport)
        assert (line.state, line.epoch) == (State.LIVE, 1)
        assert peer.target.headers[-1] == ("Authorization", "Bearer sk-test-1")
        await line.aclose()
        await line.aclose()
        assert line.state is State.CLOSED
        assert peer.ended == Closure(code=1000, by_us=True)

    run(scenario())


@pytest.mark.parametrize(
    ("samples", "pcm"),
    [
        (b"\x01\x00\x02\x00", b"\x01\x00\x02\x00"),
        (bytearray(b"\x01\x00"), b"\x01\x00"),
        (memoryview(b"\x01\x00"), b"\x01\x00"),
        (np.array([1, -1], dtype=np.int16), b"\x01\x00\xff\xff"),
        (np.array([0.5, -2.0, 2.0], dtype=np.float32), b"\x00\x40\x00\x80\xff\x7f"),
        (array.array("h", [3]), b"\x03\x00"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_audio_of_any_accepted_kind_arrives_as_pcm(samples, pcm: bytes):
    async def scenario():
        line, peer = await _entered(MemoryTransport())
        line.send_audio(samples)
        assert await heard(peer) == pcm
        await line.aclose()

    run(scenario())


@pytest.mark.parametrize(
    "samples",
    [b"\x00", np.zeros(4), np.zeros((2, 2), dtype=np.int16), np.zeros(8, dtype=np.int16)[::2]],
    ids=["odd", "float64", "2-D", "strided"],
)
def test_audio_of_another_kind_is_refused_and_nothing_is_accepted(samples):
    async def scenario():
        line, _ = await _entered(MemoryTransport())
        with pytest.raises(CodecError):
            line.send_audio(samples)
        assert line.books().accepted == 0
        await line.aclose()

    run(scenario())


def test_no_audio_is_no_mistake():
    async def scenario():
        line, _ = await _entered(MemoryTransport())
        line.send_audio(b"")
        assert line.books().accepted == 0
        await line.aclose()

    run(scenario())


def test_events_are_iterated_over_a_drop_until_the_line_is_closed():
    async def scenario():
        transport = MemoryTransport()
        line, peer = await _entered(transport)
        names = []

        async def server():
            peer.send({"type": "rate_limits.updated", "rate_limits": []})
            peer.drop()
            await welcome(transport)

        task = asyncio.create_task(server())
        async for event in line:
            names.append(type(event).__name__)
            if names.count("LineLive") == 2:
                await task
                await line.aclose()
        assert names == [
            "SessionCreated",
            "SessionUpdated",
            "LineLive",
            "Raw",
            "LineDropped",
            "SessionCreated",
            "SessionUpdated",
            "LineLive",
        ]

    run(scenario())


def test_audio_spoken_during_an_outage_arrives_afterwards():
    async def scenario():
        transport = MemoryTransport()
        line, peer = await _entered(transport)
        line.send_audio(b"\x01\x00")
        assert await heard(peer) == b"\x01\x00"
        peer.drop()
        while line.state is State.LIVE:
            await asyncio.sleep(0)
        line.send_audio(b"\x02\x00")
        second = await transport.accept()
        second.send({"type": "session.created", "session": {"id": "s2"}})
        await confirm(second)
        assert [await heard(second), await heard(second)] == [b"\x01\x00", b"\x02\x00"]
        await confirm(second)
        await line.aclose()
        books = line.books()
        assert (books.accepted, books.gap, books.retained) == (2, 0, 2)

    run(scenario())


def test_a_refused_key_is_raised_on_entering_with_what_to_do():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport)

        async def server():
            peer = await transport.accept()
            error = {"type": "invalid_request_error", "code": "invalid_api_key", "message": "no"}
            peer.send({"type": "error", "error": error})
            peer.drop(Closure(code=3000, reason="invalid_request_error.invalid_api_key"))

        task = asyncio.create_task(server())
        with pytest.raises(LineFailed, match="check the API key") as caught:
            await line.__aenter__()
        await task
        assert line.state is State.FAILED
        assert [closure.code for closure in caught.value.closures] == [3000]
        assert caught.value.__cause__ is None

    run(scenario())


def test_a_first_connect_that_fails_is_retried():
    async def scenario():
        transport = MemoryTransport()
        for _ in range(3):
            transport.refuse_next(Closure(fault=Fault.REFUSED))
        line, _ = await _entered(transport)
        assert line.epoch == 4
        await line.aclose()

    run(scenario())


def test_a_line_that_fails_later_raises_from_its_iteration():
    async def scenario():
        transport = MemoryTransport()
        line, peer = await _entered(transport)
        peer.drop(Closure(code=1013, reason="insufficient_quota.insufficient_quota"))
        with pytest.raises(LineFailed, match="credit"):
            async for _ in line:
                pass
        with pytest.raises(LocalError, match="failed"):
            line.send_audio(b"\0\0")
        await line.aclose()

    run(scenario())


def test_cancelling_the_entering_leaves_nothing_behind():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport)
        entering = asyncio.create_task(line.__aenter__())
        await transport.accept()
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering
        assert line.state is State.CLOSED
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scenario())


def test_a_line_must_be_entered_once():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport)
        for use in (lambda: line.send_audio(b""), lambda: line.send({"type": "x"}), line.rotate):
            with pytest.raises(LocalError, match="not entered"):
                use()
        await line.aclose()
        line, _ = await _entered(transport)
        with pytest.raises(LocalError, match="again"):
            await line.__aenter__()
        await line.aclose()

    run(scenario())


def test_a_rotation_can_be_awaited():
    async def scenario():
        transport = MemoryTransport()
        line, first = await _entered(transport)
        done = line.rotate()
        second = await welcome(transport)
        rotated = await done
        assert (rotated.old_epoch, rotated.epoch, line.epoch) == (1, 2, 2)
        assert rotated.moment == "in silence"
        line.send_audio(b"\1\0")
        assert await heard(second) == b"\1\0"
        assert first.ended == Closure(code=1000, by_us=True)
        await line.aclose()
        assert second.ended == Closure(code=1000, by_us=True)

    run(scenario())


def test_a_rotation_that_comes_to_nothing_says_why_and_the_line_goes_on():
    async def scenario():
        transport = MemoryTransport()
        line, first = await _entered(transport)
        transport.refuse_next(Closure(code=3000, reason="invalid_request_error.invalid_api_key"))
        with pytest.raises(RotationAbandoned, match="the key was not accepted"):
            await line.rotate()
        line.send_audio(b"\1\0")
        assert await heard(first) == b"\1\0"
        line.rotate()
        await line.aclose()

    run(scenario())


def test_whoever_stops_waiting_for_a_rotation_does_not_stop_it():
    async def scenario():
        transport = MemoryTransport()
        line, _ = await _entered(transport)
        waiting = asyncio.ensure_future(line.rotate())
        await asyncio.sleep(0)
        waiting.cancel()
        second = await welcome(transport)
        while line.epoch == 1:
            await asyncio.sleep(0)
        line.send_audio(b"\1\0")
        assert await heard(second) == b"\1\0"
        await line.aclose()

    run(scenario())


def test_closing_in_the_middle_of_a_rotation_ends_both_links():
    async def scenario():
        transport = MemoryTransport()
        line, first = await _entered(transport)
        done = line.rotate()
        second = await transport.accept()
        await asyncio.sleep(0)
        await line.aclose()
        assert first.ended is not None
        assert second.ended is not None
        with pytest.raises(RotationAbandoned, match="not live"):
            await done
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scenario())


def test_a_request_gets_an_id_and_goes_out():
    async def scenario():
        line, peer = await _entered(MemoryTransport())
        event_id = line.send({"type": "response.create"})
        assert await peer.receive() == {"type": "response.create", "event_id": event_id}
        await line.aclose()

    run(scenario())


def test_far_more_audio_than_may_be_kept_is_refused():
    async def scenario():
        line, _ = await _entered(MemoryTransport(), retention_ms=1000, replay_limit_ms=1000)
        with pytest.raises(OutboxFull, match="1000 ms"):
            line.send_audio(bytes(2 * 24_001))
        await line.aclose()

    run(scenario())


def test_what_was_played_decides_where_an_interrupted_answer_is_cut():
    async def scenario():
        line, peer = await _entered(MemoryTransport())
        item = {"id": "i", "type": "message", "role": "assistant", "content": []}
        peer.send({"type": "response.created", "response": {"id": "r"}})
        peer.send({"type": "conversation.item.added", "item": item})
        delta = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
        audio = {"type": "response.output_audio.delta", "event_id": "e", "delta": "AAAA" * 3200}
        peer.send(audio | delta)
        async for event in line:
            if isinstance(event, events.AudioDelta):
                line.played("i", 2400)
                line.playout(100.0, 0)
                peer.send(
                    {
                        "type": "input_audio_buffer.speech_started",
                        "item_id": "u",
                        "audio_start_ms": 0,
                    }
                )
            if isinstance(event, events.Interrupted):
                break
        cut = await peer.receive()
        assert (cut["type"], cut["audio_end_ms"]) == ("conversation.item.truncate", 100)
        await line.aclose()

    run(scenario())


def test_a_line_without_a_key_says_where_one_may_come_from(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        trunkline.connect()


def test_the_environment_is_asked_for_what_is_not_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-env")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    line = trunkline.connect(model="m")
    assert line.config.url() == "ws://127.0.0.1:9/v1/realtime?model=m"
    assert line.config.headers() == [("OpenAI-Organization", "org")]
    given = trunkline.connect(api_key="sk-test-arg", base_url="http://[::1]:8/v1")
    assert given.config.credential == Secret("sk-test-arg")
    assert given.config.url().startswith("ws://[::1]:8/")


@pytest.mark.parametrize(
    ("endpoint", "variable", "model"),
    [
        (Endpoint.azure("https://res.openai.azure.com"), "AZURE_OPENAI_API_KEY", "dep"),
        (Endpoint.xai(), "XAI_API_KEY", "grok-voice-latest"),
    ],
)
def test_each_server_has_a_key_and_a_model_of_its_own(
    monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint, variable: str, model: str
):
    for name in ("AZURE_OPENAI_API_KEY", "XAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-env")
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    with pytest.raises(ConfigError, match=variable):
        trunkline.connect(endpoint=endpoint)
    monkeypatch.setenv(variable, "their-key")
    if endpoint.default_model is None:
        with pytest.raises(ConfigError, match="deployment"):
            trunkline.connect(endpoint=endpoint)
    config = trunkline.connect(endpoint=endpoint, model=endpoint.default_model or "dep").config
    assert (config.credential, config.model) == (Secret("their-key"), model)
    # OpenAI's organisation is nobody else's business.
    assert config.headers() == []


def test_an_address_and_an_endpoint_are_one_too_many():
    with pytest.raises(ConfigError, match="base_url"):
        trunkline.connect(api_key="x", base_url="https://host/v1", endpoint=Endpoint.xai())


def test_a_session_is_given_once():
    with pytest.raises(ConfigError, match="session"):
        trunkline.connect(
            api_key="sk-test-1",
            session={},
            policy=LinePolicy(),
        )


def test_all_lines_of_a_process_share_one_budget():
    from trunkline.client.budget import process_budget

    assert process_budget() is process_budget()


# What an operator wishes, and what the observers are told.


async def _observed(transport: MemoryTransport, facts: list, **policy):
    line = line_over(transport, observers=[facts.append], **policy)
    server = asyncio.create_task(welcome(transport))
    await line.__aenter__()
    return line, await server


def _of(facts: list, kind: type) -> list:
    return [fact for fact in facts if isinstance(fact, kind)]


def test_a_line_that_is_reconnected_leaves_its_link_and_comes_back():
    async def scenario():
        transport = MemoryTransport()
        line, first = await _entered(transport)
        line.reconnect()
        assert line.state is State.DIALING
        assert first.ended == Closure(code=1006, by_us=True)
        await welcome(transport)
        while line.state is not State.LIVE:
            await asyncio.sleep(0)
        assert line.epoch == 2
        await line.aclose()
        with pytest.raises(LocalError, match="reconnect"):
            line.reconnect()

    run(scenario())


def test_a_drain_begins_at_once_and_is_done_when_the_line_is_closed():
    async def scenario():
        transport, facts = MemoryTransport(), []
        line, peer = await _observed(transport, facts)
        peer.send({"type": "response.created", "response": {"id": "r"}})
        while not _of(facts, seen.Milestone):
            await asyncio.sleep(0)
        done = line.drain()
        assert _of(facts, seen.DrainBegun)
        assert not done.done()
        peer.send({"type": "response.done", "response": {"id": "r", "status": "completed"}})
        await done
        assert line.state is State.CLOSED
        assert peer.ended == Closure(code=1000, by_us=True)
        assert [event async for event in line][-1].status == "completed"
        await line.drain()
        await line.aclose()

    run(scenario())


def test_a_drain_that_nobody_waits_for_any_more_goes_on():
    async def scenario():
        transport, facts = MemoryTransport(), []
        line, peer = await _observed(transport, facts)
        peer.send({"type": "response.created", "response": {"id": "r"}})
        while not _of(facts, seen.Milestone):
            await asyncio.sleep(0)
        line.drain().cancel()
        peer.send({"type": "response.done", "response": {"id": "r", "status": "completed"}})
        await line.drain()
        assert line.state is State.CLOSED
        await line.aclose()

    run(scenario())


def test_what_is_given_while_muted_is_silence():
    async def scenario():
        transport, facts = MemoryTransport(), []
        line, peer = await _observed(transport, facts)
        assert not line.is_muted
        line.mute()
        line.send_audio(b"\x11\x22" * 480)
        line.mute(False)
        line.send_audio(b"\x11\x22" * 480)
        assert await heard(peer) == bytes(960)
        assert await heard(peer) == b"\x11\x22" * 480
        assert [fact.on for fact in _of(facts, seen.Muted)] == [True, False]
        await line.aclose()

    run(scenario())


def test_a_line_may_be_measured_before_it_is_entered_and_no_longer_afterwards():
    async def scenario():
        transport, facts = MemoryTransport(), []
        line = line_over(transport, observers=[facts.append])
        line.measure()
        server = asyncio.create_task(welcome(transport))
        async with line:
            await server
            line.send_audio(bytes(4800))
            assert len(_of(facts, seen.ChunkLate)) == len(_of(facts, seen.LevelSampled)) == 1
            line.measure(False)
            line.send_audio(bytes(4800))
            assert len(_of(facts, seen.ChunkLate)) == len(_of(facts, seen.LevelSampled)) == 1

    run(scenario())


def test_the_devices_of_the_application_are_told_as_it_tells_them():
    async def scenario():
        transport, facts = MemoryTransport(), []
        line, _ = await _observed(transport, facts)
        line.playout(95.0, 4, target_ms=180.0, underrun_ms=310.0)
        line.playout(95.0, 4)
        line.capture_overrun(12.5)
        whole, bare = _of(facts, seen.PlayoutSampled)
        assert (whole.target_ms, whole.underrun_ms) == (180.0, 310.0)
        assert (bare.target_ms, bare.underrun_ms) == (None, 0.0)
        assert _of(facts, seen.CaptureOverrun)[0].lost_ms == 12.5
        await line.aclose()

    run(scenario())


def test_an_answer_that_is_interrupted_stops_when_the_application_takes_the_word():
    async def scenario():
        transport, facts = MemoryTransport(), []
        line, peer = await _observed(transport, facts)
        item = {"id": "i", "type": "message", "role": "assistant", "content": []}
        peer.send({"type": "response.created", "response": {"id": "r"}})
        peer.send({"type": "conversation.item.added", "item": item})
        delta = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
        audio = {"type": "response.output_audio.delta", "event_id": "e", "delta": "AAAA" * 3200}
        peer.send(audio | delta)
        while not _of(facts, seen.AudioReceived):
            await asyncio.sleep(0)
        line.played("i", 2400)
        start = {"type": "input_audio_buffer.speech_started", "item_id": "u", "audio_start_ms": 0}
        peer.send(start)
        while not _of(facts, seen.AudioTruncated):
            await asyncio.sleep(0)
        assert _of(facts, seen.PlayStopped) == []
        async for event in line:
            if isinstance(event, events.Interrupted):
                break
        assert [(fact.item_id, fact.cut) for fact in _of(facts, seen.PlayStopped)] == [("i", True)]
        await line.aclose()

    run(scenario())
