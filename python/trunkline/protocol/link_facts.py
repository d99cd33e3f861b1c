"""Facts about links and this process: how they open, end and fare, and what our own side costs.

Part of `trunkline.protocol.observations`, from where they are imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from trunkline.protocol.fact import Observation

if TYPE_CHECKING:
    from trunkline.protocol.closure import Closure, Verdict

__all__ = [
    "ChunkLate",
    "Congested",
    "Fenced",
    "KernelSampled",
    "LinkEnded",
    "LinkOpened",
    "LoopBlocked",
    "LoopLagged",
    "Phases",
    "PingTimedOut",
    "QueueSampled",
    "RetryScheduled",
    "RoundTrip",
    "Suspended",
    "WriterStalled",
]


Phases: TypeAlias = tuple[tuple[str, float], ...]
"""Name and seconds of each phase of a dial, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOpened(Observation):
    """A link is open: the upgrade was answered. It proves nothing about the key."""

    took: float
    phases: Phases = ()
    """Those it had of `lookup`, `tcp`, `proxy`, `tls` and `upgrade`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEnded(Observation):
    """The current link ended."""

    closure: Closure
    verdict: Verdict
    lived: float
    """Seconds since the link was opened; 0 if it never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryScheduled(Observation):
    """The line will dial again."""

    attempt: int
    """1 for the first attempt of this outage."""
    delay: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fenced(Observation):
    """Something from a link that is no longer current was discarded."""

    stale_epoch: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip(Observation):
    """A ping was answered."""

    rtt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSampled(Observation):
    """How much waits to be sent."""

    outbox_samples: int
    """Audio that was accepted and not yet handed to a link."""
    retained_samples: int
    """Audio kept, sent or not, until there is evidence for it."""
    transport_bytes: int
    """What the link has taken and the kernel has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Congested(Observation):
    """The link lives and takes less audio than is spoken; what it does not take waits in the outbox."""

    waiting_samples: int
    over: bool
    """False when it begins; True once, when what waited is gone or the link is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopBlocked(Observation):
    """The event loop was held up: nothing was judged by the time that passed meanwhile."""

    lag: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended(Observation):
    """This machine slept. What was spoken meanwhile was never captured, so it is no gap in the books."""

    gap: float
    """Seconds, by the clock that counts sleep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PingTimedOut(Observation):
    """A ping waits for its pong for longer than the link's threshold T (`liveness.py`); told once of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSampled(Observation):
    """What the kernel's TCP says of the current link; at most once a second."""

    rtt: float | None
    """Smoothed, in seconds; None where the kernel does not tell."""
    rtt_min: float | None
    retransmits: int | None
    """Segments since the link was opened."""
    unsent_bytes: int | None
    """Taken from the event loop and not yet sent."""
    rtt_var: float | None = None
    """Mean deviation of the round trip, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkLate(Observation):
    """How late a chunk was handed to the link, told of every one while somebody measures; not of replayed audio."""

    late: float
    """Seconds since its last sample was given to the line."""
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterStalled(Observation):
    """The link took nothing for so long. A stall that lasts is told in parts of about a second, which add up."""

    took: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopLagged(Observation):
    """By how much a timer of 100 ms was late; told ten times a second while somebody measures."""

    lag: float
