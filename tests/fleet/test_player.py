"""The desk of a recording, with its thread."""

from __future__ import annotations

import threading

import pytest

from fleet.children import wait_for
from fleet.hand import WALL
from fleet.reels import word, write_words
from trunkline.errors import StreamError
from trunkline.fleet.framing import opening
from trunkline.fleet.player import Player


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "a.tlrec"
    write_words(found, 100, cut_seconds=30.0)
    return found


def test_a_recording_is_shown_like_live_lines_and_obeys(path):
    with Player(path, speed=0.0) as player:
        wait_for(lambda: player.fleet() and player.fleet().rows, "the first frame")
        player.watch("a")
        playback = player.playback
        assert (playback.begins_at, playback.ends_at) == (WALL, WALL + 99)
        playback.seek(WALL + 50.5)
        wait_for(lambda: player.line() and player.line().transcript[-1].text == word(50), "it")
        assert player.fleet().at == pytest.approx(WALL + 50.5)
        playback.seek(WALL + 20)
        wait_for(lambda: player.line().transcript[-1].text == word(20), "the way back")
        assert player.finished() is None
        playback.play(120.0)
        wait_for(player.finished, "the end")
        assert player.finished() == "end of the recording"
    assert not [one for one in threading.enumerate() if one.name == "trunkline player"]


def test_a_recording_that_was_cut_says_so_at_its_end(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    with Player(path, speed=120.0) as player:
        wait_for(player.finished, "the end")
        assert "damaged at byte" in player.finished()
        assert "ends within a packet" in player.finished()


def test_a_recording_of_nothing_has_an_end_and_no_lines(tmp_path):
    path = tmp_path / "empty.tlrec"
    path.write_bytes(opening())
    with Player(path) as player:
        wait_for(player.finished, "the end")
        assert player.fleet().rows == ()


def test_what_is_no_recording_is_refused_before_anything_starts(tmp_path):
    path = tmp_path / "x.wav"
    path.write_bytes(b"RIFF0000WAVEfmt ")
    with pytest.raises(StreamError, match="something else"):
        Player(path)
