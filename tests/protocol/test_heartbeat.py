"""Pings and pongs beside flowing audio: that the short way stays open, and that both ways lead to the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.driving import Line
from protocol.test_fast_path import DELTA, STEPS, Walk, answering, inside
from trunkline.protocol import observations as seen
from trunkline.protocol.drains import Ping
from trunkline.protocol.lifecycle import State
from trunkline.protocol.window import RotationPolicy

CHUNK = bytes(40)


def flow(line: Line, seconds: float) -> None:
    """Audio both ways, a chunk and a delta of 20 ms each, that go the short way."""
    for _ in range(round(seconds / 0.02)):
        line.now += 0.02
        assert line.connection.fast_path.send(CHUNK, line.now) is not None
        assert line.connection.fast_path.receive(line.epoch, DELTA, line.now)


def flowing(**policy) -> Line:
    line = answering(**policy)
    flow(line, 0.96)
    line.now += 0.05
    return line


def ping(line: Line) -> bytes | None:
    return line.connection.fast_path.heartbeat.ping(line.now)


def pong(line: Line, payload: bytes) -> bool:
    return line.connection.fast_path.heartbeat.pong(line.epoch, payload, line.now)


def is_open(line: Line) -> bool:
    return line.connection.fast_path.notes.heard_at is not None


def test_a_ping_that_is_all_that_is_due_leaves_the_short_way_open():
    line = flowing()
    payload = ping(line)
    assert payload is not None
    assert is_open(line)
    line.now += 0.01
    assert pong(line, payload)
    assert is_open(line)
    (trip,) = [fact for fact in line.connection.observations if isinstance(fact, seen.RoundTrip)]
    assert trip.rtt == pytest.approx(0.01)
    flow(line, 0.1)


def test_who_comes_a_little_early_may_ping_and_no_earlier():
    line = flowing()
    heartbeat, due = line.connection.fast_path.heartbeat, line.now
    line.connection._supervisor.link.liveness.pinged_at = due - 0.9995
    assert heartbeat.ping_at() == pytest.approx(due + 0.0005)
    assert heartbeat.ping(due) is None
    assert heartbeat.ping(due, early=0.0004) is None
    assert heartbeat.ping(due, early=0.001) is not None


def test_a_deadline_without_pings_is_that_of_all_else():
    line = flowing()
    assert line.connection.deadline() == line.connection.fast_path.heartbeat.ping_at()
    assert line.connection.deadline(pings=False) != line.connection.deadline()
    assert ping(line) is not None
    liveness = line.connection._supervisor.link.liveness
    # Of a ping that nobody has answered it must be asked whether the peer is dead.
    assert line.connection.deadline(pings=False) == liveness.check_at()


def test_there_is_no_ping_without_a_link():
    assert Line().connection.fast_path.heartbeat.ping_at() is None


def test_the_next_ping_is_due_a_second_later_if_audio_goes_on_and_five_if_not():
    line = flowing()
    assert ping(line) is not None
    assert line.connection.fast_path.heartbeat.soonest_ping_at() == line.now + 1.0
    liveness = line.connection._supervisor.link.liveness
    assert liveness.ping_at() == line.now + 5.0
    flow(line, 0.02)
    line.connection.deadline()
    assert liveness.ping_at() == pytest.approx(line.now + 0.98)


def test_what_was_sent_before_a_ping_is_read_when_the_one_after_it_is_answered():
    line = flowing()
    payload = ping(line)
    sent = line.connection._outbox.cursor
    flow(line, 0.1)
    assert pong(line, payload)
    flow(line, 0.96)
    payload = ping(line)
    assert pong(line, payload)
    assert line.connection._outbox.read == sent


def early(line: Line) -> None:
    line.now -= 0.1


def blocked(line: Line) -> None:
    line.now += 0.3


def draining(line: Line) -> None:
    line.connection.drain(line.now)


def dead(line: Line) -> None:
    liveness = line.connection._supervisor.link.liveness
    line.connection.deadline()
    liveness.ping(line.now - 40.0)
    liveness.pinged_at = line.now - 1.0


def not_live(line: Line) -> None:
    line.ended()


def rotating(line: Line) -> None:
    line.connection.rotate(line.now)
    assert line.state is State.ROTATING


def long_lived(line: Line) -> None:
    """How many messages came is judged each ten seconds."""
    line.connection._supervisor.link._marked_at -= 10.0


def stalling(line: Line) -> None:
    line.connection.deadline()
    line.connection._watchdog._check_at = line.now


def pacing(line: Line) -> None:
    line.connection._stream.waits_until = line.now + 1.0


@pytest.mark.parametrize(
    "change", [early, blocked, draining, dead, not_live, rotating, long_lived, stalling, pacing]
)
def test_a_ping_that_is_not_due_or_not_all_that_is_goes_the_ordinary_way(change):
    assert ping(flowing()) is not None
    line = flowing()
    change(line)
    before = line.connection.snapshot(), line.connection.deadline()
    assert ping(line) is None
    assert (line.connection.snapshot(), line.connection.deadline()) == before


def test_a_rotation_that_is_due_goes_the_ordinary_way():
    rotation = RotationPolicy(after=300.0, spread=0.0, latest=400.0)
    assert ping(flowing(rotation=rotation)) is not None
    line = flowing(rotation=rotation)
    line.connection._rotation._window.opened_at -= 300.0
    assert ping(line) is None


@pytest.mark.parametrize("change", [blocked, not_live, rotating])
def test_a_pong_that_may_mean_more_goes_the_ordinary_way(change):
    line = flowing()
    payload = ping(line)
    change(line)
    assert not pong(line, payload)


def test_a_pong_of_another_link_goes_the_ordinary_way():
    line = flowing()
    payload = ping(line)
    assert not line.connection.fast_path.heartbeat.pong(line.epoch + 1, payload, line.now)


def test_a_pong_that_nobody_waits_for_is_a_sign_of_life_and_no_more():
    line = flowing()
    line.fresh("facts")
    line.connection.observations.clear()
    assert pong(line, b"none")
    assert not line.connection.observations
    assert line.connection._supervisor.link.liveness.received_at == line.now


# That it leads to the same.

BEATS = st.one_of(
    st.tuples(st.just("flow"), st.integers(1, 12)),
    st.tuples(st.just("flow"), st.integers(8, 12)),
    st.tuples(st.just("beat"), st.none()),
    st.tuples(st.just("pong"), st.none()),
    st.tuples(st.just("look"), st.sampled_from(["books", "snapshot", "deadline"])),
)


def beat(line: Line) -> None:
    """What the driver's timer does."""
    at = line.connection.deadline()
    if at is not None and at <= line.now:
        line._due(0.5)


