"""Which lines fall short."""

from __future__ import annotations

import pytest

from trunkline.telemetry.fleet_snapshot import FleetSnapshot, LineRow
from trunkline.telemetry.shortfall import shortfalls
from trunkline.text import Clean


def row(key="a", **given):
    return LineRow(key=key, name=Clean(key), **({"state": Clean("live"), "grade": "good"} | given))


def reasons(*rows, min_score=None):
    found = shortfalls(FleetSnapshot(at=0.0, rows=rows), min_score=min_score)
    return {one.line: one.reason for one in found}


def test_no_line_and_a_good_line_are_no_shortfall():
    assert reasons() == {}
    assert reasons(row(score=75.0), row("b", grade="fair", score=61.0)) == {}


@pytest.mark.parametrize("grade", ["poor", "lost"])
def test_a_bad_link_falls_short_and_the_others_do_not(grade):
    assert reasons(row(), row("b", grade=grade)) == {"b": f"its link is {grade}"}


@pytest.mark.parametrize("state", ["failed", "gone"])
def test_a_line_that_failed_or_went_falls_short_however_good_it_was(state):
    assert reasons(row(state=Clean(state), grade="excellent")) == {"a": f"it is {state}"}


def test_a_line_that_was_closed_in_order_is_not_judged():
    assert reasons(row(state=Clean("closed"), grade="lost", score=0.0), min_score=80) == {}


def test_the_least_score_is_asked_of_every_line_and_is_itself_enough():
    lines = (row(score=79.9), row("b", score=80.0))
    assert reasons(*lines, min_score=80) == {"a": "its score 79.9 is under 80"}


def test_what_nobody_measured_is_not_held_to_be_bad():
    assert reasons(row(score=None, grade="unknown"), min_score=100) == {}
