"""The thread that feeds parts: what it does in a turn, and what it survives."""

from __future__ import annotations

import logging
import socket
import threading

import pytest

from fleet.hand import Witness, moved, stamped
from trunkline.errors import ConfigError, StreamError
from trunkline.fleet import worker as module
from trunkline.fleet.part import Part
from trunkline.fleet.worker import Worker
from trunkline.telemetry.frames import Ended


class Broken(Part):
    def __init__(self, at: str) -> None:
        self.at = at
        self.stops = 0

    def start(self, worker):
        if self.at == "start":
            raise ConfigError("part", "broken")

    def take(self, stamped, breath):
        if self.at == "take":
            raise ValueError("a mistake")

    def tick(self, now):
        if self.at == "tick":
            raise ValueError("a mistake")

    def stop(self):
        self.stops += 1
        if self.at == "stop":
            raise ValueError("a mistake")


def test_a_turn_gathers_and_then_ticks_every_part():
    class Gathering(Worker):
        def gather(self):
            self.give(stamped(Ended(line="a", at=1.0)))

    first, second = Witness(), Witness()
    with moved(Gathering(first, second, thread="test")) as turn:
        turn()
        turn()
    for one in (first, second):
        assert [len(one.frames), one.ticks, one.starts, one.stops] == [2, 2, 1, 1]


@pytest.mark.parametrize("at", ["take", "tick"])
def test_a_part_that_fails_is_logged_and_asked_no_more_and_the_others_go_on(at: str, caplog):
    broken, witness = Broken(at), Witness()
    worker = Worker(broken, witness, thread="test")
    with moved(worker) as turn, caplog.at_level(logging.ERROR, "trunkline"):
        worker.give(stamped(Ended(line="a", at=1.0)))
        turn()
        worker.give(stamped(Ended(line="b", at=1.0)))
        turn()
    assert len(witness.frames) == 2
    assert broken.stops == 1
    assert [record.getMessage() for record in caplog.records] == [
        "Broken failed and is asked no more"
    ]


def test_a_part_that_cannot_begin_ends_those_that_did():
    witness = Witness()
    worker = Worker(witness, Broken("start"), thread="test")
    with pytest.raises(ConfigError, match="broken"):
        worker.start()
    assert witness.stops == 1
    assert not [one for one in threading.enumerate() if one.name == "test"]


def test_what_ended_leaves_after_a_while(monkeypatch):
    witness = Witness()
    worker = Worker(witness, thread="test")
    now = [1000.0]
    monkeypatch.setattr(worker, "now", lambda: now[0])
    with moved(worker) as turn:
        worker.give(stamped(Ended(line="a", at=1.0)))
        now[0] += 299.0
        turn()
        assert witness.forgotten == []
        now[0] += 2.0
        turn()
        assert witness.forgotten == ["a"]


def test_sockets_are_listened_to_until_they_are_not():
    ours, theirs = socket.socketpair()
    heard = []
    with ours, theirs, moved(worker := Worker(thread="test")) as turn:
        worker.listen(ours, 0, heard.append)
        worker.listen(ours, 1, heard.append)
        turn()
        theirs.send(b"x")
        turn()
        worker.listen(ours, 3, heard.append)
        turn()
        worker.listen(ours, 0, heard.append)
        turn()
    assert heard == [1, 3]


def test_it_runs_in_a_thread_and_ends_with_what_was_still_to_do():
    witness = Witness()
    worker = Worker(witness, thread="test")
    with worker:
        worker.start()
        (thread,) = [one for one in threading.enumerate() if one.name == "test"]
        worker.wake()
    assert not thread.is_alive()
    assert witness.ticks >= 1
    assert [witness.starts, witness.stops] == [1, 1]
    worker.close()
    worker.wake()
    with worker:
        pass
    assert [witness.starts, witness.stops] == [2, 2]


def test_a_worker_that_is_stuck_does_not_hold_up_who_closes_it(monkeypatch):
    gate = threading.Event()

    class Stuck(Part):
        def tick(self, now):
            gate.wait(20)

    monkeypatch.setattr(module, "_GOODBYE_SECONDS", 0.05)
    worker = Worker(Stuck(), thread="test")
    worker.start()
    thread = worker._thread
    assert thread is not None
    worker.close()
    assert thread.is_alive()
    gate.set()
    thread.join(20)
    assert not thread.is_alive()


def test_a_mistake_of_its_own_ends_it_and_what_it_runs_and_is_logged(caplog):
    class Mistaken(Worker):
        def gather(self):
            raise ValueError("a mistake")

    witness = Witness()
    worker = Mistaken(witness, thread="test")
    with caplog.at_level(logging.ERROR, "trunkline"):
        worker._open()
        worker._run()
    assert witness.stops == 1
    assert "test ends by a mistake of its own" in caplog.text


def test_somebody_who_looks_makes_it_turn_faster():
    class Looking(Part):
        def looks(self):
            return True

    slept: list[float] = []
    for parts in ((), (Looking(),)):
        worker = Worker(*parts, thread="test")

        def step(seconds: float, worker: Worker = worker) -> None:
            slept.append(seconds)
            worker._closing = True

        worker._step = step
        worker._open()
        worker._run()
    assert slept == [0.5, 0.1]


def test_a_part_that_can_make_nothing_of_what_came_goes_on(caplog):
    class Choosy(Witness):
        def adopt(self, keyframe):
            raise StreamError("it is of another form")

    part = Choosy()
    worker = Worker(part, thread="test")
    worker.each(lambda one: one.adopt(None))
    assert "it is of another form" in caplog.text
    with moved(worker) as turn:
        turn()
    assert (part.ticks, part.stops) == (1, 1)


def test_a_part_may_come_later_and_leave_before_the_end():
    first, later = Witness(), Witness()
    worker = Worker(first, thread="test")
    with moved(worker) as turn:
        worker.add(later)
        turn()
        worker.remove(later)
        worker.remove(later)
        turn()
    assert (first.ticks, later.ticks, later.stops) == (2, 1, 1)
