from __future__ import annotations

import io
import wave

import pytest

from trunkline.errors import MediaError
from trunkline.simulator.recordings import pcm_of_wav, recorded_turns


def wav(rate=24000, channels=1, width=2) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setframerate(rate)
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.writeframes(bytes(48))
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
