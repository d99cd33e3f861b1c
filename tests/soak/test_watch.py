from __future__ import annotations

import pytest

from trunkline.protocol import events
from trunkline.protocol.closure import Closure
from trunkline.protocol.lifecycle import State
from trunkline.soak.agenda import Agenda
from trunkline.soak.link import Role
from trunkline.soak.watch import Watch


class Process:
    """A driver that is told everything."""

    def __init__(self) -> None:
        self.agenda, self.laws = Agenda(), []
        self.state, self.slept, self.woke_at, self.is_blocked = State.DIALING, 0.0, 0.0, False
        self.links, self.link, self.epoch, self.asked_at = {}, None, 1, 0.0
        self.stood_at = float("-inf")
        self.watch = Watch(self.agenda, lambda law, detail: self.laws.append(law))
        self.watch.attach(self)

    def now(self) -> float:
        return self.agenda.now

    def wait(self, seconds: float) -> None:
        self.agenda.run_until(self.agenda.now + seconds)

    def lose(self, closure: Closure, after: float, role: Role = Role.SERVING) -> None:
        self.watch.ended(closure, None, role)
        self.wait(after)
        self.watch.dialing(role, refresh=closure.status == 401)


class FakeLink:
    def __init__(self, *, heard_at: float = 0.0, pinged_at: float = 0.0) -> None:
        self.is_expired = self.is_closing = False
        self.is_open = self.is_ours = True
        self.heard_at = self.acked_at = heard_at
        self.has_session = False
        self.pings = {b"1": pinged_at}


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
    process.watch.ended(Closure(status=401), None, Role.SERVING)
    process.wait(1.0)
    process.watch.dialing(Role.SERVING, refresh=False)
    assert process.laws == ["I9"]


@pytest.mark.parametrize("has_session", [True, False])
def test_a_second_link_that_got_a_session_shows_that_the_key_is_good(has_session: bool):
    process = Process()
    process.lose(Closure(status=401), after=0.5, role=Role.SECOND)
    link = FakeLink()
    link.complained_at, link.has_session = float("-inf"), has_session
    process.watch.ended(Closure(code=1006), link, Role.SECOND)
    process.wait(1.0)
    process.watch.dialing(Role.SECOND, refresh=False)
    process.lose(Closure(status=401), after=3.0, role=Role.SECOND)
    assert process.laws == ([] if has_session else ["I5"])


@pytest.mark.parametrize("has_session", [True, False])
def test_one_that_takes_the_place_of_the_first_shows_it_too(has_session: bool):
    process = Process()
    process.lose(Closure(status=401), after=0.5, role=Role.SECOND)
    process.link = FakeLink()
    process.link.has_session = has_session
    process.state = State.CONFIGURING
    process.watch.moved(State.ROTATING, State.CONFIGURING)
    process.state = State.WAITING
    process.watch.ended(Closure(status=401), None, Role.SERVING)
    process.watch.settle()
    assert process.laws == ([] if has_session else ["I5"])


@pytest.mark.parametrize("switched", [True, False])
def test_a_rotation_that_came_to_nothing_does_not(switched: bool):
    process = Process()
    process.state = State.LIVE
    process.watch.moved(State.RESTORING, State.LIVE)
    process.watch.moved(State.LIVE, State.ROTATING)
    process.watch.ended(Closure(status=401), None, Role.SECOND)
    process.epoch += switched
    process.watch.moved(State.ROTATING, State.LIVE)
    process.state = State.FAILED
    process.watch.ended(Closure(status=401), None, Role.SERVING)
    process.watch.moved(State.DIALING, State.FAILED)
    assert process.laws == (["I5"] if switched else [])


def test_three_links_are_one_too_many():
    process = Process()
    process.watch.opened(FakeLink())
    process.watch.opened(FakeLink())
    process.watch.opened(FakeLink())
    assert process.laws == ["I4"]


def test_a_link_that_was_heard_of_just_now_is_not_dead_and_a_quiet_one_may_be():
    process = Process()
    process.wait(60.0)
    process.state = State.WAITING
    process.watch.moved(State.RESTORING, State.LIVE)
    process.laws.clear()
    process.watch.aborting(FakeLink(heard_at=50.0, pinged_at=57.0), Role.SERVING)
    assert process.laws == []
    process.watch.aborting(FakeLink(heard_at=59.5, pinged_at=58.9), Role.SERVING)
    assert process.laws == ["I12"]


