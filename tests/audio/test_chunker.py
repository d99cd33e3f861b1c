"""Chunks of one size from pieces of any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio.chunker import Chunker
from trunkline.errors import CodecError

pieces = st.lists(st.binary(max_size=50), max_size=20)


@given(pieces, st.integers(1, 12))
def test_the_chunks_are_the_stream_cut_at_every_multiple_however_it_arrived(pieces, chunk_samples):
    chunker = Chunker(chunk_samples)
    stream = b"".join(pieces) + (b"\0" if sum(map(len, pieces)) % 2 else b"")
    if len(stream) > sum(map(len, pieces)):
        pieces = [*pieces, b"\0"]
    chunks = [chunk for piece in pieces for chunk in chunker.feed(piece)]
    assert all(len(chunk) == chunk_samples * 2 for chunk in chunks)
    assert chunker.held_bytes < chunk_samples * 2
    assert b"".join([*chunks, chunker.flush()]) == stream


def test_a_piece_of_exactly_a_chunk_is_passed_on_as_it_is():
    piece = bytes(8)
    assert Chunker(4).feed(piece)[0] is piece


def test_pieces_may_be_any_bytes_like_object():
    chunker = Chunker(1)
    assert chunker.feed(bytearray(b"ab")) == [b"ab"]
    assert chunker.feed(memoryview(b"cde")) == [b"cd"]


def test_a_flushed_chunker_is_as_new():
    chunker = Chunker(2)
    chunker.feed(b"ab")
    assert chunker.flush() == b"ab"
    assert chunker.flush() == b""
    assert chunker.feed(b"cdef") == [b"cdef"]


def test_half_a_sample_cannot_be_flushed_and_is_kept():
    chunker = Chunker(2)
    chunker.feed(b"abc")
    with pytest.raises(CodecError) as caught:
        chunker.flush()
    assert caught.value.offset == 2
    assert chunker.feed(b"d") == [b"abcd"]


def test_a_chunk_without_samples_is_refused():
    with pytest.raises(CodecError, match="at least one sample"):
        Chunker(0)
