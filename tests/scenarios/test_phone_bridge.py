"""The example of docs/telephony.md with a telephone on one side and a simulator on the other, over real sockets."""

from __future__ import annotations

import asyncio
import importlib.util
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from websockets.asyncio.server import serve

from scenarios.telephone import FRAME, MeteredConnection, Telephone, codes_of
from trunkline.audio.g711 import decode_ulaw
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.simulator.recordings import recorded_turns
from trunkline.simulator.scenario import Scenario
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/phone_bridge.py"
TURNS = recorded_turns()
# An answer of three seconds is here in less than one, as with the real API.
TIMING = Timing(pace=5.0, response_delay=0.03, transcription_delay=0.05)
LEAD_SECONDS = 0.16
FRAME_SECONDS = 0.02


def example():
    spec = importlib.util.spec_from_file_location("phone_bridge", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_the_example_as_it_is():
    page = (ROOT / "docs/telephony.md").read_text(encoding="utf-8")
    assert f"```python\n{EXAMPLE.read_text(encoding='utf-8')}```" in page


class Exchange:
    """The server, the bridge in front of it, and what the lines told."""

    def __init__(self, server: SimulatorServer) -> None:
        self.server, self.port = server, 0
        self.facts: list[seen.Observation] = []
        self.connections: list[MeteredConnection] = []

    def metered(self, *args, **options) -> MeteredConnection:
        self.connections.append(MeteredConnection(*args, **options))
        return self.connections[-1]

    def of(self, kind: type) -> list:
        return [fact for fact in self.facts if isinstance(fact, kind)]


@asynccontextmanager
async def exchange(*faults: dict):
    scenario = Scenario.from_dict({"faults": list(faults)})
    async with SimulatorServer(scenario=scenario, timing=TIMING) as server:
        calls = Exchange(server)
        answer = partial(
            example().answer,
            api_key="sk-test-1",
            base_url=server.base_url,
            budget=RetryBudget(),
            seed=2,
            observers=[calls.facts.append],
        )
        async with serve(answer, "127.0.0.1", 0, create_connection=calls.metered) as bridge:
            calls.port = bridge.sockets[0].getsockname()[1]
            yield calls


def run(scenario):
    async def bounded():
        async with asyncio.timeout(40):
            return await scenario()

    return asyncio.run(bounded())


async def until(what) -> None:
    while not what():
        await asyncio.sleep(0.005)


def sound(codes: bytes) -> np.ndarray:
    return np.frombuffer(decode_ulaw(codes), "<i2")


def whole_answer(turn: int) -> np.ndarray:
    return sound(codes_of(TURNS[turn].reply_pcm))


def frames_of(answer: np.ndarray) -> int:
    return -(-len(answer) // FRAME)


def assert_heard(phone: Telephone, since: int, answer: np.ndarray) -> None:
    """Every sample of the answer, and nothing behind it but the silence of its last frame."""
    heard = sound(phone.heard(since))
    assert np.array_equal(heard[: len(answer)], answer)
    assert len(heard) - len(answer) < FRAME
    assert not heard[len(answer) :].any()


def test_an_answer_is_heard_whole_in_frames_that_are_never_far_ahead():
    async def scenario():
        answer = whole_answer(2)
        async with exchange() as calls, Telephone(calls.port) as phone:
            phone.say(TURNS[2].caller_pcm)
            await until(lambda: calls.of(seen.PlayStopped))
            assert len(phone.played) == frames_of(answer)
            assert_heard(phone, 0, answer)
            await phone.stop()
            await phone.is_over.wait()
            return phone, calls

    phone, calls = run(scenario)
    assert phone.sizes == {FRAME}
    assert calls.connections[0].lead <= LEAD_SECONDS + FRAME_SECONDS
    assert phone.clears == []
    assert [fact.cut for fact in calls.of(seen.PlayStopped)] == [False]
    (session,) = calls.server.sessions
    assert session.violations == []
    # The receiver that was put down closed the line.
    assert (session.ending.by, session.ending.code) == ("client", 1000)


def test_the_callers_codes_reach_the_model_sample_by_sample():
    async def scenario():
        async with exchange() as calls, Telephone(calls.port) as phone:
            phone.say(TURNS[2].caller_pcm)
            await until(lambda: any(one.items_of("committed") for one in calls.server.sessions))
            return calls.server.sessions[0]

    session = run(scenario)
    # The simulator makes three samples of one, the last of them the sample itself.
    given = np.frombuffer(session.audio(), "<i2")[2::3].tobytes()
    assert sound(codes_of(TURNS[2].caller_pcm)).tobytes() in given
    (item,) = session.items_of("committed")
    assert item.text == TURNS[2].caller_text


def test_a_caller_who_interrupts_is_heard_at_once_and_the_answer_is_cut_to_what_was_played():
    async def scenario():
        async with exchange() as calls, Telephone(calls.port) as phone:
            phone.say(TURNS[2].caller_pcm)
            await until(lambda: len(phone.played) >= 40)
            phone.say(TURNS[4].caller_pcm)
            await until(lambda: phone.clears)
            await until(lambda: calls.server.sessions[0].truncations)
            await until(lambda: len(phone.played) >= phone.clears[0] + 40)
            await phone.stop()
            await phone.is_over.wait()
            return phone, calls

    phone, calls = run(scenario)
    (session,) = calls.server.sessions
    (cut,) = session.truncations
    (heard,) = phone.clears
    assert cut.item_id == session.responses[0].item_id
    assert abs(cut.audio_end_ms - 20 * heard) <= 20
    assert session.violations == []
    first, second = whole_answer(2), whole_answer(4)
    assert heard < frames_of(first) - 8, "the interruption came too late to cut anything"
    assert np.array_equal(sound(phone.heard()[: heard * FRAME]), first[: heard * FRAME])
    # Nothing of the first answer is heard behind the clear.
    after = sound(phone.heard(heard))
    assert np.array_equal(after, second[: len(after)])
    assert calls.connections[0].lead <= LEAD_SECONDS + FRAME_SECONDS


@pytest.mark.parametrize(
    ("when", "clears"),
    [({"utterance": 1, "ms": 900}, 0), ({"reply": 1, "ms": 1200}, 1)],
    ids=["while the caller speaks", "while the model answers"],
)
def test_a_reset_of_the_line_leaves_the_call_up_and_the_answer_is_heard_whole(when, clears):
    async def scenario():
        answer = whole_answer(2)
        fault = {"when": when, "action": "rst"}
        async with exchange(fault) as calls, Telephone(calls.port) as phone:
            phone.say(TURNS[2].caller_pcm)
            await until(lambda: [one for one in calls.of(seen.PlayStopped) if not one.cut])
            since = phone.clears[-1] if phone.clears else 0
            assert_heard(phone, since, answer)
            assert not phone.is_over.is_set()
            return phone, calls

    phone, calls = run(scenario)
    assert len(phone.clears) == clears
    first, second = calls.server.sessions
    assert first.ending.by == "fault"
    assert [response.status for response in second.responses] == ["completed"]
    assert calls.connections[0].lead <= LEAD_SECONDS + FRAME_SECONDS


def test_a_line_that_fails_hangs_up():
    final = {"action": "close", "code": 1013, "reason": "insufficient_quota"}

    async def scenario():
        async with exchange({"when": {"utterance": 1, "ms": 500}} | final) as calls:
            async with Telephone(calls.port) as phone:
                phone.say(TURNS[2].caller_pcm)
                await phone.is_over.wait()
            return len(calls.server.dials)

    assert run(scenario) == 1


def test_a_line_that_cannot_begin_hangs_up():
    refusal = {"when": {"dial": 1}, "action": "refuse", "status": 401}

    async def scenario():
        async with exchange(refusal) as calls, Telephone(calls.port) as phone:
            await phone.is_over.wait()
            assert calls.server.sessions == []

    run(scenario)


def test_a_telephone_whose_connection_is_reset_ends_its_line_and_no_other_call():
    async def scenario():
        async with exchange() as calls, Telephone(calls.port) as other:
            async with Telephone(calls.port) as phone:
                await until(lambda: len(calls.server.sessions) == 2)
                phone.say(TURNS[2].caller_pcm)
                await until(lambda: len(phone.played) > 10)
                phone.break_off()
                await until(lambda: any(one.ending for one in calls.server.sessions))
            other.say(TURNS[2].caller_pcm)
            await until(lambda: len(other.played) > 10)
            return [one.ending.by for one in calls.server.sessions if one.ending]

    assert run(scenario) == ["client"]
