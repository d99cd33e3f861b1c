"""A desk without lines: seeded snapshots that move, for tests, benches, and looking at screens.

The first seven lines are those of the drawings; the rest are drawn by the seed. Everything is a pure function of
the seed and the step, so two desks agree, and what a screen shows can be stored.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from trunkline.telemetry.desk import Playback
from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.fleet_snapshot import FleetSnapshot, LineRow
from trunkline.telemetry.levels import Level
from trunkline.telemetry.snapshot import Alert, LineSnapshot
from trunkline.telemetry.views import Spread
from trunkline.text import Clean, clean
from trunkline.tui.controls import Action
from tui.lines import line_of

NOW = 1_763_994_725.0
"""Monday, 24 November 2025, 14:32:05 UTC, a moment like that of the drawings."""
STEP_SECONDS = 0.5

# Key, model, state, attempt, age, grade, score, RTT, jitter, first audio, lateness, buffer, underruns, reconnects,
# lost, input, output.
_GPT = "gpt-realtime"
_DRAWN = [
    ("kiosk-12", _GPT, "waiting", 3, 190, "lost", 0.0, None, None, None, 412.0, 0.0, 3, 4, 640.0, -31.0, None),
    ("web-90c3", "rt-mini", "live", 0, 451, "poor", 12.0, 640.0, 71.0, 2210.0, 120.0, 40.0, 11, 2, 310.0, -3.0, -19.0),
    ("pstn-0107", _GPT, "live", 0, 1102, "fair", 61.0, 391.0, 33.0, 1420.0, 38.0, 95.0, 4, 0, 0.0, -17.0, -21.0),
    ("pstn-0093", _GPT, "live", 0, 2515, "good", 77.0, 288.0, 24.0, 880.0, 6.0, 180.0, 1, 1, 0.0, -24.0, -20.0),
    ("web-81aa", "rt-mini", "live", 0, 48, "excellent", 95.0, 51.0, 3.0, 310.0, 0.0, 240.0, 0, 0, 0.0, -22.0, -18.0),
    ("web-7f21", _GPT, "live", 0, 724, "excellent", 97.0, 34.0, 2.0, 390.0, 1.0, 210.0, 0, 0, 0.0, -19.0, -21.0),
    ("sim-0001", "sim", "live", 0, 134, "excellent", 99.0, 1.0, 0.0, 205.0, 0.0, 200.0, 0, 9, 0.0, -20.0, -20.0),
]  # fmt: skip
_SERVERS = {"sim": "127.0.0.1"}
_LEVELS = {"lost": Level.BAD, "poor": Level.BAD, "fair": Level.WARNING}
_GRADES = ("excellent", "good", "fair", "poor", "lost", "unknown")
_NAMED_STATES = ("live", "connecting", "reconnecting", "failed", "closed", "gone")
_ALERTS = [
    (7, "kiosk-12", "outage", Level.BAD, "outage 6.2 s  close 1006  try 3 in 1.4 s"),
    (25, "web-90c3", "rtt", Level.WARNING, "RTT 640 ms > 400 ms (3 of 5)"),
    (53, "web-90c3", "clipping", Level.WARNING, "input clipping 0.8 % of samples"),
    (123, "pstn-0107", "underruns", Level.WARNING, "playout underruns 4 in 60 s"),
    (138, "pstn-0093", "rtt", Level.OK, "recovered, RTT back under 400 ms"),
]


@lru_cache(maxsize=8)
def _drawn_rows() -> tuple[LineRow, ...]:
    return tuple(_row_of(*fields) for fields in _DRAWN)


def _row_of(key, model, state, attempt, age, grade, score, rtt, jitter, first, late, buffer, underruns, reconnects,
            lost, inward, outward) -> LineRow:  # fmt: skip
    return LineRow(
        key=key, name=Clean(key), model=Clean(model), server=Clean(_SERVERS.get(model, "api.openai.com")),
        process=Clean("agents 4711"), state=Clean(state), attempt=attempt, retry_in_s=1.4 if attempt else None,
        age_s=float(age), grade=grade, score=score, rtt_ms=rtt, rtt_p95_ms=None if rtt is None else rtt * 1.1,
        jitter_ms=jitter, first_audio_ms=first, late_p95_ms=late, buffer_ms=buffer, underruns=underruns,
        reconnects=reconnects, lost_ms=lost, input_dbfs=inward, output_dbfs=outward, input_clips=inward == -3.0,
        unanswered=state == "waiting", availability=0.9997, turns=31, turns_answered=30,
        up_bytes_per_s=66_400.0, down_bytes_per_s=88_100.0, level=_LEVELS.get(grade, Level.OK),
        alerts=int(grade in _LEVELS), controllable=True,
    )  # fmt: skip


@lru_cache(maxsize=4)
def _more_rows(count: int, seed: int) -> tuple[LineRow, ...]:
    dice = random.Random(seed)
    rows = []
    for number in range(count):
        score = min(99.0, 70 + dice.expovariate(0.05))
        grade = "excellent" if score >= 80 else "good"
        rtt = 10 + (99 - score) * 9
        key = f"{dice.choice(('web', 'pstn', 'kiosk'))}-{number:04x}"
        rows.append(
            _row_of(
                key,
                dice.choice(("gpt-realtime", "rt-mini")),
                "live",
                0,
                dice.randint(20, 3300),
                grade,
                score,
                rtt,
                rtt / 12,
                dice.uniform(250, 900),
                dice.uniform(0, 15),
                dice.uniform(150, 260),
                0,
                dice.choice((0, 0, 0, 1)),
                0.0,
                dice.uniform(-35, -12),
                dice.uniform(-30, -15),
            )
        )
    return tuple(rows)


def _series(row: LineRow, step: int) -> tuple[float | None, ...]:
    """A round trip each second, a wave of the row's own; nothing at the end where no ping is answered."""
    own = sum(map(ord, row.key))
    base = row.rtt_ms or 120.0
    wave = tuple(
        base * (1 + 0.25 * math.sin((second + step * STEP_SECONDS + own) / 5))
        for second in range(60)
    )
    return (*wave[:40], *(None,) * 20) if row.unanswered else wave


