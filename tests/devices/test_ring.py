"""A bounded ring between two threads."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.devices.ring import Ring

HOLE = 2


def test_what_is_put_is_taken_in_order_with_its_time_and_mark():
    ring = Ring(3, 4)
    ring.put(b"abcd", 1.5, 0, HOLE)
    ring.put(b"ef", 2.5, 1, HOLE)
    assert [ring.take(), ring.take(), ring.take()] == [(b"abcd", 1.5, 0), (b"ef", 2.5, 1), None]


def test_a_full_ring_drops_what_comes_and_marks_what_follows_the_hole():
    ring = Ring(2, 1)
    assert [ring.put(each, 0.0, 1, HOLE) for each in (b"a", b"b", b"c", b"d")] == [1, 1, 0, 0]
    assert ring.take() == (b"a", 0.0, 1)
    ring.put(b"e", 0.0, 1, HOLE)
    assert [ring.take(), ring.take()] == [(b"b", 0.0, 1), (b"e", 0.0, 1 | HOLE)]
    ring.put(b"f", 0.0, 0, HOLE)
    assert ring.take() == (b"f", 0.0, 0)


def test_a_block_longer_than_a_slot_is_refused_and_nothing_is_counted():
    ring = Ring(2, 2)
    ring.put(b"aa", 0.0, 0, HOLE)
    with pytest.raises(ValueError, match="structures"):
        ring.put(b"bbbbb", 0.0, 0, HOLE)
    assert [ring.take(), ring.take()] == [(b"aa", 0.0, 0), None]


@given(st.lists(st.one_of(st.none(), st.binary(max_size=3)), max_size=60))
def test_it_behaves_as_a_bounded_queue(steps):
    ring, queue, is_full = Ring(4, 3), [], False
    for step in steps:
        if step is None:
            assert ring.take() == (queue.pop(0) if queue else None)
        elif len(queue) < 4:
            assert ring.put(step, 0.5, 0, HOLE)
            queue.append((step, 0.5, HOLE if is_full else 0))
            is_full = False
        else:
            assert not ring.put(step, 0.5, 0, HOLE)
            is_full = True


def test_two_threads_lose_and_double_nothing_that_was_taken_in():
    ring, kept, found = Ring(8, 4), [], []
    is_over = threading.Event()

    def put():
        kept.extend(
            number
            for number in range(20_000)
            if ring.put(number.to_bytes(4, "big"), float(number), 0, HOLE)
        )
        is_over.set()

    thread = threading.Thread(target=put)
    thread.start()
    while True:
        over = is_over.is_set()
        if (block := ring.take()) is not None:
            assert float(int.from_bytes(block[0], "big")) == block[1]
            found.append(int(block[1]))
        elif over:
            break
    thread.join()
    assert found == kept
