"""Working beside an event loop without being felt there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Breath"]

# Half a millisecond is a fortieth of a chunk's time.
_LONGEST_SECONDS = 0.0005
# Any sleep gives the interpreter's lock away; this one lasts until whoever waits has got it.
_PAUSE_SECONDS = 0.0001


class Breath:
    """Gives the interpreter's lock away often enough.

    Problem: a thread that computes holds the lock for 5 ms at a time (`sys.getswitchinterval`), and a chunk that
    is due meanwhile goes out so much later. One that pauses by itself is felt for half a millisecond.
    """

    def __init__(
        self,
        *,
        longest: float = _LONGEST_SECONDS,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._longest = longest
        self._clock = clock
        self._sleep = sleep
        self._began = clock()

    def take(self) -> None:
        """Pauses if the last pause was long ago; to be called between small pieces of work."""
        if self._clock() - self._began >= self._longest:
            self._sleep(_PAUSE_SECONDS)
            self._began = self._clock()

    def begin(self) -> None:
        """The thread has just waited for something else."""
        self._began = self._clock()
