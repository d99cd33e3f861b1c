"""One synthetic line in detail: the session of the drawings, with the numbers of any row of the fleet."""

from __future__ import annotations

import math
from dataclasses import replace

from trunkline.telemetry.fleet_snapshot import LineRow
from trunkline.telemetry.levels import Level
from trunkline.telemetry.snapshot import (
    Alert,
    Books,
    LineSnapshot,
    LogLine,
    Outage,
    Quality,
    TranscriptLine,
    Turn,
    Utterance,
)
from trunkline.telemetry.views import (
    ConnectView,
    FlowView,
    KernelView,
    LevelView,
    Mark,
    PlayoutView,
    QueueView,
    RoundTripView,
    Spread,
    TimelineView,
    UsageView,
)
from trunkline.text import Clean

SETTINGS = Clean("""{
  "type": "realtime",
  "model": "gpt-realtime",
  "instructions": "You book rooms.",
  "audio": {
    "input": {
      "turn_detection": {
        "type": "server_vad",
        "silence_duration_ms": 500
      }
    },
    "output": {
      "voice": "marin"
    }
  }
}""")

# Number, user, first audio, gap, duration, tokens in and out, status, cut, tool, error; as drawn, newest first.
_TURNS = [
    (31, 2.1, 1420, 1790, 4.2, 812, 96, "completed", None, None, ""),
    (30, 0.9, 1180, 1530, 1.1, 760, 31, "cancelled", 280, None, ""),
    (29, 3.4, 940, 1260, 6.0, 702, 141, "completed", None, None, ""),
    (28, 1.2, 870, 1190, 2.7, 655, 58, "completed", None, None, ""),
    (27, 1.7, 2210, 2580, 3.9, 601, 90, "failed", None, None, "rate_limit"),
    (26, 0.8, 790, 1100, 1.4, 548, 33, "completed", None, 312, ""),
]

# Seconds before now, speaker, words.
_SAID = [
    (37, "assistant", "One moment, I am looking that up", Utterance.FINAL),
    (32, "user", "what about earlier in the week", Utterance.FINAL),
    (27, "assistant", "I can see two openings on Wednesday, one at", Utterance.CUT),
    (16, "user", "so could you move it to Thursday afternoon instead", Utterance.FINAL),
    (12, "assistant", "Sure. Thursday at half past two is free, shall I book it", Utterance.OPEN),
]
_STATES = "L" * 47 + "RR" + "L" * 19 + "C" + "L" * 51
_LETTERS = {"L": "live", "R": "reconnecting", "C": "connecting"}
_SPEECH = "  ##   ########      ###         "


def _turns(now: float) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            number=number,
            at=now - (32 - number) * 20,
            user_s=user,
            first_audio_ms=first,
            gap_ms=gap,
            response_s=took,
            audio_s=took,
            input_tokens=tokens,
            output_tokens=tokens_out,
            status=Clean(status),
            interrupted=cut is not None,
            cut_ms=cut,
            barge_in_ms=61.0 if cut else None,
            tools=(Clean("get_slot"),) if tool else (),
            tool_ms=tool,
            error=Clean(error),
            answered=not error,
            first_audio_at=now - (32 - number) * 20 + user + first / 1000,
            done_at=now - (32 - number) * 20 + user + first / 1000 + took,
        )
        for number, user, first, gap, took, tokens, tokens_out, status, cut, tool, error in reversed(
            _TURNS
        )
    )


def _round_trips(row: LineRow) -> RoundTripView:
    known = row.rtt_ms is not None
    return RoundTripView(
        last_ms=row.rtt_ms, smoothed_ms=row.rtt_ms, p50_ms=row.rtt_ms and row.rtt_ms * 0.95,
        p95_ms=row.rtt_p95_ms, p99_ms=row.rtt_ms and row.rtt_ms * 1.64, jitter_ms=row.jitter_ms,
        count=212 if known else 0, count_window=12, samples_ms=row.rtt_series, timeouts=1,
        pending=row.unanswered, application_ms=93.0 if known else None,
    )  # fmt: skip


