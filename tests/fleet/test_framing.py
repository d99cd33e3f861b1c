"""Packets: any cut of the bytes, every damage, and what is said of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import StreamError
from trunkline.fleet import framing
from trunkline.fleet.framing import Damage, Kind, OtherVersionError, Packet, Unpacker, opening, pack

MOMENTS = st.floats(0, 2e9, allow_nan=False)
PACKETS = st.lists(
    st.builds(Packet, st.sampled_from(list(Kind)), MOMENTS, st.binary(max_size=200)), max_size=8
)


def stream(packets) -> bytes:
    return opening() + b"".join(pack(one.kind, one.at, one.payload) for one in packets)


@given(PACKETS, st.data())
def test_any_cut_of_the_bytes_gives_the_same_packets(packets, data):
    whole = stream(packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    unpacker, found = Unpacker(), []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        found += unpacker.feed(whole[start:end])
    assert found == packets
    assert unpacker.finish() is None


@given(PACKETS.filter(bool), st.data())
def test_a_cut_tail_is_told_by_the_offset_of_the_packet_and_all_before_it_is_read(packets, data):
    whole = stream(packets)
    end = data.draw(st.integers(framing.OPENING_BYTES, len(whole)))
    bounds = [len(stream(packets[:count])) for count in range(len(packets) + 1)]
    last = max(count for count, bound in enumerate(bounds) if bound <= end)
    unpacker = Unpacker()
    assert unpacker.feed(whole[:end]) == packets[:last]
    damage = unpacker.finish()
    if bounds[last] == end:
        assert damage is None
    else:
        assert damage == Damage(bounds[last], "the stream ends within a packet")


@given(PACKETS.filter(bool), st.data())
def test_a_flipped_bit_is_found_where_it_is(packets, data):
    whole = bytearray(stream(packets))
    victim = data.draw(st.integers(0, len(packets) - 1))
    start = len(stream(packets[:victim]))
    end = len(stream(packets[: victim + 1]))
    at = data.draw(st.integers(start, end - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    unpacker = Unpacker()
    assert unpacker.feed(bytes(whole)) == packets[:victim]
    damage = unpacker.finish()
    assert damage is not None
    assert damage.offset == start
    assert unpacker.feed(b"more") == []


def test_a_packet_that_claims_too_much_is_refused_before_it_is_waited_for():
    unpacker = Unpacker(most_payload_bytes=100)
    assert unpacker.feed(opening() + pack(Kind.NOTE, 1.0, bytes(101))[:24]) == []
    assert unpacker.damage == Damage(
        framing.OPENING_BYTES, "a packet claims 101 bytes, more than 100"
    )


def test_no_larger_packet_is_made_than_a_reader_takes(monkeypatch):
    monkeypatch.setattr(framing, "MOST_PAYLOAD_BYTES", 10)
    with pytest.raises(StreamError, match="11 bytes"):
        pack(Kind.BLOCK, 0.0, bytes(11))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (opening()[:5], "ends within its opening"),
        (b"RIFF....WAVEfmt ", "begins with something else"),
        (opening().replace(b"\r\n", b"\n"), "ends within its opening"),
        (opening()[:8] + bytes([2, 7, 0, 0]), r"a newer trunkline: form 2.7, this one reads 1.x"),
        (opening()[:8] + bytes([0, 1, 0, 0]), r"an older trunkline"),
    ],
)
def test_what_is_no_stream_of_ours_is_told_apart(data: bytes, words: str):
    unpacker = Unpacker()
    with pytest.raises(StreamError, match=words):
        unpacker.feed(data), unpacker.finish()


def test_a_kind_of_a_later_version_is_read_like_any_other():
    packet = bytearray(pack(Kind.NOTE, 1.0, b"x"))
    unpacker = Unpacker()
    later = framing.pack(99, 1.0, b"x")  # type: ignore[arg-type]
    assert [one.kind for one in unpacker.feed(opening() + later + bytes(packet))] == [99, Kind.NOTE]


def test_what_another_version_made_is_not_called_damaged():
    broken = Damage.of(7, StreamError("its check sum is another"))
    assert broken.words() == "is damaged at byte 7: its check sum is another"
    older = Damage.of(7, OtherVersionError("it was made by an older version of trunkline"))
    assert "damaged" not in older.words()
    assert "an older version of trunkline (byte 7)" in older.words()
