"""A recording put together from snapshots that overlap."""

from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.recorded import START
from telemetry.storytelling import SECONDS, WALL, alerts, line_at, rtt_of, story
from trunkline.telemetry.story import Story
from trunkline.telemetry.views import TimelineView
from trunkline.text import Clean

BEGAN = WALL + START


def test_every_second_of_ten_minutes_is_there_although_a_snapshot_knows_one():
    (line,) = story()
    whole = range(SECONDS - 1)
    expected = {second: rtt_of(second) for second in whole if rtt_of(second) is not None}
    assert {at - int(BEGAN): value for at, value in line.rtt} == expected
    assert {at - int(BEGAN): value * 2 for at, value in line.kernel_rtt} == expected


@pytest.mark.parametrize("every", [7, 13, 30, 59])
def test_it_does_not_matter_when_the_snapshots_were_taken(every):
    (line,), (usual,) = story(every=every), story()
    assert line.rtt == usual.rtt
    assert line.states == usual.states


def test_states_are_spans_and_one_before_the_line_began_is_none():
    (line,) = story()
    assert [(span.state, span.begins_at - BEGAN, span.ends_at - BEGAN) for span in line.states] == [
        ("live", 0, 300),
        ("reconnecting", 300, 310),
        ("live", 310, 600),
    ]
    assert (line.begins_at - BEGAN, line.ends_at - BEGAN) == (0, 600)


def test_outages_and_turns_are_told_once_and_by_the_clock_on_the_wall():
    (line,) = story()
    last = line.last
    assert [outage.at for outage in line.outages] == [one.at + WALL for one in last.outages]
    assert [turn.number for turn in line.turns] == [turn.number for turn in last.turns]
    assert line.turns[0].at == last.turns[0].at + WALL
    assert line.turns[0].first_audio_at == (
        last.turns[0].first_audio_at and last.turns[0].first_audio_at + WALL
    )


def test_a_turn_that_a_later_snapshot_forgot_is_kept():
    told = Story()
    told.take(line_at(60))
    told.take(replace(line_at(90), turns=(), outages=()))
    (line,) = told.lines()
    assert (len(line.turns), len(line.outages)) == (
        len(line_at(60).turns),
        len(line_at(60).outages),
    )


def test_the_newest_word_on_an_outage_counts():
    told = Story()
    outage = line_at(60).outages[0]
    told.take(replace(line_at(60), outages=(replace(outage, seconds=None),)))
    told.take(replace(line_at(90), outages=(replace(outage, seconds=2.5),)))
    assert [one.seconds for one in told.lines()[0].outages] == [2.5]


def test_an_alert_is_told_once_and_to_its_line_alone():
    lines = story("a", "b")
    assert [line.alerts for line in lines] == [alerts("a"), alerts("b")]


def test_marks_and_the_lowest_score_are_kept():
    (line,) = story()
    assert [(mark.number, mark.at - BEGAN) for mark in line.marks] == [(1, 100)]
    assert line.worst_score == 41.0


def test_a_gap_that_nobody_saw_ends_a_span():
    told = Story()
    for now_s in (60, 600):
        line = line_at(now_s)
        told.take(
            replace(line, timeline=TimelineView(cell_s=5.0, state=("live",) * 4, user=(), model=()))
        )
    (line,) = told.lines()
    assert [(span.begins_at - BEGAN, span.ends_at - BEGAN) for span in line.states] == [
        (40, 60),
        (580, 600),
    ]


def test_nothing_taken_is_no_line():
    assert Story().lines() == ()


def test_a_line_that_was_closed_ends_there_and_not_where_the_recording_does():
    told = Story()
    told.take(line_at(60))
    told.take(replace(line_at(90), state=Clean("closed"), state_since=START + 70))
    (line,) = told.lines()
    assert line.ends_at == BEGAN + 70


def test_cells_after_the_end_of_a_line_are_no_state_of_it():
    told = Story()
    cells = TimelineView(cell_s=5.0, state=("live", "closed", "gone"), user=(), model=())
    told.take(replace(line_at(60), timeline=cells))
    assert [span.state for span in told.lines()[0].states] == ["live"]
