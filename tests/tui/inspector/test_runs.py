from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.levels import Level
from trunkline.text import Clean
from trunkline.tui.inspector.runs import WAVE_CELLS, continues, run_of
from tui.inspector.streams import audio, entry


def test_audio_of_one_answer_goes_on():
    assert continues(audio(2), audio(1))


@pytest.mark.parametrize(
    "other",
    [audio(1, turn=2), audio(1, response_id=Clean("x")), audio(1, item_id=Clean("x")), entry(1),
     replace(audio(1), type=Clean("input_audio_buffer.append"))],
)  # fmt: skip
def test_audio_of_something_else_does_not(other):
    assert not continues(audio(2), other)


def test_a_run_of_one_is_that_one():
    one = audio(1)
    assert run_of([one]) is one


def test_a_run_adds_up_and_keeps_the_words_of_the_first():
    first = audio(1, latency_ms=1420.0, note=Clean("first audio"), detail=Clean("{}"))
    run = run_of([first, audio(2, count=3, clipped=2, peak_dbfs=-1.0, level=Level.WARNING)])
    assert (run.number, run.at, run.until) == (1, first.at, audio(2).until)
    assert (run.count, run.size_bytes, run.audio_ms, run.clipped) == (4, 12_800, 200.0, 2)
    assert (run.latency_ms, run.note, run.detail) == (1420.0, "first audio", "{}")
    assert (run.level, run.peak_dbfs) == (Level.WARNING, -1.0)


def test_energies_are_averaged_and_not_decibels():
    run = run_of([audio(1, rms_dbfs=-20.0), audio(2, rms_dbfs=-96.0)])
    assert run.rms_dbfs == pytest.approx(-23.01, abs=0.01)


def test_what_nobody_knows_stays_unknown():
    bare = [audio(n, size_bytes=None, rms_dbfs=None, peak_dbfs=None, wave=()) for n in (1, 2)]
    run = run_of(bare)
    assert (run.size_bytes, run.rms_dbfs, run.peak_dbfs, run.wave) == (None, None, None, ())


@given(st.lists(st.lists(st.floats(0, 1), max_size=32), min_size=1, max_size=5))
def test_a_wave_is_bounded_and_keeps_its_highest_peak(waves):
    run = run_of([audio(n, wave=tuple(wave)) for n, wave in enumerate(waves)])
    assert len(run.wave) <= WAVE_CELLS
    assert max(run.wave, default=0) == max((peak for wave in waves for peak in wave), default=0)
