"""A console's connection as the publisher sees it: what it does not read, and what it asks."""

from __future__ import annotations

import json
import socket

import pytest

from trunkline.errors import StreamError
from trunkline.fleet.framing import Kind, Unpacker, opening, pack
from trunkline.fleet.part import Hearing
from trunkline.fleet.visitor import Visitor


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    with ours, theirs:
        yield ours, theirs


def read_all(theirs: socket.socket, unpacker: Unpacker) -> list[bytes]:
    theirs.setblocking(False)
    found: list[bytes] = []
    while True:
        try:
            data = theirs.recv(1 << 20)
        except BlockingIOError:
            return found
        found += [one.payload for one in unpacker.feed(data)]


def note(number: int, size: int = 0) -> bytes:
    return pack(Kind.NOTE, 0.0, str(number).encode().rjust(size))


def test_what_is_sent_comes_in_order_behind_an_opening(pair):
    ours, theirs = pair
    visitor = Visitor(ours)
    for number in range(3):
        visitor.send(note(number))
    visitor.write()
    assert not visitor.has_waiting
    assert read_all(theirs, Unpacker()) == [b"0", b"1", b"2"]


def test_a_visitor_that_does_not_read_loses_what_is_too_much_and_knows_how_much(pair):
    ours, theirs = pair
    visitor = Visitor(ours, most_waiting_bytes=100_000)
    count = 0
    while not visitor.is_behind:
        visitor.offer(note(count, 10_000), 3)
        visitor.write()
        count += 1
        assert count < 1000
    for _ in range(4):
        visitor.offer(note(0), 1)
    assert visitor.has_waiting
    # It reads again: nothing that was taken for it is lost, or cut.
    unpacker, found = Unpacker(), []
    while visitor.has_waiting:
        found += read_all(theirs, unpacker)
        visitor.write()
    found += read_all(theirs, unpacker)
    assert [int(one) for one in found] == list(range(count - 1))
    assert visitor.introduce(["a", "b"]) == 7
    assert not visitor.is_behind
    assert visitor.next_stranger() == "a"
    visitor.send(note(1))
    assert visitor.next_stranger() is None
    visitor.write()
    assert visitor.next_stranger() == "b"
    assert visitor.next_stranger() is None


def test_requests_are_read_however_they_are_cut(pair):
    ours, theirs = pair
    visitor = Visitor(ours)
    assert visitor.read() == []
    asked = {"ask": "watch", "line": "a"}
    data = opening() + pack(Kind.REQUEST, 0.0, json.dumps(asked).encode()) + note(1)
    theirs.sendall(data[:20])
    assert visitor.read() == []
    theirs.sendall(data[20:])
    assert visitor.read() == [asked]


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        opening() + pack(Kind.REQUEST, 0.0, b"{"),
        opening() + pack(Kind.REQUEST, 0.0, b"[]"),
        opening() + pack(Kind.REQUEST, 0.0, bytes(70_000))[:100],
        opening() + pack(Kind.REQUEST, 0.0, b"{}")[:-1] + b"!",
    ],
)
def test_what_is_no_request_is_an_error(pair, data: bytes):
    ours, theirs = pair
    theirs.sendall(data)
    with pytest.raises(StreamError):
        Visitor(ours).read()


def test_a_visitor_that_left_is_told(pair):
    ours, theirs = pair
    visitor = Visitor(ours)
    theirs.close()
    with pytest.raises(OSError, match=r".*"):
        visitor.read()
    with pytest.raises(OSError, match=r".*"):
        visitor.write()


def test_what_can_be_done_without_takes_no_room_of_what_cannot(pair):
    ours, theirs = pair
    visitor = Visitor(ours, most_waiting_bytes=10_000)
    for number in range(100):
        visitor.offer_spare(note(number, 1_000))
    assert not visitor.is_behind
    visitor.offer(note(1, 4_000), 1)
    assert not visitor.is_behind
    visitor.write()
    assert 3 <= len(read_all(theirs, Unpacker())) <= 6


@pytest.mark.parametrize(
    ("hears", "lines"),
    [(Hearing.NOTHING, []), (Hearing.WATCHED, ["a"]), (Hearing.ALL, ["a", "b", None])],
)
def test_a_visitor_hears_what_it_asked_for(pair, hears: Hearing, lines):
    visitor = Visitor(pair[0])
    visitor.watches, visitor.hears = "a", hears
    assert [key for key in ("a", "b", None) if visitor.hears_line(key)] == lines
