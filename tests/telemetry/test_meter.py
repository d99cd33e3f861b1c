from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio.level import peak_dbfs as samples_peak_dbfs
from trunkline.audio.level import rms_dbfs
from trunkline.telemetry.history import COUNTED, History, Track
from trunkline.telemetry.meter import FLOOR_DBFS, HELD_SECONDS, Meter, level_dbfs, peak_dbfs

RATE_HZ = 24_000
CHUNK = 480
TRACKS = (Track.INPUT_SAMPLES, Track.INPUT_CLIPPED, Track.INPUT_PEAK)


@given(st.just(0.0) | st.floats(1e-3, 32768))
def test_levels_are_those_of_the_audio_layer(rms):
    assert level_dbfs((rms / 32768) ** 2) == pytest.approx(rms_dbfs(rms), abs=1e-6)
    assert peak_dbfs(rms / 32768) == pytest.approx(samples_peak_dbfs(rms), abs=1e-6)


def test_a_sine_of_full_scale_is_zero_and_nothing_is_the_floor():
    assert level_dbfs(0.5) == pytest.approx(0.0, abs=1e-9)
    assert level_dbfs(0.0) == peak_dbfs(0.0) == level_dbfs(1e-30) == FLOOR_DBFS


def _history(*, clipped=(0,) * 7, samples=(0,) * 7, peak=(math.nan,) * 7):
    history, totals = History(first=0, newest=-1), [0.0] * COUNTED
    for second in range(7):
        totals[Track.INPUT_CLIPPED] += clipped[second]
        totals[Track.INPUT_SAMPLES] += samples[second]
        values = [math.nan] * (len(Track.ALL) - COUNTED)
        values[Track.INPUT_PEAK - COUNTED] = peak[second]
        history.put(second, totals, values)
    return history


def test_nothing_is_known_before_anything_was_measured():
    view = Meter(RATE_HZ).view(_history(), *TRACKS, 2.0)
    assert view.rms_dbfs is view.momentary_dbfs is view.peak_dbfs is view.silent_s is None


def test_the_momentary_level_is_of_the_last_400_ms():
    meter = Meter(RATE_HZ)
    samples = RATE_HZ // 10
    for n in range(20):
        square = 0.5 if n < 16 else 0.005
        meter.add(n / 10, square * samples, samples)
    view = meter.view(_history(), *TRACKS, 2.0)
    assert view.rms_dbfs == view.momentary_dbfs == -20.0
    meter.add(2.0, 0.5 * samples, samples)
    view = meter.view(_history(), *TRACKS, 2.0)
    assert view.rms_dbfs == 0.0
    assert view.momentary_dbfs == pytest.approx(-5.9, abs=0.1)
    assert len(meter.recent) == 4


def test_a_beat_of_half_a_second_is_momentary_by_itself():
    meter = Meter(RATE_HZ)
    for square in (0.5, 0.005):
        meter.add(1.0, square * RATE_HZ / 2, RATE_HZ / 2)
    assert meter.dbfs(1.2) == -20.0


def test_silence_lasts_from_its_first_sample_until_there_is_a_sound():
    meter = Meter(RATE_HZ)
    for second in range(1, 12):
        meter.add(float(second), 0.0 if second < 11 else 1e-9, RATE_HZ)
    assert meter.silent_s(11.1) == 11.0
    meter.add(12.0, 0.01 * RATE_HZ, RATE_HZ)
    assert meter.silent_s(12.0) == 0.0


def test_a_level_is_unknown_once_nothing_came_for_a_while():
    meter = Meter(RATE_HZ)
    meter.add(2.0, 0.005 * RATE_HZ / 2, RATE_HZ / 2)
    history = _history(peak=[math.nan, 0.5, *[math.nan] * 5], samples=[0, 600, *[0] * 5])
    held = meter.view(history, *TRACKS, 2.0 + HELD_SECONDS)
    assert held.rms_dbfs == held.momentary_dbfs == -20.0
    over = meter.view(history, *TRACKS, 2.1 + HELD_SECONDS)
    assert over.rms_dbfs is over.momentary_dbfs is over.silent_s is None
    assert meter.dbfs(60.0) is meter.silent_s(60.0) is None


def test_what_was_before_a_rest_is_no_part_of_what_comes_after_it():
    meter = Meter(RATE_HZ)
    samples = RATE_HZ // 10
    meter.add(1.0, 0.0, samples)
    meter.add(9.0, 0.0, samples)
    assert meter.silent_s(9.0) == pytest.approx(0.1)
    meter.add(20.0, 0.5 * samples, samples)
    assert meter.dbfs(20.0) == 0.0


def test_peaks_and_clipping_are_of_the_last_five_seconds():
    meter = Meter(RATE_HZ)
    meter.add(6.0, 0.1 * CHUNK, CHUNK)
    history = _history(
        peak=[1.0, 1.0, 0.5, 0.1, math.nan, 0.1, 0.1],
        clipped=[9, 9, 3, 0, 0, 0, 0],
        samples=[600] * 7,
    )
    view = meter.view(history, *TRACKS, 6.2)
    assert view.peak_dbfs == -6.0
    assert (view.clipped, view.clipped_percent) == (3, 0.1)
