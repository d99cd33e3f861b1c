from __future__ import annotations

import numpy as np

from gauntlet.planting import SPEECH, places
from trunkline.gauntlet.places import Run


def cut(start: int, end: int) -> bytes:
    return SPEECH.pcm[2 * start : 2 * end]


def test_every_cut_is_found_at_its_place_silence_too():
    assert places().find(cut(12_345, 45_678)) == [Run(start=0, place=12_345, count=33_333)]
    assert places().find(cut(100, 580)) == [Run(start=0, place=100, count=480)]


def test_pieces_are_told_apart_and_foreign_audio_is_passed_over():
    foreign = np.arange(1000, dtype="<i2").tobytes()
    found = places().find(cut(5000, 6000) + foreign + cut(5000, 5500))
    assert found == [Run(start=0, place=5000, count=1000), Run(start=2000, place=5000, count=500)]


def test_a_match_goes_on_over_the_end_of_the_loop():
    end = SPEECH.samples
    found = places().find(cut(end - 700, end) + cut(0, 900))
    assert found == [Run(start=0, place=end - 700, count=1600)]


def test_a_skip_of_one_sample_is_seen():
    found = places().find(cut(5000, 6000) + cut(6001, 7000))
    assert [(run.place, run.count) for run in found] == [(5000, 1000), (6001, 999)]


def test_too_little_is_not_guessed():
    assert places().find(cut(0, 15)) == []
    assert places().find(b"") == []


def test_zeros_are_nowhere():
    assert places().find(bytes(96_000)) == []
