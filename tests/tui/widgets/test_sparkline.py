from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.ink import Tone, line_width
from trunkline.tui.widgets.sparkline import HELD_SECONDS, Sample, chart, hold, sparkline


def _tone(value):
    return Tone.BAD if value > 400 else Tone.OK


def _plain(line):
    return "".join(span.text for span in line)


def _samples(*values):
    return [Sample(value) for value in values]


def test_columns_grow_from_zero_to_the_largest():
    assert _plain(sparkline(_samples(1, 4, 8, 0), 4, tone_of=_tone)) == "▁▄█ "


def test_unknown_is_a_dot_and_what_is_small_is_still_seen():
    assert _plain(sparkline(_samples(None, 0.001, 100), 4, tone_of=_tone)) == "··▁█"


def test_a_chart_stacks_its_rows():
    rows = chart(_samples(8, 16), 2, 2, tone_of=_tone)
    assert [_plain(row) for row in rows] == [" █", "██"]


def test_colours_follow_the_value_and_what_is_held_is_dim():
    line = sparkline([Sample(500), Sample(10), Sample(10, fresh=False)], 3, tone_of=_tone)
    assert [span.tone for span in line] == [Tone.BAD, Tone.OK, Tone.DIM]


def test_a_value_stands_for_a_while_when_no_new_one_comes():
    held = hold([None, 3.0, *[None] * (HELD_SECONDS + 1)])
    assert held[0] == Sample(None, fresh=False)
    assert held[1] == Sample(3.0, fresh=True)
    assert held[2:-1] == [Sample(3.0, fresh=False)] * HELD_SECONDS
    assert held[-1] == Sample(None, fresh=False)


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=80),
    st.integers(0, 70),
    st.integers(1, 5),
)
def test_any_chart_has_its_size(values, width, height):
    rows = chart(hold(values), width, height, tone_of=_tone)
    assert len(rows) == height
    assert {line_width(row) for row in rows} == {width}
