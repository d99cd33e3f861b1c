"""The state of the line, and how good it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level, grade
from trunkline.tui.ink import Line, Span, Tone, join, label, level_tone, signed, text
from trunkline.tui.numbers import UNKNOWN, clock, percent, seconds

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot

__all__ = ["paint_connection", "short_id", "state_level"]

# Below, the session's id stands without its name.
_WIDE = 48

_STATE_LEVELS = {
    "live": Level.OK,
    "rotating": Level.OK,
    "idle": Level.UNKNOWN,
    "closing": Level.UNKNOWN,
    "closed": Level.UNKNOWN,
    "failed": Level.BAD,
    "waiting": Level.BAD,
}


def state_level(state: str) -> Level:
    """How good a state is; all that lead to live are a warning."""
    return _STATE_LEVELS.get(state, Level.WARNING)


def short_id(session_id: str | None) -> str:
    """Both ends of an id, enough to find it in a server's log."""
    if session_id is None:
        return UNKNOWN
    return session_id if len(session_id) <= 13 else f"{session_id[:7]}…{session_id[-4:]}"


def paint_connection(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """State first, then the score with its reasons, then the past."""
    level = state_level(snapshot.state)
    state = Span(f"{level.sign} {snapshot.state}", level_tone(level))
    return [
        join(
            [
                (state, Span(f" {clock(snapshot.state_age_s)}", Tone.STRONG)),
                label("epoch", str(snapshot.epoch)),
                _session(snapshot, width),
            ],
            width,
            gap=2,
        ),
        join([_score(snapshot), _availability(snapshot)], width, gap=2),
        join([_why(snapshot)], width),
        join([_reconnects(snapshot)], width),
        join(
            [
                label("anomalies", str(snapshot.anomalies)),
                label("fenced", str(snapshot.fenced)),
                label("live", clock(snapshot.live_s)),
            ],
            width,
        ),
    ]


def _session(snapshot: LineSnapshot, width: int) -> Line:
    session_id = short_id(snapshot.session_id)
    return label("session", session_id) if width >= _WIDE else text(session_id, Tone.DIM)


def _score(snapshot: LineSnapshot) -> Line:
    quality = snapshot.quality
    if quality.score is None:
        return (Span("score ", Tone.DIM), Span(f"{UNKNOWN} unknown ○", Tone.DIM))
    level = grade("score", round(quality.score))
    letter = quality.grade[:1].upper()
    return signed(level, "score", f"{quality.score:.0f} {letter} {quality.grade}")


def _availability(snapshot: LineSnapshot) -> Line:
    share = snapshot.availability
    return signed(grade("availability", share), "avail", percent(share))


def _why(snapshot: LineSnapshot) -> Line:
    if snapshot.quality.score is None:
        return label("why", "fewer than 3 pings", Tone.DIM)
    taken = [f"{name} -{points:.0f}" for name, points in snapshot.quality.deductions]
    return label("why", "  ".join(taken) or "nothing taken off", Tone.PLAIN if taken else Tone.DIM)


def _reconnects(snapshot: LineSnapshot) -> Line:
    if not snapshot.outages:
        return text("no outage yet", Tone.DIM)
    count = snapshot.reconnects
    words = f"{count}, {seconds(snapshot.outage_s)} without a session"
    return signed(grade("reconnects", count), "reconnects", words)
