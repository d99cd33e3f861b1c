"""What an operator may wish of a line, on real sockets, with the judge on the server's side."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import numpy as np
import pytest

import trunkline
from scenarios.calling import TIMING, VAD, Heard, _is_settled, _listen, _speak
from scenarios.judging import RATE_HZ, Judge, caller_stream
from trunkline.errors import LocalError
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.lifecycle import State
from trunkline.simulator.scenario import Scenario
from trunkline.simulator.server import SimulatorServer


def run(scenario):
    async def bounded():
        async with asyncio.timeout(40):
            return await scenario

    return asyncio.run(bounded())


def line_to(server: SimulatorServer, heard: Heard) -> trunkline.client.client.Line:
    return trunkline.connect(
        api_key="sk-test-1",
        base_url=server.base_url,
        session=VAD,
        observers=[heard.facts.append],
        budget=RetryBudget(),
        seed=2,
    )


def of(heard: Heard, kind: type) -> list:
    return [fact for fact in heard.facts if isinstance(fact, kind)]


async def until(what) -> None:
    while not what():
        await asyncio.sleep(0.01)


# Another link.


def test_a_line_that_is_reconnected_in_the_middle_of_a_turn_loses_nothing():
    async def scenario():
        pieces, stream = caller_stream([1, 3])
        heard = Heard()
        async with SimulatorServer(timing=TIMING) as server, line_to(server, heard) as line:
            listener = asyncio.create_task(_listen(line, heard))
            await _speak(line, pieces[0])
            await until(lambda: len(heard.completed) == 1)
            half = len(pieces[1]) // 1920 * 960
            await _speak(line, pieces[1][:half])
            line.reconnect()
            assert line.state is State.DIALING
            await _speak(line, pieces[1][half:])
            await until(lambda: len(heard.completed) == 2 and _is_settled(line))
            heard.books = line.books()
            await line.aclose()
            await listener
            heard.sessions = list(server.sessions)
        return heard, Judge(stream, [each for each in heard.sessions if each.appends])

    heard, judge = run(scenario())
    judge.check()
    assert len(heard.sessions) == 2
    assert heard.books.gap == heard.gaps == 0
    assert heard.books.accepted == heard.books.consumed + heard.books.retained
    assert of(heard, seen.RetryScheduled) == []
    restored = of(heard, seen.Restored)
    assert [(fact.verified, fact.lost_samples) for fact in restored] == [(True, 0)]


def test_a_line_that_waits_dials_when_somebody_wishes_it():
    refusal = {
        "when": {"utterance": 1, "ms": 500},
        "action": "refuse",
        "status": 503,
        "retry_after": 60,
        "count": 1,
    }
    reset = {"when": {"utterance": 1, "ms": 500}, "action": "rst"}

    async def scenario():
        pieces, _ = caller_stream([1])
        heard = Heard()
        faults = Scenario.from_dict({"faults": [refusal, reset]})
        async with (
            SimulatorServer(scenario=faults, timing=TIMING) as server,
            line_to(server, heard) as line,
        ):
            listener = asyncio.create_task(_listen(line, heard))
            await _speak(line, pieces[0])
            await until(lambda: of(heard, seen.RetryScheduled)[-1:] and _waits_long(heard))
            began_at = time.monotonic()
            line.reconnect()
            await until(lambda: line.state is State.LIVE)
            took = time.monotonic() - began_at
            await until(lambda: len(heard.completed) == 1)
            await line.aclose()
            await listener
        return took

    # The server had asked for a minute.
    assert run(scenario()) < 10.0


def _waits_long(heard: Heard) -> bool:
    return of(heard, seen.RetryScheduled)[-1].delay > 30.0


# The end.


def test_a_line_that_is_drained_gives_its_answer_to_the_end_and_begins_nothing():
    async def scenario():
        pieces, stream = caller_stream([1, 3])
        heard = Heard()
        # Slowly enough that the answer is not over before anybody can wish anything.
        timing = replace(TIMING, pace=3.0)
        async with SimulatorServer(timing=timing) as server:
            line = line_to(server, heard)
            async with line:
                listener = asyncio.create_task(_listen(line, heard))
                await _speak(line, pieces[0])
                await until(lambda: of(heard, seen.AudioReceived))
                done = line.drain()
                assert not done.done()
                with pytest.raises(LocalError, match="draining"):
                    line.reconnect()
                await _speak(line, pieces[1])
                await done
                assert line.state is State.CLOSED
                await listener
                heard.books = line.books()
            heard.sessions = list(server.sessions)
        return heard, Judge(stream, heard.sessions), line.snapshot()

    heard, judge, snapshot = run(scenario())
    (session,) = heard.sessions
    assert (session.ending.by, session.ending.code) == ("client", 1000)
    assert len(heard.completed) == 1
    statuses = [
        fact.status
        for fact in of(heard, seen.Milestone)
        if fact.kind is seen.MilestoneKind.RESPONSE_DONE
    ]
    assert statuses == ["completed"]
    # The second turn reached nobody and is in the snapshot, every sample of it.
    (_, last) = judge.appended(session)[-1]
    books = heard.books
    assert last < books.accepted
    assert books.retained >= books.accepted - last
    assert books.accepted == books.consumed + books.retained + books.gap
    heir = trunkline.connect(api_key="sk-test-1", restore=snapshot)
    assert heir.books() == replace(books, waiting=heir.books().waiting)


def test_a_drain_is_cut_short_when_its_time_is_over():
    async def scenario():
        pieces, _ = caller_stream([1])
        heard = Heard()
        timing = replace(TIMING, pace=0.5)
        async with SimulatorServer(timing=timing) as server, line_to(server, heard) as line:
            listener = asyncio.create_task(_listen(line, heard))
            await _speak(line, pieces[0])
            await until(lambda: of(heard, seen.AudioReceived))
            began_at = time.monotonic()
            await line.drain(within=0.2)
            took = time.monotonic() - began_at
            await listener
            return took, line.state

    took, state = run(scenario())
    assert 0.2 <= took < 5.0
    assert state is State.CLOSED


# Silence.


def test_what_is_said_while_muted_reaches_the_server_as_silence_of_the_same_length():
    async def scenario():
        pieces, _ = caller_stream([1, 3, 2])
        heard = Heard()
        async with SimulatorServer(timing=TIMING) as server, line_to(server, heard) as line:
            listener = asyncio.create_task(_listen(line, heard))
            await _speak(line, pieces[0])
            await until(lambda: len(heard.completed) == 1)
            line.mute()
            assert line.is_muted
            await _speak(line, pieces[1])
            line.mute(False)
            await _speak(line, pieces[2])
            await until(lambda: len(heard.completed) == 2 and _is_settled(line))
            heard.books = line.books()
            await line.aclose()
            await listener
            heard.sessions = list(server.sessions)
        return heard, [len(piece) // 2 for piece in pieces]

    heard, lengths = run(scenario())
    (session,) = heard.sessions
    audio = np.frombuffer(b"".join(one.pcm for one in session.appends), "<i2")
    start, end = lengths[0], lengths[0] + lengths[1]
    assert len(audio) == sum(lengths) == heard.books.accepted
    assert not audio[start:end].any()
    assert audio[:start].any()
    assert audio[end:].any()
    # The turn that was muted was no turn.
    assert len(session.items_of("committed")) == 2
    starts = [
        fact for fact in of(heard, seen.Milestone) if fact.kind is seen.MilestoneKind.SPEECH_STARTED
    ]
    assert len(starts) == 2


# What is measured on a real link.


def test_a_measured_line_tells_how_late_how_loud_and_how_far_everything_is():
    async def scenario():
        pieces, _ = caller_stream([1])
        heard = Heard()
        async with SimulatorServer(timing=TIMING) as server:
            line = line_to(server, heard)
            line.measure()
            async with line:
                listener = asyncio.create_task(_listen(line, heard))
                await _speak(line, pieces[0])
                await until(lambda: len(heard.completed) == 1)
                await until(lambda: len(of(heard, seen.KernelSampled)) >= 2)
            await listener
            heard.books = line.books()
        return heard

    heard = run(scenario())
    late = of(heard, seen.ChunkLate)
    assert sum(fact.samples for fact in late) == heard.books.accepted
    assert all(0.0 <= fact.late < 5.0 for fact in late)
    up = [fact for fact in of(heard, seen.LevelSampled) if fact.direction is seen.Direction.UP]
    assert 0 <= heard.books.accepted - sum(fact.samples for fact in up) < RATE_HZ // 10 + 480
    # Somebody speaks, and pauses.
    assert max(fact.peak for fact in up) > 0.05
    assert min(fact.mean_square for fact in up) < 1e-6
    down = [fact for fact in of(heard, seen.LevelSampled) if fact.direction is seen.Direction.DOWN]
    received = sum(fact.samples for fact in of(heard, seen.AudioReceived))
    assert 0 <= received - sum(fact.samples for fact in down) < RATE_HZ // 10
    assert down
    assert of(heard, seen.LoopLagged)
    (ended,) = of(heard, seen.SpeechEnded)
    stopped = next(
        fact for fact in of(heard, seen.Milestone) if fact.kind is seen.MilestoneKind.SPEECH_STOPPED
    )
    assert ended.captured_at < stopped.at
    # On loopback even a busy machine has its answer within a second.
    kernel = of(heard, seen.KernelSampled)[-1]
    assert kernel.rtt is None or 0 < kernel.rtt < 1.0
    assert [name for name, _ in of(heard, seen.LinkOpened)[0].phases][-2:] == ["tcp", "upgrade"]
    usage = of(heard, seen.ResponseUsage)
    assert [fact.output_tokens > 0 for fact in usage] == [True]
    (began,) = of(heard, seen.PlayStarted)
    (over,) = of(heard, seen.PlayStopped)
    assert began.at <= over.at
    assert not over.cut
