"""The idle timeout: the user says nothing for too long after an answer was heard to its end.

The clock is the response's end, plus the time its audio plays, plus `idle_timeout_ms` (SDK). It
runs in seconds, not in samples: a silent microphone that sends nothing is as idle as one that sends
silence. Speech and another response stop it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["IdleTimer"]


class IdleTimer:
    """Off, waiting for the playback's end, or waiting for the timeout."""

    def __init__(self) -> None:
        self._timeout: float | None = None
        self._played_at: float | None = None
        self._since: int | None = None

    def configure(self, turn_detection: Mapping[str, Any] | None) -> None:
        """Use these settings; a wait that has begun goes on with the new timeout."""
        timeout_ms = (turn_detection or {}).get("idle_timeout_ms")
        self._timeout = None if timeout_ms is None else timeout_ms / 1000
        if self._timeout is None:
            self.stop()

    def start(self, now: float, playback: float) -> None:
        """A response is done, and its audio will have been heard `playback` seconds from now."""
        self.stop()
        if self._timeout is not None:
            self._played_at = now + playback

    def stop(self) -> None:
        """Something happened."""
        self._played_at = self._since = None

    def deadline(self) -> float | None:
        """When `advance` has something to do."""
        if self._played_at is None or self._timeout is None:
            return None
        return self._played_at if self._since is None else self._played_at + self._timeout

    def advance(self, position: int) -> int | None:
        """Take the next step with the sample clock at `position`.

        At the timeout, the session sample at which the playback had ended; before that, None.
        """
        since = self._since
        if since is None:
            self._since = position
        else:
            self.stop()
        return since
