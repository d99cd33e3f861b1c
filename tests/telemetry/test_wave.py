from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.wave import STRIP, Wave


def _pcm(*samples):
    return array("h", samples).tobytes()


def _sine(count, amplitude=16384):
    return _pcm(*(round(amplitude * math.sin(n * 0.3)) for n in range(count)))


def test_a_strip_shows_where_it_is_loud():
    wave = Wave()
    wave.add(_pcm(*[0] * 400, *[16384] * 400))
    assert wave.peaks == [0.0] * 4 + [0.5] * 4


def test_a_sine_of_half_scale_is_six_below():
    wave = Wave()
    for _ in range(20):
        wave.add(_sine(480))
    assert wave.rms_dbfs() == pytest.approx(-6.0, abs=0.1)
    assert wave.peak_dbfs() == pytest.approx(-6.0, abs=0.1)
    assert wave.clipped == 0


def test_nothing_has_no_level():
    wave = Wave()
    wave.add(b"")
    assert (wave.peaks, wave.rms_dbfs(), wave.peak_dbfs()) == ([], None, None)


def test_clipping_is_counted_over_the_edges_of_peaks():
    wave = Wave()
    wave.add(_pcm(*[0] * 7, *[32767] * 4, *[0] * 21))
    assert wave.stretch == 4
    assert wave.clipped == 4


@given(st.lists(st.integers(0, 700), max_size=60))
def test_a_strip_stays_short_and_keeps_its_highest(counts):
    wave, total = Wave(), 0
    for n, count in enumerate(counts):
        wave.add(_pcm(*[(n * 37) % 30000] * count))
        total += count
    assert len(wave.peaks) <= STRIP
    assert wave.samples == total
    loudest = max(((n * 37) % 30000 for n, count in enumerate(counts) if count), default=0)
    assert max(wave.peaks, default=0.0) == pytest.approx(loudest / 32768)
