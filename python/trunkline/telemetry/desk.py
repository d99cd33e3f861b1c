"""What a console asks for: the newest snapshots of all lines and of one, and what a recording can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.entry import Entry
    from trunkline.telemetry.fleet_snapshot import FleetSnapshot
    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.telemetry.sound import Sound
    from trunkline.text import Clean

__all__ = ["Desk", "Playback"]


class Playback(Protocol):
    """A recording that is played; times are Unix seconds."""

    @property
    def begins_at(self) -> float:
        """Of its first frame."""

    @property
    def ends_at(self) -> float:
        """Of its last frame."""

    @property
    def position(self) -> float:
        """Where it is now."""

    @property
    def speed(self) -> float:
        """How many times faster than it was; 0 while paused."""

    def play(self, speed: float) -> None:
        """Go on at this speed; 0 pauses."""

    def seek(self, position: float) -> None:
        """Go to a moment, forwards or backwards; returns at once, the snapshots follow within a second."""


class Desk(Protocol):
    """Everything that a console reads.

    Methods are called on the main thread, return at once and take no lock that a network may hold; a value that did
    not change is the same object as before.
    """

    @property
    def playback(self) -> Playback | None:
        """What plays; None where lines are live."""

    def fleet(self) -> FleetSnapshot | None:
        """The newest of all lines; None before the first."""

    def watch(self, key: str | None) -> None:
        """The details of this line are wanted from now on, and of no other; None for none."""

    def line(self) -> LineSnapshot | None:
        """The newest of the watched line; None before the first."""

    def entries(self) -> Sequence[Entry]:
        """The inspector's lines of the watched line, oldest first, at most 10,000; a run that grew is a new object."""

    def turns_heard(self, key: str) -> tuple[int, ...]:
        """Of which turns of a line there is sound, oldest first; none where audio is not kept."""

    def sound(self, key: str, turn: int) -> Sound | None:
        """What was said in a turn of a line; None if there is no sound of it."""

    def window(self, seconds: int) -> None:
        """Percentiles and shares are wanted over this time from now on: 30, 60, 300, 900 or 3600."""

    def mark(self, key: str, note: str) -> None:
        """An operator marks this moment of a line."""

    def finished(self) -> Clean | None:
        """How the run ended, in one line; None while it goes on."""
