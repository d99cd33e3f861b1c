"""What one look at a running conversation tells: a fold of a line's facts, and what only this side knows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from trunkline.audio.level import FLOOR_DBFS
from trunkline.protocol.observations import (
    LinkEnded,
    Milestone,
    MilestoneKind,
    Restored,
    RetryScheduled,
    RoundTrip,
    Transition,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import Observation

__all__ = ["Glance", "Health", "Onlooker", "Turn"]


class Health(Enum):
    """How the line is, as far as a talker cares."""

    DIALING = "dialing"
    LIVE = "live"
    LOST = "link lost"
    RESTORING = "restoring"
    ENDING = "ending"
    FAILED = "failed"


class Turn(Enum):
    """Whose turn it is."""

    LISTENING = "listening"
    """Nobody speaks, and nothing is owed."""
    HEARING = "hearing"
    """The server hears the user speak."""
    THINKING = "thinking"
    SPEAKING = "speaking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """All of it at one moment."""

    health: Health = Health.DIALING
    turn: Turn = Turn.LISTENING
    retry_in: float | None = None
    """Seconds until the next dial, while one is waited for."""
    rtt: float | None = None
    """Seconds; the last that was measured."""
    live_s: int = 0
    """Since the line was first live."""
    said_dbfs: float = FLOOR_DBFS
    heard_dbfs: float = FLOOR_DBFS
    is_muted: bool = False
    is_pressed: bool | None = None
    """Whether the button is down; None where there is none."""


_HEALTH = {
    "idle": Health.DIALING,
    "live": Health.LIVE,
    "rotating": Health.LIVE,
    "waiting": Health.LOST,
    "closing": Health.ENDING,
    "closed": Health.ENDING,
    "failed": Health.FAILED,
}


class Onlooker:
    """An observer of one line."""

    def __init__(self) -> None:
        self._health = Health.DIALING
        self._live_at: float | None = None
        self._retry_at: float | None = None
        self._rtt: float | None = None
        self._is_speaking = False
        self._is_awaiting = False

    def __call__(self, fact: Observation) -> None:
        """Takes one fact."""
        handler = _HANDLERS.get(type(fact))
        if handler is not None:
            handler(self, fact)

    def glance(self, now: float, *, is_quiet: bool) -> Glance:
        """How it stands, on the line's clock; what of it only devices and keys know is left as it is by default."""
        waits = None if self._retry_at is None else max(0.0, self._retry_at - now)
        return Glance(
            health=self._health,
            turn=self._turn(is_quiet=is_quiet),
            retry_in=waits,
            rtt=self._rtt,
            live_s=0 if self._live_at is None else int(now - self._live_at),
        )

    def _turn(self, *, is_quiet: bool) -> Turn:
        if self._is_speaking:
            return Turn.HEARING
        if not is_quiet:
            return Turn.SPEAKING
        return Turn.THINKING if self._is_awaiting else Turn.LISTENING

    def _moved(self, fact: Transition) -> None:
        name = fact.target.value
        between = Health.DIALING if self._live_at is None else Health.RESTORING
        self._health = _HEALTH.get(name, between)
        if name != "waiting":
            self._retry_at = None
        if self._health is Health.LIVE and self._live_at is None:
            self._live_at = fact.at

    def _waits(self, fact: RetryScheduled) -> None:
        self._retry_at = fact.at + fact.delay

    def _ended(self, _fact: LinkEnded) -> None:
        # The next session hears what was being said from its beginning, and tells so.
        self._is_speaking = self._is_awaiting = False
        self._rtt = None

    def _came_back(self, fact: Restored) -> None:
        self._is_awaiting = self._is_awaiting or fact.owed

    def _measured(self, fact: RoundTrip) -> None:
        self._rtt = fact.rtt

    def _milestone(self, fact: Milestone) -> None:
        if fact.kind is MilestoneKind.SPEECH_STARTED:
            self._is_speaking = True
        elif fact.kind in (MilestoneKind.SPEECH_STOPPED, MilestoneKind.COMMITTED):
            self._is_speaking, self._is_awaiting = False, True
        elif fact.kind is MilestoneKind.RESPONSE_CREATED:
            self._is_awaiting = True
        elif fact.kind is MilestoneKind.RESPONSE_DONE:
            self._is_awaiting = False


_HANDLERS: dict[type[Observation], Callable[..., None]] = {
    LinkEnded: Onlooker._ended,
    Milestone: Onlooker._milestone,
    Restored: Onlooker._came_back,
    RetryScheduled: Onlooker._waits,
    RoundTrip: Onlooker._measured,
    Transition: Onlooker._moved,
}
