"""The retained audio: a row of bytes with its front forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.tape import Tape

PIECES = st.integers(0, 9).flatmap(
    lambda size: st.lists(st.binary(min_size=size, max_size=size), max_size=6)
)
STEPS = st.one_of(
    st.tuples(st.just("append"), st.binary(max_size=9)),
    st.tuples(st.just("extend"), PIECES),
    st.tuples(st.just("forget"), st.integers(0, 30)),
)


@given(st.binary(max_size=9), st.lists(STEPS, max_size=200), st.integers(0, 60), st.integers(0, 60))
def test_it_holds_what_an_array_of_bytes_would_hold(first, steps, start, end):
    tape, array = Tape(first), bytearray(first)
    for name, value in steps:
        if name == "append":
            tape.append(value)
            array += value
        elif name == "extend":
            tape.extend(value, len(value[0]) if value else 0)
            array += b"".join(value)
        else:
            tape.forget(value)
            del array[:value]
        assert len(tape) == len(array)
        assert tape.read(start, end) == array[start:end]
    assert tape.read(0, len(tape)) == array


def test_pieces_are_let_go_once_all_of_them_is_forgotten():
    tape = Tape()
    for number in range(1000):
        tape.append(b"%03d" % number)
        tape.forget(max(len(tape) - 31, 0))
    assert sum(map(len, tape._pieces)) == 33
    assert len(tape._pieces) < 100
    assert tape.read(0, 4) == b"9990"[:1] + b"990"
    tape.forget(1000)
    assert (len(tape), sum(map(len, tape._pieces)), tape.read(0, 9)) == (0, 0, b"")
    tape.append(b"abc")
    assert tape.read(1, 9) == b"bc"


def test_nothing_is_kept_of_where_pieces_of_one_size_begin():
    tape = Tape()
    for number in range(1000):
        tape.append(bytes(4 if number % 200 else 6))
        tape.forget(max(len(tape) - 1200, 0))
    assert len(tape._runs) <= 5
    tape.forget(len(tape))
    tape.append(b"last")
    assert tape.read(0, 4) == b"last"


def test_a_piece_is_kept_as_it_was_given():
    piece = b"as it was given"
    tape = Tape()
    tape.append(piece)
    assert tape.read(0, len(piece)) is piece