def _timeline(now: float, name: str) -> TimelineView:
    cells = range(120)
    return TimelineView(
        state=tuple(_LETTERS[letter] for letter in _STATES),
        user=tuple(1.0 if (cell * 7) % 11 < 3 else 0.0 for cell in cells),
        model=tuple(1.0 if (cell * 7) % 11 in (4, 5, 6) else 0.0 for cell in cells),
        underruns=tuple(int(cell in (40, 72, 75, 103)) for cell in cells),
        alerts=tuple(
            {47: Level.BAD, 68: Level.BAD, 110: Level.WARNING}.get(cell, Level.OK) for cell in cells
        ),
        marks=(
            Mark(at=now - 560, number=1, note=Clean("caller began")),
            Mark(at=now - 210, number=2, note=Clean(name)),
        ),
    )


def _outages(now: float) -> tuple[Outage, ...]:
    return (
        Outage(at=now - 365, epoch=1, code=1006, reason=Clean("connection reset"), cause=Clean("connection reset"),
               advice=Clean("dial again"), attempts=1, seconds=4.2, restored_epoch=2, items=12, replayed_ms=900.0,
               lost_ms=0.0, verified=True),
        Outage(at=now - 260, epoch=2, code=1011, reason=Clean("internal error"), cause=Clean("the server failed"),
               advice=Clean("dial again"), attempts=1, seconds=0.9, restored_epoch=3, items=14, replayed_ms=380.0,
               lost_ms=0.0, verified=True),
    )  # fmt: skip


def _level(rms: float | None, *, clips: bool) -> LevelView:
    return LevelView(
        rms_dbfs=rms,
        momentary_dbfs=rms,
        peak_dbfs=None if rms is None else min(rms + 13, 0.0),
        clipped=112 if clips else 0,
        clipped_percent=0.8 if clips else 0.0,
    )


def _log(now: float) -> tuple[LogLine, ...]:
    rows = [
        (365, 1, Level.BAD, "link 1 ended: close 1006, connection reset"),
        (361, 2, Level.OK, "restored 12 items, replayed 900 ms, lost 0 ms, took 0.31 s"),
        (260, 2, Level.BAD, "link 2 ended: close 1011, internal error"),
        (259, 3, Level.OK, "restored 14 items, replayed 380 ms, lost 0 ms, took 0.28 s"),
        (16, 3, Level.OK, "speech started"),
        (12, 3, Level.OK, "first audio"),
    ]
    return tuple(
        LogLine(at=now - ago, epoch=epoch, level=level, text=Clean(words))
        for ago, epoch, level, words in rows
    )


