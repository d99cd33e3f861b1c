from __future__ import annotations

import pytest

from soak.staging import Quiet
from trunkline.protocol.lifecycle import State
from trunkline.soak.link import Role
from trunkline.soak.stage import Broken


def test_what_comes_to_a_blocked_process_waits_and_is_not_taken_for_death():
    stage = Quiet().go(3.0)
    stage.driver.block(30.0)
    stage.driver.block(99.0)
    done = []
    stage.driver.enter(lambda: done.append(stage.agenda.now))
    stage.go(29.0)
    assert done == []
    assert stage.driver.is_blocked
    stage.go(2.0)
    assert len(done) == 1
    assert stage.driver.state is State.LIVE
    assert stage.laws == []


def test_the_clock_of_a_process_that_sleeps_stands_still():
    stage = Quiet().go(3.0)
    before = stage.driver.now()
    stage.driver.block(100.0, asleep=True)
    stage.go(101.0)
    assert stage.driver.now() == pytest.approx(before + 1.0)
    stage.go(60.0)
    assert stage.driver.state is State.LIVE


def test_what_the_core_raises_beyond_its_documents_is_an_accusation():
    stage = Quiet().go(3.0)
    with pytest.raises(Broken):
        stage.driver.input(lambda: 1 / 0)
    assert stage.laws == ["I8"]
    assert "ZeroDivisionError" in stage.outcome.violations[0].detail


def test_a_documented_error_is_a_request_that_was_not_taken():
    stage = Quiet().go(3.0)
    assert not stage.driver.send({"type": "session.update"})
    assert stage.driver.send({"type": "response.create"})
    assert not stage.driver.send_audio(b"\0")
    assert stage.laws == []


def test_closing_ends_it():
    stage = Quiet().go(3.0)
    stage.driver.close()
    stage.go(2.5)
    assert stage.driver.state is State.CLOSED


def test_a_rotation_has_two_links_and_ends_with_one():
    stage = Quiet().go(5.0)
    stage.caller.hangs_up = True
    stage.go(30.0)
    first = stage.link
    assert stage.driver.rotate(None)
    assert stage.driver.role(first.epoch) is Role.SERVING
    while stage.driver.link is first:
        stage.go(0.01)
        assert len(stage.driver.links) <= 2
    assert stage.driver.role(first.epoch) is Role.LEAVING
    stage.go(2.0)
    assert list(stage.driver.links.values()) == [stage.driver.link]
    assert not first.is_open
    assert stage.driver.state is State.LIVE
    assert stage.laws == []


def test_a_second_link_takes_the_place_of_a_first_that_ends():
    stage = Quiet().go(5.0)
    first = stage.link
    assert stage.driver.rotate(30.0)
    while len(stage.driver.links) == 1:
        stage.go(0.01)
    assert stage.driver.role(first.epoch + 1) is Role.SECOND
    first.reset()
    stage.go(5.0)
    assert stage.driver.epoch == first.epoch + 1
    assert stage.driver.state is State.LIVE
    assert stage.laws == []
