"""Durations and sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio.format import PCM_24K, AudioFormat
from trunkline.errors import CodecError

CD = AudioFormat(name="audio/pcm", rate_hz=44_100, bytes_per_sample=2)
counts = st.integers(0, 10**12)


def test_a_millisecond_at_24_khz_is_24_samples_and_48_bytes():
    assert PCM_24K.samples_of_ms(1) == 24
    assert PCM_24K.bytes_of_ms(1) == 48
    assert PCM_24K.ms_of_bytes(48) == 1


@given(counts)
def test_whole_milliseconds_at_24_khz_convert_exactly_both_ways(ms):
    assert PCM_24K.ms_of_samples(PCM_24K.samples_of_ms(ms)) == ms
    assert PCM_24K.ms_of_bytes(PCM_24K.bytes_of_ms(ms)) == ms


@given(counts)
def test_what_is_not_exact_is_rounded_down(samples):
    for audio_format in (PCM_24K, CD):
        ms = audio_format.ms_of_samples(samples)
        assert ms * audio_format.rate_hz <= samples * 1000 < (ms + 1) * audio_format.rate_hz
        assert audio_format.samples_of_ms(ms) <= samples


@given(counts)
def test_bytes_and_samples_convert_exactly(samples):
    assert PCM_24K.samples_of_bytes(PCM_24K.bytes_of_samples(samples)) == samples


def test_a_cut_sample_is_refused_at_its_first_byte():
    with pytest.raises(CodecError, match="ends inside a sample of 2 bytes") as caught:
        PCM_24K.samples_of_bytes(7)
    assert caught.value.offset == 6
    with pytest.raises(CodecError):
        PCM_24K.ms_of_bytes(1)
