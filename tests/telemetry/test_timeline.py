from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import StreamError
from trunkline.telemetry.levels import Level
from trunkline.telemetry.timeline import CELL_SECONDS, CELLS, Timeline
from trunkline.telemetry.views import Mark


def _add(timeline, second, condition="live", *, user=0.0, model=0.0, underruns=0, alert=Level.OK):
    timeline.add(second, condition, user_s=user, model_s=model, underruns=underruns, alert=alert)


def test_a_cell_is_five_seconds():
    timeline = Timeline()
    for second in range(10):
        _add(timeline, second, user=0.5, model=1.0, underruns=second // 5)
    view = timeline.view(())
    assert view.cell_s == 5.0
    assert len(view.state) == len(view.user) == CELLS
    assert view.state[-3:] == (None, "live", "live")
    assert view.user[-2:] == (0.5, 0.5)
    assert view.model[-2:] == (1.0, 1.0)
    assert view.underruns[-2:] == (0, 5)


def test_a_cell_shows_the_worst_that_was_in_it():
    timeline = Timeline()
    for second, condition in enumerate(("live", "reconnecting", "connecting", "live", "live")):
        _add(timeline, second, condition, alert=Level.WARNING if second == 1 else Level.OK)
    view = timeline.view(())
    assert (view.state[-1], view.alerts[-1]) == ("reconnecting", Level.WARNING)


def test_time_that_was_passed_over_is_empty():
    timeline = Timeline()
    _add(timeline, 0, user=1.0)
    _add(timeline, 5 * 100, user=1.0)
    view = timeline.view(())
    assert view.state.count("live") == 2
    _add(timeline, 5 * 1000)
    assert timeline.view(()).state.count("live") == 1


def test_what_is_played_ahead_is_at_most_the_whole_cell():
    timeline = Timeline()
    _add(timeline, 0, model=9.0)
    assert timeline.view(()).model[-1] == 1.0


def test_marks_are_shown_while_their_cell_is():
    timeline = Timeline()
    _add(timeline, 1000)
    old, young = Mark(at=1000.0 - 5 * CELLS, number=1), Mark(at=999.0, number=2)
    assert timeline.view((old, young)).marks == (young,)


@given(st.lists(st.tuples(st.integers(1, 40), st.floats(0, 1)), max_size=200))
def test_speech_is_neither_lost_nor_doubled(steps):
    timeline, cells, second = Timeline(), {}, 0
    for step, user in steps:
        second += step
        _add(timeline, second, user=user)
        cells[second // CELL_SECONDS] = cells.get(second // CELL_SECONDS, 0.0) + user
    newest = second // CELL_SECONDS
    expected = [cells.get(newest + 1 - CELLS + n, 0.0) / CELL_SECONDS for n in range(CELLS)]
    if steps:
        assert timeline.view(()).user == pytest.approx(expected, abs=1e-6)


SECONDS = st.tuples(
    st.integers(1, 700),
    st.sampled_from(("live", "reconnecting", "connecting")),
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(0, 2),
    st.sampled_from((Level.OK, Level.WARNING, Level.BAD)),
)


@given(st.lists(SECONDS, max_size=40))
def test_columns_that_come_one_by_one_say_what_a_whole_table_says(steps):
    lean, whole, second = Timeline.begun(), Timeline(), 0
    assert lean.view(()) == whole.view(())
    for step, condition, user, model, underruns, alert in steps:
        second += step
        for timeline in (lean, whole):
            _add(
                timeline,
                second,
                condition,
                user=user,
                model=model,
                underruns=underruns,
                alert=alert,
            )
        assert lean.view(()) == whole.view(())
    assert len(lean.table) == CELLS * len(lean.columns)


def test_an_idle_line_has_a_column_for_its_state_alone():
    timeline = Timeline.begun()
    for second in range(20):
        _add(timeline, second)
    assert len(timeline.table) == CELLS
    assert timeline.view(()).state[-4:] == ("live",) * 4


@pytest.mark.parametrize(
    "fields",
    [
        {"table": Timeline().table[1:]},
        {"columns": array("H", [0])},
        {"columns": array("H", [0, 1, 2, 3, 3])},
        {"columns": array("H", [1, 0, 2, 3, 4])},
        {"columns": array("H", [0, 1, 2, 3, 5])},
        {"columns": array("H"), "table": array("f")},
        {"table": array("f", [99.0]) * (5 * CELLS)},
    ],
)
def test_a_table_of_another_size_or_of_other_columns_is_refused(fields):
    with pytest.raises(StreamError):
        Timeline(**fields)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["live", "reconnecting"]), st.floats(0, 1, width=32)),
            st.lists(
                st.tuples(
                    st.sampled_from([0.0, 0.02, 1.0]),
                    st.sampled_from([Level.OK, Level.OK, Level.WARNING, Level.BAD]),
                ),
                max_size=12,
            ),
        ),
        max_size=12,
    )
)
def test_live_seconds_in_a_row_are_added_as_one_after_another(stretches):
    one, other, second = Timeline.begun(), Timeline.begun(), 3
    for stretch in stretches:
        if isinstance(stretch, tuple):
            condition, user = stretch
            for timeline in (one, other):
                _add(timeline, second, condition, user=user)
            second += 1
            continue
        one.add_live(second, [model for model, _ in stretch], [alert for _, alert in stretch])
        for number, (model, alert) in enumerate(stretch, second):
            _add(other, number, model=model, alert=alert)
        second += len(stretch)
    assert one.columns == other.columns
    assert str(one.table) == str(other.table)
