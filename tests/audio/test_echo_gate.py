"""Half duplex, with a way in for whoever speaks up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio.echo_gate import EchoGate

BLOCK = 480
SECONDS = 0.02
SILENCE = bytes(2 * BLOCK)


def noise(dbfs: float, seed: int = 1, samples: int = BLOCK) -> bytes:
    """White noise that loud."""
    rms = 32768 * 10 ** (dbfs / 20) / np.sqrt(2)
    return (rms * np.random.default_rng(seed).standard_normal(samples)).astype("<i2").tobytes()


class Room:
    """A loudspeaker and a microphone side by side, a block at a time."""

    def __init__(self, *, echo_db: float = -20.0):
        self.gate = EchoGate()
        self.now = 50.0
        self.echo_db = echo_db

    def hear(self, far: float | None = None, near: float = -90.0, *, blocks: int = 1) -> list[bool]:
        """Whether the microphone was closed, while this was played and that was said."""
        closed = []
        for _ in range(blocks):
            self.gate.played(SILENCE if far is None else noise(far), self.now)
            echo = -90.0 if far is None else far + self.echo_db
            self.gate.clean(noise(max(near, echo), 2), self.now)
            closed.append(self.gate.is_closed)
            self.now += SECONDS
        return closed


def test_while_nothing_plays_blocks_pass_untouched():
    gate, pcm = EchoGate(), noise(-30)
    assert gate.clean(pcm, 1.0) is pcm
    gate.played(SILENCE, 1.02)
    assert gate.clean(pcm, 1.02) is pcm


def test_while_something_plays_there_is_as_much_silence():
    gate = EchoGate()
    gate.played(noise(-20), 1.0)
    assert gate.clean(noise(-40), 1.0) == SILENCE
    assert gate.clean(noise(-40, samples=100), 1.02) == bytes(200)
    assert gate.is_closed


def test_it_closes_before_the_echo_can_come_and_not_when_the_sound_is_given():
    gate, pcm = EchoGate(), noise(-60)
    gate.played(noise(-20), 1.1)
    assert gate.clean(pcm, 1.0) is pcm
    assert gate.clean(pcm, 1.02) is pcm
    assert gate.clean(pcm, 1.06) == SILENCE


def test_it_stays_closed_for_the_tail_and_opens_with_a_fade():
    room = Room()
    room.hear(-20)
    assert sum(room.hear(blocks=30)) == 13
    gate = EchoGate()
    gate.played(noise(-20), 1.0)
    gate.clean(noise(-40), 1.26)
    opened = gate.clean(b"\x10\x10" * BLOCK, 1.28)
    assert opened[:2] == bytes(2)
    assert opened[240:] == b"\x10\x10" * 360


def test_sound_that_nobody_would_take_for_speech_closes_nothing():
    assert not any(Room().hear(-61, blocks=10))


def test_it_learns_how_loud_the_echo_is():
    room = Room(echo_db=-25)
    room.hear(-20, blocks=200)
    assert room.gate.coupling_db == pytest.approx(-25, abs=2)


def test_before_it_has_learned_nobody_gets_through():
    assert all(Room().hear(-20, near=-25, blocks=10))


def test_whoever_is_clearly_louder_than_the_echo_gets_through_within_three_blocks():
    room = Room(echo_db=-25)
    room.hear(-20, blocks=200)
    assert room.hear(-20, near=-28, blocks=10) == [True, True] + [False] * 8


def test_a_click_opens_nothing():
    room = Room(echo_db=-25)
    room.hear(-20, blocks=200)
    assert all(room.hear(-20, near=-10, blocks=2) + room.hear(-20, blocks=20))


def test_loud_blocks_before_a_pause_and_behind_it_are_not_one_voice():
    room = Room(echo_db=-25)
    room.hear(-20, blocks=200)
    room.hear(blocks=11)
    assert room.hear(near=-25, blocks=20)[:3] == [True, True, False]
    assert room.hear(-20, near=-25) == [True]


def test_it_stays_open_over_the_gaps_of_words_and_closes_behind_them():
    room = Room(echo_db=-25)
    room.hear(-20, blocks=200)
    room.hear(-20, near=-28, blocks=3)
    closed = room.hear(-20, blocks=30)
    assert closed[:19] == [False] * 19
    assert all(closed[21:])


def test_whoever_whispers_does_not_get_through_however_faint_the_echo():
    room = Room(echo_db=-50)
    room.hear(-20, blocks=400)
    assert all(room.hear(-20, near=-52, blocks=10))


def test_a_loudspeaker_that_is_turned_up_closes_it_again():
    room = Room(echo_db=-25)
    room.hear(-20, blocks=200)
    room.echo_db = -5
    assert not all(room.hear(-20, blocks=20))
    assert all(room.hear(-20, blocks=60)[50:])


def test_faint_sound_teaches_nothing():
    room = Room(echo_db=-10)
    room.hear(-50, blocks=100)
    assert room.gate.coupling_db == 0


@given(st.lists(st.tuples(st.floats(-90, 0), st.floats(-90, 0), st.integers(0, 600)), max_size=80))
def test_blocks_keep_their_length_and_the_level_learned_stays_within_bounds(blocks):
    gate, now = EchoGate(), 0.0
    for far, near, samples in blocks:
        gate.played(noise(far), now)
        pcm = noise(near, samples=samples)
        cleaned = gate.clean(pcm, now)
        assert len(cleaned) == len(pcm)
        assert not gate.is_closed or not any(cleaned)
        assert -60 <= gate.coupling_db <= 20
        now += SECONDS