def line_of(row: LineRow, step: int, *, now_unix: float) -> LineSnapshot:
    """The details of a row; moments are seconds of a clock that stood at 1000 when the line began."""
    now = 1000.0 + row.age_s
    speech = tuple(
        1.0 if _SPEECH[(n + step // 2) % len(_SPEECH)] == "#" else 0.0 for n in range(60)
    )
    kernel = tuple(None if value is None else value * 0.75 for value in row.rtt_series)
    live = row.state == "live"
    wave = tuple(60_000 + 9_000 * math.sin(n / 4) for n in range(60))
    return LineSnapshot(
        at=now, started_at=1000.0, name=row.name, server=row.server, model=row.model, key=row.key,
        session_id=Clean("sess_C9bq1Zr7Kx4f"), expires_at=now_unix + 41 * 60 + 38, state=row.state,
        state_since=1000.0 if live else now - 6.2, epoch=3, live_s=row.age_s * 0.982, availability=0.982,
        wall_offset=now_unix - now,
        quality=Quality(score=row.score, grade=row.grade, deductions=(("rtt+jitter", 35.0), ("stalls", 4.0)),
                        worst=41.0, worst_at=now - 294),
        rtt=_round_trips(row),
        kernel=KernelView(rtt_ms=row.rtt_ms and row.rtt_ms * 0.76, rtt_min_ms=row.rtt_ms and row.rtt_ms * 0.72,
                          retransmits=14, unsent_bytes=0, samples_ms=kernel),
        connect=ConnectView(lookup_ms=12.0, tcp_ms=96.0, tls_ms=101.0, upgrade_ms=98.0),
        up=FlowView(bytes_per_s=66_400.0, messages_per_s=50.2, chunks_per_s=50.0, audio_per_s=1.0, bytes_series=wave,
                    bytes_total=73_000_000, messages_total=55_100, audio_ms=1_101_900.0,
                    types=(("input_audio_buffer.append", 55_095), ("session.update", 5))),
        down=FlowView(bytes_per_s=88_100.0, messages_per_s=9.3, chunks_per_s=7.1, audio_per_s=0.7, bytes_series=wave,
                      bytes_total=31_000_000, messages_total=6_100, audio_ms=580_200.0,
                      types=(("response.output_audio.delta", 5_801), ("response.done", 31))),
        queue=QueueView(outbox_ms=20.0, retained_ms=2000.0, transport_bytes=2100, messages=1, audio_ms=20.0,
                        largest_ms=310.0),
        playout=PlayoutView(buffered_ms=row.buffer_ms or 0.0, underruns=row.underruns, largest_ms=400.0,
                            target_ms=180.0, least_ms=0.0, underruns_window=row.underruns, silent_s=0.31,
                            silent_percent=1.4, underruns_series=tuple(int(n in (20, 35, 36, 51)) for n in range(60))),
        books=Books(accepted_ms=1_101_900.0, sent_ms=1_101_900.0, consumed_ms=1_099_900.0, replayed_ms=1280.0,
                    gap_ms=0.0, retained_ms=2000.0, imbalance_ms=0.0),
        outages=_outages(now), reconnects=2, outage_s=5.1, turns=_turns(now), turns_total=31, turns_answered=30,
        transcript=tuple(
            TranscriptLine(at=now - ago, speaker=who, text=Clean(words), progress=progress)
            for ago, who, words, progress in _SAID
        ),
        log=_log(now), lateness=Spread(p50_ms=0.4, p95_ms=row.late_p95_ms, p99_ms=90.0, max_ms=121.0, count=15_000),
        stall_s=0.42, delta_gap=Spread(p50_ms=98.0, p95_ms=210.0, p99_ms=260.0, max_ms=300.0, count=900),
        lead_least_ms=-12.0, loop_lag=Spread(p50_ms=0.6, p95_ms=1.4, p99_ms=4.4, max_ms=19.0, count=3000),
        barge_in=Spread(p50_ms=120.0, p95_ms=310.0, count=4),
        first_audio=Spread(p50_ms=940.0, p95_ms=2210.0, p99_ms=2210.0, max_ms=2210.0, count=31),
        turn_gap=Spread(p50_ms=1260.0, p95_ms=2580.0, p99_ms=2580.0, max_ms=2580.0, count=31),
        input_level=_level(row.input_dbfs, clips=row.input_clips), output_level=_level(row.output_dbfs, clips=False),
        usage=UsageView(input_tokens=14_210, output_tokens=2_904, cached_tokens=9_800,
                        limits=((Clean("tokens"), 40_000, 38_102, 2.8),)),
        state_seconds=(("live", row.age_s * 0.982), ("reconnecting", 5.1), ("connecting", 0.8)),
        attempt=row.attempt, retry_at=now + 1.4 if row.attempt else None, errors=((Clean("rate_limit"), 1),),
        timeline=_timeline(now, row.name), speech_series=speech,
        alerts=(
            () if row.level is Level.OK
            else (Alert(at=now_unix - 25, line=row.key, name=row.name, metric="rtt", level=row.level,
                        text=Clean("RTT 402 ms > 400 ms (3 of 5)"), raised_at=now_unix - 25),)
        ),
        settings=SETTINGS,
    )  # fmt: skip


def unknown_line(name: str = "demo") -> LineSnapshot:
    """A line of which nothing is known yet."""
    return LineSnapshot(at=0.0, started_at=0.0, name=Clean(name), server=Clean(""), key=name)


def without_kernel(line: LineSnapshot) -> LineSnapshot:
    """The same on a system whose kernel tells nothing."""
    return replace(line, kernel=KernelView())
