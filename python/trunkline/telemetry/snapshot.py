"""What is known of one line at one moment, as frozen values.

A snapshot is made in the network's thread and read in the console's: it never changes, so one
reference is all that passes between them. What is not known is None, which is not zero. Every
string is clean. `at` and `started_at` are seconds of the line's monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from trunkline.telemetry.views import (
    NO_SPREAD,
    ConnectView,
    FlowView,
    KernelView,
    LevelView,
    PlayoutView,
    QueueView,
    RoundTripView,
    Spread,
    TimelineView,
    UsageView,
)
from trunkline.text import Clean

if TYPE_CHECKING:
    from trunkline.telemetry.levels import Level

__all__ = [
    "Alert",
    "Books",
    "LineSnapshot",
    "LogLine",
    "Outage",
    "Quality",
    "TranscriptLine",
    "Turn",
    "Utterance",
]

_NOTHING = Clean("")
_IDLE = Clean("idle")
_NO_CONNECT = ConnectView()
_NO_FLOW = FlowView()
_NO_KERNEL = KernelView()
_NO_LEVEL = LevelView()
_NO_ROUND_TRIP = RoundTripView()
_NO_TIMELINE = TimelineView()
_NO_USAGE = UsageView()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something is not as it should be, or was and is again."""

    at: float
    """Unix seconds at which it was raised or cleared."""
    line: str
    """Key of the line."""
    name: Clean
    """Of the line, for people."""
    metric: str
    """What is wrong: `rtt`, `jitter`, `outage`, `underruns` … (`telemetry.thresholds`)."""
    level: Level
    """WARNING or BAD while raised; OK once it cleared."""
    text: Clean
    """The reason in words, with the figure, the threshold, and how many samples: "RTT 640 ms > 400 ms (3 of 5)"."""
    raised_at: float
    """Unix seconds; equal to `at` unless it cleared."""


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
    detected_s: float | None = None
    """From the last byte that came from the server to the end of the link: how long it took to see it, at most."""


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
    gap_ms: float | None = None
    """From the user's last voiced sample to the first sample that was played: what a person feels."""
    gap_from_commit: bool = False
    """Whether it counts from the commit of a turn by hand instead."""
    audio_s: float | None = None
    """How much reply audio came."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cut_ms: float | None = None
    """Where an interrupted answer was cut: what was heard of it."""
    barge_in_ms: float | None = None
    """From the server's word that the user spoke to the silence of the speaker."""
    truncate_ms: float | None = None
    """From our request to cut the answer to the server's word that it did."""
    tools: tuple[Clean, ...] = ()
    """Names of the functions that were called."""
    tool_ms: float | None = None
    """From the latest call to its output."""
    error: Clean = _NOTHING
    """Code of the failure, if it failed."""
    first_audio_at: float | None = None
    done_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The score of the link, 0 to 100, and what was taken off."""

    score: float | None = None
    grade: str = "unknown"
    """`excellent`, `good`, `fair`, `poor`, `lost` or `unknown`."""
    deductions: tuple[tuple[str, float], ...] = ()
    """Name and points, largest first; before smoothing."""
    worst: float | None = None
    """The lowest score of the last 5 minutes."""
    worst_at: float | None = None


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
    rtt: RoundTripView = _NO_ROUND_TRIP
    up: FlowView = _NO_FLOW
    down: FlowView = _NO_FLOW
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
    key: str = ""
    """Names the line among all lines that a console shows."""
    wall_offset: float = 0.0
    """Unix seconds are `at` plus this."""
    rate_hz: int = 24_000
    kernel: KernelView = _NO_KERNEL
    connect: ConnectView = _NO_CONNECT
    lateness: Spread = NO_SPREAD
    """From when a chunk could have been written to when it was, over the window."""
    stall_s: float = 0.0
    """For how long the writer could not write, since the line began."""
    delta_gap: Spread = NO_SPREAD
    """Between two audio deltas of one answer."""
    delta_jitter_ms: float | None = None
    """RFC 3550 §A.8 on audio deltas. Servers send faster than real time, so it is large by design and not graded."""
    lead_least_ms: float | None = None
    """How far the delivery of audio was ahead of the speaker at worst, in the last 60 s; below 0 it starved."""
    loop_lag: Spread = NO_SPREAD
    barge_in: Spread = NO_SPREAD
    first_audio: Spread = NO_SPREAD
    turn_gap: Spread = NO_SPREAD
    response: Spread = NO_SPREAD
    """From a response's creation to its end, of those that were completed."""
    input_level: LevelView = _NO_LEVEL
    output_level: LevelView = _NO_LEVEL
    usage: UsageView = _NO_USAGE
    state_seconds: tuple[tuple[str, float], ...] = ()
    """State and seconds in it, since the line began."""
    attempt: int = 0
    """Of the dial that runs or is planned; 0 while live."""
    retry_at: float | None = None
    duplicated_ms: float = 0.0
    capture_lost_ms: float = 0.0
    """What the microphone lost before the line got it."""
    gaps: tuple[tuple[Clean, float], ...] = ()
    """Why audio was not delivered, and milliseconds of it; most first."""
    errors: tuple[tuple[Clean, int], ...] = ()
    """Error codes that the server sent, most first."""
    timeline: TimelineView = _NO_TIMELINE
    speech_series: tuple[float, ...] = ()
    """Share of each of the last 60 seconds in which the user spoke, oldest first."""
    alerts: tuple[Alert, ...] = ()
    """Those that are raised now, worst first."""
    settings: Clean = _NOTHING
    """The session's settings as the server confirmed them, as indented JSON; nothing before that."""

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