def _moved(row: LineRow, step: int) -> LineRow:
    elapsed = step * STEP_SECONDS
    series = _series(row, step)
    if not step or row.rtt_ms is None:
        return replace(row, rtt_series=series, age_s=row.age_s + elapsed)
    sway = math.sin(elapsed / 3 + len(row.key))
    return replace(
        row, rtt_series=series, age_s=row.age_s + elapsed, rtt_ms=series[-1],
        buffer_ms=max((row.buffer_ms or 0) + 30 * sway, 0.0), input_dbfs=(row.input_dbfs or -30) + 3 * sway,
        output_dbfs=(row.output_dbfs or -30) - 3 * sway,
    )  # fmt: skip


def rows_at(step: int = 0, *, lines: int = 7, seed: int = 1) -> tuple[LineRow, ...]:
    """So many lines: the drawn ones first."""
    rows = (*_drawn_rows(), *_more_rows(max(lines - 7, 0), seed))[:lines]
    return tuple(_moved(row, step) for row in rows)


def _alerts(at: float, names: set[str]) -> tuple[Alert, ...]:
    return tuple(
        Alert(
            at=NOW - ago,
            line=name,
            name=Clean(name),
            metric=metric,
            level=level,
            text=Clean(words),
            raised_at=NOW - ago - (60 if level is Level.OK else 0),
        )
        for ago, name, metric, level, words in _ALERTS
        if name in names and NOW - ago <= at
    )


def _named(state: str) -> str:
    return "reconnecting" if state == "waiting" else state