@pytest.mark.parametrize("before", [State.ROTATING, State.DIALING])
def test_a_promoted_links_phase_began_before_it_was_promoted(before: State):
    process = Process()
    process.wait(100.0)
    process.watch.moved(before, State.OPENING)
    process.wait(5.0)
    link = FakeLink(heard_at=process.agenda.now, pinged_at=process.agenda.now)
    process.watch.aborting(link, Role.SERVING)
    assert ("I12" in process.laws) == (before is State.DIALING)


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
    process.watch.ended(Closure(code=1011), None, Role.SERVING)
    process.watch.moved(State.WAITING, State.FAILED)
    assert process.laws == ["I5"]


def test_a_mistake_of_the_protocol_is_tried_again_once():
    process = Process()
    process.lose(Closure(code=1009), after=5.0)
    assert process.laws == []
    process.watch.ended(Closure(code=1009), None, Role.SERVING)
    process.watch.moved(State.LIVE, State.FAILED)
    assert process.laws == []
    process.state = State.WAITING
    process.watch.settle()
    assert process.laws == ["I5"]


@pytest.mark.parametrize("stands_still", [True, False])
def test_what_a_process_hears_as_it_goes_on_explains_the_end_that_comes_with_it(stands_still):
    process = Process()
    for code_is_explained in (True, False):
        link = FakeLink()
        link.complained_at = float("-inf")
        if code_is_explained:
            link.complained_at = process.agenda.now + 1.0
            if stands_still:
                process.stood_at, process.woke_at = process.agenda.now, process.agenda.now + 30.0
            process.wait(30.0)
        process.watch.ended(Closure(code=1009), link, Role.SERVING)
        process.state = State.WAITING
        process.watch.settle()
        process.wait(5.0)
        process.watch.dialing(Role.SERVING, refresh=False)
    assert process.laws == ([] if stands_still else ["I5", "I5"])


def test_a_second_link_is_dialed_beside_one_and_not_beside_two():
    process = Process()
    process.watch.opened(FakeLink())
    process.watch.dialing(Role.SECOND, refresh=False)
    assert process.laws == []
    process.watch.dialing(Role.SERVING, refresh=False)
    process.watch.opened(FakeLink())
    process.watch.dialing(Role.SECOND, refresh=False)
    assert process.laws == ["I4", "I4"]


def test_the_tries_for_a_second_link_keep_their_distance_too():
    process = Process()
    for _ in range(4):
        process.lose(Closure(code=1011), after=0.2, role=Role.SECOND)
    assert "I5" in process.laws


def test_a_key_that_the_second_link_was_refused_with_is_not_used_for_the_first():
    process = Process()
    process.watch.ended(Closure(status=401), None, Role.SECOND)
    process.watch.dialing(Role.SERVING, refresh=False)
    assert process.laws == ["I9"]


def test_a_line_that_took_over_its_second_link_has_not_dialed_in_vain():
    process = Process()
    process.watch.moved(State.RESTORING, State.LIVE)
    process.watch.moved(State.LIVE, State.ROTATING)
    process.watch.ended(Closure(code=1011), None, Role.SERVING)
    process.watch.moved(State.ROTATING, State.OPENING)
    process.lose(Closure(code=1011), after=0.1)
    assert process.laws == []


def test_a_rotation_that_does_not_come_is_found():
    process = Process()
    process.wait(10.0)
    process.watch.moved(State.RESTORING, State.LIVE)
    process.wait(10.0)
    process.watch.rotates(5.0)
    process.wait(300.0)
    assert process.laws == ["rotation"]


def test_an_event_of_another_lines_session_is_found():
    process, before = Process(), Process()
    before.watch.delivered_from["r"] = 1
    process.watch.succeeds(before.watch)
    process.watch.delivered(
        events.ResponseDone(response_id="r", status="completed", response={}), 1
    )
    assert process.laws == ["I10"]


@pytest.mark.parametrize(("asked_at", "laws"), [(57.0, []), (59.75, ["I12"])])
def test_what_the_kernel_knows_is_a_sign_of_life_only_once_it_was_asked(
    asked_at: float, laws: list[str]
):
    process = Process()
    process.wait(60.0)
    process.state, process.asked_at = State.RESTORING, asked_at
    link = FakeLink(heard_at=50.0, pinged_at=55.0)
    # While the process stood still the peer acknowledged something.
    link.acked_at = 59.5
    process.watch.aborting(link, Role.SERVING)
    assert process.laws == laws
