"""Telemetry of a process: taps, parts, forks, and what goes wrong without a line noticing."""

from __future__ import annotations

import logging
import os
import threading

import pytest

from fleet.hand import Loop, Witness, moved
from trunkline.errors import ConfigError
from trunkline.fleet import telemetry as module
from trunkline.fleet.block import Stamped
from trunkline.fleet.intake import Held, Intake
from trunkline.fleet.part import Part
from trunkline.fleet.tap import Look
from trunkline.fleet.telemetry import Telemetry
from trunkline.fleet.wishes import Wish
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Anomaly, QueueSampled, Transition
from trunkline.telemetry.frames import Began, Ended


def attached(telemetry: Telemetry, loop: Loop, line: object = None):
    return telemetry.attach(line or object(), loop, name="x", server="s", rate_hz=24_000)


def test_every_part_gets_what_every_line_tells_and_ends_it_once(monkeypatch):
    parts = Witness(), Witness()
    telemetry, loop = Telemetry(*parts, name="bot"), Loop(100.0)
    monkeypatch.setattr(telemetry, "start", lambda: None)
    with moved(telemetry) as turn:
        observe = attached(telemetry, loop)
        attached(telemetry, loop)
        observe(Anomaly(at=100.1, epoch=1, kind="k", sample=""))
        turn()
        assert telemetry._taps.keys() == {one.line for one in parts[0].frames}
        observe(
            Transition(at=100.2, epoch=1, source=State.LIVE, target=State.CLOSED, cause="close")
        )
        loop.turn()
        turn()
        turn()
    assert parts[0].frames == parts[1].frames
    kinds = [type(one).__name__ for one in parts[0].frames]
    assert kinds == ["Began", "Began", "Told", "Told", "Ended"]
    assert isinstance(parts[0].frames[0], Began)
    assert parts[0].frames[0].process == f"bot {os.getpid()}"
    assert len(telemetry._taps) == 1


def test_only_the_line_that_a_part_watches_is_watched(monkeypatch):
    witness = Witness()
    telemetry, loop = Telemetry(witness), Loop(100.0)
    monkeypatch.setattr(telemetry, "start", lambda: None)
    with moved(telemetry) as turn:
        for _ in range(2):
            attached(telemetry, loop)
        first, second = telemetry._taps
        witness.watching = frozenset({second})
        turn()
        assert telemetry._taps[first]._looked == Look()
        assert telemetry._taps[second]._looked == Look(inspected=True, watched=True)
        witness.inspects = True
        turn()
        assert telemetry._taps[first]._looked == Look(inspected=True)


class Patient(Witness):
    """Has time, until somebody looks."""

    patient = True

    def is_patient(self):
        return self.patient

    def take_late(self, told, breath):
        self.late.extend(told)
        super().take_late(told, breath)

    def __init__(self):
        super().__init__()
        self.late = []


def queue(at):
    return QueueSampled(at=at, epoch=1, outbox_samples=0, retained_samples=0, transport_bytes=0)


def test_what_was_held_back_is_given_at_once_to_parts_that_have_time_and_one_by_one_to_others(
    monkeypatch,
):
    part, other = Patient(), Patient()
    telemetry, loop = Telemetry(part, other), Loop(100.0)
    monkeypatch.setattr(telemetry, "start", lambda: None)
    with moved(telemetry) as turn:
        observe = attached(telemetry, loop)
        for second in range(100, 124):
            observe(queue(second + 0.5))
        turn()
        assert {type(one) for one in part.late} == {Stamped, Held}
        taken, beats = len(part.late), len(part.frames)
        other.patient = False
        turn()
        loop.turn()
        turn()
        for second in range(124, 126):
            observe(queue(second + 0.5))
        turn()
    assert len(part.late) == taken
    assert part.frames == other.frames
    assert [one.at for one in part.frames[1:]] == [float(at) for at in range(101, 126)]
    assert beats < len(part.frames)


def end_under(telemetry: Telemetry, turn) -> None:
    """A line whose loop is closed under it."""
    loop = Loop(100.0)
    attached(telemetry, loop)
    loop.closed = True
    turn()
    turn()


