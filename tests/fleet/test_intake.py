"""The queue between event loops and the thread of telemetry."""

from __future__ import annotations

import threading

from trunkline.fleet.block import Stamped
from trunkline.fleet.intake import Held, Intake, one_by_one
from trunkline.telemetry.batch import Batcher
from trunkline.telemetry.frames import Beat, Ended


def frame(number: int) -> Ended:
    return Ended(line="a", at=float(number))


def test_frames_are_taken_once_and_in_their_order():
    intake = Intake()
    for number in range(3):
        intake.put(float(number), frame(number))
    assert intake.take() == [Stamped(float(n), frame(n)) for n in range(3)]
    assert intake.take() == []


def test_a_full_queue_loses_what_comes_and_counts_it_once():
    intake = Intake(most_frames=2)
    for number in range(5):
        intake.put(0.0, frame(number))
    assert [one.frame.at for one in intake.take()] == [0.0, 1.0]
    assert intake.lost() == 3
    assert intake.lost() == 0
    intake.put(0.0, frame(9))
    assert len(intake.take()) == 1


def test_threads_that_put_while_another_takes_lose_nothing():
    intake = Intake(most_frames=10**6)
    writers = [
        threading.Thread(target=lambda: [intake.put(0.0, frame(n)) for n in range(5000)])
        for _ in range(3)
    ]
    for writer in writers:
        writer.start()
    found = 0
    while any(writer.is_alive() for writer in writers):
        found += len(intake.take())
    for writer in writers:
        writer.join()
    assert found + len(intake.take()) == 15_000
    assert intake.lost() == 0


def test_audio_is_let_go_long_before_facts_are():
    intake = Intake()
    for n in range(3_000):
        intake.put_audio(float(n), frame(n))
    intake.put(0.0, frame(0))
    assert intake.lost() == 1_000
    assert len(intake.take()) == 2_001


def batch(seconds: int):
    told: list = []
    batcher = Batcher("a", told.append, phase=5)
    batcher.hold(told.append)
    for second in range(seconds):
        batcher.beat(second + 1.0, 1, sums={}, spreads={}, gauges={"outbox_samples": 0}, types={})
    batcher.release()
    return told[0]


def test_what_was_held_back_stands_in_its_place_and_comes_one_by_one_if_asked():
    intake = Intake()
    intake.put(1.0, frame(1))
    intake.put_batch(100.0, held := batch(2))
    intake.put(3.0, frame(3))
    told = intake.take()
    assert told == [Stamped(1.0, frame(1)), Held(100.0, held), Stamped(3.0, frame(3))]
    found = list(one_by_one(told))
    assert [one.at for one in found] == [1.0, 101.0, 102.0, 3.0]
    assert [type(one.frame) for one in found] == [Ended, Beat, Beat, Ended]


def test_no_more_frames_wait_in_batches_than_by_themselves_and_what_comes_is_lost_beat_by_beat():
    intake = Intake(most_frames=20)
    for _ in range(3):
        intake.put_batch(0.0, batch(3))
    intake.put(0.0, frame(0))
    assert [type(one) for one in intake.take()] == [Held, Held, Stamped]
    assert intake.lost() == 3
