from __future__ import annotations

import io
import wave

import pytest

from trunkline.errors import MediaError
from trunkline.simulator.recordings import pcm_of_wav, recorded_turns, replies_in


def wav(rate=24000, channels=1, width=2, frames=24) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setframerate(rate)
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.writeframes(bytes(frames * channels * width))
    return target.getvalue()


def test_there_are_five_turns_with_text_and_sound():
    turns = recorded_turns()
    assert len(turns) == 5
    for turn in turns:
        assert turn.caller_text
        assert turn.reply_text
        assert len(turn.caller_pcm) > 48_000
        assert len(turn.reply_pcm) > 48_000
        assert len(turn.caller_pcm) % 2 == len(turn.reply_pcm) % 2 == 0


@pytest.mark.parametrize(
    "data", [wav(rate=16000), wav(channels=2), wav(width=1), b"RIFFnothing", b""]
)
def test_another_encoding_is_refused_by_name(data):
    with pytest.raises(MediaError, match=r"my\.wav"):
        pcm_of_wav("my.wav", data)


def test_a_fitting_file_gives_its_samples():
    assert pcm_of_wav("my.wav", wav()) == bytes(48)


def test_a_folder_gives_its_recordings_by_name_with_their_words(tmp_path):
    for name in ("b_second.wav", "a.WAV"):
        (tmp_path / name).write_bytes(wav())
    (tmp_path / "a.txt").write_text("Bonjour !\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a recording")
    replies = replies_in(tmp_path)
    assert [(reply.text, reply.pcm) for reply in replies] == [
        ("Bonjour !", bytes(48)),
        ("b second", bytes(48)),
    ]


def test_a_folder_without_recordings_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(MediaError, match=r"has no \.wav files"):
        replies_in(tmp_path)
    with pytest.raises(MediaError, match=r"has no \.wav files"):
        replies_in(tmp_path / "nowhere")


def test_a_recording_that_cannot_be_used_is_refused_by_name(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav(rate=8000))
    with pytest.raises(MediaError, match=r"a\.wav.*ffmpeg"):
        replies_in(tmp_path)
    (tmp_path / "a.wav").write_bytes(wav())
    (tmp_path / "a.txt").write_bytes(b"\xff")
    with pytest.raises(MediaError, match=r"a\.wav.*cannot be read"):
        replies_in(tmp_path)
    (tmp_path / "a.txt").unlink()
    (tmp_path / "a.wav").write_bytes(wav(frames=0))
    with pytest.raises(MediaError, match="no audio"):
        replies_in(tmp_path)
