"""What all facts have in common: when, on which link, and the words that several of them use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Direction", "MilestoneKind", "Observation", "Speaker"]


class Direction(Enum):
    """Which way a message went."""

    UP = "up"
    """From us to the server."""
    DOWN = "down"
    """From the server to us."""


class Speaker(Enum):
    """Whose words a transcript holds."""

    USER = "user"
    ASSISTANT = "assistant"


class MilestoneKind(Enum):
    """The moments of a turn."""

    SPEECH_STARTED = "speech started"
    SPEECH_STOPPED = "speech stopped"
    COMMITTED = "committed"
    RESPONSE_CREATED = "response created"
    FIRST_AUDIO = "first audio"
    RESPONSE_DONE = "response done"
    BARGE_IN = "barge-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The base of all facts."""

    at: float
    epoch: int
