"""Lines that ended, and when they leave the fleet: a process of weeks has thousands of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.frames import Began, Ended

if TYPE_CHECKING:
    from trunkline.telemetry.frames import Frame

__all__ = ["Departures"]

# Long enough for a person who was told to look, and for the window that a screen shows at first.
_SECONDS = 300.0


class Departures:
    """Who ended, and until when it is shown."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._leaves_at: dict[str, float] = {}

    def note(self, frame: Frame, now: float) -> None:
        """Takes any frame; `now` is the time that goes on, of whatever clock."""
        if isinstance(frame, Ended):
            self._leaves_at.setdefault(frame.line, now + self._seconds)
        elif isinstance(frame, Began):
            self._leaves_at.pop(frame.line, None)

    def due(self, now: float) -> list[str]:
        """The lines that leave now; each is given once."""
        due = [key for key, at in self._leaves_at.items() if at <= now]
        for key in due:
            del self._leaves_at[key]
        return due
