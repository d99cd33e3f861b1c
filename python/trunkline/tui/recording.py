"""How the console records what it sees; filled in by whoever starts it, who has the lines."""

from __future__ import annotations

from typing import Protocol

__all__ = ["NoRecording", "Recording"]


class Recording(Protocol):
    """At most one recording at a time. Called on the main thread: it hands over and returns at once."""

    def recorded_s(self) -> float | None:
        """For how long it has been recording; None if it is not."""

    def toggle(self, now_unix: float | None) -> str:
        """Begins a recording, or ends it; gives what the operator is told. ValueError or TrunklineError says why not.

        `now_unix` is the time of what is shown, for the name of the file.
        """

    def news(self) -> str | None:
        """Once, that a recording has ended by itself; None if there is no news."""


class NoRecording:
    """Where nothing can be recorded, for a reason."""

    def __init__(self, why: str = "nothing can be recorded here") -> None:
        self._why = why

    def recorded_s(self) -> float | None:
        """It never is."""
        return None

    def toggle(self, now_unix: float | None) -> str:
        """Says why not, by ValueError."""
        del now_unix
        raise ValueError(self._why)

    def news(self) -> str | None:
        """None."""
        return None
