"""A caller who says recorded turns, each when the one before is answered: what he gives a line, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.devices.base import BLOCK_BYTES, BLOCK_SAMPLES, RATE_HZ, SILENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["LONGEST_WAIT_SECONDS", "caller_blocks"]

LONGEST_WAIT_SECONDS = 30.0
"""Longer than any outage of the demo and its restore; who is not answered for so long speaks on."""
# The server has found the end of a turn by then (it listens for half a second), and this side has heard of it.
_LEAST_WAIT_SECONDS = 1.0
# A person waits a moment before speaking again.
_PAUSE_SECONDS = 0.4


def caller_blocks(turns: Iterable[bytes], is_answered: Callable[[], bool]) -> Iterator[bytes]:
    """Whole blocks without an end of their own but that of the last answer; `is_answered` is asked between them.

    Turns are little-endian int16, mono, 24 kHz. Silence is given while the caller waits, as a microphone does.
    """
    for pcm in turns:
        for start in range(0, len(pcm), BLOCK_BYTES):
            yield pcm[start : start + BLOCK_BYTES].ljust(BLOCK_BYTES, b"\0")
        yield from _silence(_LEAST_WAIT_SECONDS)
        for block in _silence(LONGEST_WAIT_SECONDS - _LEAST_WAIT_SECONDS):
            if is_answered():
                break
            yield block
        yield from _silence(_PAUSE_SECONDS)


def _silence(seconds: float) -> Iterator[bytes]:
    for _ in range(round(seconds * RATE_HZ / BLOCK_SAMPLES)):
        yield SILENCE
