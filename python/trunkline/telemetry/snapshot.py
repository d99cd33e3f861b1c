"""What is known of one line at one moment, as frozen values.

A snapshot is made in the network's thread and read in the console's: it never changes, so one
reference is all that passes between them. What is not known is None, which is not zero. Every
string is clean. `at` and `started_at` are seconds of the line's monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from trunkline.text import Clean

if TYPE_CHECKING:
    from trunkline.telemetry.levels import Level

__all__ = [
    "Books",
    "FlowView",
    "LineSnapshot",
    "LogLine",
    "Outage",
    "PlayoutView",
    "Quality",
    "QueueView",
    "RoundTripView",
    "TranscriptLine",
    "Turn",
    "Utterance",
]

_NOTHING = Clean("")
_IDLE = Clean("idle")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTripView:
    """Pings, in milliseconds; percentiles over the last 60 s."""

    last_ms: float | None = None
    smoothed_ms: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    jitter_ms: float | None = None
    count: int = 0
    """Answered pings since the line began."""
    count_window: int = 0
    samples_ms: tuple[float | None, ...] = ()
    """The worst of each of the last 60 seconds, oldest first; None where no ping was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowView:
    """One direction, per second, averaged over the last three whole seconds."""

    bytes_per_s: float | None = None
    messages_per_s: float | None = None
    chunks_per_s: float | None = None
    """Messages that carry audio: appends up, deltas down."""
    audio_per_s: float | None = None
    """Seconds of audio per second; live speech is 1."""
    bytes_series: tuple[float | None, ...] = ()
    """Bytes in each of the last 60 whole seconds, oldest first."""
    bytes_total: int = 0
    messages_total: int = 0
    audio_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """What waits to be sent."""

    outbox_ms: float
    retained_ms: float
    transport_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayoutView:
    """What waits to be heard."""

    buffered_ms: float
    underruns: int
    largest_ms: float
    """The most that was ever buffered: the scale of a bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The audio of the caller, in milliseconds, from exact counts of samples.

    The law: accepted = consumed + retained + gap. `retained_ms` is what the law leaves;
    `imbalance_ms` is what the line's own count of it differed by when it was last told.
    """

    accepted_ms: float = 0.0
    sent_ms: float = 0.0
    """Sent for the first time."""
    consumed_ms: float = 0.0
    replayed_ms: float = 0.0
    """Sent again to a new session."""
    gap_ms: float = 0.0
    retained_ms: float = 0.0
    imbalance_ms: float | None = None
    """None before the line told its own count."""

    @property
    def balanced(self) -> bool | None:
        """Whether the books agree with the line's own count; None if it was never told."""
        return None if self.imbalance_ms is None else self.imbalance_ms == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time without a live session, from the end of a link until the line was live again."""

    at: float
    epoch: int
    """Of the link that ended."""
    code: int | None
    reason: Clean
    cause: Clean
    """Why, in words."""
    advice: Clean
    final: bool = False
    """Whether dialing again cannot help."""
    attempts: int = 0
    """Dials that were planned since."""
    seconds: float | None = None
    """How long it lasted; None while it lasts."""
    restored_epoch: int | None = None
    items: int | None = None
    """Conversation items created again; None before the restore."""
    items_dropped: int = 0
    replayed_ms: float | None = None
    lost_ms: float | None = None
    verified: bool | None = None


class Utterance(Enum):
    """How far a transcript line has come."""

    OPEN = "open"
    """More may follow."""
    FINAL = "final"
    CUT = "cut"
    """The link ended in the middle of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptLine:
    """What one item says."""

    at: float
    speaker: str
    """`user` or `assistant`."""
    text: Clean
    progress: Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One observation, or several equal ones in a row, in words."""

    at: float
    """When it was last seen."""
    epoch: int
    level: Level
    text: Clean
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of the caller and its answer."""

    number: int
    at: float
    user_s: float | None = None
    """How long the caller spoke."""
    first_audio_ms: float | None = None
    """From the end of speech, as the server told it, to the first audio of the reply."""
    response_s: float | None = None
    """From the response's creation to its end."""
    status: Clean = _NOTHING
    """`listening`, `thinking`, `speaking`, then what the server said of the response."""
    interrupted: bool = False
    answered: bool = False
    restarts: int = 0
    """How often the turn was taken up again after an outage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The score of the link, 0 to 100, and what was taken off."""

    score: float | None = None
    grade: str = "unknown"
    """`excellent`, `good`, `fair`, `poor`, `lost` or `unknown`."""
    deductions: tuple[tuple[str, float], ...] = ()
    """Name and points, largest first; before smoothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSnapshot:
    """Everything a console draws of one line."""

    at: float
    started_at: float
    name: Clean
    server: Clean
    model: Clean | None = None
    session_id: Clean | None = None
    expires_at: float | None = None
    """Unix seconds, by the server's clock."""
    state: Clean = _IDLE
    state_since: float = 0.0
    epoch: int = 0
    live_s: float = 0.0
    availability: float | None = None
    """Share of the time the line was wanted that it was live, 0 to 1."""
    quality: Quality = Quality()
    rtt: RoundTripView = RoundTripView()
    up: FlowView = FlowView()
    down: FlowView = FlowView()
    queue: QueueView | None = None
    playout: PlayoutView | None = None
    books: Books = Books()
    outages: tuple[Outage, ...] = ()
    """The newest 50, oldest first."""
    reconnects: int = 0
    """Outages that ended with a live session."""
    outage_s: float = 0.0
    rotations: int = 0
    """Changes to another session without a break."""
    rotations_failed: int = 0
    """Of those that were begun: given up."""
    turns: tuple[Turn, ...] = ()
    """The newest 50, oldest first."""
    turns_total: int = 0
    turns_answered: int = 0
    transcript: tuple[TranscriptLine, ...] = ()
    log: tuple[LogLine, ...] = ()
    anomalies: int = 0
    fenced: int = 0

    @property
    def age_s(self) -> float:
        """Seconds since the line began."""
        return self.at - self.started_at

    @property
    def state_age_s(self) -> float:
        """Seconds in the present state."""
        return self.at - self.state_since

    def clock(self, at: float) -> float:
        """A moment as seconds since the line began."""
        return at - self.started_at
