from __future__ import annotations

import pytest

from trunkline.telemetry.levels import Level
from trunkline.tui.filter.refusal import FilterError
from trunkline.tui.inspector.choosing import Choosing, is_odd
from tui.inspector.streams import entry

BAD = entry(1, "error", level=Level.BAD, turn=1)
WARNING = entry(2, "playout.underrun", level=Level.WARNING)
FINE = entry(3, "response.done", turn=1)
LATER = entry(9, "response.done", turn=2)


def passed(choosing, *entries):
    test = choosing.shown
    return [one.number for one in entries if test is None or test(one)]


def test_at_first_everything_is_shown():
    choosing = Choosing()
    assert (choosing.shown, choosing.lit) == (None, None)


def test_a_filter_lets_through_what_matches():
    choosing = Choosing()
    choosing.filter_by(" err ")
    assert choosing.text == "err"
    assert passed(choosing, BAD, WARNING, FINE) == [1]
    choosing.filter_by("")
    assert choosing.shown is None


def test_a_wrong_filter_leaves_the_one_there_was():
    choosing = Choosing()
    choosing.filter_by("err")
    with pytest.raises(FilterError):
        choosing.filter_by("nonsense:1")
    assert choosing.text == "err"
    assert passed(choosing, BAD, FINE) == [1]


def test_all_may_be_shown_and_the_matches_lit():
    choosing = Choosing()
    choosing.filter_by("err")
    choosing.shows_all = True
    assert choosing.shown is None
    assert [choosing.lit(one) for one in (BAD, FINE)] == [True, False]


def test_errors_only_adds_to_the_filter():
    choosing = Choosing()
    choosing.errors_only = True
    assert passed(choosing, BAD, WARNING, FINE) == [1]
    choosing.filter_by("type:done")
    assert passed(choosing, BAD, WARNING, FINE) == []


def test_a_turn_brings_what_happened_here_meanwhile():
    choosing = Choosing()
    choosing.keep_turn(1, (BAD, WARNING, FINE, LATER))
    between, after = entry(4, at=0.25), entry(10, at=0.95)
    assert passed(choosing, BAD, WARNING, FINE, LATER, between, after) == [1, 2, 3, 4]
    choosing.keep_turn(None)
    assert choosing.shown is None


def test_a_turn_that_goes_on_has_no_end():
    choosing = Choosing()
    choosing.keep_turn(2, (BAD, LATER))
    assert passed(choosing, BAD, LATER, entry(99)) == [9, 99]


def test_warnings_and_errors_are_what_one_looks_for():
    assert [is_odd(one) for one in (BAD, WARNING, FINE)] == [True, True, False]


def test_what_is_let_through_is_told_as_a_filter():
    choosing = Choosing()
    assert choosing.expression == ""
    choosing.filter_by("size>0")
    choosing.errors_only = True
    choosing.keep_turn(31)
    assert choosing.expression == "size>0 err turn:31"
    choosing.shows_all = True
    assert choosing.expression == "err turn:31"
