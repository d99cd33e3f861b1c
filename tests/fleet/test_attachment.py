"""The console's end of a socket: what it makes of what comes, and what it refuses."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from fleet.hand import WALL, began, life, said
from fleet.places import runtime_directory
from trunkline.errors import StreamError
from trunkline.fleet.attachment import Attachment, read_block, read_note
from trunkline.fleet.block import Stamped, pack_block
from trunkline.fleet.coding import Coding, compress
from trunkline.fleet.framing import Kind, Packet, Unpacker, opening, pack
from trunkline.fleet.runtime import Address
from trunkline.fleet.state import FleetState
from trunkline.telemetry import wireform


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    with ours, theirs:
        yield Attachment(Address(Path("x"), 1, "bot"), ours), theirs


def block(*frames) -> bytes:
    at, payload = pack_block((WALL, wireform.encode(one)) for one in frames)
    return pack(Kind.BLOCK, at, payload)


def keyframe(key: str) -> bytes:
    state = FleetState()
    for frame in life(key):
        state.apply(frame)
    return state.keyframe(key).encode()


def test_everything_a_publisher_says_is_understood(pair):
    attachment, theirs = pair
    introduction = {"controllable": True, "faults": ["drop", "stall"], "later": "version"}
    theirs.sendall(
        opening()
        + pack(Kind.INTRODUCTION, WALL, json.dumps(introduction).encode())
        + pack(Kind.KEYFRAME, WALL, keyframe("k"))
        + block(began("a"), said("a", 101.0, "x"))
        + pack(Kind.NOTE, WALL, b'{"lost":3}')
        + pack(99, WALL, b"of a later version")  # type: ignore[arg-type]
    )
    came = list(attachment.read())
    assert came[0].line == "k"
    assert came[1] == [Stamped(WALL, began("a")), Stamped(WALL, said("a", 101.0, "x"))]
    assert came[2:] == [{"lost": 3}]
    assert (attachment.controllable, attachment.faults) == (True, ("drop", "stall"))
    assert attachment.offsets == {"k": WALL - 100.0, "a": WALL - 100.0}


def test_what_is_asked_waits_for_room_and_not_without_end(pair):
    attachment, theirs = pair
    asked = 0
    while attachment.ask({"ask": "watch", "line": "x" * 1000}):
        asked += 1
        assert asked < 10_000
    assert attachment.write()
    unpacker, found = Unpacker(), 0
    while found < asked:
        found += len(unpacker.feed(theirs.recv(1 << 20)))
        attachment.write()
    assert found == asked
    assert attachment.ask({"ask": "watch"})


def test_a_process_that_went_is_told_by_reading_alone(pair):
    attachment, theirs = pair
    theirs.close()
    attachment.ask({"ask": "watch"})
    with pytest.raises(OSError, match=r".*"):
        list(attachment.read())


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        opening() + pack(Kind.NOTE, WALL, b"{"),
        opening() + pack(Kind.NOTE, WALL, b"[]"),
        opening() + pack(Kind.BLOCK, WALL, b"\xff" * 9),
        opening() + pack(Kind.KEYFRAME, WALL, b"x"),
        opening() + pack(Kind.NOTE, WALL, b"{}")[:-1] + b"!",
    ],
)
def test_what_is_not_understood_is_a_stream_error(pair, data: bytes):
    attachment, theirs = pair
    theirs.sendall(data)
    with pytest.raises(StreamError):
        list(attachment.read())


def test_frames_of_a_later_version_are_left_out_and_the_others_read():
    document = b'{"v":1,"kind":"dream","line":"a"}'
    at, payload = pack_block([(WALL, document), (WALL, wireform.encode(began("a")))])
    assert read_block(Packet(Kind.BLOCK, at, payload)) == [Stamped(WALL, began("a"))]


def test_notes_and_blocks_may_be_compressed():
    note = compress(b'{"lines":1}', Coding.ZSTD)
    assert read_note(Packet(Kind.CUT, WALL, note, Coding.ZSTD)) == {"lines": 1}
    with pytest.raises(StreamError):
        read_note(Packet(Kind.CUT, WALL, note, Coding.PLAIN))


def test_nobody_at_an_address_is_an_error_and_leaves_nothing_open():
    with runtime_directory() as place, pytest.raises(FileNotFoundError):
        Attachment.open(Address(place / "1-a.sock", 1, "a"))
