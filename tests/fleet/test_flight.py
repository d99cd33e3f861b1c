"""The flight recorder: what it keeps, and what makes it write."""

from __future__ import annotations

import logging
import os
import signal

import pytest

from fleet.hand import BREATH, WALL, entered, life, said, stamped
from fleet.reels import understood
from trunkline.errors import ConfigError
from trunkline.fleet import flight as module
from trunkline.fleet.flight import FlightRecorder
from trunkline.fleet.recording import Recording
from trunkline.fleet.worker import Worker
from trunkline.protocol.lifecycle import State


class Clock:
    def __init__(self, monkeypatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(module.time, "time", lambda: WALL + self.now)

    def wall(self) -> float:
        return WALL + self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


def made(tmp_path, **options) -> FlightRecorder:
    recorder = FlightRecorder(tmp_path / "dumps", **options)
    recorder.start(Worker(thread="test"))
    return recorder


def seconds(recorder: FlightRecorder, clock: Clock, count: int, words: int = 1) -> None:
    for _ in range(count):
        clock.now += 1.0
        at = 100.0 + clock.now
        recorder.take(stamped(said("a", at, f"{clock.now} " * words), at=clock.wall()), BREATH)
        recorder.tick(clock.wall())


def begun(recorder: FlightRecorder, clock: Clock) -> None:
    recorder.take(stamped(*life("a")), BREATH)
    seconds(recorder, clock, 1)


def span(path) -> tuple[float, float]:
    with Recording(path) as recording:
        assert recording.damage is None
        return recording.cuts[0].at or recording.begins_at, recording.ends_at


def test_a_dump_is_a_recording_of_the_last_minutes_and_not_of_more(tmp_path, clock):
    recorder = made(tmp_path, minutes=1.0)
    begun(recorder, clock)
    seconds(recorder, clock, 300)
    recorder.dump("asked")
    recorder.tick(clock.wall())
    (path,) = recorder.dumps
    begins, ends = span(path)
    assert ends == clock.wall()
    assert 59.0 <= ends - begins <= 95.0
    told = understood(path.read_bytes())
    assert [kind for kind, _ in told[:3]] == ["INTRODUCTION", "CUT", "KEYFRAME"]


def test_a_line_that_fails_is_written_with_what_came_after_and_under_its_name(tmp_path, clock):
    recorder = made(tmp_path)
    begun(recorder, clock)
    recorder.take(stamped(entered("a", 101.5, State.FAILED), at=clock.wall()), BREATH)
    recorder.tick(clock.wall())
    assert recorder.dumps == ()
    seconds(recorder, clock, 1)
    (path,) = recorder.dumps
    assert path.name.endswith(f"-{os.getpid()}-line-a.tlrec")
    blocks = [what for kind, what in understood(path.read_bytes()) if kind == "BLOCK"]
    assert blocks[-1][-1] == said("a", 102.0, "2.0 ")


def test_a_server_that_takes_all_its_lines_along_makes_one_dump_a_minute(tmp_path, clock):
    recorder = made(tmp_path)
    begun(recorder, clock)
    for _ in range(4):
        recorder.take(stamped(entered("a", 101.5, State.FAILED), at=clock.wall()), BREATH)
        seconds(recorder, clock, 2)
    assert len(recorder.dumps) == 1
    seconds(recorder, clock, 60)
    recorder.take(stamped(entered("a", 170.0, State.FAILED), at=clock.wall()), BREATH)
    seconds(recorder, clock, 2)
    assert len(recorder.dumps) == 2


def test_a_failure_right_before_the_end_is_still_written(tmp_path, clock):
    recorder = made(tmp_path)
    begun(recorder, clock)
    recorder.take(stamped(entered("a", 101.5, State.FAILED), at=clock.wall()), BREATH)
    recorder.stop()
    assert len(recorder.dumps) == 1
    recorder.dump()


def test_memory_is_bounded_in_bytes_however_much_is_said(tmp_path, clock):
    recorder = made(tmp_path, minutes=60.0, most_bytes=100_000)
    begun(recorder, clock)
    for _ in range(60):
        seconds(recorder, clock, 5, words=2000)
        kept = sum(len(packet) for one in recorder._segments for packet in one.packets)
        assert kept <= 130_000
    recorder.dump()
    recorder.tick(clock.wall())
    assert span(recorder.dumps[0])[1] == clock.wall()


def test_dumps_of_one_second_have_names_of_their_own(tmp_path, clock):
    recorder = made(tmp_path)
    begun(recorder, clock)
    for _ in range(2):
        recorder.dump("same")
        recorder.tick(clock.wall())
    first, second = recorder.dumps
    assert first != second


def test_a_disk_that_does_not_take_it_is_logged_and_nothing_else(tmp_path, clock, caplog):
    (tmp_path / "dumps").write_text("in the way")
    recorder = made(tmp_path)
    begun(recorder, clock)
    recorder.dump()
    with caplog.at_level(logging.WARNING, "trunkline"):
        recorder.tick(clock.wall())
    assert recorder.dumps == ()
    assert "the flight recorder could not write" in caplog.text


def test_a_signal_is_taken_if_that_was_asked_for(tmp_path, clock):
    before = signal.getsignal(signal.SIGUSR1)
    try:
        recorder = made(tmp_path, on_signal=True)
        begun(recorder, clock)
        os.kill(os.getpid(), signal.SIGUSR1)
        recorder.tick(clock.wall())
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert [path.name.rsplit("-", 1)[1] for path in recorder.dumps] == ["signal.tlrec"]


def test_no_time_is_no_flight_recorder(tmp_path):
    with pytest.raises(ConfigError, match="above 0"):
        FlightRecorder(tmp_path, minutes=0)


def test_lines_that_were_followed_elsewhere_and_left_are_kept_like_others(tmp_path, clock):
    from trunkline.fleet.state import FleetState

    state = FleetState()
    for frame in life("k"):
        state.apply(frame)
    recorder = made(tmp_path)
    recorder.adopt(state.keyframe("k"))
    recorder.forget("k")
    begun(recorder, clock)
    recorder.dump()
    recorder.tick(clock.wall())
    told = understood(recorder.dumps[0].read_bytes())
    assert [what for kind, what in told if kind == "KEYFRAME"] == ["a"]
