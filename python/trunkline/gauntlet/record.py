"""What the server saw of one trial: the only thing a client is judged by. Plain data.

Times are seconds of the server's monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trunkline.simulator.history import SessionHistory

__all__ = ["Dial", "Record", "Stop", "Visit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """One request for a connection."""

    at: float
    outcome: str
    """`admitted`, or how it was turned away."""
    retry_after: float | None = None
    """What the refusal asked for, in seconds."""
    is_fatal: bool = False
    """Whether the refusal was of a kind that trying again cannot mend."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """One connection that was let in."""

    history: SessionHistory
    opened_at: float
    settings_before: dict[str, Any] = field(default_factory=dict)
    """The session as the server made it."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The session as the client left it."""
    broken_at: float | None = None
    """When a deed of the trial ended it (or made it deaf); None if none did."""

    @property
    def is_whole(self) -> bool:
        """Whether the trial left it alone."""
        return self.broken_at is None


@dataclass(slots=True, kw_only=True)
class Stop:
    """How the client took it when it was told to stop."""

    told_at: float | None = None
    """None if it had gone by itself."""
    ended_at: float | None = None
    """When its process was gone."""
    exit_code: int | None = None
    was_killed: bool = False
    """Whether it had to be killed."""


@dataclass(slots=True, kw_only=True)
class Record:
    """One trial."""

    dials: list[Dial] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    deeds: list[tuple[float, str]] = field(default_factory=list)
    """What the trial did, and when."""
    served_from: float = 0.0
    """The last moment from which on a dial would have been let in and left alone."""
    stop: Stop = field(default_factory=Stop)

    @property
    def final(self) -> Visit | None:
        """The visit that lasted: the newest, if the trial left it alone."""
        return self.visits[-1] if self.visits and self.visits[-1].is_whole else None

    @property
    def broken(self) -> list[Visit]:
        """The visits that the trial ended."""
        return [visit for visit in self.visits if not visit.is_whole]

    def done(self, at: float, deed: str) -> None:
        """Note a deed."""
        self.deeds.append((at, deed))
