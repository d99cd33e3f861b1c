"""Readings for other threads, made by the one that folds."""

from __future__ import annotations

import logging
import os
import threading

import pytest

from fleet.hand import BREATH, WALL, life, moved, said, stamped
from telemetry.counting import beat
from trunkline.fleet import exporter as module
from trunkline.fleet.exporter import Exporter
from trunkline.fleet.state import FleetState
from trunkline.fleet.telemetry import Telemetry
from trunkline.fleet.worker import Worker
from trunkline.telemetry import families as of


@pytest.fixture
def exporter(monkeypatch):
    monkeypatch.setattr(module.time, "time", lambda: WALL + 5)
    return Exporter()


def asked(exporter: Exporter, step) -> object:
    """What another thread reads while the worker takes turns."""
    found: list = []
    thread = threading.Thread(target=lambda: found.append(exporter.reading()))
    thread.start()
    while thread.is_alive():
        step()
        thread.join(0.001)
    return found[0]


def test_a_reading_is_made_when_somebody_asks_and_by_the_thread_that_folds(exporter):
    worker = Worker(exporter, thread="test")
    worker.now = lambda: WALL + 1
    with moved(worker) as step:
        worker.give(stamped(*life("a"), beat(100.5, key="a", sums={"up_bytes": 5})))
        reading = asked(exporter, step)
    assert reading.at == WALL + 1
    assert [value for _, value in reading.of(of.NETWORK)] == [5]
    assert dict(reading.of(of.SESSIONS))[("gpt-x", "", "live")] == 1


def test_after_the_end_the_last_values_are_read(exporter):
    assert exporter.reading().of(of.NETWORK) == ()
    worker = Worker(exporter, thread="test")
    with moved(worker):
        worker.give(stamped(*life("a"), beat(100.5, key="a", sums={"up_bytes": 5})))
    assert [value for _, value in exporter.reading().of(of.NETWORK)] == [5]


def test_what_was_counted_before_a_second_beginning_is_still_counted(exporter):
    for key in ("a", "b"):
        with moved(Worker(exporter, thread="test")):
            exporter.take(stamped(*life(key), beat(100.5, key=key, sums={"up_bytes": 5})), BREATH)
    assert [value for _, value in exporter.reading().of(of.NETWORK)] == [10]


def test_a_thread_that_is_stuck_is_not_waited_for(exporter, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.01)
    with moved(Worker(exporter, thread="test")), pytest.raises(TimeoutError, match="did not"):
        exporter.reading()


def test_a_line_of_another_process_is_counted_from_when_it_was_met(exporter):
    other = FleetState()
    for frame in (*life("a"), beat(100.5, key="a", sums={"up_bytes": 5})):
        other.apply(frame)
    with moved(Worker(exporter, thread="test")):
        exporter.adopt(other.keyframe("a"))
        exporter.take(stamped(beat(106.0, key="a", sums={"up_bytes": 2})), BREATH)
    assert [value for _, value in exporter.reading().of(of.NETWORK)] == [2]


def test_a_line_that_leaves_is_forgotten_and_its_counts_are_not(exporter):
    with moved(Worker(exporter, thread="test")):
        exporter.take(stamped(*life("a"), beat(100.5, key="a", sums={"up_bytes": 5})), BREATH)
        exporter.forget("a")
        exporter.take(stamped(said("a", 101.0, "late")), BREATH)
    reading = exporter.reading()
    assert [value for _, value in reading.of(of.NETWORK)] == [5]
    assert dict(reading.of(of.SESSIONS))[("gpt-x", "", "live")] == 0


def test_a_frame_that_makes_no_sense_costs_itself_and_is_logged_once(exporter, caplog):
    broken = beat(100.5, key="a", sums={"up_bytes": "many"})
    with moved(Worker(exporter, thread="test")), caplog.at_level(logging.ERROR):
        exporter.take(stamped(*life("a"), broken, broken), BREATH)
        exporter.take(stamped(beat(102.0, key="a", sums={"down_bytes": 3})), BREATH)
    assert [value for _, value in exporter.reading().of(of.NETWORK)] == [3]
    assert sum("could not be counted" in record.message for record in caplog.records) == 1


def test_lines_measure_unless_that_is_not_wanted():
    assert Exporter().measures()
    assert not Exporter(measure=False).measures()


def test_in_a_real_thread_it_takes_a_moment():
    exporter = Exporter()
    with Telemetry(exporter):
        assert exporter.reading().of(of.BUILD_INFO)[0][1] == 1.0


def test_the_child_of_a_fork_counts_its_own_lines_and_not_its_parents(exporter, monkeypatch):
    with moved(Worker(exporter, thread="test")):
        exporter.take(stamped(*life("a"), beat(100.5, key="a", sums={"up_bytes": 5})), BREATH)
    monkeypatch.setattr(os, "getpid", os.getppid)
    with moved(Worker(exporter, thread="test")):
        exporter.take(stamped(*life("b"), beat(100.5, key="b", sums={"up_bytes": 2})), BREATH)
    reading = exporter.reading()
    assert [value for _, value in reading.of(of.NETWORK)] == [2]
    assert dict(reading.of(of.SESSIONS))["gpt-x", "", "live"] == 1
