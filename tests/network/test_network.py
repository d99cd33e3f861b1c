"""A real kernel between the line and its server: what is found dead, what is left alive, what becomes of the audio.

All scenarios run at once, each on a lane of its own; each test judges one of them, from the server's side.
"""

from __future__ import annotations

import asyncio
import signal

import pytest

from network.server import Server
from network.talking import Call, Trouble, talk
from network.world import World, why_not
from scenarios.calling import VAD
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.protocol.policy import LinePolicy

REASON = why_not()
pytestmark = [
    pytest.mark.skipif(bool(REASON), reason=f"NO REAL NETWORK WAS TESTED: {REASON}"),
    pytest.mark.timeout(240),
]
RTT_100 = {"delay": 0.05}


async def _in_speech(call: Call) -> None:
    """1.5 s into the second turn."""
    await call.until(lambda: call.spoken == 2)
    await asyncio.sleep(1.5)
    call.mark()


async def _found(call: Call) -> None:
    await call.until(lambda: any(end.at >= call.broken_at for end in call.of(seen.LinkEnded)))


async def _nothing(call: Call) -> None:
    pass


async def _blackhole(call: Call, *, both: bool = True) -> None:
    await _in_speech(call)
    call.world.set(call.port, **({"both": {"black": True}} if both else {"down": {"black": True}}))
    await _found(call)
    await asyncio.sleep(1.0)
    call.world.set(call.port, both={"black": False})


async def _one_way(call: Call) -> None:
    await _blackhole(call, both=False)


async def _long_blackhole(call: Call) -> None:
    await _in_speech(call)
    call.world.set(call.port, both={"black": True})
    await asyncio.sleep(20.0)
    call.world.set(call.port, both={"black": False})


async def _idle_blackhole(call: Call) -> None:
    await call.until(lambda: call.completed == 1)
    await asyncio.sleep(2.0)
    call.mark()
    call.world.set(call.port, both={"black": True})
    await _found(call)
    call.world.set(call.port, both={"black": False})


async def _reset(call: Call) -> None:
    await _in_speech(call)
    await asyncio.to_thread(call.world.reset, call.port)


async def _slow(call: Call) -> None:
    await call.until(lambda: call.of(seen.SessionReady))
    call.world.set(call.port, both={"rate": 25_000})


async def _stalls(call: Call) -> None:
    """Two seconds of nothing, at six phases of the pings, while audio flows."""
    for number in range(6):
        await asyncio.sleep(2.5 + number * 0.17)
        call.world.set(call.port, both={"black": True})
        await asyncio.sleep(2.0)
        call.world.set(call.port, both={"black": False})


async def _frozen(call: Call) -> None:
    await _in_speech(call)
    call.server.signal(signal.SIGSTOP)
    await _found(call)
    call.server.signal(signal.SIGCONT)


async def _killed(call: Call) -> None:
    await _in_speech(call)
    call.server.kill()
    await asyncio.sleep(0.5)
    await asyncio.to_thread(call.server.start)


SCENARIOS: dict[str, tuple[Trouble, dict, dict]] = {
    "clean": (_nothing, {}, {}),
    "blackhole": (_blackhole, RTT_100, {}),
    "blackhole of 20 s": (_long_blackhole, RTT_100, {"replay_limit_ms": 45_000}),
    "blackhole while idle": (_idle_blackhole, RTT_100, {}),
    "one way": (_one_way, RTT_100, {}),
    "reset": (_reset, RTT_100, {}),
    "slow": (_slow, RTT_100, {}),
    "stalls": (_stalls, RTT_100, {}),
    "loss": (_nothing, RTT_100 | {"jitter": 0.01, "loss": 0.03}, {}),
    "frozen": (_frozen, RTT_100, {}),
    "killed": (_killed, RTT_100, {}),
}


async def _one(world: World, name: str) -> Call | BaseException:
    trouble, condition, limits = SCENARIOS[name]
    port = world.new_port()
    world.set(port, both=condition)
    server = Server(world.inside(world.far), world.folder, [port])
    call = Call(world, port, server)
    if name == "blackhole while idle":
        call.quiet = 16.0
    if name in ("stalls", "loss"):
        call.turns = [2, 3, 4, 5]
    try:
        await talk(call, trouble, policy=LinePolicy(session=VAD, **limits))
    except Exception as error:  # noqa: BLE001 - the test of this scenario raises it
        error.add_note(f"{name}: {[type(fact).__name__ for fact in call.facts[-20:]]}")
        return error
    return call


async def _all(world: World) -> dict[str, Call | BaseException]:
    calls = await asyncio.gather(*(_one(world, name) for name in SCENARIOS))
    return dict(zip(SCENARIOS, calls, strict=True))


@pytest.fixture(scope="module")
def calls():
    with World(seed=7) as world:
        yield world.run(lambda: _all(world))


def _judged(calls: dict[str, Call | BaseException], name: str) -> Call:
    """Nothing lost, nothing doubled, every turn answered once."""
    call = calls[name]
    if isinstance(call, BaseException):
        raise call
    assert call.judge is not None
    call.judge.check()
    assert call.books.gap == 0
    assert call.completed == len(call.turns)
    return call


@pytest.mark.parametrize("name", ["clean", "loss", "stalls"])
def test_a_link_that_lives_is_left_alone(calls, name: str):
    assert _judged(calls, name).deaths() == []


@pytest.mark.parametrize("name", ["blackhole", "one way"])
def test_silence_is_found_while_audio_streams(calls, name: str):
    call = _judged(calls, name)
    assert call.deaths()[0] == "DEAD"
    assert call.found_after() <= 3.6 + 0.4, "0.4 s are for a busy machine"


def test_twenty_seconds_of_silence_lose_nothing(calls):
    assert _judged(calls, "blackhole of 20 s").deaths()[0] == "DEAD"


def test_silence_is_found_while_nobody_speaks(calls):
    call = _judged(calls, "blackhole while idle")
    assert call.deaths()[0] == "DEAD"
    assert call.found_after() <= 8.5


@pytest.mark.parametrize(("name", "told"), [("reset", {"RESET"}), ("killed", {"RESET", "END"})])
def test_what_the_other_kernel_tells_is_found_at_once(calls, name: str, told: set[str]):
    call = _judged(calls, name)
    # The kernel of a process that was killed says FIN, and RST once more audio comes.
    assert call.deaths()[0] in told
    assert call.found_after() < 1.0


def test_a_frozen_server_is_found_although_its_kernel_acknowledges(calls):
    call = _judged(calls, "frozen")
    assert call.deaths()[0] == "DEAD"
    assert 2.4 <= call.found_after() <= 9.0


def test_a_link_slower_than_speech_is_congested_and_not_dead(calls):
    call = _judged(calls, "slow")
    assert call.deaths() == []
    assert [fact.over for fact in call.of(seen.Congested)][:2] == [False, True]
    assert [fact.target for fact in call.of(seen.Transition)].count(State.LIVE) == 1
