"""A recording told from end to end."""

from __future__ import annotations

import pytest

from fleet.hand import BREATH, WALL, life, said
from fleet.reels import packets, word, write_old_words, write_words
from trunkline.errors import StreamError
from trunkline.fleet.block import Stamped
from trunkline.fleet.chronicle import chronicle
from trunkline.fleet.coding import Coding
from trunkline.fleet.framing import Kind
from trunkline.fleet.scribe import Scribe
from trunkline.telemetry.frames import Ended


def words_of(line):
    return [said.text for said in line.last.transcript]


def test_it_tells_each_line_from_its_beginning_to_the_end(tmp_path):
    path = tmp_path / "a.tlrec"
    write_words(path, 100)
    told = chronicle(path)
    (line,) = told.lines
    assert (line.last.key, line.begins_at, told.begins_at) == ("a", WALL, WALL)
    assert told.ends_at == pytest.approx(WALL + 99, abs=1)
    assert line.ends_at == told.ends_at
    assert words_of(line)[-1] == word(99)
    assert told.damage is None


def test_the_keyframes_of_its_cuts_are_not_folded_twice(tmp_path):
    plain, cut = tmp_path / "plain.tlrec", tmp_path / "cut.tlrec"
    write_words(plain, 130, cut_seconds=1e9)
    write_words(cut, 130, cut_seconds=10.0)
    assert sum(packet.kind == Kind.KEYFRAME for packet in packets(cut.read_bytes())) > 5
    (one,), (other,) = chronicle(plain).lines, chronicle(cut).lines
    assert one == other


def test_a_place_that_is_damaged_is_told_and_the_rest_is_read(tmp_path):
    path = tmp_path / "a.tlrec"
    sizes = write_words(path, 60)
    data = bytearray(path.read_bytes())
    data[sizes[30] - 5] ^= 0xFF
    path.write_bytes(data)
    told = chronicle(path)
    assert told.damage is not None
    assert words_of(told.lines[0])[-1] == word(59)


def test_one_that_breaks_off_is_told_up_to_there(tmp_path):
    path = tmp_path / "a.tlrec"
    sizes = write_words(path, 60)
    path.write_bytes(path.read_bytes()[: sizes[40] - 3])
    told = chronicle(path)
    assert told.damage is not None
    assert words_of(told.lines[0])[-1] in (word(39), word(40))


@pytest.mark.parametrize("data", [b"", b"no recording of ours", b"\x00" * 100])
def test_what_is_no_recording_is_refused(tmp_path, data):
    path = tmp_path / "a.tlrec"
    path.write_bytes(data)
    with pytest.raises(StreamError):
        chronicle(path)


def test_what_is_not_there_is_said_by_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        chronicle(tmp_path / "nothing")


def test_a_line_that_left_the_fleet_long_ago_is_told_all_the_same(tmp_path):
    """The fold forgets a line ten minutes after its end; a report does not."""
    path, data = tmp_path / "a.tlrec", bytearray()
    scribe = Scribe(data.extend, coding=Coding.PLAIN)
    scribe.begin(WALL)
    scribe.take([Stamped(WALL, frame) for frame in life("short", at=100.0)], BREATH)
    scribe.take([Stamped(WALL + 5, said("short", 105.0, "goodbye"))], BREATH)
    scribe.take([Stamped(WALL + 9, Ended(line="short", at=109.0))], BREATH)
    for second in range(0, 1500, 50):
        at = WALL + 10 + second
        frames = (
            life("long", at=100.0) if not second else [said("long", 100.0 + second, word(second))]
        )
        scribe.take([Stamped(at, frame) for frame in frames], BREATH)
        scribe.tick(at + 1, BREATH)
    path.write_bytes(data)
    lines = {line.last.key: line for line in chronicle(path).lines}
    assert set(lines) == {"short", "long"}
    assert words_of(lines["short"])[-1] == "goodbye"


def test_how_far_it_is_is_told_up_to_the_end(tmp_path):
    path, shares = tmp_path / "a.tlrec", []
    write_words(path, 200)
    chronicle(path, tell=shares.append)
    assert len(shares) >= 6
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.5
    assert shares[-1] == 1.0


def test_all_of_a_recording_of_an_older_version_is_told_and_that_it_is_one(tmp_path):
    old = tmp_path / "old.tlrec"
    write_old_words(old, 100)
    told = chronicle(old)
    (line,) = told.lines
    assert line.last.transcript[-1].text == "word 99"
    assert told.ends_at == pytest.approx(WALL + 99.5)
    assert told.damage is None or told.damage.is_whole
