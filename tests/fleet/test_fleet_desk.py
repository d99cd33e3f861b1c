"""The desk of an attached console, and its wishes over the sockets."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from fleet.children import wait_for
from fleet.hand import Witness, life, stamped
from fleet.places import runtime_directory
from trunkline.fleet.finder import Finder
from trunkline.fleet.fleet_desk import FleetDesk, RemoteControls
from trunkline.fleet.publisher import Publisher
from trunkline.fleet.telemetry import Telemetry
from trunkline.fleet.wishes import ACTIONS, Faults
from trunkline.telemetry.frames import Ended


class Menu(Faults):
    def names(self):
        return ("drop\x1b[2J",)


@pytest.fixture
def place():
    with runtime_directory() as path:
        yield path


@pytest.fixture
def telemetry(place):
    publisher = Publisher(directory=place, controllable=True, faults=Menu())
    with Telemetry(publisher, name="bot") as one:
        lines = [*life("a", wall=time.time()), *life("b", wall=time.time())]
        one.give(stamped(*lines, Ended(line="b", at=101.0)))
        yield one


def test_it_shows_what_processes_publish_gives_it_to_its_parts_and_ends_with_its_block(
    place, telemetry
):
    witness = Witness()
    with FleetDesk(witness, finder=Finder(place)) as desk:
        wait_for(lambda: desk.fleet() and len(desk.fleet().rows) == 2, "the lines")
        assert [one.line for one in witness.adopted] == ["a", "b"]
    assert not [one for one in threading.enumerate() if one.name == "trunkline reader"]
    assert witness.stops == 1


def test_without_leave_nothing_is_wished(place, telemetry):
    with FleetDesk(finder=Finder(place)) as desk:
        controls = RemoteControls(desk, allow=False)
        wait_for(lambda: desk.fleet() and desk.fleet().rows, "the lines")
        assert controls.read_only
        assert controls.allowed("a") == frozenset()
        assert controls.faults("a") == ()
        controls.act("a", "close")
        controls.fault("a", "drop")
        assert desk.reader._requests == type(desk.reader._requests)()
        assert controls.answer() is None
        controls.close()


def test_with_leave_lines_that_live_take_wishes_and_answer(place, telemetry):
    with FleetDesk(finder=Finder(place)) as desk:
        controls = RemoteControls(desk, allow=True)
        assert controls.allowed("a") == frozenset()
        wait_for(lambda: desk.fleet() and len(desk.fleet().rows) == 2, "the lines")
        assert not controls.read_only
        assert controls.allowed("nobody") == frozenset()
        assert controls.faults("a") == ("drop␛[2J",)
        controls.act("a", "drain")
        answers: list[str] = []
        wait_for(lambda: answers.append(controls.answer()) or answers[-1], "an answer")
        # Told to the process, where no line of this key is tapped.
        assert answers[-1] == "drain: the line is over"
        controls.fault("a", "x")
        wait_for(lambda: answers.append(controls.answer()) or answers[-1], "an answer")
        assert answers[-1] == "no such fault: x"


def test_only_lines_that_are_not_over_and_say_so_are_controllable(place, telemetry, monkeypatch):
    with FleetDesk(finder=Finder(place)) as desk:
        controls = RemoteControls(desk, allow=True)
        wait_for(lambda: desk.fleet() and len(desk.fleet().rows) == 2, "the lines")
        fleet = desk.fleet()
        rows = tuple(
            replace(row, controllable=True, state=state)
            for row, state in zip(fleet.rows, ("live", "closed"), strict=True)
        )
        monkeypatch.setattr(desk, "fleet", lambda: replace(fleet, rows=rows))
        assert controls.allowed("a") == frozenset(ACTIONS)
        assert controls.allowed("b") == frozenset()
