"""Snapshots as documents for programs: stable names, SI units, totals beside what was derived from them.

The names are those of the metrics (`websocket_ping_rtt_seconds` and so on) without the prefix of the product: seconds,
bytes and shares of one, `_total` on what only grows. Totals are left for the reader to subtract; the `derived` block
holds what needs a window or a histogram. What is not known is null, which is not zero. A name is never reused for
something else; new ones may come, so a reader ignores what it does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.telemetry.levels import Level
from trunkline.telemetry.shortfall import shortfalls

if TYPE_CHECKING:
    from trunkline.telemetry.fleet_snapshot import FleetSnapshot, LineRow
    from trunkline.telemetry.snapshot import Alert, LineSnapshot, Outage, Turn
    from trunkline.telemetry.views import Spread

__all__ = [
    "FLEET_SCHEMA",
    "LINE_SCHEMA",
    "SAMPLE_SCHEMA",
    "fleet_document",
    "line_document",
    "sample_documents",
]

FLEET_SCHEMA = "trunkline.fleet/1"
"""All lines at one moment."""
SAMPLE_SCHEMA = "trunkline.sample/1"
"""One line at one moment, as a row of a stream."""
LINE_SCHEMA = "trunkline.line/1"
"""One line in detail."""

_LEVELS = {Level.UNKNOWN: "unknown", Level.OK: "ok", Level.WARNING: "warning", Level.BAD: "bad"}


def fleet_document(fleet: FleetSnapshot, *, min_score: float | None = None) -> dict[str, Any]:
    """All lines at one moment; `ok` is whether there are any and none falls short (`telemetry.shortfall`)."""
    short = shortfalls(fleet, min_score=min_score)
    return {
        "schema": FLEET_SCHEMA,
        "ok": bool(fleet.rows) and not short,
        "at": round(fleet.at, 3),
        "window_seconds": fleet.window_s,
        "shortfalls": [{"line": one.line, "name": one.name, "reason": one.reason} for one in short],
        "totals": {
            "sessions": dict(fleet.states),
            "grades": dict(fleet.grades),
            "attention": fleet.attention,
            "processes": fleet.processes,
        },
        "derived": _derived(fleet),
        "lines": [_row(row) for row in fleet.rows],
        "alerts": [_alert(alert) for alert in fleet.alerts],
    }


def sample_documents(
    fleet: FleetSnapshot, *, min_score: float | None = None
) -> list[dict[str, Any]]:
    """One document for each line, for a stream: each says its moment and whether the line is as it should be."""
    short = {one.line: one.reason for one in shortfalls(fleet, min_score=min_score)}
    return [
        {
            "schema": SAMPLE_SCHEMA,
            "ok": row.key not in short,
            "at": round(fleet.at, 3),
            **_row(row),
            "shortfall": short.get(row.key),
        }
        for row in fleet.rows
    ]


def line_document(line: LineSnapshot) -> dict[str, Any]:
    """One line in detail, with the turns, outages and alerts that its snapshot holds."""
    return {
        "schema": LINE_SCHEMA,
        "at": round(line.at + line.wall_offset, 3),
        "line": line.key,
        "name": line.name,
        "model": line.model,
        "server_address": line.server,
        "session_id": line.session_id,
        "state": line.state,
        "epoch": line.epoch,
        "totals": _totals(line),
        "derived": _details(line),
        "outages": [_outage(outage, line.wall_offset) for outage in line.outages],
        "turns": [_turn(turn, line.wall_offset) for turn in line.turns],
        "alerts": [_alert(alert) for alert in line.alerts],
    }


def _derived(fleet: FleetSnapshot) -> dict[str, Any]:
    return {
        "availability_ratio": _ratio(fleet.availability),
        "state_ratio": {state: _ratio(share) for state, share in fleet.state_shares},
        "websocket_ping_rtt_seconds": _spread(fleet.rtt),
        "tcp_rtt_seconds": _spread(fleet.kernel_rtt),
        "websocket_rtt_jitter_seconds": _spread(fleet.jitter),
        "time_to_first_audio_seconds": _spread(fleet.first_audio),
        "turn_gap_seconds": _spread(fleet.turn_gap),
        "barge_in_seconds": _spread(fleet.barge_in),
        "send_lateness_seconds": _spread(fleet.lateness),
        "event_loop_lag_seconds": _spread(fleet.loop_lag),
        "network_bytes_per_second": _both(fleet.up_bytes_per_s, fleet.down_bytes_per_s),
        "events_per_second": _number(fleet.events_per_s),
        "api_errors": dict(fleet.errors),
    }


def _row(row: LineRow) -> dict[str, Any]:
    return {
        "line": row.key,
        "name": row.name,
        "model": row.model or None,
        "server_address": row.server or None,
        "process": row.process or None,
        "state": row.state or None,
        "attempt": row.attempt,
        "retry_in_seconds": _number(row.retry_in_s),
        "totals": {
            "age_seconds": _number(row.age_s),
            "reconnects_total": row.reconnects,
            "audio_lost_seconds_total": _seconds(row.lost_ms),
            "turns_total": row.turns,
            "turns_answered_total": row.turns_answered,
        },
        "derived": _figures(row),
        "alerts": {"level": _LEVELS[row.level], "raised": row.alerts},
        "controllable": row.controllable,
    }


def _figures(row: LineRow) -> dict[str, Any]:
    return {
        "quality_score": _number(row.score),
        "quality_grade": row.grade,
        "availability_ratio": _ratio(row.availability),
        "websocket_ping_rtt_seconds": _seconds(row.rtt_ms),
        "websocket_ping_rtt_p95_seconds": _seconds(row.rtt_p95_ms),
        "websocket_ping_unanswered": row.unanswered,
        "websocket_rtt_jitter_seconds": _seconds(row.jitter_ms),
        "time_to_first_audio_seconds": _seconds(row.first_audio_ms),
        "send_lateness_p95_seconds": _seconds(row.late_p95_ms),
        "playout_buffer_seconds": _seconds(row.buffer_ms),
        "playout_underruns_per_minute": row.underruns,
        "network_bytes_per_second": _both(row.up_bytes_per_s, row.down_bytes_per_s),
        "audio_level_dbfs": _both(row.input_dbfs, row.output_dbfs),
        "audio_clipping": {"up": row.input_clips, "down": row.output_clips},
    }


def _totals(line: LineSnapshot) -> dict[str, Any]:
    books, playout = line.books, line.playout
    return {
        "age_seconds": _number(line.age_s),
        "live_seconds_total": _number(line.live_s),
        "session_state_seconds_total": {
            state: _number(seconds) for state, seconds in line.state_seconds
        },
        "reconnects_total": line.reconnects,
        "outage_seconds_total": _number(line.outage_s),
        "rotations_total": line.rotations,
        "rotations_failed_total": line.rotations_failed,
        "websocket_pings_total": {"ok": line.rtt.count, "timeout": line.rtt.timeouts},
        "tcp_retransmits_total": line.kernel.retransmits,
        "network_bytes_total": {"up": line.up.bytes_total, "down": line.down.bytes_total},
        "events_total": {"up": line.up.messages_total, "down": line.down.messages_total},
        "audio_seconds_total": {
            "up": _seconds(line.up.audio_ms),
            "down": _seconds(line.down.audio_ms),
        },
        "audio_accepted_seconds_total": _seconds(books.accepted_ms),
        "audio_consumed_seconds_total": _seconds(books.consumed_ms),
        "audio_retained_seconds": _seconds(books.retained_ms),
        "audio_lost_seconds_total": _seconds(books.gap_ms),
        "audio_replayed_seconds_total": _seconds(books.replayed_ms),
        "audio_duplicate_seconds_total": _seconds(line.duplicated_ms),
        "capture_dropped_seconds_total": _seconds(line.capture_lost_ms),
        "send_stall_seconds_total": _number(line.stall_s),
        "playout_underruns_total": playout.underruns if playout else None,
        "turns_total": line.turns_total,
        "turns_answered_total": line.turns_answered,
        "tokens_total": {
            "input": line.usage.input_tokens,
            "output": line.usage.output_tokens,
            "cached": line.usage.cached_tokens,
        },
        "api_errors_total": dict(line.errors),
    }


def _details(line: LineSnapshot) -> dict[str, Any]:
    rtt, quality, queue, playout = line.rtt, line.quality, line.queue, line.playout
    return {
        "quality_score": _number(quality.score),
        "quality_grade": quality.grade,
        "quality_deductions": {name: _number(points) for name, points in quality.deductions},
        "quality_worst": _number(quality.worst),
        "availability_ratio": _ratio(line.availability),
        "websocket_ping_rtt_seconds": {
            "last": _seconds(rtt.last_ms),
            "smoothed": _seconds(rtt.smoothed_ms),
            "p50": _seconds(rtt.p50_ms),
            "p95": _seconds(rtt.p95_ms),
            "p99": _seconds(rtt.p99_ms),
        },
        "websocket_rtt_jitter_seconds": _seconds(rtt.jitter_ms),
        "tcp_rtt_seconds": _seconds(line.kernel.rtt_ms),
        "tcp_rtt_min_seconds": _seconds(line.kernel.rtt_min_ms),
        "tcp_unsent_bytes": line.kernel.unsent_bytes,
        "send_queue_audio_seconds": _seconds(queue.audio_ms) if queue else None,
        "send_queue_messages": queue.messages if queue else None,
        "send_queue_bytes": queue.transport_bytes if queue else None,
        "playout_buffer_seconds": _seconds(playout.buffered_ms) if playout else None,
        "playout_buffer_target_seconds": _seconds(playout.target_ms) if playout else None,
        "time_to_first_audio_seconds": _spread(line.first_audio),
        "turn_gap_seconds": _spread(line.turn_gap),
        "barge_in_seconds": _spread(line.barge_in),
        "send_lateness_seconds": _spread(line.lateness),
        "audio_delta_gap_seconds": _spread(line.delta_gap),
        "audio_delta_lead_seconds": _seconds(line.lead_least_ms),
        "event_loop_lag_seconds": _spread(line.loop_lag),
        "audio_level_dbfs": {
            "up": _level(line.input_level.momentary_dbfs, line.input_level.peak_dbfs),
            "down": _level(line.output_level.momentary_dbfs, line.output_level.peak_dbfs),
        },
    }


def _outage(outage: Outage, wall_offset: float) -> dict[str, Any]:
    return {
        "at": round(outage.at + wall_offset, 3),
        "epoch": outage.epoch,
        "code": outage.code,
        "reason": outage.reason,
        "cause": outage.cause,
        "final": outage.final,
        "attempts": outage.attempts,
        "outage_duration_seconds": _number(outage.seconds),
        "items_restored": outage.items,
        "audio_replayed_seconds": _seconds(outage.replayed_ms),
        "audio_lost_seconds": _seconds(outage.lost_ms),
        "verified": outage.verified,
    }


def _gap_from(turn: Turn) -> str | None:
    if turn.gap_ms is None:
        return None
    return "commit" if turn.gap_from_commit else "voice"


def _turn(turn: Turn, wall_offset: float) -> dict[str, Any]:
    return {
        "number": turn.number,
        "at": round(turn.at + wall_offset, 3),
        "status": turn.status or None,
        "user_seconds": _number(turn.user_s),
        "time_to_first_audio_seconds": _seconds(turn.first_audio_ms),
        "turn_gap_seconds": _seconds(turn.gap_ms),
        "turn_gap_from": _gap_from(turn),
        "response_duration_seconds": _number(turn.response_s),
        "audio_seconds": _number(turn.audio_s),
        "interrupted": turn.interrupted,
        "answered": turn.answered,
        "restarts": turn.restarts,
        "barge_in_seconds": _seconds(turn.barge_in_ms),
        "tokens": {"input": turn.input_tokens, "output": turn.output_tokens},
        "tools": list(turn.tools),
        "error": turn.error or None,
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "at": round(alert.at, 3),
        "raised_at": round(alert.raised_at, 3),
        "line": alert.line,
        "name": alert.name,
        "metric": alert.metric,
        "level": _LEVELS[alert.level],
        "text": alert.text,
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "p50": _seconds(spread.p50_ms),
        "p95": _seconds(spread.p95_ms),
        "p99": _seconds(spread.p99_ms),
        "max": _seconds(spread.max_ms),
        "count": spread.count,
    }


def _both(up: float | None, down: float | None) -> dict[str, float | None]:
    return {"up": _number(up), "down": _number(down)}


def _level(rms: float | None, peak: float | None) -> dict[str, float | None]:
    return {"rms": _number(rms), "peak": _number(peak)}


def _seconds(value_ms: float | None) -> float | None:
    """Milliseconds as seconds, to the microsecond."""
    return None if value_ms is None else round(value_ms / 1000, 6)


def _number(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _ratio(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
