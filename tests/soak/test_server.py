from __future__ import annotations

from soak.staging import Quiet
from trunkline.protocol.closure import Closure
from trunkline.protocol.lifecycle import State


def test_a_dial_becomes_a_session():
    stage = Quiet().go(3.0)
    assert stage.driver.state is State.LIVE
    assert stage.server.sessions == 1
    assert stage.server.is_fit


def test_a_crashed_server_refuses_until_it_is_up_again():
    stage = Quiet().go(3.0)
    stage.trouble(20.0)
    stage.server.crash(4.0)
    assert not stage.server.is_fit
    stage.go(3.0)
    assert stage.driver.state is not State.LIVE
    stage.go(30.0)
    assert stage.driver.state is State.LIVE
    assert stage.laws == []


def test_refusals_come_in_their_order_and_a_silent_session_is_given_up():
    stage = Quiet()
    stage.server.refusals += [Closure(status=503, retry_after=5.0)]
    stage.server.silences = 1
    stage.go(4.5)
    assert stage.server.sessions == 0
    stage.go(60.0)
    assert stage.server.sessions == 1
    assert stage.laws == []


def test_in_the_dark_nothing_gets_through():
    stage = Quiet().go(3.0)
    stage.server.darken(30.0)
    stage.watch.darkened(stage.link)
    stage.trouble(30.0)
    stage.go(20.0)
    assert stage.driver.state is not State.LIVE
    stage.go(60.0)
    assert stage.driver.state is State.LIVE
    assert stage.laws == []
