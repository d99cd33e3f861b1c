"""A line that is listened to in place of being iterated over."""

from __future__ import annotations

import asyncio

import pytest

from client.serving import QUICK, line_over, welcome, welcomed
from trunkline.errors import LineFailed, LocalError
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure
from trunkline.protocol.lifecycle import State
from trunkline.transports.memory import MemoryTransport, Peer

ITEM = {"id": "i", "type": "message", "role": "assistant", "status": "in_progress"}
IDS = '"response_id":"r","item_id":"i","output_index":0,"content_index":0'
DELTA = f'{{"type":"response.output_audio.delta","event_id":"e",{IDS},"delta":"{"AAAA" * 320}"}}'
SAMPLES = 480


def answer(peer: Peer, deltas: int) -> None:
    """An answer as servers write it: all but the first of its deltas go the short way."""
    peer.send({"type": "response.created", "response": {"id": "r", "conversation_id": "c"}})
    peer.send({"type": "conversation.item.added", "item": ITEM, "previous_item_id": None})
    for _ in range(deltas):
        peer.send_text(DELTA.encode())


async def until(condition) -> None:
    while not condition():
        await asyncio.sleep(0)


def run(scenario) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 10))


@pytest.mark.parametrize("observed", [False, True])
@pytest.mark.parametrize("speaks", [False, True])
def test_who_listens_may_call_the_line_from_each_event(speaks: bool, observed: bool):
    async def scenario():
        transport, heard, facts = MemoryTransport(), [], []
        line = line_over(transport, observers=[facts.append] if observed else [])

        def take(event: events.Event) -> None:
            if isinstance(event, events.AudioDelta):
                heard.append(event.pcm)
                line.played("i", SAMPLES * len(heard))
                if speaks:
                    line.send_audio(bytes(960))

        server = asyncio.create_task(welcome(transport))
        async with line:
            peer = await server
            listening = asyncio.create_task(line.listen(take))
            answer(peer, 5)
            await until(lambda: len(heard) == 5)
            assert (line.state, line.epoch) == (State.LIVE, 1)
            assert line.books().accepted == 5 * SAMPLES * speaks
        await listening
        assert [len(pcm) for pcm in heard] == [2 * SAMPLES] * 5
        if observed:
            received = [fact for fact in facts if isinstance(fact, seen.AudioReceived)]
            assert [fact.samples for fact in received] == [SAMPLES] * 5

    run(scenario)


class Summing:
    """Takes sums, and keeps what it is told in lists."""

    sums = True

    def __init__(self) -> None:
        self.facts = []

    def __call__(self, fact) -> None:
        raise AssertionError("it takes lists")

    def observe_all(self, facts) -> None:
        self.facts += facts


@pytest.mark.parametrize("measured", [False, True])
def test_a_delta_that_repeats_the_key_is_told_without_it_where_it_is_told(measured: bool):
    async def scenario():
        transport, heard, summing = MemoryTransport(), [], Summing()
        line = line_over(transport, observers=[summing], credential="sk-test-canary")
        line.measure(measured)
        server = asyncio.create_task(welcome(transport))
        async with line:
            peer = await server
            listening = asyncio.create_task(line.listen(heard.append))
            answer(peer, 1)
            for _ in range(3):
                peer.send_text(DELTA.replace('"e"', '"sk-test-canary"').encode())
            await until(lambda: sum(isinstance(one, events.AudioDelta) for one in heard) == 4)
        await listening
        assert "canary" not in repr(summing.facts)
        told = [fact for fact in summing.facts if isinstance(fact, seen.MessagePassed)]
        assert any(b"[redacted]" in fact.message for fact in told) == measured

    run(scenario)


def _sampled(line) -> float:
    """The driver's long look, now."""
    driver, now = line._driver, asyncio.get_running_loop().time()
    driver._looks._long_at = now
    driver._turn(now)
    return now


def test_a_look_that_only_sums_were_told_of_lets_audio_go_on_without_questions():
    async def scenario():
        async with welcomed(observers=[Summing()]) as line:
            fast_path, chunk = line._connection.fast_path, bytes(960)
            await until(lambda: line.send_audio(chunk) or fast_path.notes.send(chunk, 0.0))
            noted = fast_path.notes
            later = _sampled(line) + 1.2
            assert noted.send(chunk, later) is not None
            assert noted.send(chunk, later + 0.1) is None

    run(scenario)


def test_who_only_sums_is_told_of_a_round_trip_at_the_next_look():
    async def scenario():
        transport, summing = MemoryTransport(), Summing()
        line = line_over(transport, observers=[summing])
        server = asyncio.create_task(welcome(transport))
        async with line:
            await server
            observations = line._connection.observations

            def waits() -> bool:
                return any(isinstance(fact, seen.RoundTrip) for fact in observations)

            line._connection.fast_path.is_detailed = False
            liveness = line._connection._supervisor.link.liveness
            payload = liveness.ping(asyncio.get_running_loop().time())
            _sampled(line)
            before = len(summing.facts)
            line._driver._pong(line._connection.epoch, payload)
            assert waits()

            def is_told() -> bool:
                # What is frequent waits for others, a tenth of a second at most.
                _sampled(line)
                return any(isinstance(fact, seen.RoundTrip) for fact in summing.facts[before:])

            await until(is_told)
            assert not waits()

    run(scenario)


def test_an_interruption_stops_the_playing_of_who_listens_too():
    async def scenario():
        transport, facts, told = MemoryTransport(), [], []
        line = line_over(transport, observers=[facts.append])
        server = asyncio.create_task(welcome(transport))
        async with line:
            peer = await server
            listening = asyncio.create_task(line.listen(told.append))
            answer(peer, 2)
            await until(lambda: any(isinstance(event, events.AudioDelta) for event in told))
            line.played("i", SAMPLES // 2)
            began = {"item_id": "u", "audio_start_ms": 0}
            peer.send({"type": "input_audio_buffer.speech_started", **began})
            await until(lambda: any(isinstance(event, events.Interrupted) for event in told))
            assert any(isinstance(fact, seen.PlayStopped) for fact in facts)
        await listening

    run(scenario)


def test_what_the_listener_raises_ends_the_listening_and_not_the_line():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport)

        def take(event: events.Event) -> None:
            if type(event) is events.AudioDelta:
                raise RuntimeError("no more")

        server = asyncio.create_task(welcome(transport))
        async with line:
            peer = await server
            listening = asyncio.create_task(line.listen(take))
            answer(peer, 3)
            with pytest.raises(RuntimeError, match="no more"):
                await listening
            await until(lambda: len(line._inbox._events) == 2)
            assert line.state is State.LIVE

    run(scenario)


def test_a_line_that_fails_tells_who_listens():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport, backoff=QUICK)
        server = asyncio.create_task(welcome(transport))
        async with line:
            peer = await server
            listening = asyncio.create_task(line.listen(lambda event: None))
            peer.drop(Closure(code=3000, reason="invalid_request_error.invalid_api_key"))
            with pytest.raises(LineFailed):
                await listening

    run(scenario)


def test_a_line_has_one_listener():
    async def scenario():
        transport, told = MemoryTransport(), []
        line = line_over(transport)
        with pytest.raises(LocalError):
            await line.listen(told.append)
        server = asyncio.create_task(welcome(transport))
        async with line:
            await server
            listening = asyncio.create_task(line.listen(told.append))
            await asyncio.sleep(0)
            with pytest.raises(LocalError, match="listening"):
                await line.listen(lambda event: None)
        await listening

    run(scenario)
