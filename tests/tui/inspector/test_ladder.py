from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.entry import Way
from trunkline.telemetry.levels import Level
from trunkline.text import Clean
from trunkline.tui.inspector.ladder import ARROWS, ladder, short_type
from tui.inspector.streams import APPEND, audio, entry, histories


def turn(*more):
    down = {"way": Way.DOWN, "turn": 1}
    return (
        entry(1, APPEND, way=Way.UP, turn=1, audio_ms=1000.0, count=50),
        entry(2, "input_audio_buffer.speech_started", **down),
        entry(3, APPEND, way=Way.UP, turn=1, audio_ms=1100.0, count=55),
        entry(10, "input_audio_buffer.speech_stopped", **down),
        entry(11, "input_audio_buffer.committed", **down),
        entry(12, "response.created", **down),
        entry(13, "response.output_item.added", **down),
        entry(24, "response.output_audio_transcript.delta", **down),
        audio(24, latency_ms=1420.0, count=43),
        *more,
        entry(40, "response.done", **down),
    )


def shape(rungs):
    return [
        (short_type(rung.entry.type), rung.offset_ms and round(rung.offset_ms)) for rung in rungs
    ]


def test_a_turn_is_told_from_the_end_of_the_user_s_speech():
    assert shape(ladder(turn(), 1)) == [
        ("append", None), ("speech_started", None), ("speech_stopped", 0), ("created", 200),
        ("audio.delta", 1400), ("done", 3000),
    ]  # fmt: skip


def test_the_user_s_audio_is_one_rung():
    first = ladder(turn(), 1)[0].entry
    assert (first.count, first.audio_ms) == (105, 2100.0)


def test_what_disturbed_the_turn_is_in_it():
    underrun = entry(30, "playout.underrun", level=Level.WARNING)
    calm = entry(31, "ping")
    later = entry(99, "playout.underrun", level=Level.WARNING)
    rungs = ladder((*turn(underrun, calm), later), 1)
    assert ("playout.underrun", 2000) in shape(rungs)
    assert len(rungs) == len(ladder(turn(), 1)) + 1
    assert [rung.level for rung in rungs].count(Level.WARNING) == 1


def test_pings_are_not_of_a_turn_even_if_they_came_in_it():
    ping, late = entry(30, "ping", turn=1), entry(31, "ping", turn=1, level=Level.WARNING)
    started = entry(32, "playout.started", turn=1)
    kinds = [kind for kind, _ in shape(ladder(turn(ping, late, started), 1))]
    assert (kinds.count("ping"), kinds.count("playout.started")) == (1, 1)


def test_without_a_report_of_the_end_it_is_told_from_what_there_is():
    manual = (
        entry(1, "input_audio_buffer.commit", way=Way.UP, turn=1),
        entry(2, "response.create", way=Way.UP, turn=1),
    )
    assert shape(ladder(manual, 1)) == [("commit", 0), ("create", 100)]
    assert shape(ladder((entry(5, "error", turn=1),), 1)) == [("error", 0)]


@pytest.mark.parametrize("number", [None, 7])
def test_no_turn_has_no_ladder(number):
    assert ladder(turn(), number) == ()


def test_two_answers_in_a_turn_are_two_rungs():
    other = audio(30, response_id=Clean("resp_2"))
    assert [kind for kind, _ in shape(ladder(turn(other), 1))].count("audio.delta") == 2


def test_all_directions_have_a_sign():
    assert set(ARROWS) == set(Way)


@given(histories(), st.data())
def test_looking_near_an_entry_finds_the_same_as_going_through_all(moments, data):
    entries = moments[-1]
    of_turn = [n for n, one in enumerate(entries) if one.turn == 1]
    if of_turn:
        near = data.draw(st.sampled_from(of_turn))
        assert ladder(entries, 1, near) == ladder(entries, 1)


def test_a_turn_is_found_beyond_what_came_between():
    between = tuple(entry(n, turn=2) for n in range(100, 900))
    entries = (*turn(), *between, entry(1000, "response.done", way=Way.DOWN, turn=1))
    assert ladder(entries, 1, 0) == ladder(entries, 1)
    assert len(ladder((*turn(), *(entry(n) for n in range(50, 9000))), 1, 3)) == len(
        ladder(turn(), 1)
    )
