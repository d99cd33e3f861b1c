from __future__ import annotations

import wave

import pytest

from trunkline.errors import ConfigError
from trunkline.simulator.playlist import Playlist
from trunkline.simulator.voice import Utterance


def wav(path, *, rate=24000, channels=1, samples=240):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\x01\x00" * samples * channels)


def test_recordings_answer_by_the_place_of_the_question(tmp_path):
    wav(tmp_path / "a.wav")
    wav(tmp_path / "b.wav", samples=480)
    (tmp_path / "b.txt").write_text("the second\n")
    voice = Playlist.of_folder(tmp_path)
    asked = Utterance(role="user", text="?")
    texts = [voice.reply([asked] * count).text for count in (0, 1, 2, 3)]
    assert texts == ["a", "a", "the second", "a"]
    assert len(voice.reply([asked] * 2).pcm) == 960
    assert voice.hear(bytes(48000)) == "(1.0 s of speech)"


def test_a_folder_without_recordings_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"no \.wav"):
        Playlist.of_folder(tmp_path)


@pytest.mark.parametrize("shape", [{"rate": 16000}, {"channels": 2}])
def test_a_recording_of_another_shape_is_told_with_what_to_do(tmp_path, shape):
    wav(tmp_path / "a.wav", **shape)
    with pytest.raises(ConfigError, match="ffmpeg"):
        Playlist.of_folder(tmp_path)


def test_a_file_that_is_no_recording_is_told(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"no")
    with pytest.raises(ConfigError, match="no WAV"):
        Playlist.of_folder(tmp_path)
