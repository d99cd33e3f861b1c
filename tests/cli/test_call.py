"""One call in real time."""

from __future__ import annotations

import asyncio
import base64

from client.serving import heard, line_over, welcome
from trunkline.cli.call import Call, Outcome
from trunkline.cli.debt import Debt
from trunkline.protocol.observations import AudioHeard
from trunkline.transports.memory import MemoryTransport


def test_a_turn_is_said_in_chunks_and_its_answer_is_played_and_told():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport)
        outcome = Outcome()
        task = asyncio.create_task(welcome(transport))
        async with line:
            peer = await task
            call = asyncio.create_task(Call(line, outcome).run([b"\1\0" * 500]))
            # 500 samples are two chunks; the second is filled up with silence.
            assert await heard(peer) == b"\1\0" * 480
            assert await heard(peer) == b"\1\0" * 20 + bytes(920)
            item = {"id": "i", "type": "message", "role": "assistant", "content": []}
            peer.send({"type": "response.created", "response": {"id": "r"}})
            peer.send({"type": "conversation.item.added", "item": item})
            place = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
            audio = {"type": "response.output_audio.delta", "event_id": "e", "delta": "AgAC" * 320}
            peer.send(audio | place)
            peer.send({"type": "response.output_audio.done", "event_id": "e"} | place)
            peer.send({"type": "response.done", "response": {"id": "r", "status": "completed"}})
            await call
        return outcome

    outcome = asyncio.run(asyncio.wait_for(scenario(), 20))
    assert (outcome.turns, outcome.answered) == (1, 1)
    assert len(outcome.played) == 960


def _answer(peer, number: int, *, samples: int) -> None:
    response_id, item_id = f"r{number}", f"a{number}"
    item = {"id": item_id, "type": "message", "role": "assistant", "content": []}
    place = {"response_id": response_id, "item_id": item_id, "output_index": 0, "content_index": 0}
    pcm = base64.b64encode(bytes([number, 0]) * samples).decode()
    peer.send({"type": "response.created", "response": {"id": response_id}})
    peer.send({"type": "conversation.item.added", "item": item})
    peer.send({"type": "response.output_audio.delta", "event_id": "e", "delta": pcm} | place)
    peer.send({"type": "response.output_audio.done", "event_id": "e"} | place)


def _turn(peer, item_id: str) -> None:
    started = {"type": "input_audio_buffer.speech_started", "audio_start_ms": 0}
    peer.send(started | {"item_id": item_id})
    peer.send({"type": "input_audio_buffer.committed", "item_id": item_id})


def _done(peer, number: int) -> None:
    body = {"id": f"r{number}", "status": "completed"}
    peer.send({"type": "response.done", "response": body})


async def _request(peer) -> dict:
    """The next request that is no audio."""
    while (request := await peer.receive())["type"] == "input_audio_buffer.append":
        pass
    return request


def test_each_utterance_of_a_turn_is_answered_though_the_server_refuses_the_second_at_first():
    told: list[tuple[str, int]] = []

    def observe(fact) -> None:
        if isinstance(fact, AudioHeard):
            told.append((fact.item_id, fact.samples))

    async def scenario():
        transport = MemoryTransport()
        debt, outcome = Debt(), Outcome()
        detection = {"type": "server_vad", "interrupt_response": False}
        session = {"audio": {"input": {"turn_detection": detection}}}
        line = line_over(transport, observers=(debt, observe), session=session)
        task = asyncio.create_task(welcome(transport))
        async with line:
            peer = await task
            call = asyncio.create_task(Call(line, outcome, debt=debt).run([bytes(960)]))
            _turn(peer, "u1")
            _answer(peer, 1, samples=1000)
            _turn(peer, "u2")
            busy = {"type": "invalid_request_error", "message": "it has one", "param": None}
            busy["code"] = "conversation_already_has_active_response"
            peer.send({"type": "error", "event_id": "e", "error": busy})
            _done(peer, 1)
            assert (await _request(peer))["type"] == "response.create"
            # The second answer is all there before the first is played to its end.
            _answer(peer, 2, samples=500)
            _done(peer, 2)
            await call
        return outcome

    outcome = asyncio.run(asyncio.wait_for(scenario(), 20))
    assert (outcome.turns, outcome.answered) == (1, 1)
    assert bytes(outcome.played) == b"\1\0" * 1000 + b"\2\0" * 500
    assert dict(told) == {"a1": 1000, "a2": 500}
    assert [item_id for item_id, _ in told] == ["a1", "a1", "a1", "a2", "a2"]
