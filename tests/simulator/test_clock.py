from __future__ import annotations

from trunkline.simulator.clock import ManualClock


def test_a_manual_clock_stands_still_and_then_calls_in_order():
    clock, called = ManualClock(now=5.0, wall=1000.0), []
    clock.call_at(7.0, lambda: called.append(("late", clock.now())))
    clock.call_at(6.0, lambda: called.append(("early", clock.now())))
    clock.advance(0.5)
    assert (clock.now(), clock.wall(), called) == (5.5, 1000.5, [])
    clock.advance(2.0)
    assert called == [("early", 6.0), ("late", 7.0)]
    assert clock.now() == 7.5


def test_a_cancelled_call_never_comes_and_a_call_may_ask_for_another():
    clock, called = ManualClock(), []
    clock.call_at(1.0, lambda: called.append("never")).cancel()
    clock.call_at(1.0, lambda: clock.call_at(2.0, lambda: called.append("again")))
    clock.advance(3.0)
    assert called == ["again"]
