"""A file in place of a microphone, and one in place of a loudspeaker."""

from __future__ import annotations

import asyncio
import struct
import sys
import wave
from pathlib import Path

import pytest

from devices.jumping import now, run
from trunkline.devices.files import WavSink, pcm_source, wav_source
from trunkline.devices.wavfile import read_wav, write_wav
from trunkline.errors import MediaError

SPEECH = Path(__file__).parents[2] / "python/trunkline/speech/caller_1.wav"


def fill(count_samples: int, _heard_at: float) -> bytes:
    return b"\1\0" * count_samples


async def first(source, count: int) -> list:
    async with source:
        return [await anext(source) for _ in range(count)]


async def everything(source) -> tuple[bytes, float]:
    async with source:
        return b"".join([block.pcm async for block in source]), now() - 1000


def test_a_file_is_said_in_real_time_bit_for_bit():
    pcm, took = run(everything(wav_source(SPEECH)))
    assert pcm == read_wav(SPEECH, rate_hz=24_000)
    assert took == pytest.approx(len(pcm) / 48_000)


def test_a_file_that_is_not_there_is_said_when_it_is_opened(tmp_path):
    source = wav_source(tmp_path / "none.wav")
    assert source.name.endswith("none.wav")
    with pytest.raises(MediaError, match="no such file"):
        run(everything(source))


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MediaError, match=r"pip install 'trunkline\[wav\]'"):
        run(everything(wav_source(SPEECH)))


def test_silence_follows_an_endless_file_in_whole_blocks():
    blocks = run(first(pcm_source(b"\1\0" * 600, is_endless=True), 4))
    assert [len(block.pcm) for block in blocks] == [960] * 4
    assert blocks[1].pcm == b"\1\0" * 120 + bytes(720)
    assert blocks[3].pcm == bytes(960)


def test_the_last_block_of_a_file_that_ends_is_short():
    pcm, _ = run(everything(pcm_source(b"\1\0" * 600)))
    assert pcm == b"\1\0" * 600


async def play(sink: WavSink, seconds: float) -> None:
    async with sink:
        sink.start(fill)
        await asyncio.sleep(seconds)


def test_time_in_the_file_is_time_of_the_call(tmp_path):
    path = tmp_path / "out.wav"
    run(play(WavSink(path), 0.99))
    assert read_wav(path, rate_hz=24_000) == fill(24_000, 0.0)


def test_the_file_is_whole_while_it_is_written(tmp_path):
    path = tmp_path / "out.wav"

    async def look() -> int:
        async with WavSink(path) as sink:
            sink.start(fill)
            await asyncio.sleep(0.19)
            with wave.open(str(path)) as file:
                return file.getnframes()

    assert 9 * 480 <= run(look()) <= 10 * 480


def test_a_sink_that_was_not_started_leaves_an_empty_sound_file(tmp_path):
    path = tmp_path / "out.wav"

    async def nothing():
        async with WavSink(path):
            pass

    run(nothing())
    write_wav(tmp_path / "empty.wav", b"", rate_hz=24_000)
    assert path.read_bytes() == (tmp_path / "empty.wav").read_bytes()


def test_a_place_that_cannot_be_written_is_said_at_the_opening(tmp_path):
    with pytest.raises(MediaError, match="cannot be written: No such file or directory"):
        run(play(WavSink(tmp_path / "no" / "out.wav"), 0.1))


class Full:
    """A disk that takes nothing from now on."""

    def __init__(self, error: Exception):
        self._error = error

    def writeframes(self, _pcm):
        raise self._error

    def close(self):
        raise self._error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(28, "No space left on device"), "cannot be written: No space left on device"),
        (struct.error("'L' format requires 0 <= number"), "a WAV file ends at 4 GiB"),
    ],
)
def test_a_file_that_takes_no_more_is_a_lost_speaker(tmp_path, error, reason):
    told = []

    async def fail():
        sink = WavSink(tmp_path / "out.wav", tell=told.append)
        async with sink:
            file, sink._file = sink._file, Full(error)
            sink.start(fill)
            await asyncio.sleep(0.1)
            sink._file = file

    with pytest.raises(MediaError, match=reason):
        run(fail())
    assert [notice.detail for notice in told] == [told[0].detail]
    assert reason in told[0].detail


def test_what_fails_at_the_close_only_is_said_too(tmp_path):
    async def fail():
        sink = WavSink(tmp_path / "out.wav")
        async with sink:
            sink._file.close()
            sink._file = Full(OSError(5, "Input/output error"))

    with pytest.raises(MediaError, match="Input/output error"):
        run(fail())
