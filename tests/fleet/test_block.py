"""Blocks of frames, and the moments in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import StreamError
from trunkline.fleet.block import moment, pack_block, unpack_block
from trunkline.protocol.observations import RoundTrip
from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.frames import Beat, Began, Ended, Inspected, Marked, Told
from trunkline.telemetry.views import Mark
from trunkline.text import Clean

TIMES = st.floats(1.7e9, 1.8e9)


@given(TIMES, st.lists(st.tuples(st.floats(0, 1000), st.binary(max_size=50)), min_size=1))
def test_a_block_gives_back_its_frames_with_their_times_to_the_millisecond(base, entries):
    entries.sort(key=lambda entry: entry[0])
    told = [(base + offset, document) for offset, document in entries]
    at, payload = pack_block(told)
    found = list(unpack_block(at, payload))
    assert [document for _, document in found] == [document for _, document in told]
    for (was, _), (is_now, _) in zip(told, found, strict=True):
        assert abs(was - is_now) < 0.0011


def test_a_frame_from_before_the_first_is_shown_with_the_first():
    at, payload = pack_block([(10.0, b"a"), (9.0, b"b")])
    assert list(unpack_block(at, payload)) == [(10.0, b"a"), (10.0, b"b")]


def test_a_block_of_nothing_is_never_made():
    with pytest.raises(ValueError, match="at least one"):
        pack_block([])


@given(st.integers(1, 14))
def test_a_block_that_was_cut_is_told(cut: int):
    at, payload = pack_block([(1.0, b"document"), (2.0, b"another")])
    with pytest.raises(StreamError, match="block"):
        list(unpack_block(at, payload[:-cut]))


def test_every_frame_has_its_moment():
    entry = Entry(number=1, at=1.0, until=6.0, way=Way.UP, type=Clean("t"))
    assert [
        moment(Began(line="a", at=1.0, wall_offset=0.0, name="a")),
        moment(Beat(line="a", at=2.0, epoch=1)),
        moment(Told(line="a", fact=RoundTrip(at=3.0, epoch=1, rtt=0.1))),
        moment(Ended(line="a", at=4.0)),
        moment(Marked(line="a", mark=Mark(at=5.0, number=1))),
        moment(Inspected(line="a", entry=entry)),
    ] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
