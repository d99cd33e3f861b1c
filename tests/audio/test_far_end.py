"""What a loudspeaker gave, on the microphone's time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio.far_end import FarEnd

RATE = 24_000
BLOCK = 480
FRAME = 240


def counted(start: int, samples: int = BLOCK) -> bytes:
    return np.arange(start, start + samples, dtype="<i2").tobytes()


def numbers(pcm: bytes) -> list[int]:
    return np.frombuffer(pcm, "<i2").tolist()


def test_what_is_heard_at_a_time_is_found_there():
    far = FarEnd()
    far.give(counted(1), 10.0)
    assert far.take(10.0, FRAME) == counted(1, FRAME)
    assert far.take(10.01, FRAME) == counted(241, FRAME)


def test_where_nothing_is_known_there_is_silence():
    far = FarEnd()
    assert far.take(10.0, FRAME) == bytes(2 * FRAME)
    far.give(counted(1), 10.015)
    assert numbers(far.take(10.01, FRAME)) == [0] * 120 + list(range(1, 121))
    assert numbers(far.take(10.02, BLOCK)) == list(range(121, 481)) + [0] * 120
    assert far.take(10.04, FRAME) == bytes(2 * FRAME)


def test_times_that_jitter_leave_no_seam():
    far, jitter = FarEnd(), [0.0, 0.002, -0.003, 0.004, 0.001, -0.002]
    for number, late in enumerate(jitter):
        far.give(counted(number * BLOCK), 5.0 + number * 0.02 + late)
    heard = b"".join(
        far.take(5.0 + number * 0.02 - late, BLOCK) for number, late in enumerate(jitter)
    )
    assert heard == counted(0, 6 * BLOCK)


def test_a_hole_in_what_is_played_is_silence():
    far = FarEnd()
    far.give(counted(1), 5.0)
    far.give(counted(1), 5.03)
    far.take(5.0, BLOCK)
    assert numbers(far.take(5.02, BLOCK)) == [0] * 240 + list(range(1, 241))


def test_a_device_that_begins_anew_is_heard_in_place_of_what_was_to_be():
    far = FarEnd()
    for number in range(3):
        far.give(counted(1), 5.0 + number * 0.02)
    far.give(counted(1001), 5.03)
    assert numbers(far.take(5.02, BLOCK)) == list(range(1, 241)) + list(range(1001, 1241))
    assert numbers(far.take(5.04, BLOCK)) == list(range(1241, 1481)) + [0] * 240


def test_a_clock_that_went_back_or_far_ahead_begins_anew():
    far = FarEnd()
    far.give(counted(1), 5.0)
    far.give(counted(1001), 4.0)
    assert far.take(4.0, BLOCK) == counted(1001)
    far.give(counted(1), 100.0)
    far.give(counted(2001), 200.0)
    assert far.take(200.0, BLOCK) == counted(2001)


def test_what_nobody_asks_for_is_not_kept_for_ever():
    far = FarEnd()
    for number in range(1000):
        far.give(counted(0), number * 0.02)
    assert far.take(17.98, 1) == bytes(2)
    assert far.take(18.0 + 1 / RATE, 1) == counted(1, 1)


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(1, 900)), max_size=12), st.data())
def test_whatever_the_times_as_many_samples_come_as_were_asked_for(blocks, data):
    far = FarEnd()
    for heard_at, samples in blocks:
        far.give(counted(1, samples), heard_at)
        wanted = data.draw(st.integers(0, 600))
        assert len(far.take(data.draw(st.floats(0, 10)), wanted)) == 2 * wanted