def tread(walk: Walk, name: str, value) -> None:
    if name == "flow":
        for _ in range(value):
            walk.step("tick", 0.02)
            walk.step("speak", 20)
            walk.step("delta", 20)
            beat(walk.line)
    elif name == "beat":
        beat(walk.line)
    elif name == "look":
        getattr(walk.line.connection, value)()
    else:
        walk.step(name, value)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.lists(BEATS, max_size=12), st.none() | STEPS), max_size=8))
def test_both_ways_of_a_beat_say_and_do_the_same(runs):
    fast, ordinary = Walk(fast=True, asks=False).answering(), Walk(fast=False).answering()
    for beats, step in runs:
        for one in (*beats, *([step] if step else [])):
            tread(fast, *one)
            tread(ordinary, *one)
            assert fast.line.actions == ordinary.line.actions
        fast.line.drain()
        assert inside(fast.line) == inside(ordinary.line)
        assert fast.all() == ordinary.all()
        assert fast.line.connection.snapshot() == ordinary.line.connection.snapshot()


def test_the_walk_above_has_beats_that_go_the_short_way():
    walk, beats = Walk(fast=True, asks=False).answering(), 0
    for _ in range(3):
        tread(walk, "flow", 60)
        walk.step("pong", None)
        beats += is_open(walk.line)
    assert beats == 3
    assert len(walk.line.of(Ping)) == 4
