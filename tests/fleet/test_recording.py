"""Recordings as they are found on disk: whole, cut anywhere, damaged, foreign."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.hand import WALL
from fleet.reels import write_words
from trunkline.errors import StreamError
from trunkline.fleet.framing import OPENING_BYTES, Kind, opening
from trunkline.fleet.recording import Recording

SECONDS = 100


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("recording") / "whole.tlrec"
    write_words(path, SECONDS, cut_seconds=30.0)
    return path


def kinds(recording: Recording) -> list[int]:
    found, offset = [], OPENING_BYTES
    while (packet := recording.packet(offset)) is not None:
        found.append(packet.kind)
        assert recording.after(offset) == offset + packet.size_bytes
        offset += packet.size_bytes
    return found


def test_a_whole_recording_tells_its_time_and_its_cuts(whole):
    with Recording(whole) as recording:
        assert recording.damage is None
        assert recording.begins_at == WALL
        assert recording.ends_at == WALL + SECONDS - 1
        assert [cut.at - WALL for cut in recording.cuts] == [0.0, 30.0, 60.0, 90.0]
        assert recording.end == whole.stat().st_size
        assert kinds(recording).count(Kind.BLOCK) == SECONDS


def test_a_moment_is_entered_at_the_last_cut_before_it(whole):
    with Recording(whole) as recording:
        first, second, *_ = recording.cuts
        assert recording.enter(WALL - 5) == OPENING_BYTES
        assert recording.enter(WALL) == first.offset
        assert recording.enter(WALL + 29.9) == first.offset
        assert recording.enter(WALL + 30.0) == second.offset
        assert recording.enter(WALL + 10_000) == recording.cuts[-1].offset


@given(st.data())
def test_a_cut_file_is_read_to_its_last_whole_packet_and_the_offset_is_told(
    whole, tmp_path_factory, data
):
    content = whole.read_bytes()
    end = data.draw(st.integers(OPENING_BYTES, len(content)))
    path = tmp_path_factory.mktemp("cut") / "cut.tlrec"
    path.write_bytes(content[:end])
    with Recording(path) as cut, Recording(whole) as full:
        assert kinds(cut) == kinds(full)[: len(kinds(cut))]
        if cut.damage is None:
            assert cut.end == end
        else:
            assert cut.damage.offset == cut.end <= end < cut.end + full.packet(cut.end).size_bytes
            assert cut.damage.reason == "the recording ends within a packet"


def test_a_damaged_header_ends_the_reading_there(whole, tmp_path):
    content = bytearray(whole.read_bytes())
    with Recording(whole) as recording:
        offset = recording.cuts[2].offset
    content[offset] ^= 0x10
    path = tmp_path / "damaged.tlrec"
    path.write_bytes(content)
    with Recording(path) as recording:
        assert recording.damage is not None
        assert (recording.damage.offset, recording.end) == (offset, offset)
        assert recording.ends_at < WALL + 61


def test_a_damaged_payload_is_told_when_it_is_read_and_what_is_after_it_is_there(whole, tmp_path):
    content = bytearray(whole.read_bytes())
    content[-5] ^= 0x10
    path = tmp_path / "damaged.tlrec"
    path.write_bytes(content)
    with Recording(path) as recording:
        assert recording.damage is None
        assert recording.ends_at == WALL + SECONDS - 2
        offset = OPENING_BYTES
        while recording.after(offset) < recording.end:
            assert recording.packet(offset) is not None
            offset = recording.after(offset)
        with pytest.raises(StreamError, match="check sum"):
            recording.packet(offset)


def test_a_cut_whose_number_of_lines_cannot_be_read_is_none(whole, tmp_path):
    content = bytearray(whole.read_bytes())
    with Recording(whole) as recording:
        content[recording.after(recording.cuts[1].offset) - 3] ^= 0x10
    path = tmp_path / "damaged.tlrec"
    path.write_bytes(content)
    with Recording(path) as recording:
        assert [cut.at - WALL for cut in recording.cuts] == [0.0, 60.0, 90.0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"RIFF\x00\x00\x00\x00WAVE", "begins with something else"),
        (opening()[:8] + b"\x09\x00\x00\x00", "a newer trunkline: form 9.0"),
        (opening()[:4], "ends within its opening"),
    ],
)
def test_what_is_no_recording_of_ours_is_told(tmp_path, content: bytes, words: str):
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(StreamError, match=words):
        Recording(path)


def test_a_recording_without_any_frame_is_empty_and_no_error(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(opening())
    with Recording(path) as recording:
        assert (recording.cuts, recording.begins_at, recording.ends_at) == ((), 0.0, 0.0)
        assert recording.packet(OPENING_BYTES) is None


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        Recording(tmp_path / "none")


def test_a_file_that_became_shorter_is_told(whole, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(whole.read_bytes())
    with Recording(path) as recording:
        offset = recording.cuts[-1].offset
        for left in (30, 3):
            path.write_bytes(whole.read_bytes()[: offset + left])
            with pytest.raises(StreamError, match="became shorter"):
                recording.packet(offset)
    recording.close()
