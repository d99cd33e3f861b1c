"""Blocks of sound on their way out of a device's thread: bounded, made beforehand, without a lock.

One thread puts, one takes. Each owns one of the two counters and only reads the other's, and a slot is written before
it is counted; so neither ever waits. What does not fit is dropped, newest first: then there is one hole, and its place
is known.
"""

from __future__ import annotations

from array import array

__all__ = ["Ring"]


class Ring:
    """So many slots of so many bytes, each with a time and a mark."""

    __slots__ = (
        "_bytes",
        "_is_full",
        "_marks",
        "_put",
        "_size",
        "_sizes",
        "_slots",
        "_taken",
        "_times",
    )

    def __init__(self, slots: int, slot_bytes: int) -> None:
        self._bytes = memoryview(bytearray(slots * slot_bytes))
        self._size, self._slots = slot_bytes, slots
        self._sizes = array("l", bytes(slots * array("l").itemsize))
        self._times = array("d", bytes(slots * 8))
        self._marks = bytearray(slots)
        self._put = self._taken = 0
        self._is_full = False

    def put(self, data: bytes | memoryview, time: float, mark: int, mark_after_a_hole: int) -> bool:
        """Copies one block; False if there is no room. The first that fits again gets `mark_after_a_hole` as well.

        For the thread that puts. Data longer than a slot is a fault of the caller (ValueError).
        """
        if self._put - self._taken >= self._slots:
            self._is_full = True
            return False
        slot = self._put % self._slots
        size = len(data)
        start = slot * self._size
        self._bytes[start : start + size] = data
        self._sizes[slot] = size
        self._times[slot] = time
        self._marks[slot] = mark | mark_after_a_hole if self._is_full else mark
        self._is_full = False
        self._put += 1
        return True

    def take(self) -> tuple[bytes, float, int] | None:
        """The oldest block with its time and mark; None if there is none. For the thread that takes."""
        if self._taken == self._put:
            return None
        slot = self._taken % self._slots
        start = slot * self._size
        found = bytes(self._bytes[start : start + self._sizes[slot]])
        time, mark = self._times[slot], self._marks[slot]
        self._taken += 1
        return found, time, mark
