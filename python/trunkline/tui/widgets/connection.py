"""The state of the line and its past: outages, the last dial, restores, pings, what is unsent, when it expires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.tui.grading import grade_tone, graded
from trunkline.tui.ink import Line, Span, Tone, fit, join, label, level_tone, text
from trunkline.tui.moments import minute_of, unix_of
from trunkline.tui.numbers import UNKNOWN, age, audio, clock, percent, seconds, size

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot

__all__ = ["paint_connection", "paint_past_row", "short_id", "state_level", "state_name"]

_NAME_CELLS = 10

_STATE_LEVELS = {
    "live": Level.OK,
    "rotating": Level.OK,
    "idle": Level.UNKNOWN,
    "closing": Level.UNKNOWN,
    "closed": Level.UNKNOWN,
    "failed": Level.BAD,
    "waiting": Level.BAD,
    "gone": Level.WARNING,
}
_STATE_NAMES = {"live": "open", "waiting": "reconnecting"}


def state_level(state: str) -> Level:
    """How good a state is; all that lead to live are a warning."""
    return _STATE_LEVELS.get(state, Level.WARNING)


def state_name(state: str) -> str:
    """What an operator calls it."""
    return _STATE_NAMES.get(state, state)


def short_id(session_id: str | None) -> str:
    """Both ends of an id, enough to find it in a server's log."""
    if session_id is None:
        return UNKNOWN
    return session_id if len(session_id) <= 13 else f"{session_id[:7]}…{session_id[-2:]}"


def paint_connection(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """State first, then the past, then what is to come."""
    rows = [
        ("state", _state(snapshot)),
        ("outages", _outages(snapshot)),
        ("connect", _phases(snapshot)),
        ("resume", _resumes(snapshot)),
        ("pings", _pings(snapshot)),
        ("unsent", _unsent(snapshot)),
        ("expires", _expiry(snapshot)),
        ("rotated", _rotations(snapshot)),
        ("session", text(short_id(snapshot.session_id), Tone.PLAIN)),
        ("odd", _oddities(snapshot)),
    ]
    return [
        fit((Span(f"{name:<{_NAME_CELLS}}", Tone.DIM), *line), width)
        for name, line in rows[:height]
    ]


def paint_past_row(snapshot: LineSnapshot, width: int) -> Line:
    """Availability, outages and restores in one line."""
    share = snapshot.availability
    return join(
        [
            label("avail", percent(share), grade_tone("availability", share)),
            label("outages", f"{len(snapshot.outages)} / {snapshot.outage_s:.1f} s", Tone.PLAIN),
            label("resume", _resumed(snapshot), Tone.PLAIN),
        ],
        width,
        gap=2,
    )


def _state(snapshot: LineSnapshot) -> Line:
    level = state_level(snapshot.state)
    share = snapshot.availability
    name = state_name(snapshot.state)
    if snapshot.retry_at is not None and snapshot.attempt:
        name = f"try {snapshot.attempt} in {max(snapshot.retry_at - snapshot.at, 0):.1f} s"
    return (
        Span(f"{level.sign} {name}  ", level_tone(level)),
        Span(age(snapshot.state_age_s), Tone.STRONG),
        Span(f"  ({percent(share)})", grade_tone("availability", share)),
    )


def _outages(snapshot: LineSnapshot) -> Line:
    if not snapshot.outages:
        return text("none so far", Tone.DIM)
    last = minute_of(snapshot, snapshot.outages[-1].at)
    tone = level_tone(graded("reconnects", snapshot.reconnects))
    return (
        Span(f"{len(snapshot.outages)}", tone),
        Span(f"   {snapshot.outage_s:.1f} s total"),
        Span(f"  ({last})", Tone.DIM),
    )


def _phases(snapshot: LineSnapshot) -> Line:
    connect = snapshot.connect
    phases = (
        ("dns", connect.lookup_ms),
        ("tcp", connect.tcp_ms),
        ("proxy", connect.proxy_ms),
        ("tls", connect.tls_ms),
        ("ws", connect.upgrade_ms),
    )
    known = [(name, value) for name, value in phases if value is not None]
    if not known:
        return text(UNKNOWN, Tone.DIM)
    if len(known) > 3:
        known = [pair for pair in known if pair[0] != "dns"]
    spans: Line = ()
    for name, value in known:
        spans = (*spans, Span(f"{name} ", Tone.DIM), Span(f"{value:.0f} "))
    return (*spans, Span("ms", Tone.DIM))


def _resumed(snapshot: LineSnapshot) -> str:
    ended = [outage for outage in snapshot.outages if outage.seconds is not None or outage.final]
    good = sum(outage.seconds is not None for outage in ended)
    return f"{good}/{len(ended)}" if ended else UNKNOWN


def _resumes(snapshot: LineSnapshot) -> Line:
    replayed, lost = snapshot.books.replayed_ms, snapshot.books.gap_ms
    spans: Line = (
        Span(f"{_resumed(snapshot)} ok" if snapshot.outages else UNKNOWN),
        Span("  replayed ", Tone.DIM),
        Span(audio(replayed)),
    )
    return (*spans, Span(f"  lost {audio(lost)}", Tone.BAD)) if lost else spans


def _pings(snapshot: LineSnapshot) -> Line:
    """How many were answered; that one waits for its answer is said in place of how many did in vain."""
    answered = Span(f"{snapshot.rtt.count} ok  ")
    if snapshot.rtt.pending:
        return (answered, Span("no reply ✖", Tone.BAD))
    timeouts = snapshot.rtt.timeouts
    words = f"{timeouts} timeout{'' if timeouts == 1 else 's'}"
    return (answered, Span(words, Tone.WARNING if timeouts else Tone.DIM))


def _unsent(snapshot: LineSnapshot) -> Line:
    kernel = size(snapshot.kernel.unsent_bytes)
    queued = UNKNOWN if snapshot.queue is None else size(snapshot.queue.transport_bytes)
    return (
        Span("kernel ", Tone.DIM),
        Span(kernel),
        Span("  queue ", Tone.DIM),
        Span(queued),
    )


def _expiry(snapshot: LineSnapshot) -> Line:
    now = unix_of(snapshot, snapshot.at)
    if snapshot.expires_at is None or now is None:
        return text(UNKNOWN, Tone.DIM)
    left = snapshot.expires_at - now
    tone = Tone.WARNING if left < 300 else Tone.PLAIN
    return (Span(f"{clock(max(left, 0))} left", tone), Span(f"  epoch {snapshot.epoch}", Tone.DIM))


def _rotations(snapshot: LineSnapshot) -> Line:
    failed = f"  {snapshot.rotations_failed} given up" if snapshot.rotations_failed else ""
    return (
        Span(str(snapshot.rotations)),
        Span(failed, Tone.WARNING),
        Span(f"  stalls {seconds(snapshot.stall_s)}"),
    )


def _oddities(snapshot: LineSnapshot) -> Line:
    return (Span(f"{snapshot.anomalies} anomalies  {snapshot.fenced} fenced", Tone.DIM),)
