"""Rotation on real sockets: a session that ends soon, a caller who goes on, and the judge on the server's side."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

import trunkline
from scenarios.calling import TIMING, VAD, Heard, _is_settled, _listen, _speak
from scenarios.judging import Judge, caller_stream
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.policy import LinePolicy
from trunkline.protocol.window import RotationPolicy
from trunkline.simulator.scenario import Scenario
from trunkline.simulator.server import SimulatorServer


async def _call(
    *,
    faults: list[dict] = (),
    rotation: RotationPolicy | None = None,
    lifetime: float = 3600.0,
    rotate_at: tuple[int, int, float | None] | None = None,
    turns: tuple[int, ...] = (1, 3),
    outage: trunkline.Outage | None = None,
) -> tuple[Heard, Judge, list]:
    """Speaks the turns; `rotate_at` is (turn, chunk of it, within)."""
    pieces, stream = caller_stream(list(turns))
    heard = Heard()
    scenario = Scenario.from_dict({"faults": list(faults)})
    timing = replace(TIMING, lifetime=lifetime)
    ends: list = []
    async with SimulatorServer(scenario=scenario, timing=timing) as server:
        line = trunkline.connect(
            api_key="sk-test-1",
            base_url=server.base_url,
            policy=LinePolicy(
                session=VAD,
                rotation=rotation or RotationPolicy(),
                outage=outage or trunkline.Outage.replay(),
            ),
            observers=[heard.facts.append],
            budget=RetryBudget(size=100.0),
            seed=2,
        )
        async with line:
            listener = asyncio.create_task(_listen(line, heard))
            for number, piece in enumerate(pieces, 1):
                cut = len(piece)
                if rotate_at is not None and rotate_at[0] == number:
                    cut = 960 * rotate_at[1]
                await _speak(line, piece[:cut])
                if cut < len(piece) or (rotate_at is not None and rotate_at[0] == number):
                    ends.append(line.rotate(within=rotate_at[2]))
                await _speak(line, piece[cut:])
                async with asyncio.timeout(20):
                    while len(heard.completed) < number:
                        await asyncio.sleep(0.01)
            async with asyncio.timeout(20):
                while not _is_settled(line):
                    await asyncio.sleep(0.01)
            results = await asyncio.gather(*ends, return_exceptions=True)
            heard.books = line.books()
        await listener
        heard.sessions = list(server.sessions)
    return heard, Judge(stream, [each for each in heard.sessions if each.appends]), results


def run(**options):
    async def bounded():
        async with asyncio.timeout(40):
            return await _call(**options)

    heard, judge, results = asyncio.run(bounded())
    books = heard.books
    assert books.accepted == books.consumed + books.retained + books.gap
    assert books.gap == heard.gaps == 0
    judge.check()
    _at_most_one_session_hears(heard)
    return heard, results


def _at_most_one_session_hears(heard: Heard) -> None:
    """No session gets audio after a later one began to get it (I4)."""
    began = [session.appends[0].at for session in heard.sessions if session.appends]
    for session, next_began in zip(heard.sessions, began[1:], strict=False):
        assert session.appends[-1].at <= next_began + 0.05


def rotations(heard: Heard) -> list[seen.Rotated]:
    return [fact for fact in heard.facts if isinstance(fact, seen.Rotated)]


def test_a_session_that_ends_soon_is_exchanged_before_and_nothing_breaks():
    # Six seconds stand for the hour.
    policy = RotationPolicy(lifetime=6.0, after=2.0, spread=0.2, latest=5.5, hurry=0.5)
    heard, _ = run(rotation=policy, lifetime=6.0, turns=(1, 2, 3, 4, 5))
    assert rotations(heard)
    assert not [fact for fact in heard.facts if isinstance(fact, seen.Restored)]
    for session in heard.sessions[:-1]:
        assert (session.ending.by, session.ending.code) == ("client", 1000)


def test_an_expiry_that_comes_unasked_is_restored_without_waiting():
    heard, _ = run(
        rotation=RotationPolicy(planned=False),
        faults=[
            {
                "when": {"utterance": 2, "ms": 900},
                "action": "error",
                "type": "invalid_request_error",
                "code": "session_expired",
                "message": "Your session hit the maximum duration of 60 minutes.",
            }
        ],
    )
    assert len(heard.sessions) == 2


@pytest.mark.parametrize("within", [0.0, None], ids=["at any moment", "in silence"])
def test_a_rotation_in_mid_utterance_takes_the_utterance_along(within: float | None):
    heard, (rotated,) = run(rotate_at=(2, 60, within))
    assert len(heard.completed) == 2
    assert (rotated.lost_samples, rotated.verified) == (0, True)


@pytest.mark.parametrize("outage", [trunkline.Outage.latest(40), trunkline.Outage.drop()])
def test_a_rotation_is_no_outage_whatever_the_policy(outage: trunkline.Outage):
    heard, (rotated,) = run(rotate_at=(2, 60, 0.0), outage=outage)
    assert len(heard.completed) == 2
    assert (rotated.lost_samples, rotated.verified) == (0, True)


def test_a_snapshot_in_mid_rotation_is_taken_over_and_nothing_is_lost_or_doubled():
    async def scenario() -> None:
        pieces, stream = caller_stream([1, 3])
        heard, facts = Heard(), []
        half = len(pieces[1]) // 4 * 2
        async with SimulatorServer(timing=TIMING) as server, asyncio.timeout(40):
            line = trunkline.connect(
                api_key="sk-test-1", base_url=server.base_url, session=VAD, seed=2
            )
            async with line:
                listener = asyncio.create_task(_listen(line, heard))
                await _speak(line, pieces[0])
                while not _is_settled(line) or not heard.completed:
                    await asyncio.sleep(0.01)
                await _speak(line, pieces[1][:half])
                done = line.rotate()
                while len(server.sessions) < 2:
                    await asyncio.sleep(0.01)
                assert line.state.value == "rotating"
            await listener
            with pytest.raises(trunkline.RotationAbandoned):
                await done
            other = trunkline.connect(
                api_key="sk-test-1",
                base_url=server.base_url,
                restore=line.snapshot(),
                observers=[facts.append],
            )
            async with other:
                listener = asyncio.create_task(_listen(other, heard))
                await _speak(other, pieces[1][half:])
                while len(heard.completed) < 2 or not _is_settled(other):
                    await asyncio.sleep(0.01)
                books = other.books()
            await listener
            sessions = [each for each in server.sessions if each.appends]
        (restored,) = [fact for fact in facts if isinstance(fact, seen.Restored)]
        assert (restored.items, restored.lost_samples, restored.verified) == (2, 0, True)
        assert (books.accepted, books.gap) == (len(stream) // 2, 0)
        Judge(stream, sessions).check()

    asyncio.run(scenario())


def test_a_rotation_while_a_reply_plays_waits_for_its_end():
    heard, (rotated,) = run(rotate_at=(1, 10_000, None))
    assert rotated.moment == "in silence"
    assert heard.interrupted == []


def test_a_second_server_that_refuses_leaves_the_first_alone():
    close = {"action": "close", "code": 1013, "reason": "insufficient_quota.insufficient_quota"}
    fault = {"when": {"event": "session.created"}, "connection": 2} | close
    heard, (failed,) = run(rotate_at=(2, 30, None), faults=[fault])
    assert isinstance(failed, trunkline.RotationAbandoned)
    assert len(heard.completed) == 2
    assert not rotations(heard)


@pytest.mark.parametrize("connection", [1, 2], ids=["the first", "the second"])
def test_a_link_that_dies_in_mid_rotation_loses_nothing(connection: int):
    event = "session.updated" if connection == 2 else "input_audio_buffer.speech_stopped"
    count = 1 if connection == 2 else 2
    fault = {"when": {"event": event, "count": count}, "connection": connection, "action": "rst"}
    heard, _ = run(rotate_at=(2, 30, None), faults=[fault])
    assert len(heard.completed) == 2
