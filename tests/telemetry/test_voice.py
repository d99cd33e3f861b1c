from __future__ import annotations

import pytest

from trunkline.telemetry.meter import square_of
from trunkline.telemetry.voice import Voice

RATE_HZ = 24_000
BEAT = RATE_HZ / 10


def _seconds(voice, *levels, speaking=True, at=0.0):
    """What each second is judged by: its level in dBFS, or ten of them."""
    judged = []
    for level in levels:
        for each in level if isinstance(level, tuple) else (level,) * 10:
            at += 0.1
            voice.add(at, square_of(each) * BEAT, BEAT, speaking=speaking)
        voice.end_second()
        judged.append(voice.dbfs(RATE_HZ))
    return judged


def test_a_voice_is_as_loud_as_its_speech():
    assert _seconds(Voice(), -20, -52) == [-20.0, None]
    assert _seconds(Voice(), -52) == [-52.0]


def test_what_the_server_calls_no_speech_is_none():
    assert _seconds(Voice(), -20, -45, speaking=False) == [None, None]


def test_pauses_and_the_wait_for_an_end_are_not_part_of_it():
    words = (-20, -20, -20, -70, -50, -20, -20, -20, -50, -50)
    wait = (-50,) * 10
    assert _seconds(Voice(), words, wait) == [-20.0, None]


def test_a_short_word_that_is_over_when_the_server_tells_of_it_says_nothing():
    voice = Voice()
    assert _seconds(voice, (-20,) * 4 + (-50,) * 6, speaking=False) == [None]
    assert _seconds(voice, -50, at=1.0) == [None]


def test_too_little_speech_for_a_second_is_not_judged():
    assert _seconds(Voice(), (-20,) * 4 + (-60,) * 6) == [None]


def test_silence_is_no_speech_whoever_says_so():
    assert _seconds(Voice(), -96, -61) == [None, None]


def _by_hand():
    return Voice(detected=False)


def test_without_detection_the_noise_of_a_room_is_not_judged():
    assert _seconds(_by_hand(), *[-48] * 40, speaking=False) == [None] * 40


def test_without_detection_what_stands_out_of_the_room_is_speech():
    judged = _seconds(_by_hand(), -55, -40, -55, -15, -5, speaking=False)
    assert judged == [None, -40.0, None, -15.0, -5.0]


def test_without_detection_what_is_loud_is_judged_by_itself():
    assert _seconds(_by_hand(), -5, -5, speaking=False) == [-5.0, -5.0]


@pytest.mark.parametrize(("forgotten", "judged"), [(True, None), (False, -44.0)])
def test_a_room_does_not_stand_out_of_the_silence_of_a_muted_line(forgotten, judged):
    voice = _by_hand()
    _seconds(voice, -96, -96, speaking=False)
    if forgotten:
        voice.forget()
    assert _seconds(voice, -44, at=2.0, speaking=False) == [judged]


def test_what_was_loud_half_a_minute_ago_is_forgotten():
    voice = Voice()
    assert _seconds(voice, -5, *[-40] * 31)[-1] == -40.0
    assert len(voice.ranges) <= 3
