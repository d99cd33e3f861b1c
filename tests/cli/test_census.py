"""The console without a screen."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from telemetry.filling import filled_row
from telemetry.standins import MovingDesk, Playing, StillDesk
from trunkline.cli.census import exit_code, gather, stream, table, text_document
from trunkline.cli.outcome import QUALITY_MISSED
from trunkline.telemetry.fleet_snapshot import FleetSnapshot
from trunkline.text import Clean


class Clock:
    """Time that passes by pausing."""

    def __init__(self):
        self.now, self.pauses = 100.0, []

    def __call__(self):
        return self.now

    def pause(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds


def row(key, **given):
    usual = {
        "name": Clean(key),
        "state": Clean("live"),
        "grade": "good",
        "score": 75.0,
        "attempt": 0,
    }
    return filled_row(key=key, **(usual | given))


def fleet(*rows, at=0.0):
    return FleetSnapshot(at=at, rows=rows)


def test_it_listens_for_as_long_as_it_was_told_to_and_gives_the_newest():
    clock = Clock()
    newest = fleet(row("a"))
    assert gather(MovingDesk(newest), 2.0, clock=clock, pause=clock.pause) is newest
    assert clock.now == pytest.approx(102.0, abs=0.06)


def test_of_a_recording_its_end_is_told_without_waiting():
    clock, desk = Clock(), StillDesk(fleet(row("a")))
    desk.playback = Playing()
    assert gather(desk, 60.0, clock=clock, pause=clock.pause) is desk.fleet()
    assert (desk.playback.sought, clock.pauses) == ([10.0], [])


def test_nothing_heard_is_none():
    clock = Clock()
    assert gather(StillDesk(), 1.0, clock=clock, pause=clock.pause) is None


def streamed(desk, **options):
    clock, lines = Clock(), []
    last = stream(desk, lines.append, clock=clock, pause=clock.pause, **options)
    return [json.loads(line) for line in lines], clock, last


def test_each_line_is_told_once_a_second_on_a_line_of_its_own():
    both = fleet(row("a"), row("b"))
    told, clock, last = streamed(StillDesk(both), count=3)
    assert [one["line"] for one in told] == ["a", "b"] * 3
    assert clock.now == pytest.approx(103.0)
    assert last is both
    assert {one["schema"] for one in told} == {"trunkline.sample/1"}


def test_a_second_without_anybody_counts_and_says_nothing():
    told, clock, last = streamed(MovingDesk(None, fleet(row("a"))), count=2)
    assert len(told) == 1
    assert clock.now == pytest.approx(102.0)
    assert last is not None


def test_a_slow_reader_gets_no_burst_but_the_next_second():
    clock, seen = Clock(), []

    def slow(line):
        seen.append((clock.now, line))
        clock.now += 0.4

    stream(StillDesk(fleet(row("a"))), slow, count=3, clock=clock, pause=clock.pause)
    assert [at for at, _ in seen] == [pytest.approx(at) for at in (101.0, 102.0, 103.0)]


def test_the_stream_of_a_recording_ends_where_it_ends():
    desk = StillDesk(fleet(row("a")))
    desk.playback = Playing()
    desk.playback.position = 10.0
    told, _, _ = streamed(desk)
    assert len(told) == 1


def test_words_of_the_document_are_kept_as_they_are_written():
    text = text_document(fleet(row("a", name=Clean("Zürich"))))
    assert "Zürich" in text
    assert json.loads(text)["lines"][0]["name"] == "Zürich"


def test_the_table_has_a_row_for_each_line_and_says_what_falls_short():
    text = table(fleet(row("a", rtt_ms=38.4, jitter_ms=None, lost_ms=0.0), row("b", grade="poor")))
    head, first, second, short = text.splitlines()
    assert head.split()[:3] == ["SESSION", "MODEL", "STATE"]
    assert first.split()[:3] == ["a", "text", "live"]
    assert {"38", "-", "0"} <= set(first.split())
    assert second.startswith("b ")
    assert short == "b: its link is poor"


def test_a_name_with_lines_and_blanks_keeps_the_table_in_shape():
    wild = row("a", name=Clean("x\n\ty" + " " * 5 + "z" * 40))
    head, first = table(fleet(wild)).splitlines()
    assert first.startswith("x y zzzzzzzzzzz… ")
    assert first.index("text") == head.index("MODEL")


@pytest.mark.parametrize(
    ("rows", "min_score", "code"),
    [
        ((row("a"),), None, 0),
        ((row("a"),), 75.0, 0),
        ((row("a"),), 75.1, QUALITY_MISSED),
        ((row("a"), row("b", grade="lost")), None, QUALITY_MISSED),
        ((row("a", state=Clean("closed"), grade="lost"),), None, 0),
        ((), None, 1),
    ],
)
def test_the_exit_code_is_that_of_the_worst_line(rows, min_score, code):
    assert exit_code(fleet(*rows), min_score=min_score) == code


def test_nothing_heard_is_no_success():
    assert exit_code(None) == 1


def test_the_document_and_the_exit_code_agree():
    for rows in ((row("a"),), (replace(row("a"), grade="poor"),)):
        document = json.loads(text_document(fleet(*rows)))
        assert document["ok"] is (exit_code(fleet(*rows)) == 0)
        told = document.get("error", {"exit_code": 0})
        assert told["exit_code"] == exit_code(fleet(*rows))
