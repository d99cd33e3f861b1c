from __future__ import annotations

import pytest

from trunkline.text import Clean
from trunkline.tui.ink import Span, line_width, text
from trunkline.tui.standing import Standing
from trunkline.tui.widgets.headline import finish_line, headline, window_name
from tui.desks import NOW

NAMED = text("prod-eu")


def _standing(**changes):
    usual = {
        "screen": "FLEET", "title": Clean("prod"), "at": NOW, "frozen": False, "silent_s": 0.0, "window_s": 300,
        "recorded_s": None, "speed": None, "message": None,
    }  # fmt: skip
    return Standing(**(usual | changes))


def _line(width=120, named=NAMED, right=(), **changes):
    (line,) = headline(_standing(**changes), named, right, width)
    assert line_width(line) == width
    return "".join(span.text for span in line).rstrip()


def test_the_first_line_as_it_is_drawn():
    shown = _line(recorded_s=760.0)
    assert shown.startswith(" trunkline  FLEET  prod-eu")
    assert shown.endswith("live · window 5m · ● REC 00:12:40 · 14:32:05Z")
    narrow = _line(80, recorded_s=760.0)
    assert narrow.startswith(" FLEET  prod-eu")
    assert narrow.endswith("live  5m  ●REC  14:32:05Z")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"frozen": True}, "FROZEN · space goes on"),
        ({"message": Clean("done")}, "finished"),
        ({"speed": 4.0}, "replay 4x"),
        ({"speed": 0.0}, "replay paused"),
        ({"silent_s": 3.2}, "▲ no data for 3 s"),
        ({"at": None}, "waiting for data"),
        ({"recorded_s": 7500.0}, "● REC 2:05:00"),
    ],
)
def test_why_the_time_does_not_go_on(changes, words):
    assert words in _line(**changes)


def test_before_anything_is_known_there_is_no_time():
    assert _line(at=None).endswith("--:--:--Z")


def test_what_matters_least_goes_first_where_there_is_no_room():
    long = (Span("n" * 80),)
    hint = text("[ ] prev/next")
    assert "window" not in _line(named=long, right=hint)
    assert "14:32:05Z" in _line(named=long, right=hint)
    assert "FROZEN" in _line(named=(Span("n" * 200),), right=hint, frozen=True)


@pytest.mark.parametrize("width", [1, 5, 20, 40, 79, 80, 99, 100, 300])
def test_it_has_any_width(width):
    _line(width, frozen=True, recorded_s=1.0)


def test_windows_have_names():
    assert [window_name(s) for s in (30, 60, 300, 900, 3600, 45)] == [
        "30s",
        "1m",
        "5m",
        "15m",
        "1h",
        "45s",
    ]


def test_how_a_run_ended_stays():
    line = finish_line(_standing(message=Clean("5 of 5 turns")), 60)
    assert "finished: 5 of 5 turns · q to leave" in "".join(span.text for span in line)
    assert finish_line(_standing(), 60) == ()
