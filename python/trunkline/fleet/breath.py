"""Working beside an event loop without being felt there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Breath"]

# A hundredth of a chunk's time: for so long whoever waits for the lock is held up.
_LONGEST_SECONDS = 0.0002
# Any sleep gives the interpreter's lock away. A short one is over when whoever waited has just made its next system
# call, and the thread has the lock again: an event loop with hundreds of lines came 10 ms late. So it has nine tenths.
_PAUSE_SECONDS = 0.0018
# Each piece begins in caches that others have filled meanwhile, and costs two changes of threads. Where hundreds of
# lines tell, whose own work comes in pieces of a millisecond, four times as much is done in one, and rested behind it.
_IN_A_CROWD = 4
# Who has worked for so long without a rest has more to do than fits into the tenth, and gets a quarter: with most of
# the time at once it would hold up an event loop with hundreds of lines.
_PATIENCE_SECONDS = 0.4
_SHORTER_PAUSE_SECONDS = 0.0006
# Who has even then must not fall behind for good.
_LONGEST_PATIENCE_SECONDS = 4.0
_SHORT_PAUSE_SECONDS = 0.0001


class Breath:
    """Gives the interpreter's lock away often enough, and for long enough.

    Problem: a thread that computes holds the lock for 5 ms at a time (`sys.getswitchinterval`), and a chunk that
    is due meanwhile goes out so much later. One that pauses by itself is felt for a fifth of a millisecond.
    """

    def __init__(
        self,
        *,
        longest: float = _LONGEST_SECONDS,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._longest = longest
        self._pieces = 1
        self._clock = clock
        self._sleep = sleep
        self._began = self._rested = clock()

    def take(self) -> None:
        """Pauses if the last pause was long ago; to be called between small pieces of work."""
        now = self._clock()
        if now - self._began >= self._longest * self._pieces:
            self._sleep(_pause_of(now - self._rested) * self._pieces)
            self._began = self._clock()

    def gather(self, *, is_crowded: bool) -> None:
        """In a crowd it works in larger pieces, for the same share of the time."""
        self._pieces = _IN_A_CROWD if is_crowded else 1

    def begin(self) -> None:
        """The thread has just waited for something else."""
        self._began = self._rested = self._clock()


def _pause_of(worked: float) -> float:
    """Behind a piece, of who has not rested for so long."""
    if worked < _PATIENCE_SECONDS:
        return _PAUSE_SECONDS
    return _SHORTER_PAUSE_SECONDS if worked < _LONGEST_PATIENCE_SECONDS else _SHORT_PAUSE_SECONDS
