from __future__ import annotations

from dataclasses import replace

from trunkline.cli.fault_menu import FaultRefused
from trunkline.cli.own_controls import OwnControls
from trunkline.fleet.wishes import Faults
from trunkline.text import Clean
from trunkline.tui.controls import Action, Controls
from tui.desks import SyntheticDesk


class Wished:
    """Telemetry that answers every wish at once."""

    def __init__(self):
        self.heard = []

    def wish(self, wish):
        self.heard.append((wish.line, wish.action))
        wish.answer(Clean(f"{wish.action} it is"))


class Menu(Faults):
    def names(self):
        return ("stall", "refuse")

    def make(self, name):
        if name == "refuse":
            raise FaultRefused("not now")
        return f"the simulator: {name}"


class Over(SyntheticDesk):
    def fleet(self):
        fleet = super().fleet()
        return replace(fleet, rows=tuple(replace(row, state=Clean("closed")) for row in fleet.rows))


def _controls(desk=None):
    left = []
    telemetry = Wished()
    controls: Controls = OwnControls(
        desk or SyntheticDesk(), telemetry, Menu(), leave=lambda: left.append(True)
    )
    return controls, telemetry, left


def test_everything_may_be_wished_of_a_line_that_lives():
    controls, _, _ = _controls()
    assert controls.read_only is False
    assert controls.allowed("kiosk-12") == frozenset(Action)
    assert controls.allowed("nobody") == frozenset()


def test_a_line_that_is_over_takes_nothing():
    controls, _, _ = _controls(Over())
    assert controls.allowed("kiosk-12") == frozenset()
    assert controls.faults("kiosk-12") == ()


def test_before_anything_is_known_nothing_may_be_wished():
    assert _controls(SyntheticDesk(nothing=True))[0].allowed("kiosk-12") == frozenset()


def test_a_wish_is_handed_over_and_its_answer_told_once():
    controls, telemetry, _ = _controls()
    controls.act("kiosk-12", Action.ROTATE)
    assert telemetry.heard == [("kiosk-12", "rotate")]
    assert controls.answer() == "rotate it is"
    assert controls.answer() is None


def test_a_fault_is_made_beside_the_screen_and_told_of():
    controls, _, _ = _controls()
    assert controls.faults("kiosk-12") == ("stall", "refuse")
    controls._make("stall")
    controls._make("refuse")
    assert [controls.answer(), controls.answer()] == ["the simulator: stall", "not now"]


def test_leaving_ends_what_runs():
    controls, _, left = _controls()
    controls.close()
    assert left == [True]
