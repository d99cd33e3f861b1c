"""The audio before a cut: what is read of it, and how much at most."""

from __future__ import annotations

import pytest

from fleet.children import wait_for
from fleet.hand import BREATH, WALL, heard, life, said
from fleet.reels import write_words
from trunkline.fleet import preroll as module
from trunkline.fleet.block import Stamped
from trunkline.fleet.coding import Coding
from trunkline.fleet.player import Player
from trunkline.fleet.preroll import has_audio, preroll
from trunkline.fleet.recording import Recording
from trunkline.fleet.scribe import Scribe

SECONDS = 200


def sample(second: int) -> bytes:
    return second.to_bytes(2, "little") * 80


@pytest.fixture
def path(tmp_path):
    """A turn each twenty seconds, a word and a piece of audio each second, a cut each thirty."""
    data = bytearray()
    scribe = Scribe(data.extend, coding=Coding.PLAIN, audio=True, cut_seconds=30.0)
    scribe.begin(WALL)
    for second in range(SECONDS):
        frames = life("a") if not second else [said("a", 100.0 + second, "word")]
        frames.append(heard("a", 100.0 + second, sample(second), 1 + second // 20))
        scribe.take([Stamped(WALL + second, one) for one in frames], BREATH)
        scribe.tick(WALL + second + 1.0, BREATH)
    found = tmp_path / "a.tlrec"
    found.write_bytes(data)
    return found


def test_the_audio_of_two_minutes_before_a_cut_is_read_and_nothing_else(path):
    with Recording(path) as recording:
        assert has_audio(recording)
        entry = recording.enter(WALL + 185)
        found = preroll(recording, entry, WALL + 185)
    assert [one.frame.pcm for one in found] == [sample(n) for n in range(65, 181)]
    assert found[0].at == WALL + 65


def test_of_a_recording_without_audio_nothing_is_read(tmp_path, monkeypatch):
    plain = tmp_path / "plain.tlrec"
    write_words(plain, 100, cut_seconds=30.0)
    with Recording(plain) as recording:
        assert not has_audio(recording)
        monkeypatch.setattr(module, "unpack_block", None)
        assert preroll(recording, recording.enter(WALL + 99), WALL + 99) == []


def test_so_much_is_read_and_no_more(path, monkeypatch):
    with Recording(path) as recording:
        entry = recording.enter(WALL + 185)
        monkeypatch.setattr(module, "_MOST_BYTES", entry - recording.cuts[-3].offset)
        found = preroll(recording, entry, WALL + 185)
        monkeypatch.setattr(module, "_MOST_BYTES", 1)
        assert preroll(recording, entry, WALL + 185) == []
    assert found[0].at > WALL + 100


def test_what_is_damaged_is_left_out(path):
    whole = bytearray(path.read_bytes())
    place = whole.index(b'"kind":"heard"', len(whole) // 2)
    whole[place] ^= 1
    path.write_bytes(whole)
    with Recording(path) as recording:
        found = preroll(recording, recording.enter(WALL + 185), WALL + 185)
    assert len(found) == 115


def test_after_a_jump_the_turns_before_the_cut_can_still_be_heard(path):
    with Player(path, speed=0.0) as player:
        wait_for(lambda: player.fleet() and player.fleet().rows, "the first frame")
        player.playback.seek(WALL + 185)
        wait_for(lambda: 9 in player.turns_heard("a"), "the turns before")
        assert player.turns_heard("a") == (4, 5, 6, 7, 8, 9, 10)
        assert player.sound("a", 8).user.startswith(sample(139))
        player.playback.seek(WALL + 5)
        wait_for(lambda: player.turns_heard("a") == (1,), "the way back")
