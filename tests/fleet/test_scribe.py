"""What a scribe writes, and when."""

from __future__ import annotations

from base64 import b64encode

import pytest

from fleet.hand import BREATH, WALL, began, heard, life, said, stamped
from fleet.reels import understood
from trunkline.fleet.coding import Coding
from trunkline.fleet.scribe import Scribe
from trunkline.fleet.state import FleetState
from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.frames import Beat, Ended, Inspected
from trunkline.text import Clean


class Desk:
    """A scribe and what it wrote."""

    def __init__(self, **options) -> None:
        self.data = bytearray()
        self.scribe = Scribe(self.data.extend, **{"coding": Coding.PLAIN} | options)
        self.scribe.begin(WALL)

    def told(self, now: float, *frames) -> list[str]:
        """The kinds of packets that frames at a moment bring."""
        before = len(understood(bytes(self.data)))
        self.scribe.take(stamped(*frames, at=now), BREATH)
        self.scribe.tick(now, BREATH)
        return [kind for kind, _ in understood(bytes(self.data))[before:]]


def test_a_recording_begins_with_who_made_it():
    desk = Desk(process="bot", transcripts=False)
    assert understood(bytes(desk.data)) == [
        ("INTRODUCTION", {"process": "bot", "transcripts": False, "audio": False})
    ]


@pytest.mark.parametrize("coding", list(Coding))
def test_frames_go_out_once_a_second_and_a_cut_comes_at_first_and_each_minute(coding: Coding):
    desk = Desk(coding=coding)
    assert desk.told(WALL + 0.5, *life("a"), *life("b")) == ["BLOCK", "CUT", *["KEYFRAME"] * 2]
    assert desk.told(WALL + 1.0, said("a", 101.0, "x")) == []
    assert desk.told(WALL + 1.6, said("a", 101.6, "y")) == ["BLOCK"]
    assert desk.told(WALL + 59.0) == []
    assert desk.told(WALL + 60.6, said("a", 160.6, "z")) == ["BLOCK", "CUT", *["KEYFRAME"] * 2]
    told = understood(bytes(desk.data))
    assert told[4 + 1] == ("BLOCK", [said("a", 101.0, "x"), said("a", 101.6, "y")])
    assert [what for kind, what in told if kind == "CUT"] == [{"lines": 2}] * 2


def test_where_nothing_happens_nothing_is_written():
    desk = Desk()
    desk.told(WALL + 1, *life("a"))
    size = len(desk.data)
    for minute in range(1, 10):
        desk.told(WALL + 60 * minute)
    assert len(desk.data) == size


def test_a_storm_of_frames_brings_a_cut_before_its_minute(monkeypatch):
    monkeypatch.setattr("trunkline.fleet.scribe._MOST_FRAMES", 10)
    desk = Desk()
    assert "CUT" in desk.told(WALL + 1, *life("a"))
    assert desk.told(WALL + 2, *[said("a", 102.0, "x")] * 10) == ["BLOCK"]
    assert desk.told(WALL + 3, said("a", 103.0, "x")) == ["BLOCK", "CUT", "KEYFRAME"]
    assert desk.told(WALL + 4, said("a", 104.0, "x")) == ["BLOCK"]


def test_a_clock_that_was_set_back_does_not_stop_the_writing():
    desk = Desk()
    desk.told(WALL + 1000, *life("a"))
    assert desk.told(WALL, said("a", 101.0, "x")) == ["BLOCK", "CUT", "KEYFRAME"]


def test_a_line_that_was_followed_elsewhere_is_written_in_its_place():
    state = FleetState()
    for frame in life("k"):
        state.apply(frame)
    desk = Desk()
    desk.told(WALL + 1, *life("a"))
    desk.scribe.take(stamped(said("a", 101.0, "before")), BREATH)
    desk.scribe.adopt(state.keyframe("k"), WALL + 1.5)
    kinds = [kind for kind, _ in understood(bytes(desk.data))]
    assert kinds[-2:] == ["BLOCK", "KEYFRAME"]
    assert desk.told(WALL + 62)[-3:] == ["CUT", "KEYFRAME", "KEYFRAME"]
    desk.scribe.forget("k")
    assert desk.told(WALL + 130, said("a", 230.0, "x"))[-2:] == ["CUT", "KEYFRAME"]


def test_words_can_be_left_out_everywhere():
    secret = "what was said"
    entry = Entry(
        number=1, at=1.0, until=1.0, way=Way.UP, type=Clean("t"), detail=Clean(f'"{secret}"')
    )
    state = FleetState()
    for frame in [*life("k"), said("k", 101.0, secret)]:
        state.apply(frame)
    desk = Desk(transcripts=False)
    desk.told(
        WALL + 1,
        began("a"),
        said("a", 101.0, secret),
        Inspected(line="a", entry=entry),
        Beat(line="a", at=101.5, epoch=1, sums={"up_bytes": 1}),
        Ended(line="a", at=102.0),
    )
    desk.scribe.adopt(state.keyframe("k"), WALL + 2)
    desk.told(WALL + 90, said("k", 190.0, secret), said("a", 190.0, secret))
    assert secret.encode() not in desk.data
    (block, *_) = [what for kind, what in understood(bytes(desk.data)) if kind == "BLOCK"]
    assert [type(one).__name__ for one in block] == ["Began", "Inspected", "Beat", "Ended"]
    assert "left out" in block[1].entry.detail


def test_what_cannot_be_written_is_told_to_whoever_asked():
    def full(_packet: bytes) -> None:
        raise OSError(28, "No space left on device")

    scribe = Scribe(full, coding=Coding.PLAIN)
    with pytest.raises(OSError, match="No space"):
        scribe.begin(WALL)
    scribe.take(stamped(*life("a")), BREATH)
    with pytest.raises(OSError, match="No space"):
        scribe.tick(WALL + 5, BREATH)


def test_audio_is_written_only_where_it_was_asked_for():
    piece = heard("a", 100.5, b"\x12\x34" * 80)
    silent, telling = Desk(), Desk(audio=True)
    for desk in (silent, telling):
        desk.told(WALL + 0.5, *life("a"), piece)
    assert understood(bytes(silent.data))[1] == ("BLOCK", life("a"))
    assert understood(bytes(telling.data))[1] == ("BLOCK", [*life("a"), piece])
    assert b"\x12\x34" * 8 not in silent.data
    assert b64encode(b"\x12\x34" * 78) not in silent.data
    assert b64encode(b"\x12\x34" * 78) in telling.data


def test_audio_makes_no_cut_come_sooner():
    desk = Desk(audio=True)
    desk.told(WALL, *life("a"))
    kinds = []
    for second in range(1, 13):
        kinds += desk.told(WALL + second, *[heard("a", 100.0 + second, b"ab")] * 1000)
    assert kinds == ["BLOCK"] * 12