def fleet_at(step: int = 0, *, lines: int = 7, seed: int = 1) -> FleetSnapshot:
    """All lines at a step."""
    rows = rows_at(step, lines=lines, seed=seed)
    named = [_named(row.state) for row in rows]
    wave = tuple(1e6 * (5 + math.sin((second + step / 2) / 4)) for second in range(60))
    return FleetSnapshot(
        at=NOW + step * STEP_SECONDS, window_s=300, rows=rows,
        states=tuple((state, named.count(state)) for state in _NAMED_STATES if state in named),
        rtt=Spread(p50_ms=38, p95_ms=92, p99_ms=240, max_ms=660, count=7000),
        kernel_rtt=Spread(p50_ms=31, p95_ms=64, p99_ms=118, max_ms=300, count=7000),
        jitter=Spread(p50_ms=2, p95_ms=9, p99_ms=31, max_ms=71, count=7000),
        first_audio=Spread(p50_ms=410, p95_ms=930, p99_ms=2210, max_ms=2210, count=812),
        turn_gap=Spread(p50_ms=640, p95_ms=1280, p99_ms=2580, max_ms=2580, count=812),
        barge_in=Spread(p50_ms=120, p95_ms=310, p99_ms=510, max_ms=510, count=96),
        lateness=Spread(p50_ms=0.4, p95_ms=6, p99_ms=38, max_ms=412, count=90_000),
        loop_lag=Spread(p50_ms=0.6, p95_ms=1.4, p99_ms=4.4, max_ms=19, count=3000),
        up_bytes_per_s=6.1e6, down_bytes_per_s=9.8e6, up_series=wave, down_series=wave[::-1], events_per_s=5200.0,
        availability=0.99971, state_shares=(("live", 0.989), ("reconnecting", 0.009), ("connecting", 0.002)),
        grades=tuple((grade, sum(row.grade == grade for row in rows)) for grade in _GRADES),
        errors=((Clean("rate_limit"), 2), (Clean("server_error"), 1)),
        alerts=_alerts(NOW + step * STEP_SECONDS, {row.key for row in rows}),
        attention=sum(row.needs_attention for row in rows), processes=2,
    )  # fmt: skip


_STREAM = [
    (0, Way.DOWN, "input_audio_buffer.speech_started", 1, 118, None, Level.OK, "at 1 098 240 ms"),
    (2103, Way.DOWN, "input_audio_buffer.speech_stopped", 1, 121, None, Level.OK, ""),
    (2108, Way.DOWN, "input_audio_buffer.committed", 1, 142, None, Level.OK, "item_9Qx…"),
    (2132, Way.DOWN, "response.created", 1, 1900, None, Level.OK, "resp_7Ka…"),
    (3523, Way.DOWN, "response.output_audio.delta", 43, 267_000, 1420.0, Level.OK, "first audio"),
    (3570, Way.DOWN, "response.output_audio_transcript.delta", 19, 3100, None, Level.OK, '"Sure. Thursday at…"'),
    (3909, Way.UP, "input_audio_buffer.append", 50, 66_000, 0.4, Level.OK, "late p95 38 ms"),
    (4301, Way.DOWN, "rate_limits.updated", 1, 301, None, Level.OK, "tokens 38 102 left"),
    (4410, Way.DOWN, "error", 1, 212, None, Level.BAD, "conversation_already_has_active_response"),
    (4799, Way.LOCAL, "playout.underrun", 1, None, None, Level.WARNING, "74 ms  (local)"),
    (6019, Way.LOCAL, "ping", 1, 6, 391.0, Level.OK, "tcp 298 ms"),
    (6699, Way.DOWN, "response.done", 1, 2400, 4567.0, Level.OK, "completed  812/96 tok"),
]  # fmt: skip
_DELTA = """{
  "type": "response.output_audio.delta",
  "event_id": "event_C9bq…",
  "response_id": "resp_7Ka…",
  "item_id": "item_9Qz…", "output_index": 0,
  "content_index": 0,
  "delta": <base64 6 400 B → 4 800 B → 100 ms PCM16>
}"""
_WAVE = tuple(abs(math.sin(n / 5)) for n in range(18))


@lru_cache(maxsize=4)
def entries_of(turns: int = 3, *, began_at: float = 1098.0) -> tuple[Entry, ...]:
    """The stream of so many turns, all alike, seven seconds each; the last one is turn 31."""
    entries = []
    for turn in range(turns):
        for n, (after_ms, way, kind, count, size, latency, level, note) in enumerate(_STREAM):
            at = began_at + turn * 7 + after_ms / 1000
            speaks = kind == "response.output_audio.delta"
            local = way is Way.LOCAL or kind == "rate_limits.updated"
            entries.append(
                Entry(
                    number=turn * len(_STREAM) + n + 1,
                    at=at,
                    until=at + (2.0 if count > 1 else 0.0),
                    way=way,
                    type=Clean(kind),
                    count=count,
                    size_bytes=size,
                    latency_ms=latency,
                    level=level,
                    audio_ms={43: 4180.0, 50: 1000.0}.get(count),
                    turn=None if local else 32 - turns + turn,
                    note=clean(note),
                    item_id=Clean("item_9Qz") if speaks else Clean(""),
                    response_id=Clean("resp_7Ka") if kind.startswith("response") else Clean(""),
                    detail=clean(_DELTA if speaks else f'{{\n  "type": "{kind}"\n}}'),
                    wave=_WAVE if speaks else (),
                    rms_dbfs=-21.3 if speaks else None,
                    peak_dbfs=-6.0 if speaks else None,
                )
            )
    return tuple(entries)


