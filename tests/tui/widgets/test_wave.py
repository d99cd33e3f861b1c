from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.ink import Tone, line_width
from trunkline.tui.widgets.wave import strip_of, wave_line
from tui.inspector.streams import audio, entry


def test_the_loudest_part_fills_its_cell():
    assert strip_of((0.0, 0.1, 0.4, 0.8), 4) == " ▁▄█"


def test_a_whisper_does_not_look_like_a_shout():
    assert strip_of((0.01, 0.005), 2) == "▂▁"


def test_more_peaks_than_cells_show_the_highest_of_each_share():
    assert strip_of((0.0, 1.0, 0.0, 0.0), 2) == "█ "


@given(st.lists(st.floats(0, 1), max_size=40), st.integers(-1, 40))
def test_it_is_never_wider_than_asked_for(peaks, width):
    assert len(strip_of(peaks, width)) == (min(width, len(peaks)) if peaks and width > 0 else 0)


def test_levels_stand_beside_the_strip():
    line = wave_line(audio(1, wave=(1.0,), rms_dbfs=-21.34, peak_dbfs=-6.0), 60)
    assert "".join(span.text for span in line) == "▕█▏  -21.3 rms  -6.0 pk  0 clipped"


def test_clipping_is_bad_and_silence_has_no_number():
    line = wave_line(audio(1, rms_dbfs=-96.0, peak_dbfs=None, clipped=3), 60)
    assert "-inf rms  - pk" in "".join(span.text for span in line)
    assert line[-1].tone is Tone.BAD


def test_what_has_no_sound_has_no_line():
    assert wave_line(entry(1), 60) == ()


@pytest.mark.parametrize("width", [40, 50, 80])
def test_the_strip_takes_what_room_the_levels_leave(width):
    line = wave_line(audio(1, wave=tuple(n / 32 for n in range(32))), width)
    assert line_width(line) <= width
