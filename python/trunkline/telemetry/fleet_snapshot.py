"""What is known of all lines at one moment, as frozen values: the fleet screen, and its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.telemetry.views import NO_SPREAD, Spread
from trunkline.text import Clean

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import Alert

__all__ = ["FleetSnapshot", "LineRow"]

_NOTHING = Clean("")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line, as short as a table wants it. None is unknown, which is not zero."""

    key: str
    """Names the line among all of them."""
    name: Clean
    model: Clean = _NOTHING
    server: Clean = _NOTHING
    process: Clean = _NOTHING
    state: Clean = _NOTHING
    """As the lifecycle names it; `gone` when its process went without a word."""
    attempt: int = 0
    retry_in_s: float | None = None
    age_s: float = 0.0
    grade: str = "unknown"
    score: float | None = None
    rtt_ms: float | None = None
    """Smoothed."""
    rtt_p95_ms: float | None = None
    jitter_ms: float | None = None
    first_audio_ms: float | None = None
    """Of the last turn."""
    late_p95_ms: float | None = None
    buffer_ms: float | None = None
    underruns: int = 0
    """In the last 60 s."""
    reconnects: int = 0
    lost_ms: float = 0.0
    input_dbfs: float | None = None
    output_dbfs: float | None = None
    input_clips: bool = False
    output_clips: bool = False
    rtt_series: tuple[float | None, ...] = ()
    """The worst of each of the last 60 seconds, oldest first; None where no ping was answered."""
    unanswered: bool = False
    """Whether a ping waits for its pong for longer than is usual."""
    availability: float | None = None
    turns: int = 0
    turns_answered: int = 0
    up_bytes_per_s: float | None = None
    down_bytes_per_s: float | None = None
    level: Level = Level.UNKNOWN
    """The worst of its raised alerts; OK if there is none."""
    alerts: int = 0
    """How many are raised."""
    controllable: bool = False
    """Whether its process takes an operator's wishes."""

    @property
    def needs_attention(self) -> bool:
        """Whether an operator should look at it."""
        return self.level is Level.BAD or self.grade in ("poor", "lost")


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSnapshot:
    """Everything the fleet screen draws."""

    at: float
    """Unix seconds."""
    window_s: int = 300
    """What the percentiles and shares are of."""
    rows: tuple[LineRow, ...] = ()
    """In the order in which the lines came."""
    states: tuple[tuple[str, int], ...] = ()
    """How many lines are `live`, `connecting`, `reconnecting`, `failed`, `closed`, `gone`."""
    rtt: Spread = NO_SPREAD
    kernel_rtt: Spread = NO_SPREAD
    jitter: Spread = NO_SPREAD
    first_audio: Spread = NO_SPREAD
    turn_gap: Spread = NO_SPREAD
    barge_in: Spread = NO_SPREAD
    lateness: Spread = NO_SPREAD
    loop_lag: Spread = NO_SPREAD
    up_bytes_per_s: float | None = None
    down_bytes_per_s: float | None = None
    up_series: tuple[float | None, ...] = ()
    down_series: tuple[float | None, ...] = ()
    events_per_s: float | None = None
    availability: float | None = None
    state_shares: tuple[tuple[str, float], ...] = ()
    """State and its share of all line seconds of the window, 0 to 1."""
    grades: tuple[tuple[str, int], ...] = ()
    """How many lines have each grade, best first."""
    errors: tuple[tuple[Clean, int], ...] = ()
    """Codes of the server's errors in the window, most first."""
    alerts: tuple[Alert, ...] = ()
    """What was raised and cleared lately, newest first, at most 200."""
    attention: int = 0
    """How many lines need an operator's look."""
    processes: int = 0
