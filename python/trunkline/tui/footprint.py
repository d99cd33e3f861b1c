"""What the console itself costs: processor and memory of its process."""

from __future__ import annotations

import os
import time
from pathlib import Path

__all__ = ["Footprint"]

_LEAST_SECONDS = 1.0
_STATM = Path("/proc/self/statm")


class Footprint:
    """Measures at most once a second; asked more often, it says what it knew."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._used = time.process_time()
        self._words = ""

    def words(self) -> str:
        """`CPU 6 %  RSS 58 MB`, of all threads; nothing in the first second."""
        now = time.monotonic()
        if now - self._at >= _LEAST_SECONDS:
            used = time.process_time()
            share = (used - self._used) / (now - self._at)
            self._at, self._used = now, used
            self._words = f"CPU {share * 100:.0f} %{_memory()}"
        return self._words


def _memory() -> str:
    """The resident set; nothing where there is no /proc."""
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return ""
    return f"  RSS {pages * os.sysconf('SC_PAGE_SIZE') / 1e6:.0f} MB"
