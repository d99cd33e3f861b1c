from __future__ import annotations

import pytest

from trunkline.protocol import events
from trunkline.protocol.closure import Closure
from trunkline.protocol.lifecycle import State
from trunkline.soak.agenda import Agenda
from trunkline.soak.watch import Watch


class Process:
    """A driver that is told everything."""

    def __init__(self) -> None:
        self.agenda, self.laws = Agenda(), []
        self.state, self.slept, self.woke_at, self.is_blocked, self.pings, self.link = (
            State.DIALING,
            0.0,
            0.0,
            False,
            {},
            None,
        )
        self.watch = Watch(self.agenda, lambda law, detail: self.laws.append(law))
        self.watch.attach(self)

    def now(self) -> float:
        return self.agenda.now

    def wait(self, seconds: float) -> None:
        self.agenda.run_until(self.agenda.now + seconds)

    def lose(self, closure: Closure, after: float) -> None:
        self.watch.ended(closure)
        self.wait(after)
        self.watch.dialing(refresh=closure.status == 401)


class FakeLink:
    def __init__(self, *, heard_at: float = 0.0) -> None:
        self.is_expired = False
        self.is_open, self.heard_at, self.acked_at = True, heard_at, heard_at


def test_retries_at_their_distance_are_lawful():
    process = Process()
    for attempt in range(10):
        process.lose(Closure(code=1011), after=0.5 * 1.6**attempt + 5.0)
    assert process.laws == []


@pytest.mark.parametrize(
    ("closure", "after"),
    [(Closure(status=503, retry_after=7.0), 3.0), (Closure(status=404), 60.0)],
)
def test_a_dial_before_the_servers_time_or_after_the_end_is_none(closure: Closure, after: float):
    process = Process()
    process.lose(closure, after)
    assert process.laws == ["I5"]


def test_retries_that_do_not_slow_down_are_found():
    process = Process()
    for _ in range(6):
        process.lose(Closure(code=1011), after=0.2)
    assert "I5" in process.laws


def test_a_credential_that_was_refused_must_be_asked_for_again():
    process = Process()
    process.watch.ended(Closure(status=401))
    process.wait(1.0)
    process.watch.dialing(refresh=False)
    assert process.laws == ["I9"]


def test_two_links_are_one_too_many():
    process = Process()
    process.watch.opened(FakeLink())
    process.watch.opened(FakeLink())
    assert process.laws == ["I4"]


def test_a_link_that_was_heard_of_just_now_is_not_dead_and_a_quiet_one_may_be():
    process = Process()
    process.wait(60.0)
    process.state = State.WAITING
    process.watch.moved(State.RESTORING, State.LIVE)
    process.laws.clear()
    process.pings = {b"1": 57.0}
    process.watch.aborting(FakeLink(heard_at=50.0))
    assert process.laws == []
    process.pings = {b"1": 58.9}
    process.watch.aborting(FakeLink(heard_at=59.5))
    assert process.laws == ["I12"]


def test_a_phase_beyond_its_deadline_is_found():
    process = Process()
    process.watch.moved(State.IDLE, State.OPENING)
    process.wait(11.0)
    process.watch.moved(State.OPENING, State.WAITING)
    assert process.laws == ["I11"]


def test_an_event_of_an_earlier_session_is_found():
    process = Process()
    process.watch.delivered_from["r"] = 1
    process.watch.delivered(
        events.ResponseDone(response_id="r", status="completed", response={}), 1
    )
    assert process.laws == []
    process.watch.delivered(
        events.ResponseDone(response_id="r", status="completed", response={}), 2
    )
    assert process.laws == ["I10"]


def test_giving_up_early_is_found():
    process = Process()
    process.watch.ended(Closure(code=1011))
    process.watch.moved(State.WAITING, State.FAILED)
    assert process.laws == ["I5"]


def test_a_mistake_of_the_protocol_is_tried_again_once():
    process = Process()
    process.lose(Closure(code=1009), after=5.0)
    assert process.laws == []
    process.watch.ended(Closure(code=1009))
    process.watch.moved(State.LIVE, State.FAILED)
    assert process.laws == []
    process.state = State.WAITING
    process.watch.settle(Closure(code=1009))
    assert process.laws == ["I5"]
