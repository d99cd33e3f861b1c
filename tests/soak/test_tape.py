from __future__ import annotations

import numpy as np
import pytest

from trunkline.soak.tape import PERIOD, Microphone, place_of, tape


def test_every_cut_says_where_it_was_made():
    for loud in (False, True):
        whole = tape(loud=loud)
        for start in (*range(40), 12_345, PERIOD - 5, PERIOD - 1):
            assert place_of(whole[2 * start : 2 * start + 64]) == start
    assert place_of(bytes(64)) is None
    assert place_of(whole[:20]) is None


def test_quiet_sound_is_below_the_detector_and_loud_sound_above():
    quiet, loud = (
        np.frombuffer(tape(loud=loud)[:9600], "<i2").astype(float) for loud in (False, True)
    )
    threshold = 32768.0**2 * 10 ** (-45 / 10)
    assert (quiet**2).mean() < threshold / 2 < threshold * 2 < (loud**2).mean()


def captured(*pieces: tuple[int, bool]) -> tuple[Microphone, bytes]:
    microphone, stream = Microphone(), b""
    for samples, loud in pieces:
        stream += microphone.next(samples, loud=loud)
        microphone.captured(samples, loud=loud)
    return microphone, stream


def test_the_log_gives_back_what_was_captured_and_finds_it():
    microphone, stream = captured((1000, False), (500, True), (2000, False))
    assert microphone.pcm(0, 3500) == stream
    assert microphone.pcm(900, 1600) == stream[1800:3200]
    assert microphone.loud() == [(1000, 1500)]
    assert microphone.spans(stream[400:3000]) == [(200, 1500)]
    assert microphone.spans(stream[:2000] + stream[2406:7000]) == [(0, 1000), (1203, 3500)]
    assert microphone.spans(b"") == []


def test_what_was_never_captured_or_was_changed_has_no_place():
    microphone, stream = captured((1000, False))
    assert microphone.spans(microphone.next(100, loud=False)) is None
    assert microphone.spans(bytes(200)) is None
    assert microphone.spans(stream[:200] + bytes(200)) is None


def test_what_the_line_refused_was_not_captured():
    microphone, _ = captured((100, False), (50, True))
    microphone.take_back(50)
    assert (microphone.position, microphone.loud()) == (100, [])
    microphone.take_back(100)
    assert microphone.loud() == []


@pytest.mark.parametrize("start", [PERIOD - 700, 2 * PERIOD - 700])
def test_the_newest_place_is_meant_once_the_tape_has_wrapped(start: int):
    microphone = Microphone()
    microphone.captured(start, loud=False)
    pcm = microphone.next(1400, loud=False)
    microphone.captured(1400, loud=False)
    assert microphone.spans(pcm) == [(start, start + 1400)]
