"""What happened, as one hash; and its last lines, for whoever must understand a violation."""

from __future__ import annotations

from collections import deque
from hashlib import blake2b

__all__ = ["Trace"]

_LINES = 40


class Trace:
    """Two runs with one seed have equal digests, or chance came in from somewhere."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)
        self._last: deque[str] = deque(maxlen=_LINES)

    def note(self, at: float, what: str) -> None:
        """Something happened."""
        line = f"{at:.6f} {what}"
        self._hash.update(line.encode())
        self._last.append(line)

    def context(self) -> list[str]:
        """The last things that happened."""
        return list(self._last)

    def digest(self) -> str:
        """Of everything so far."""
        return self._hash.hexdigest()
