from __future__ import annotations

from dataclasses import replace

from trunkline.tui.ink import Tone
from trunkline.tui.widgets.pulse import pulse
from tui.desks import rows_at

ROW = rows_at()[4]


def _signs(row, cells=12):
    return "".join(span.text for span in pulse(row, cells))


def test_a_full_column_is_what_is_bad_on_every_row():
    assert _signs(replace(ROW, rtt_series=(400.0,) * 60)) == "█" * 12
    assert _signs(replace(ROW, rtt_series=(1.0,) * 60)) == "▁" * 12
    assert _signs(replace(ROW, rtt_series=(200.0,) * 60)) == "▅" * 12


def test_each_cell_is_the_worst_of_its_part():
    series = (*(10.0,) * 55, *(10.0, 10.0, 390.0, 10.0, 10.0))
    assert _signs(replace(ROW, rtt_series=series)) == "▁" * 11 + "█"


def test_seconds_without_a_ping_look_as_those_before():
    series = (None,) * 30 + (200.0,) + (None,) * 29
    assert _signs(replace(ROW, rtt_series=series)) == "······▅▅▅▅▅▅"


def test_a_ping_without_a_reply_is_told():
    series = (100.0,) * 40 + (None,) * 20
    row = replace(ROW, rtt_series=series, unanswered=True)
    assert _signs(row) == "▃" * 8 + "!" * 4
    assert pulse(row, 12)[-1].tone is Tone.BAD
    assert _signs(replace(row, rtt_series=(100.0,) * 60)).endswith("▃!")


def test_without_samples_there_is_nothing():
    assert pulse(replace(ROW, rtt_series=()), 12) == ()
    assert pulse(ROW, 0) == ()
