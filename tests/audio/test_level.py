"""Levels in dBFS."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trunkline.audio import codec
from trunkline.audio.level import FLOOR_DBFS, Level, peak_dbfs, rms_dbfs


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
