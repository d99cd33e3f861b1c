from __future__ import annotations

import numpy as np
import pytest

from trunkline.simulator.recognition import THRESHOLD, Recogniser, outline, similarity
from trunkline.simulator.recordings import recorded_turns

TURNS = [turn.caller_pcm for turn in recorded_turns()]
RECOGNISER = Recogniser(TURNS)
EACH = pytest.mark.parametrize("index", range(len(TURNS)))


def heard(index: int, *, gain=1.0, noise=0.0, before=0, after=0) -> bytes:
    samples = np.frombuffer(TURNS[index], "<i2").astype(float)
    samples = np.concatenate([np.zeros(before), samples, np.zeros(after)]) * gain
    samples += np.random.default_rng(index).normal(0, noise, samples.size)
    return np.clip(samples, -32768, 32767).astype("<i2").tobytes()


@EACH
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"before": 7200, "after": 12000},
        {"before": 131},
        {"gain": 0.5},
        {"noise": 60.0, "after": 12000},
    ],
)
def test_a_turn_is_recognised_through_padding_volume_and_noise(index, change):
    assert RECOGNISER.recognise(heard(index, **change)) == index


@EACH
def test_a_turn_of_which_a_third_is_missing_is_not_recognised(index):
    third = len(TURNS[index]) // 6 * 2
    assert RECOGNISER.recognise(TURNS[index][third:]) is None
    assert RECOGNISER.recognise(TURNS[index][:-third]) is None


@pytest.mark.parametrize("pcm", [b"", bytes(48_000), bytes(100)])
def test_silence_is_nothing(pcm):
    assert RECOGNISER.recognise(pcm) is None


def test_two_turns_in_one_are_neither():
    assert RECOGNISER.recognise(TURNS[0] + TURNS[1]) is None


def test_noise_and_replies_are_not_the_caller():
    noise = np.random.default_rng(5).normal(0, 4000, 60_000).astype("<i2").tobytes()
    assert RECOGNISER.recognise(noise) is None
    for turn in recorded_turns():
        assert RECOGNISER.recognise(turn.reply_pcm) is None


def test_without_recordings_nothing_is_recognised():
    assert Recogniser([]).recognise(TURNS[0]) is None


def test_the_threshold_lies_between_the_turns_and_themselves():
    outlines = [outline(pcm) for pcm in TURNS]
    for one, first in enumerate(outlines):
        for other, second in enumerate(outlines):
            score = similarity(first, second)
            assert score > 0.99 if one == other else score < THRESHOLD - 0.02