def test_a_line_that_ends_while_parts_have_time_leaves_the_fleet_when_it_should(monkeypatch):
    part = Patient()
    telemetry = Telemetry(part)
    monkeypatch.setattr(telemetry, "start", lambda: None)
    with moved(telemetry) as turn:
        end_under(telemetry, turn)
        assert isinstance(part.frames[-1], Ended)
        monkeypatch.setattr(telemetry, "now", lambda: 1e12)
        turn()
    assert part.forgotten == [part.frames[-1].line]


def test_a_crowd_of_frames_is_taken_sooner_and_its_lines_are_looked_at_no_more_often(monkeypatch):
    telemetry, loop, looks = Telemetry(Witness()), Loop(100.0), []
    monkeypatch.setattr(telemetry, "start", lambda: None)
    monkeypatch.setattr(telemetry, "_look_at_lines", lambda: looks.append(telemetry.pause()))
    with moved(telemetry) as turn:
        observe = attached(telemetry, loop)
        turn()
        for _ in range(3):
            for number in range(20):
                observe(Anomaly(at=100.1, epoch=1, kind="k", sample=str(number)))
            turn()
            assert telemetry.pause() == 0.05
        assert looks == [0.5, 0.5]
        turn()
        assert telemetry.pause() == 0.5
        turn()
    assert len(looks) == 3
    assert len(telemetry._parts[0].frames) == 61


def test_a_wish_for_a_line_that_is_over_is_answered(monkeypatch):
    telemetry, answers = Telemetry(), []
    telemetry.wish(Wish("nobody", "drain", answers.append))
    assert answers == ["drain: the line is over"]


def test_what_is_lost_is_logged(monkeypatch, caplog):
    telemetry, loop = Telemetry(), Loop(100.0)
    monkeypatch.setattr(telemetry, "start", lambda: None)
    telemetry._intake = Intake(most_frames=1)
    with moved(telemetry) as turn, caplog.at_level(logging.WARNING, "trunkline"):
        attached(telemetry, loop)
        attached(telemetry, loop)
        turn()
    assert "telemetry lost 1 facts" in caplog.text


class Refusing(Part):
    def start(self, worker):
        raise ConfigError("telemetry", "there is no place")


def test_telemetry_that_cannot_begin_is_logged_and_the_line_goes_on(caplog):
    telemetry = Telemetry(Refusing())
    with caplog.at_level(logging.WARNING, "trunkline"):
        observe = attached(telemetry, Loop())
    observe(Anomaly(at=1.0, epoch=1, kind="k", sample=""))
    assert "telemetry does not run: telemetry: there is no place" in caplog.text
    with pytest.raises(ConfigError):
        telemetry.start()


def test_a_child_begins_anew_without_its_parents_lines():
    # What a fork leaves in the child; tests/scenarios/test_attach.py forks for real.
    telemetry = Telemetry(Witness())
    telemetry._pid, telemetry._thread, telemetry._taps = -1, object(), {"parent": object()}
    telemetry.close()
    attached(telemetry, Loop())
    thread = telemetry._thread
    assert isinstance(thread, threading.Thread)
    assert len(telemetry._taps) == 1
    assert "parent" not in telemetry._taps
    telemetry.close()
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("argv", "name"), [(["/usr/bin/bot.py"], "bot"), (["-c"], "python"), ([], "python")]
)
def test_a_process_is_called_by_its_program(argv: list[str], name: str, monkeypatch):
    monkeypatch.setattr(module.sys, "argv", argv)
    assert Telemetry().name == name
    assert Telemetry(name="kiosk").name == "kiosk"


def test_an_ended_line_is_told_even_if_its_loop_was_closed(monkeypatch):
    witness = Witness()
    telemetry = Telemetry(witness)
    monkeypatch.setattr(telemetry, "start", lambda: None)
    with moved(telemetry) as turn:
        end_under(telemetry, turn)
    assert isinstance(witness.frames[-1], Ended)
    assert telemetry._taps == {}