@dataclass
class Tape:
    """A recording that is played: it remembers what it was told."""

    begins_at: float = NOW - 3600
    ends_at: float = NOW
    position: float = NOW - 1800
    speed: float = 1.0

    def play(self, speed: float) -> None:
        self.speed = speed

    def seek(self, position: float) -> None:
        self.position = min(max(position, self.begins_at), self.ends_at)


@dataclass
class SyntheticDesk:
    """A desk over this module's snapshots; the step goes on by hand, or by a clock if one is given."""

    lines: int = 7
    seed: int = 1
    clock: Callable[[], float] | None = None
    playback: Playback | None = None
    step: int = 0
    message: Clean | None = None
    nothing: bool = False
    """Whether nothing is known yet."""
    watched: str | None = None
    seconds: int = 300
    marks: list[tuple[str, str]] = field(default_factory=list)
    stream: Sequence[Entry] = field(default_factory=entries_of)
    _began_at: float | None = field(default=None, init=False)

    def advance(self, steps: int = 1) -> None:
        self.step += steps

    def fleet(self) -> FleetSnapshot | None:
        self._tick()
        return None if self.nothing else _fleet(self.step, self.lines, self.seed, self.seconds)

    def watch(self, key: str | None) -> None:
        self.watched = key

    def line(self) -> LineSnapshot | None:
        self._tick()
        if self.nothing or self.watched is None:
            return None
        return _line(self.watched, self.step, self.lines, self.seed)

    def entries(self) -> Sequence[Entry]:
        return () if self.watched is None else self.stream

    def turns_heard(self, key: str) -> tuple[int, ...]:
        return ()

    def sound(self, key: str, turn: int) -> None:
        return None

    def window(self, seconds: int) -> None:
        self.seconds = seconds

    def mark(self, key: str, note: str) -> None:
        self.marks.append((key, note))

    def finished(self) -> Clean | None:
        return self.message

    def _tick(self) -> None:
        if self.clock is not None:
            now = self.clock()
            self._began_at = now if self._began_at is None else self._began_at
            self.step = int((now - self._began_at) / STEP_SECONDS)


@lru_cache(maxsize=4)
def _fleet(step: int, lines: int, seed: int, window_s: int) -> FleetSnapshot:
    return replace(fleet_at(step, lines=lines, seed=seed), window_s=window_s)


@lru_cache(maxsize=4)
def _line(key: str, step: int, lines: int, seed: int) -> LineSnapshot | None:
    rows = [row for row in _fleet(step, lines, seed, 300).rows if row.key == key]
    return line_of(rows[0], step, now_unix=NOW + step * STEP_SECONDS) if rows else None


@dataclass
class Wishes:
    """Controls that remember what was wished."""

    read_only: bool = False
    actions: frozenset[Action] = frozenset(Action)
    menu: tuple[str, ...] = (
        "reset the link",
        "stall the server",
        "close 1011",
        "expire the session",
    )
    news: list[str] = field(default_factory=list)
    heard: list[tuple[str, ...]] = field(default_factory=list)

    def allowed(self, key: str) -> frozenset[Action]:
        return self.actions if not self.read_only else frozenset()

    def act(self, key: str, action: Action) -> None:
        self.heard.append((key, action.value))

    def faults(self, key: str) -> tuple[str, ...]:
        return self.menu

    def fault(self, key: str, name: str) -> None:
        self.heard.append((key, "fault", name))

    def answer(self) -> str | None:
        return self.news.pop(0) if self.news else None

    def close(self) -> None:
        self.heard.append(("close",))


class Tapes:
    """A recording that is begun and ended in words."""

    def __init__(self, *, seconds=None, news=()) -> None:
        self.seconds = seconds
        self.asked: list = []
        self._news = list(news)

    def recorded_s(self):
        return self.seconds

    def toggle(self, now_unix):
        self.asked.append(now_unix)
        self.seconds = 0.0 if self.seconds is None else None
        return f"record{'ed' if self.seconds is None else 'ing'} to /x/a.tlrec"

    def news(self):
        return self._news.pop(0) if self._news else None
