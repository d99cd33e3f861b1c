"""Frames out of a stream; that any cut of any stream does what it does to the library is in `test_connection.py`."""

from __future__ import annotations

from transports.frames import frame
from trunkline.transports.cutting import Cutter

TEXT, PING = 1, 9


def cutter(*, turn: int = 3) -> tuple[Cutter, list]:
    told: list = []
    made = Cutter(
        limit_bytes=100,
        turn=turn,
        feed=lambda data: told.append(("library", bytes(data))),
        hand_over=told.append,
    )
    made.is_blind = False
    return made, told


def read(made: Cutter, data: bytes) -> bool:
    return made.read(memoryview(data))


def test_a_blind_one_gives_all_to_the_library():
    made, told = cutter()
    made.is_blind = True
    read(made, frame(TEXT, b"one"))
    assert told == [("library", frame(TEXT, b"one"))]
    assert not made.is_between


def test_messages_of_a_read_come_together_and_in_order_with_the_librarys_frames():
    made, told = cutter()
    read(made, frame(TEXT, b"a") + frame(TEXT, b"b") + frame(PING) + frame(TEXT, b"c"))
    assert told == [[b"a", b"b"], ("library", frame(PING)), [b"c"]]


def test_the_beginning_of_a_frame_waits_for_its_end():
    made, told = cutter()
    whole = frame(TEXT, b"*" * 50)
    for at in range(len(whole)):
        read(made, whole[at : at + 1])
        assert made.is_between is (at == len(whole) - 1)
        # The header says how long it is.
        assert made.owed == (len(whole) - 1 - at if at else 0)
    assert told == [[b"*" * 50]]


def test_a_long_frame_is_the_librarys_piece_by_piece():
    made, told = cutter()
    long = frame(TEXT, b"*" * 101)
    read(made, long[:50])
    assert not made.is_between
    assert made.owed == len(long) - 50
    read(made, long[50:] + frame(TEXT, b"a"))
    assert told == [("library", long[:50]), ("library", long[50:]), [b"a"]]


def test_in_an_unfinished_message_nothing_is_usual():
    made, told = cutter()
    made.parts = bytearray()
    assert not made.is_between
    read(made, frame(TEXT, b"a"))
    assert told == [("library", frame(TEXT, b"a"))]


def test_more_than_a_turn_is_kept_and_said_so():
    made, told = cutter(turn=2)
    assert read(made, frame(TEXT, b"a") * 5)
    assert read(made, b"")
    assert not read(made, b"")
    assert told == [[b"a", b"a"], [b"a", b"a"], [b"a"]]


def test_what_is_kept_at_the_end_is_given_once():
    made, _ = cutter()
    read(made, frame(TEXT, b"abc")[:3])
    assert made.take_rest() == frame(TEXT, b"abc")[:3]
    assert made.take_rest() == b""
