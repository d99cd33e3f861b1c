from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.audio import g711
from trunkline.simulator.formats import AUDIO_LIMIT_BYTES, WireFormat
from trunkline.simulator.refusals import Refusal

PCM = WireFormat(name="audio/pcm")
ULAW = WireFormat(name="audio/pcmu")
ALAW = WireFormat(name="audio/pcma")


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def tone(hz: float, *, ms: int = 400) -> bytes:
    time = np.arange(ms * 24) / 24000
    return (np.sin(2 * np.pi * hz * time) * 8000).astype("<i2").tobytes()


def level(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, dtype="<i2").astype(float)
    return float(10 * np.log10(np.mean(samples**2) + 1e-9))


@given(st.binary(max_size=300).map(lambda raw: raw[: len(raw) // 2 * 2]))
def test_pcm_passes_unchanged_both_ways(pcm):
    assert PCM.decode(text(pcm), "audio") == pcm
    assert PCM.encode(pcm) == text(pcm)


@pytest.mark.parametrize("encoded", ["A", "AAA", "AA==", "AAAA\n", "AA A", "-_-_", "AAAA====", "ä"])
def test_audio_that_is_not_strict_base64_of_whole_samples_is_refused(encoded):
    with pytest.raises(Refusal) as refused:
        PCM.decode(encoded, "audio")
    assert (refused.value.code, refused.value.param) == ("invalid_value", "audio")


def test_15_mib_pass_and_a_sample_more_is_refused():
    assert len(PCM.read(text(bytes(AUDIO_LIMIT_BYTES)), "audio")) == AUDIO_LIMIT_BYTES
    with pytest.raises(Refusal, match="15 MiB"):
        PCM.read(text(bytes(AUDIO_LIMIT_BYTES + 2)), "audio")
    with pytest.raises(Refusal, match="15 MiB"):
        PCM.read("A" * (21 * 1024 * 1024), "audio")


@pytest.mark.parametrize("wire", [ULAW, ALAW])
def test_g711_takes_any_number_of_bytes_and_names_itself_in_a_refusal(wire):
    assert len(wire.decode(text(b"\xd5"), "audio")) == 3 * 2
    with pytest.raises(Refusal, match=f"{wire.name} at 8kHz"):
        wire.decode("A", "audio")


@pytest.mark.parametrize("wire", [ULAW, ALAW])
@given(codes=st.binary(max_size=64))
def test_every_code_is_three_samples_of_the_clock_and_its_own_sample_is_kept(wire, codes):
    decode = g711.decode_ulaw if wire is ULAW else g711.decode_alaw
    wide = np.frombuffer(wire.decode(text(codes), "audio"), dtype="<i2")
    assert wide.size == 3 * len(codes)
    assert wide[2::3].tobytes() == decode(codes)


@settings(deadline=None)
@given(codes=st.binary(min_size=2, max_size=80), cut=st.integers(1, 79))
def test_the_pieces_a_stream_comes_in_make_no_difference(codes, cut):
    whole = ULAW.read(text(codes), "audio")
    first, rest = whole[: cut * 2], whole[cut * 2 :]
    before = int.from_bytes(first[-2:], "little", signed=True)
    assert ULAW.widen(first) + ULAW.widen(rest, before=before) == ULAW.widen(whole)


@pytest.mark.parametrize("wire", [ULAW, ALAW])
def test_speech_survives_the_way_out_and_back(wire):
    sent = base64.b64decode(wire.encode(tone(1000)))
    assert len(sent) == 400 * wire.bytes_per_ms
    back = wire.decode(text(sent), "audio")
    assert abs(level(back) - level(tone(1000))) < 1


@pytest.mark.parametrize("hz", [4500, 6000, 7000, 11000])
def test_what_8_khz_cannot_carry_does_not_fold_into_speech(hz):
    decoded = g711.decode_ulaw(base64.b64decode(ULAW.encode(tone(hz))))
    assert level(decoded[160:-160]) < level(tone(hz)) - 40


def test_silence_stays_silence_and_a_torn_sample_is_left_out():
    assert g711.decode_ulaw(base64.b64decode(ULAW.encode(bytes(4800)))) == bytes(1600)
    assert ULAW.encode(bytes(4)) == ""
    assert len(base64.b64decode(ULAW.encode(bytes(2 * 7)))) == 2


@given(count=st.integers(0, 50))
def test_samples_are_counted_on_the_clock_of_24_khz(count):
    assert PCM.samples_of(PCM.encode(bytes(2 * count))) == count
    assert ALAW.samples_of(ALAW.encode(bytes(6 * count))) == 3 * count


def test_a_format_is_read_from_the_settings():
    assert WireFormat.of({"type": "audio/pcm", "rate": 24000}) == PCM
    assert [one.bytes_per_ms for one in (PCM, ULAW, ALAW)] == [48, 8, 8]
