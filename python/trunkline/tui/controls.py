"""What the console may do to what it shows; filled in by whoever starts it."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Controls", "ReadOnly"]


class Controls(Protocol):
    """Wishes of the operator. Called on the main thread: they hand over and return at once."""

    @property
    def can_break(self) -> bool:
        """Whether the link may be broken on purpose, which only a simulator takes well."""

    def break_link(self) -> None:
        """Break the link now; called only if `can_break`."""

    def close(self) -> None:
        """The operator leaves; may be called more than once, also after the run ended."""


class ReadOnly:
    """Controls that do nothing: for a recording, and for looking only."""

    can_break = False

    def break_link(self) -> None:
        """Never called, since it is not offered."""

    def close(self) -> None:
        """Nothing is held open for this console."""
