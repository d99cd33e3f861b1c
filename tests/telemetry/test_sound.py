"""Sound of a turn: both sides at their times, in bounded memory."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.observations import Direction
from trunkline.telemetry.frames import Heard, Pcm
from trunkline.telemetry.sound import Sound, SoundKeep

RATE = 1_000
"""A sample each millisecond."""


def piece(direction, begins_at, value, count=100, *, turn=1, line="a", rate_hz=RATE):
    return Heard(
        line=line,
        at=begins_at + count / RATE,
        begins_at=begins_at,
        direction=direction,
        rate_hz=rate_hz,
        pcm=Pcm(struct.pack("<h", value) * count),
        turn=turn,
    )


def up(begins_at, value, count=100, **more):
    return piece(Direction.UP, begins_at, value, count, **more)


def down(begins_at, value, count=100, **more):
    return piece(Direction.DOWN, begins_at, value, count, **more)


def kept(*pieces, **options):
    keep = SoundKeep(**options)
    for one in pieces:
        keep.take(one)
    return keep


def values(track):
    return list(struct.unpack(f"<{len(track) // 2}h", track))


def test_both_sides_lie_at_their_times():
    keep = kept(up(10.0, 1), up(10.1, 2), down(10.5, 7), down(10.5, 8))
    sound = keep.sound("a", 1)
    assert sound.rate_hz == RATE
    assert values(sound.user) == [1] * 100 + [2] * 100
    assert values(sound.model) == [0] * 500 + [7] * 100 + [8] * 100


def test_an_answer_comes_faster_than_it_is_heard_and_is_one_piece():
    keep = kept(*(down(5.0 + n / 1000, n) for n in range(4)))
    assert values(keep.sound("a", 1).model) == [0] * 100 + [1] * 100 + [2] * 100 + [3] * 100


def test_a_pause_is_silence_and_a_late_timer_is_none():
    keep = kept(up(0.0, 1), up(0.15, 2), up(1.0, 3))
    assert values(keep.sound("a", 1).user) == [1] * 100 + [2] * 100 + [0] * 800 + [3] * 100


def test_a_loop_that_was_busy_makes_no_pause_in_what_was_said():
    told = [0.0, 0.1, 0.2, 0.79, 0.79, 0.79, 0.79, 0.79, 0.8, 0.9]
    keep = kept(*(up(at, n) for n, at in enumerate(told)))
    assert values(keep.sound("a", 1).user) == [n for n in range(10) for _ in range(100)]


def test_speech_began_before_the_server_told_of_it():
    keep = kept(up(0.0, 1, turn=1), up(5.0, 2, turn=1), up(5.9, 3, turn=1), up(6.0, 4, turn=2))
    assert values(keep.sound("a", 2).user) == [2] * 100 + [0] * 800 + [3] * 100 + [4] * 100


def test_the_users_side_ends_soon_after_the_answer():
    pieces = [up(n / 10, 1) for n in range(100)]
    keep = kept(*pieces, down(2.0, 9, 1000))
    assert len(values(keep.sound("a", 1).user)) == 3500


def test_without_an_answer_all_is_there():
    assert len(values(kept(*(up(n / 10, 1) for n in range(50))).sound("a", 1).user)) == 5000


def test_of_what_was_not_kept_there_is_no_sound():
    keep = kept(up(0.0, 1))
    assert keep.sound("a", 2) is None
    assert keep.sound("b", 1) is None
    assert keep.turns("b") == ()
    keep.forget("a")
    assert keep.sound("a", 1) is None
    assert keep.size_bytes == 0


def test_before_the_first_turn_there_is_nothing_to_ask_for():
    keep = kept(up(0.0, 1, turn=0))
    assert keep.turns("a") == ()
    assert keep.sound("a", 0) is None


def test_the_last_turns_are_kept():
    keep = kept(*(up(float(n), n, turn=n) for n in range(1, 31)))
    assert keep.turns("a") == tuple(range(21, 31))
    assert keep.sound("a", 20) is None
    assert keep.sound("a", 30) is not None


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.booleans(), st.integers(1, 400), st.integers(0, 30)),
        max_size=80,
    )
)
def test_memory_is_bounded_for_each_line_and_for_all(pieces):
    keep = SoundKeep(seconds=1.0, most_bytes=6_000)
    at = 0.0
    for line, is_up, count, turn in pieces:
        at += count / RATE
        keep.take((up if is_up else down)(at, 1, count, turn=turn, line=line))
        assert keep.size_bytes <= 6_000
        for key in "abcd":
            for one in keep.turns(key):
                assert isinstance(keep.sound(key, one), Sound | None)


def test_the_oldest_of_a_line_goes_first():
    keep = kept(*(up(n / 10, n) for n in range(30)), seconds=1.0)
    assert values(keep.sound("a", 1).user) == [n for n in range(20, 30) for _ in range(100)]


def test_times_that_make_no_sense_take_no_memory():
    keep = kept(up(0.0, 1), up(1e17, 2), up(2e17, 3))
    assert len(keep.sound("a", 1).user) <= 32 * 2**20 + 200
    assert keep.sound("a", 1).user.startswith(struct.pack("<h", 1))


def test_another_rate_within_a_turn_is_left_out():
    keep = kept(up(0.0, 1), up(0.1, 2, rate_hz=2_000))
    assert values(keep.sound("a", 1).user) == [1] * 100
    assert kept(up(0.0, 1)).sound("a", 1) == Sound(RATE, struct.pack("<h", 1) * 100, b"")


def test_all_lines_can_be_forgotten():
    keep = kept(up(0.0, 1), up(0.0, 1, line="b"))
    keep.clear()
    assert keep.turns("a") == keep.turns("b") == ()
