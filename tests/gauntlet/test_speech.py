from __future__ import annotations

import io
import wave

import numpy as np

from trunkline.gauntlet.speech import gauntlet_speech
from trunkline.simulator.vad import VadSettings
from trunkline.simulator.voice import Interpreter


def test_the_same_seed_is_the_same_file_and_another_is_not():
    assert gauntlet_speech(3) == gauntlet_speech(3)
    assert gauntlet_speech(3).pcm != gauntlet_speech(4).pcm


def test_no_sixteen_samples_occur_twice():
    samples = np.frombuffer(gauntlet_speech().pcm, dtype="<i2")
    windows = np.lib.stride_tricks.sliding_window_view(samples, 16)
    assert len({window.tobytes() for window in windows}) == len(windows)


def test_the_wav_is_24_khz_mono_and_holds_it_all():
    with wave.open(io.BytesIO(gauntlet_speech().wav())) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        assert file.readframes(file.getnframes()) == gauntlet_speech().pcm


def test_utterances_are_loud_where_they_say_so_and_nobody_hears_the_noise():
    speech = gauntlet_speech()
    quiet_power = VadSettings(threshold=0.0, prefix_padding_ms=0, silence_duration_ms=0).power
    samples = np.frombuffer(speech.pcm, dtype="<i2").astype(np.float64)
    at = 0
    for utterance in speech.utterances:
        pause = samples[at + 480 : utterance.start - 4800]
        assert (pause**2).mean() < quiet_power
        assert (samples[utterance.start : utterance.end] ** 2).mean() > 100 * quiet_power
        at = utterance.end + 4800


def test_the_noise_keeps_nobody_from_understanding():
    speech = gauntlet_speech()
    for utterance in speech.utterances:
        pcm = speech.pcm[2 * (utterance.start - 4800) : 2 * (utterance.end + 9600)]
        assert Interpreter().hear(pcm) == utterance.text
