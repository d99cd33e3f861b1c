"""The columns of the fleet's table: what each shows of a line, how wide it is, and what it is sorted by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from trunkline.telemetry.levels import Level
from trunkline.tui.cells import clip
from trunkline.tui.grading import grade_tone, graded
from trunkline.tui.ink import Line, Span, Tone, level_tone
from trunkline.tui.numbers import UNKNOWN, age, bare, dbfs, kilobytes, percent
from trunkline.tui.widgets.pulse import pulse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trunkline.telemetry.fleet_snapshot import LineRow

__all__ = ["COLUMNS", "Column", "chosen", "fitting", "state_word"]

SortKey: TypeAlias = "float | str | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; those with the smallest `rank` are dropped last."""

    name: str
    title: str
    cells: int
    rank: int
    """0 is always there; 9 and above only if it was asked for."""
    paint: Callable[[LineRow, int], Line]
    """The row's cell, of any width up to the one that is given."""
    key: Callable[[LineRow], SortKey]
    right: bool = True
    narrow_cells: int | None = None
    """In a table of 80 columns."""
    grows: int = 0
    """How many cells it may take of what is left."""
    worst_high: bool = True
    """Whether the large values are what an operator looks for."""


_STATE_WORDS = {
    "live": ("open", Tone.OK),
    "rotating": ("rotate", Tone.OK),
    "idle": ("idle", Tone.DIM),
    "closing": ("closing", Tone.DIM),
    "closed": ("closed", Tone.DIM),
    "failed": ("FAILED", Tone.BAD),
    "gone": ("GONE", Tone.WARNING),
}
_QUALITY_TONES = {"excellent": Tone.OK, "good": Tone.OK, "fair": Tone.WARNING}


def state_word(row: LineRow) -> Span:
    """What a state means to an operator: open, connecting, or coming back for the nth time."""
    if row.state in _STATE_WORDS:
        return Span(*_STATE_WORDS[row.state])
    if row.attempt or row.state == "waiting" or row.reconnects:
        return Span(f"RECONN {row.attempt or ''}".rstrip(), Tone.BAD)
    return Span("CONNECT", Tone.WARNING)


def _state(row: LineRow, _: int) -> Line:
    return (state_word(row),)


def _score(row: LineRow, _: int) -> Line:
    if row.score is None:
        return (Span(UNKNOWN, Tone.DIM),)
    level = graded("score", round(row.score))
    sign = f"{level.sign} " if level in (Level.WARNING, Level.BAD) else ""
    return (Span(f"{sign}{row.score:.0f}", level_tone(level)),)


def _letter(row: LineRow, _: int) -> Line:
    letter = "?" if row.grade == "unknown" else row.grade[:1].upper()
    tone = Tone.DIM if row.grade == "unknown" else _QUALITY_TONES.get(row.grade, Tone.BAD)
    return (Span(letter, tone),)


def _levels(row: LineRow, _: int) -> Line:
    return (
        *_loudness(row.input_dbfs, row.input_clips),
        *_loudness(row.output_dbfs, row.output_clips),
    )


def _loudness(value: float | None, clips: bool) -> Line:
    return (
        Span(f"{dbfs(value):>4}", Tone.BAD if clips else Tone.PLAIN),
        Span("!" if clips else " ", Tone.BAD),
    )


def _words(
    get: Callable[[LineRow], str], tone: Tone = Tone.PLAIN
) -> Callable[[LineRow, int], Line]:
    return lambda row, cells: (Span(clip(get(row), cells), tone),)


def _figure(
    get: Callable[[LineRow], float | None], metric: str | None = None
) -> Callable[[LineRow, int], Line]:
    def paint(row: LineRow, _: int) -> Line:
        value = get(row)
        tone = Tone.PLAIN if metric is None else grade_tone(metric, value)
        return (Span(bare(value), Tone.DIM if value is None else tone),)

    return paint


def _plain(write: Callable[[LineRow], str]) -> Callable[[LineRow, int], Line]:
    return lambda row, _: (Span(write(row)),)


