"""Levels in dBFS."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio import codec
from trunkline.audio.level import FLOOR_DBFS, Level, Meter, peak_dbfs, rms_dbfs
from trunkline.errors import CodecError


def test_a_sine_of_full_scale_reads_zero_for_rms_and_peak():
    sine = np.sin(np.arange(24_000) * (2 * np.pi * 1000 / 24_000)).astype(np.float32)
    level = codec.level(sine)
    assert level.rms_dbfs == pytest.approx(0, abs=0.01)
    assert level.peak_dbfs == pytest.approx(0, abs=0.01)


def test_a_square_of_full_scale_reads_three_decibels_more():
    assert rms_dbfs(32768) == pytest.approx(20 * math.log10(math.sqrt(2)))
    assert peak_dbfs(32768) == 0


def test_half_the_amplitude_is_six_decibels_less():
    assert rms_dbfs(1000) - rms_dbfs(500) == pytest.approx(6.02, abs=0.001)
    assert peak_dbfs(16384) == pytest.approx(-6.02, abs=0.001)


def test_silence_reads_the_floor():
    level = Level(rms=0.0, peak=0, clipped=0, samples=0)
    assert (level.rms_dbfs, level.peak_dbfs) == (FLOOR_DBFS, FLOOR_DBFS)


def test_nothing_reads_below_the_floor():
    assert rms_dbfs(0.001) == FLOOR_DBFS
    assert peak_dbfs(1) == pytest.approx(-90.3, abs=0.01)


@given(st.lists(st.integers(0, 1200), max_size=6), st.integers(0, 2**31), st.booleans())
def test_pieces_measured_on_their_way_read_as_the_whole(sizes, seed, as_floats):
    dice = np.random.default_rng(seed)
    samples = dice.choice([0, 5, -900, 32767, -32768], sum(sizes)).astype("<i2")
    whole = (samples / np.float32(32768)).astype("<f4") if as_floats else samples
    meter = Meter()
    for piece in np.split(whole, np.cumsum(sizes, dtype=int)[:-1] if sizes else []):
        assert codec.append_message(piece, meter=meter) == codec.append_message(piece)
    assert meter.level() == codec.level(whole)
    assert meter.level() == Level(rms=0.0, peak=0, clipped=0, samples=0)


def test_a_refused_piece_is_not_measured():
    meter = Meter()
    with pytest.raises(CodecError):
        meter.take(b"abc")
    with pytest.raises(CodecError):
        codec.append_message(b"abcd", event_id="", meter=meter)
    assert meter.level().samples == 0
