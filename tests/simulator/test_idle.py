from __future__ import annotations

from trunkline.simulator.idle import IdleTimer

SETTINGS = {"type": "server_vad", "idle_timeout_ms": 6000}


def timer() -> IdleTimer:
    one = IdleTimer()
    one.configure(SETTINGS)
    return one


def test_the_clock_is_the_end_of_the_response_and_its_playback_and_the_timeout():
    one = timer()
    one.start(10.0, 2.5)
    assert one.deadline() == 12.5
    assert one.advance(24_000) is None
    assert one.deadline() == 18.5
    assert one.advance(48_000) == 24_000
    assert one.deadline() is None


def test_nothing_runs_before_a_response_nor_without_a_timeout():
    assert timer().deadline() is None
    off = IdleTimer()
    off.configure({"type": "server_vad", "idle_timeout_ms": None})
    off.start(10.0, 1.0)
    assert off.deadline() is None


def test_stopping_and_switching_off_forget_the_wait():
    one = timer()
    one.start(10.0, 0.0)
    one.stop()
    assert one.deadline() is None
    one.start(10.0, 0.0)
    one.configure(None)
    one.configure(SETTINGS)
    assert one.deadline() is None


def test_another_timeout_counts_from_the_same_end_of_playback():
    one = timer()
    one.start(10.0, 1.0)
    one.advance(0)
    one.configure(SETTINGS | {"idle_timeout_ms": 9000})
    assert one.deadline() == 20.0


def test_a_second_response_starts_the_clock_anew():
    one = timer()
    one.start(10.0, 1.0)
    one.advance(0)
    one.start(14.0, 2.0)
    assert one.deadline() == 16.0
