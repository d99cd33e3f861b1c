from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from simulator.sitting import loud, quiet
from trunkline.simulator.ear import Ear
from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from trunkline.simulator.vad import SpeechStarted, SpeechStopped

VAD = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
}


def hear(ear: Ear, pcm: bytes) -> list[SpeechStarted | SpeechStopped]:
    return list(ear.hear(pcm))


def test_without_a_detector_everything_waits_for_a_commit():
    ear = Ear(None)
    assert hear(ear, loud(300)) == []
    pcm, samples = ear.commit()
    assert (pcm, samples) == (loud(300), (0, 7200))


def test_less_than_100_ms_are_refused_and_kept():
    ear = Ear(None)
    hear(ear, loud(99))
    with pytest.raises(Refusal, match=r"only has 99\.00ms"):
        ear.commit()
    hear(ear, loud(1))
    assert ear.commit()[1] == (0, 2400)


def test_an_utterance_is_taken_from_its_padding_to_its_end():
    ear = Ear(VAD)
    started, stopped = hear(ear, quiet(500) + loud(400) + quiet(700))
    pcm, samples = ear.take(started.sample, stopped.sample)
    assert samples == (200 * 24, 1400 * 24)
    assert pcm == quiet(300) + loud(400) + quiet(500)


def test_a_commit_in_mid_utterance_takes_the_utterance():
    ear = Ear(VAD)
    hear(ear, quiet(1000) + loud(400))
    pcm, samples = ear.commit()
    assert samples == (700 * 24, 1400 * 24)
    assert ear.speech is None
    with pytest.raises(Refusal, match=r"only has 0\.00ms"):
        ear.commit()
    assert len(pcm) == 700 * 48


def test_clearing_ends_an_utterance_without_an_item():
    ear = Ear(VAD)
    hear(ear, loud(400))
    ear.clear()
    assert ear.speech is None
    assert hear(ear, quiet(600)) == []
    assert ear.position == 1000 * 24


def test_other_settings_keep_the_utterance_but_no_detector_ends_it():
    ear = Ear(VAD)
    hear(ear, loud(400))
    ear.configure(VAD | {"silence_duration_ms": 200})
    assert ear.speech is not None
    ear.configure(None)
    assert ear.speech is None
    assert ear.commit()[1] == (0, 400 * 24)


def test_a_long_silence_is_not_kept():
    ear = Ear(VAD)
    for _ in range(40):
        hear(ear, quiet(1000))
    _, samples = ear.commit()
    assert samples == (10_000 * 24, 40_000 * 24)


def test_the_pieces_of_a_g711_stream_are_joined_without_a_seam():
    whole, pieces = Ear(None), Ear(None)
    for ear in (whole, pieces):
        ear.tune({"type": "audio/pcma"})
    codes = bytes(range(0, 250, 5))
    expected = whole.decode(base64.b64encode(codes).decode(), "audio")
    given = b"".join(
        pieces.decode(base64.b64encode(codes[at : at + 3]).decode(), "audio")
        for at in range(0, len(codes), 3)
    )
    assert given == expected
    assert len(expected) == len(codes) * 3 * 2


def test_silence_that_timed_out_is_taken_and_a_later_utterance_does_not_reach_into_it():
    ear = Ear(VAD)
    hear(ear, quiet(1000))
    pcm, samples = ear.idle(400 * 24)
    assert (pcm, samples) == (quiet(600), (400 * 24, 1000 * 24))
    (started,) = hear(ear, quiet(100) + loud(100))
    assert started.sample == 1000 * 24


def test_the_words_of_an_utterance_decide_how_long_its_pause_may_be():
    heard = []

    def understand(pcm):
        heard.append(len(pcm) // 48)
        return "Done."

    ear = Ear({"type": "semantic_vad", "eagerness": "auto"}, understand=understand)
    _, stopped = hear(ear, quiet(500) + loud(400) + quiet(2000))
    assert heard == [300 + 400 + 200]
    assert stopped.sample == 1400 * 24
