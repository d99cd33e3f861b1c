"""The queue between event loops and the thread of telemetry."""

from __future__ import annotations

import threading

from trunkline.fleet.block import Stamped
from trunkline.fleet.intake import Intake
from trunkline.telemetry.frames import Ended


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
