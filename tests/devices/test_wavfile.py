"""Sound files in and out."""

from __future__ import annotations

import io
import struct
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from trunkline.devices.wavfile import read_wav, write_wav
from trunkline.errors import MediaError

SPEECH = Path(__file__).parents[2] / "python/trunkline/speech/caller_1.wav"
RATE_HZ = 24_000


def _tone(rate_hz: int, *, seconds: float = 1.0, hz: float = 440.0) -> np.ndarray:
    time = np.arange(round(rate_hz * seconds)) / rate_hz
    return (0.5 * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def _dominant_hz(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE_HZ / len(samples))


def test_a_file_of_the_lines_own_format_comes_through_bit_for_bit():
    with wave.open(str(SPEECH)) as file:
        expected = file.readframes(file.getnframes())
    assert read_wav(SPEECH, rate_hz=RATE_HZ) == expected


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_another_rate_is_converted_without_changing_pitch_length_or_level(tmp_path, rate_hz: int):
    path = tmp_path / "tone.wav"
    soundfile.write(path, _tone(rate_hz), rate_hz, subtype="PCM_16")
    pcm = read_wav(path, rate_hz=RATE_HZ)
    assert abs(len(pcm) // 2 - RATE_HZ) <= 2
    assert abs(_dominant_hz(pcm) - 440) < 2
    middle = np.frombuffer(pcm, "<i2")[4800:-4800].astype(float)
    assert abs(np.sqrt((middle**2).mean()) / (16384 / np.sqrt(2)) - 1) < 0.01


@pytest.mark.parametrize(
    "subtype", ["PCM_U8", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]
)
def test_any_encoding_is_read(tmp_path, subtype: str):
    path = tmp_path / "tone.wav"
    soundfile.write(path, _tone(RATE_HZ), RATE_HZ, subtype=subtype)
    pcm = read_wav(path, rate_hz=RATE_HZ)
    assert abs(_dominant_hz(pcm) - 440) < 2


def test_stereo_is_averaged(tmp_path):
    path = tmp_path / "stereo.wav"
    left = _tone(RATE_HZ)
    soundfile.write(path, np.stack([left, -left], axis=1), RATE_HZ, subtype="FLOAT")
    assert set(read_wav(path, rate_hz=RATE_HZ)) == {0}


def test_what_is_too_loud_is_clipped_and_does_not_wrap(tmp_path):
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.array([2.0, -2.0, 1.0, -1.0]), RATE_HZ, subtype="FLOAT")
    samples = np.frombuffer(read_wav(path, rate_hz=RATE_HZ), "<i2")
    assert list(samples) == [32767, -32768, 32767, -32768]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MediaError, match=r"none\.wav: there is no such file"):
        read_wav(tmp_path / "none.wav", rate_hz=RATE_HZ)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not a sound file at all", bytes(100)])
def test_a_file_that_is_no_sound_is_refused_in_words(tmp_path, content: bytes):
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=r"broken\.wav: not a readable sound file"):
        read_wav(path, rate_hz=RATE_HZ)


def test_a_file_that_was_cut_short_says_how_much_is_missing(tmp_path):
    path = tmp_path / "cut.wav"
    path.write_bytes(SPEECH.read_bytes()[:50_000])
    with pytest.raises(MediaError, match=r"cut short: 183902 bytes of sound are announced"):
        read_wav(path, rate_hz=RATE_HZ)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF])
def test_a_file_written_to_a_pipe_knows_no_length_and_is_read_all_the_same(tmp_path, size: int):
    content = bytearray(SPEECH.read_bytes())
    at = content.index(b"data")
    content[at + 4 : at + 8] = struct.pack("<I", size)
    path = tmp_path / "piped.wav"
    path.write_bytes(content)
    assert len(read_wav(path, rate_hz=RATE_HZ)) == len(content) - at - 8


def test_a_file_without_sound_is_refused(tmp_path):
    path = tmp_path / "empty.wav"
    write_wav(path, b"", rate_hz=RATE_HZ)
    with pytest.raises(MediaError, match="it holds no sound"):
        read_wav(path, rate_hz=RATE_HZ)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(MediaError, match="no such file"):
        read_wav(tmp_path, rate_hz=RATE_HZ)


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_raise_anything_else(content: bytes):
    head = io.BytesIO()
    with wave.open(head, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
    path = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path.cwd()
    target = path / "trunkline-fuzz.wav"
    target.write_bytes(head.getvalue()[: len(content) % 44] + content)
    try:
        read_wav(target, rate_hz=RATE_HZ)
    except MediaError as error:
        assert error.reason
    finally:
        target.unlink()


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "out.wav"
    pcm = np.arange(-500, 500, dtype="<i2").tobytes()
    write_wav(path, pcm, rate_hz=RATE_HZ)
    assert read_wav(path, rate_hz=RATE_HZ) == pcm


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(MediaError, match="cannot be written"):
        write_wav(tmp_path / "no" / "folder.wav", b"", rate_hz=RATE_HZ)


@pytest.mark.parametrize("package", ["soundfile", "soxr"])
def test_without_the_extra_it_is_named(monkeypatch, tmp_path, package):
    path = tmp_path / "slow.wav"
    soundfile.write(path, _tone(8_000), 8_000)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MediaError, match=r"pip install 'trunkline\[wav\]'"):
        read_wav(path, rate_hz=RATE_HZ)
