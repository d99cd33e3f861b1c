"""The parts of a snapshot: one frozen view for each thing that a panel draws. None is unknown, which is not zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.text import Clean

if TYPE_CHECKING:
    from trunkline.telemetry.levels import Level

__all__ = [
    "NO_SPREAD",
    "ConnectView",
    "FlowView",
    "KernelView",
    "LevelView",
    "Mark",
    "PlayoutView",
    "QueueView",
    "RoundTripView",
    "Spread",
    "TimelineView",
    "UsageView",
]

_NOTHING = Clean("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How long something takes, over a window, in milliseconds; from a histogram, so it merges over lines."""

    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None
    """The upper end of the highest bucket that was met."""
    count: int = 0


NO_SPREAD = Spread()


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelView:
    """What the kernel's TCP says of the link; None where it says nothing."""

    rtt_ms: float | None = None
    rtt_min_ms: float | None = None
    retransmits: int | None = None
    """Since the link was opened."""
    unsent_bytes: int | None = None
    samples_ms: tuple[float | None, ...] = ()
    """Smoothed round trip in each of the last 60 seconds, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectView:
    """How long the phases of the last dial took; None for a phase that it did not have."""

    lookup_ms: float | None = None
    tcp_ms: float | None = None
    proxy_ms: float | None = None
    tls_ms: float | None = None
    upgrade_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelView:
    """How loud one direction is, in dBFS where a full-scale sine is 0 (AES17); floor -96."""

    rms_dbfs: float | None = None
    """Over the last 100 ms; this and the two other levels of now are None where nothing came for a while."""
    momentary_dbfs: float | None = None
    """Over the last 400 ms."""
    peak_dbfs: float | None = None
    """The highest of the last 5 s."""
    clipped: int = 0
    """Samples in runs of three or more at full scale, in the last 5 s."""
    clipped_percent: float = 0.0
    """Of the samples of the last 5 s."""
    silent_s: float | None = None
    """For how long it has been below -60 dBFS, without a break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageView:
    """Tokens of all responses so far, and the limits that the server told last."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    limits: tuple[tuple[Clean, int, int, float], ...] = ()
    """Name, limit, what is left of it, and in how many seconds it is whole again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment that an operator marked."""

    at: float
    number: int
    note: Clean = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineView:
    """The last ten minutes of a line on one axis: one entry per cell, oldest first, the last one ends now."""

    cell_s: float = 5.0
    state: tuple[str | None, ...] = ()
    """`live`, `connecting` or `reconnecting`: the worst of the cell; None before the line began."""
    user: tuple[float, ...] = ()
    """Share of the cell in which the user spoke, 0 to 1."""
    model: tuple[float, ...] = ()
    """Share of the cell for which reply audio was played or, where nobody tells that, received."""
    underruns: tuple[int, ...] = ()
    alerts: tuple[Level, ...] = ()
    """The worst alert that was raised in the cell; OK if none."""
    marks: tuple[Mark, ...] = ()


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
    timeouts: int = 0
    """Pings that no pong answered in time, since the line began."""
    pending: bool = False
    """Whether a ping waits for its pong for longer than is usual: the sparkline shows `!` there."""
    application_ms: float | None = None
    """Of the smoothed round trip, what the kernel's does not explain: a slow peer or proxy, or our own backlog."""


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
    types: tuple[tuple[str, int], ...] = ()
    """Messages since the line began by type, most first; the set is bounded, the rest is `other`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """What waits to be sent."""

    outbox_ms: float
    retained_ms: float
    transport_bytes: int
    messages: int = 0
    audio_ms: float | None = None
    """All audio that waits: in our queue, in the event loop and unsent in the kernel."""
    largest_ms: float = 0.0
    """The most that ever waited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayoutView:
    """What waits to be heard."""

    buffered_ms: float
    underruns: int
    largest_ms: float
    """The most that was ever buffered: the scale of a bar."""
    target_ms: float | None = None
    least_ms: float | None = None
    """In the window, while an answer was unfinished."""
    underruns_window: int = 0
    """In the last 60 s."""
    silent_s: float = 0.0
    """In the last 60 s, for want of audio in the middle of an answer."""
    silent_percent: float | None = None
    """Of the speech of the last 60 s; None where there was none."""
    underruns_series: tuple[int, ...] = ()
    """In each of the last 60 seconds, oldest first."""
