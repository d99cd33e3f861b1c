"""What the console may do to what it shows; filled in by whoever starts it."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

__all__ = ["Action", "Controls", "ReadOnly"]


class Action(Enum):
    """What an operator may wish of a line."""

    RECONNECT = "reconnect"
    """Leave the link and dial again, or stop waiting and dial now."""
    ROTATE = "rotate"
    """Change to a new session without a break."""
    CLOSE = "close"
    """Say goodbye and end."""
    DRAIN = "drain"
    """Let the answer that is being given end, then close."""
    MUTE = "mute"
    """Send silence in place of what the microphone gives, until `UNMUTE`."""
    UNMUTE = "unmute"


class Controls(Protocol):
    """Wishes of the operator. Called on the main thread: they hand over and return at once."""

    @property
    def read_only(self) -> bool:
        """Whether nothing may be wished at all."""

    def allowed(self, key: str) -> frozenset[Action]:
        """What may be wished of the line now."""

    def act(self, key: str, action: Action) -> None:
        """Carries a wish out; called only if it is allowed, and after the operator confirmed it."""

    def faults(self, key: str) -> tuple[str, ...]:
        """Names of the faults that the line's simulator can be given, as a menu shows them; none for a real server."""

    def fault(self, key: str, name: str) -> None:
        """Makes the simulator do it to the line."""

    def answer(self) -> str | None:
        """What came of the oldest wish that nobody was told of yet, in one line; None if there is no news."""

    def close(self) -> None:
        """The operator leaves; may be called more than once, also after the run ended."""


class ReadOnly:
    """Controls that do nothing: for a recording, and for looking only."""

    read_only = True

    def allowed(self, key: str) -> frozenset[Action]:
        """Nothing."""
        del key
        return frozenset()

    def act(self, key: str, action: Action) -> None:
        """Never called, since nothing is allowed."""

    def faults(self, key: str) -> tuple[str, ...]:
        """None."""
        del key
        return ()

    def fault(self, key: str, name: str) -> None:
        """Never called, since there are none."""

    def answer(self) -> str | None:
        """Nothing was wished."""
        return None

    def close(self) -> None:
        """Nothing is held open for this console."""
