from __future__ import annotations

import struct
import wave
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.sound import Sound
from trunkline.tui.exports.sound import both_sides, not_heard, wav_file

SAMPLES = st.lists(st.integers(-32768, 32767), max_size=40)


@given(SAMPLES, SAMPLES)
def test_the_user_is_left_the_model_right_and_silence_ends_the_shorter(user, model):
    sound = Sound(
        24_000, struct.pack(f"<{len(user)}h", *user), struct.pack(f"<{len(model)}h", *model)
    )
    with wave.open(BytesIO(wav_file(sound))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 24_000)
        frames = file.readframes(file.getnframes())
    assert frames == both_sides(sound)
    both = struct.unpack(f"<{len(frames) // 2}h", frames)
    longest = max(len(user), len(model))
    assert list(both[::2]) == user + [0] * (longest - len(user))
    assert list(both[1::2]) == model + [0] * (longest - len(model))


def test_half_a_sample_is_left_out():
    with wave.open(BytesIO(wav_file(Sound(8000, b"\x01\x00\x02", b"")))) as file:
        assert file.readframes(9) == b"\x01\x00\x00\x00"


def test_why_there_is_no_sound_is_told_and_how_to_have_some():
    assert "TRUNKLINE_KEEP_AUDIO=1" in not_heard(3, ())
    assert "--audio" in not_heard(3, ())
    assert not_heard(3, (7, 8)) == "the sound of turn 3 is not kept; there are 7, 8"