COLUMNS: tuple[Column, ...] = (
    Column(name="session", title="SESSION", cells=11, narrow_cells=10, rank=0, right=False, grows=14,
           paint=_words(lambda row: row.name, Tone.STRONG), key=lambda row: row.name, worst_high=False),
    Column(name="model", title="MODEL", cells=13, rank=7, right=False, grows=6,
           paint=_words(lambda row: row.model, Tone.DIM), key=lambda row: row.model, worst_high=False),
    Column(name="server", title="SERVER", cells=16, rank=9, right=False, grows=8,
           paint=_words(lambda row: row.server, Tone.DIM), key=lambda row: row.server, worst_high=False),
    Column(name="process", title="PROCESS", cells=12, rank=9, right=False, grows=8,
           paint=_words(lambda row: row.process, Tone.DIM), key=lambda row: row.process, worst_high=False),
    Column(name="state", title="STATE", cells=8, rank=0, right=False, paint=_state, key=lambda row: row.state),
    Column(name="age", title="AGE", cells=6, narrow_cells=5, rank=1, paint=_plain(lambda row: age(row.age_s)),
           key=lambda row: row.age_s),
    Column(name="grade", title="Q", cells=2, narrow_cells=1, rank=1, paint=_letter, key=lambda row: row.score,
           worst_high=False),
    Column(name="score", title="SCORE", cells=5, rank=0, paint=_score, key=lambda row: row.score, worst_high=False),
    Column(name="rtt", title="RTT", cells=5, rank=0, paint=_figure(lambda row: row.rtt_ms, "rtt_ms"),
           key=lambda row: row.rtt_ms),
    Column(name="jitter", title="JIT", cells=4, narrow_cells=3, rank=3,
           paint=_figure(lambda row: row.jitter_ms, "jitter_ms"), key=lambda row: row.jitter_ms),
    Column(name="first", title="TTFA", cells=5, rank=1,
           paint=_figure(lambda row: row.first_audio_ms, "first_audio_ms"), key=lambda row: row.first_audio_ms),
    Column(name="late", title="LATE", cells=5, rank=3,
           paint=_figure(lambda row: row.late_p95_ms, "late_ms"), key=lambda row: row.late_p95_ms),
    Column(name="buffer", title="BUF", cells=4, narrow_cells=3, rank=4,
           paint=_figure(lambda row: row.buffer_ms), key=lambda row: row.buffer_ms, worst_high=False),
    Column(name="underruns", title="UND", cells=3, rank=2,
           paint=_figure(lambda row: row.underruns, "underruns"), key=lambda row: row.underruns),
    Column(name="reconnects", title="RC", cells=2, rank=2,
           paint=_figure(lambda row: row.reconnects, "reconnects"), key=lambda row: row.reconnects),
    Column(name="lost", title="LOST", cells=5, rank=7,
           paint=_figure(lambda row: row.lost_ms, "gap_ms"), key=lambda row: row.lost_ms),
    Column(name="levels", title="dBFS in/out", cells=11, rank=7, paint=_levels, key=lambda row: row.input_dbfs),
    Column(name="turns", title="TURNS", cells=5, rank=9, paint=_plain(lambda row: str(row.turns)),
           key=lambda row: row.turns),
    Column(name="available", title="AVAIL", cells=7, rank=9, paint=_plain(lambda row: percent(row.availability)),
           key=lambda row: row.availability, worst_high=False),
    Column(name="up", title="UP", cells=10, rank=9, paint=_plain(lambda row: kilobytes(row.up_bytes_per_s)),
           key=lambda row: row.up_bytes_per_s),
    Column(name="down", title="DOWN", cells=10, rank=9, paint=_plain(lambda row: kilobytes(row.down_bytes_per_s)),
           key=lambda row: row.down_bytes_per_s),
    Column(name="pulse", title="RTT 60s", cells=12, narrow_cells=9, rank=5, right=False, grows=48, paint=pulse,
           key=lambda row: row.rtt_p95_ms),
)  # fmt: skip
"""In the order in which they stand."""

_BY_NAME = {column.name: column for column in COLUMNS}
_USUAL = tuple(column.name for column in COLUMNS if column.rank < 9)
_NARROW_CELLS = 100


def chosen(names: Sequence[str] | None) -> tuple[Column, ...]:
    """The columns of these names, in their order; the usual ones for None."""
    wanted = set(_USUAL if names is None else names)
    return tuple(column for column in COLUMNS if column.name in wanted or column.rank == 0)


def fitting(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """Those that fit beside each other with a blank between them, and how many cells each has."""
    narrow = width < _NARROW_CELLS
    cells = {one.name: _cells(one, narrow=narrow) for one in columns}
    kept = list(columns)
    for column in sorted(columns, key=lambda one: -one.rank):
        if sum(cells[one.name] + 1 for one in kept) - 1 <= width or column.rank == 0:
            break
        kept.remove(column)
    spare = width - sum(cells[one.name] + 1 for one in kept) + 1
    for column in kept:
        more = min(column.grows, max(spare, 0))
        cells[column.name] += more
        spare -= more
    return [(column, cells[column.name]) for column in kept]


def _cells(column: Column, *, narrow: bool) -> int:
    return column.narrow_cells if narrow and column.narrow_cells else column.cells
