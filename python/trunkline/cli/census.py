"""The console without a screen: all lines once, as a table or a document, or a document a line every second.

The same desk that screens read is read here. How good the lines are is the exit code, so that a script needs to read
nothing (`telemetry.shortfall`, `cli.outcome`).
"""

from __future__ import annotations

import itertools
import json
import time
from typing import TYPE_CHECKING

from trunkline.cli.outcome import QUALITY_MISSED, ExitCode, error_of
from trunkline.telemetry.document import fleet_document, sample_documents
from trunkline.telemetry.shortfall import shortfalls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trunkline.telemetry.desk import Desk
    from trunkline.telemetry.fleet_snapshot import FleetSnapshot, LineRow

__all__ = ["NOTHING_SEEN", "exit_code", "gather", "stream", "table", "text_document"]

NOTHING_SEEN = (
    "no line of this user publishes here: start one with telemetry on, or name a recording"
)

_POLL_SECONDS = 0.05
_SAMPLE_SECONDS = 1.0
_UNKNOWN = "-"

# Title, width and what of a row; figures stand at the right.
_COLUMNS: tuple[tuple[str, int, Callable[[LineRow], str]], ...] = (
    ("SESSION", -16, lambda row: row.name),
    ("MODEL", -14, lambda row: row.model),
    ("STATE", -13, lambda row: f"{row.state} {row.attempt}" if row.attempt else row.state),
    ("AGE", 8, lambda row: _age(row.age_s)),
    ("GRADE", -9, lambda row: row.grade),
    ("SCORE", 5, lambda row: _figure(row.score)),
    ("RTT", 6, lambda row: _figure(row.rtt_ms)),
    ("JIT", 5, lambda row: _figure(row.jitter_ms)),
    ("TTFA", 6, lambda row: _figure(row.first_audio_ms)),
    ("LATE", 6, lambda row: _figure(row.late_p95_ms)),
    ("BUF", 6, lambda row: _figure(row.buffer_ms)),
    ("UND", 4, lambda row: str(row.underruns)),
    ("RC", 4, lambda row: str(row.reconnects)),
    ("LOST", 6, lambda row: _figure(row.lost_ms)),
    ("TURNS", 7, lambda row: f"{row.turns_answered}/{row.turns}"),
)


def gather(
    desk: Desk,
    wait_s: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> FleetSnapshot | None:
    """All lines after `wait_s` seconds of listening, or at the end of a recording; None if nothing was heard."""
    playback = desk.playback
    if playback is not None:
        playback.seek(playback.ends_at)
    ends_at = clock() + wait_s
    while clock() < ends_at:
        if playback is not None and playback.position >= playback.ends_at and desk.fleet():
            break
        pause(_POLL_SECONDS)
    return desk.fleet()


def stream(
    desk: Desk,
    write: Callable[[str], None],
    *,
    count: int | None = None,
    min_score: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> FleetSnapshot | None:
    """Writes a document for each line every second, `count` times or until interrupted; gives the last moment.

    A second in which nobody was heard writes nothing and counts. A recording is streamed at the speed it is played, and
    ends where it ends.
    """
    fleet, due = None, clock()
    for _ in itertools.count() if count is None else range(count):
        due += _SAMPLE_SECONDS
        pause(max(due - clock(), 0.0))
        fleet = desk.fleet()
        for document in sample_documents(fleet, min_score=min_score) if fleet else ():
            write(json.dumps(document, ensure_ascii=False))
        if desk.playback is not None and desk.playback.position >= desk.playback.ends_at:
            break
    return fleet


def text_document(fleet: FleetSnapshot, *, min_score: float | None = None) -> str:
    """All lines as one indented JSON document."""
    document = fleet_document(fleet, min_score=min_score)
    code = ExitCode(exit_code(fleet, min_score=min_score))
    if code is not ExitCode.DONE:
        document["error"] = error_of(code, "" if fleet.rows else NOTHING_SEEN)
    return json.dumps(document, ensure_ascii=False, indent=2)


def table(fleet: FleetSnapshot, *, min_score: float | None = None) -> str:
    """All lines as plain text, milliseconds where no unit is said; then what falls short, and why."""
    head = _cells(title for title, _, _ in _COLUMNS)
    rows = [_cells(of(row) for _, _, of in _COLUMNS) for row in fleet.rows]
    short = [f"{_flat(one.name)}: {one.reason}" for one in shortfalls(fleet, min_score=min_score)]
    return "\n".join([head, *rows, *short])


def exit_code(fleet: FleetSnapshot | None, *, min_score: float | None = None) -> int:
    """0 if no line falls short, `QUALITY_MISSED` if one does, 1 if there was nothing to be judged."""
    if fleet is None or not fleet.rows:
        return 1
    return QUALITY_MISSED if shortfalls(fleet, min_score=min_score) else 0


def _cells(texts: Iterable[str]) -> str:
    """One row: texts at the left, figures at the right, all cut to their column."""
    parts = [
        f"{_cut(text, -width):<{-width}}" if width < 0 else f"{_cut(text, width):>{width}}"
        for text, (_, width, _) in zip(texts, _COLUMNS, strict=True)
    ]
    return " ".join(parts).rstrip()


def _cut(text: str, width: int) -> str:
    text = _flat(text) or _UNKNOWN
    return text if len(text) <= width else text[: width - 1] + "…"


def _flat(text: str) -> str:
    """On one line."""
    return " ".join(text.split())


def _figure(value: float | None) -> str:
    if value is None:
        return _UNKNOWN
    return f"{value:.1f}" if 0 < abs(value) < 10 else f"{value:.0f}"


def _age(seconds: float) -> str:
    minutes, second = divmod(max(int(seconds), 0), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute:02}:{second:02}"
