"""What can be asked of the rows of a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.tui.filter.quantity import (
    BYTES,
    COUNT,
    DECIBELS,
    MILLISECONDS,
    PERCENT,
    SECONDS,
    Scale,
)
from trunkline.tui.filter.vocabulary import Chosen, Flag, Number, Text, Vocabulary

if TYPE_CHECKING:
    from trunkline.telemetry.fleet_snapshot import LineRow

__all__ = ["ROWS"]

_GRADES = {
    short: word
    for word in ("excellent", "good", "fair", "poor", "lost", "unknown")
    for short in (word, word[0])
}
_ODD = (Level.WARNING, Level.BAD)
_SCORE = Scale(COUNT.units)
_STATES = {
    "live": "open",
    "rotating": "open",
    "waiting": "reconnecting",
    "dialing": "connecting",
    "opening": "connecting",
    "configuring": "connecting",
    "restoring": "connecting",
}


def _states(row: LineRow) -> tuple[str, ...]:
    """The state as the lifecycle names it, and as people do."""
    common = _STATES.get(row.state, "")
    if common == "connecting" and (row.attempt > 0 or row.reconnects > 0):
        common = "reconnecting"
    return row.state, common


def _names(row: LineRow) -> tuple[str, ...]:
    return row.name, row.model, row.server, row.process


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


ROWS: Vocabulary[LineRow] = Vocabulary(
    (
        Text("name", "of the line", lambda row: (row.name,)),
        Text("model", "of the session", lambda row: (row.model,)),
        Text("server", "its host", lambda row: (row.server,)),
        Text("process", "that holds the line", lambda row: (row.process,)),
        Text("state", "open, connecting, reconnecting, failed, closed, gone …", _states),
        Chosen("grade", "excellent to lost", lambda row: row.grade, _GRADES),
        Number("score", "0 to 100", lambda row: row.score, _SCORE),
        Number("age", "since it began", lambda row: row.age_s, SECONDS),
        Number("attempt", "of the dial that runs", lambda row: row.attempt, COUNT),
        Number("rtt", "smoothed round trip", lambda row: row.rtt_ms, MILLISECONDS),
        Number("rtt95", "95 of 100 are faster", lambda row: row.rtt_p95_ms, MILLISECONDS),
        Number("jit", "jitter of the round trip", lambda row: row.jitter_ms, MILLISECONDS),
        Number("ttfa", "time to first audio", lambda row: row.first_audio_ms, MILLISECONDS),
        Number("late", "send lateness p95", lambda row: row.late_p95_ms, MILLISECONDS),
        Number("buf", "playout buffer", lambda row: row.buffer_ms, MILLISECONDS),
        Number("und", "underruns of the last minute", lambda row: row.underruns, COUNT),
        Number("rc", "reconnects", lambda row: row.reconnects, COUNT),
        Number("lost", "audio that was not delivered", lambda row: row.lost_ms, MILLISECONDS),
        Number("in", "level of the input", lambda row: row.input_dbfs, DECIBELS),
        Number("out", "level of the output", lambda row: row.output_dbfs, DECIBELS),
        Number("avail", "per cent of the time", lambda row: _percent(row.availability), PERCENT),
        Number("turns", "so far", lambda row: row.turns, COUNT),
        Number("answered", "turns that were", lambda row: row.turns_answered, COUNT),
        Number("up", "bytes per second", lambda row: row.up_bytes_per_s, BYTES),
        Number("down", "bytes per second", lambda row: row.down_bytes_per_s, BYTES),
        Number("alerts", "that are raised", lambda row: row.alerts, COUNT),
        Flag("attention", "an operator should look", lambda row: row.needs_attention),
        Flag("err", "an alert is bad", lambda row: row.level is Level.BAD),
        Flag("warn", "an alert is raised", lambda row: row.level in _ODD),
        Flag("clip", "input or output clips", lambda row: row.input_clips or row.output_clips),
    ),
    _names,
    {
        "session": "name", "line": "name", "q": "grade", "jitter": "jit", "first_audio": "ttfa",
        "lateness": "late", "buffer": "buf", "underruns": "und", "reconnects": "rc",
        "availability": "avail", "host": "server", "rtt_p95": "rtt95",
    },
)  # fmt: skip
"""Fields of a row; a bare word is looked for in the names of line, model, server and process."""
