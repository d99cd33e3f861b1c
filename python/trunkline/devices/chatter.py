"""What C libraries print about sound, kept off the terminal.

PortAudio and ALSA tell each refusal and each unplugged device on stderr, in lines that a person can do nothing with
and that tear a console's screen. Turning descriptor 2 away would take Python's own messages along, and a screen that
is drawn on it. So it is C's `stderr` that is exchanged, which is a variable in glibc; elsewhere it may be a constant,
and is left alone.
"""

from __future__ import annotations

import ctypes
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Chatter", "hush", "quiet", "release"]


class Chatter:
    """C's `stderr`: spoken into nothing while anybody wants quiet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wishes = 0
        self._nowhere: int | None = None
        self._before: int | None = None

    def hush(self) -> None:
        """Until `release`, as often as it was called."""
        with self._lock:
            self._wishes += 1
            if self._wishes == 1 and (variable := _variable()) is not None:
                # Opened once and never closed: a thread of the library may be about to write to it.
                self._nowhere = self._nowhere or _opened_nowhere()
                self._before, variable.value = variable.value, self._nowhere

    def release(self) -> None:
        """Takes one wish back."""
        with self._lock:
            self._wishes -= 1
            if self._wishes == 0 and self._before is not None:
                variable = _variable()
                assert variable is not None
                self._before, variable.value = None, self._before


def _variable() -> ctypes.c_void_p | None:
    """The `stderr` of glibc; None where C's library is another."""
    try:
        is_glibc = bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (AttributeError, ValueError, OSError):
        return None
    return ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stderr") if is_glibc else None


def _opened_nowhere() -> int | None:
    library = ctypes.CDLL(None)
    library.fopen.restype = ctypes.c_void_p
    opened: int | None = library.fopen(os.devnull.encode(), b"w")
    return opened


_chatter = Chatter()
hush, release = _chatter.hush, _chatter.release
"""Of this process; each `hush` needs its `release`."""


@contextmanager
def quiet() -> Iterator[None]:
    """While it lasts, C libraries of this process print nothing on stderr; may be nested, from any thread."""
    hush()
    try:
        yield
    finally:
        release()
