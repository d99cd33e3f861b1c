"""Two turns, or two lines, side by side: what both have, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.text import Clean
from trunkline.tui.inspector.ladder import ARROWS, ladder, short_type
from trunkline.tui.numbers import UNKNOWN, audio, clock, milliseconds, percent, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trunkline.telemetry.entry import Entry
    from trunkline.telemetry.fleet_snapshot import LineRow
    from trunkline.telemetry.snapshot import Turn
    from trunkline.tui.inspector.ladder import Rung

__all__ = ["Comparison", "Pair", "compare_lines", "compare_turns"]

# Below this share of the larger one two figures are the same to an operator.
_ALIKE = 0.1
# One chunk: less is chance.
_NOTICED_MS = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing of both."""

    name: str
    left: str
    right: str
    differs: bool
    difference: str = ""
    """Right less left, where that says something."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All pairs under two headings."""

    left: Clean
    right: Clean
    pairs: tuple[Pair, ...]

    @property
    def differences(self) -> int:
        """How many pairs differ."""
        return sum(pair.differs for pair in self.pairs)


def compare_turns(
    numbers: tuple[int, int],
    entries: tuple[Sequence[Entry], Sequence[Entry]],
    turns: tuple[Turn | None, Turn | None] = (None, None),
    *,
    lines: tuple[str, str] = ("", ""),
) -> Comparison:
    """Two turns, of one line or of two: their figures as far as they are known, then their ladders."""
    known = [_figure(name, form, read, *turns) for name, form, read in _TURN]
    left, right = (ladder(kept, number) for kept, number in zip(entries, numbers, strict=True))
    pairs = [pair for pair in known if (pair.left, pair.right) != (UNKNOWN, UNKNOWN)]
    return Comparison(
        Clean(f"{lines[0]} turn {numbers[0]}".lstrip()),
        Clean(f"{lines[1]} turn {numbers[1]}".lstrip()),
        (*pairs, *_rungs(left, right)),
    )


def compare_lines(left: LineRow, right: LineRow) -> Comparison:
    """Two lines of a fleet."""
    pairs = tuple(_figure(name, form, read, left, right) for name, form, read in _LINE)
    return Comparison(left.name, right.name, pairs)


def _figure(
    name: str, form: Callable[[Any], str], read: Callable[[Any], Any], left: Any, right: Any
) -> Pair:
    """A figure of two things, either of which may be missing."""
    a, b = (None if thing is None else read(thing) for thing in (left, right))
    shown = _shown(a, form), _shown(b, form)
    differs = shown[0] != shown[1]
    if isinstance(a, int | float) and isinstance(b, int | float):
        differs = differs and abs(a - b) > _ALIKE * max(abs(a), abs(b))
        return Pair(name, shown[0], shown[1], differs, _less(b - a, form))
    return Pair(name, shown[0], shown[1], differs)


def _shown(value: Any, form: Callable[[Any], str]) -> str:
    return UNKNOWN if value in (None, "") else form(value)


def _less(difference: float, form: Callable[[Any], str]) -> str:
    return f"{'+' if difference > 0 else '-'}{form(abs(difference))}" if difference else ""


def _count(value: float) -> str:
    return f"{value:.0f}"


def _length(value_ms: float) -> str:
    return milliseconds(value_ms)


_TURN: tuple[tuple[str, Callable[[Any], str], Callable[[Turn], Any]], ...] = (
    ("user spoke", seconds, lambda turn: turn.user_s),
    ("first audio", _length, lambda turn: turn.first_audio_ms),
    ("turn gap", _length, lambda turn: None if turn.gap_from_commit else turn.gap_ms),
    ("from commit", _length, lambda turn: turn.gap_ms if turn.gap_from_commit else None),
    ("response", seconds, lambda turn: turn.response_s),
    ("reply audio", seconds, lambda turn: turn.audio_s),
    ("tokens in", _count, lambda turn: turn.input_tokens),
    ("tokens out", _count, lambda turn: turn.output_tokens),
    ("status", str, lambda turn: turn.status),
    ("error", str, lambda turn: turn.error),
    ("cut at", _length, lambda turn: turn.cut_ms),
    ("barge-in", _length, lambda turn: turn.barge_in_ms),
    ("tools", str, lambda turn: ", ".join(turn.tools)),
    ("tool took", _length, lambda turn: turn.tool_ms),
    ("restarts", _count, lambda turn: turn.restarts or None),
)

_LINE: tuple[tuple[str, Callable[[Any], str], Callable[[LineRow], Any]], ...] = (
    ("model", str, lambda row: row.model),
    ("server", str, lambda row: row.server),
    ("process", str, lambda row: row.process),
    ("state", str, lambda row: row.state),
    ("age", clock, lambda row: row.age_s),
    ("grade", str, lambda row: row.grade),
    ("score", _count, lambda row: row.score),
    ("availability", percent, lambda row: row.availability),
    ("round trip", _length, lambda row: row.rtt_ms),
    ("round trip p95", _length, lambda row: row.rtt_p95_ms),
    ("jitter", _length, lambda row: row.jitter_ms),
    ("first audio", _length, lambda row: row.first_audio_ms),
    ("send lateness p95", _length, lambda row: row.late_p95_ms),
    ("playout buffer", _length, lambda row: row.buffer_ms),
    ("underruns 60 s", _count, lambda row: row.underruns),
    ("reconnects", _count, lambda row: row.reconnects),
    ("audio lost", _length, lambda row: row.lost_ms),
    ("input dBFS", _count, lambda row: row.input_dbfs),
    ("output dBFS", _count, lambda row: row.output_dbfs),
    ("turns", _count, lambda row: row.turns),
    ("turns answered", _count, lambda row: row.turns_answered),
    ("alerts", _count, lambda row: row.alerts),
)


def _rungs(left: Sequence[Rung], right: Sequence[Rung]) -> list[Pair]:
    """Each kind of message once, in the order of the left turn, then what only the right one has."""
    sides = [_first_by_kind(rungs) for rungs in (left, right)]
    kinds = dict.fromkeys((*sides[0], *sides[1]))
    return [_rung(kind, sides[0].get(kind), sides[1].get(kind)) for kind in kinds]


def _first_by_kind(rungs: Sequence[Rung]) -> dict[str, Rung]:
    kinds: dict[str, Rung] = {}
    for rung in rungs:
        kinds.setdefault(str(rung.entry.type), rung)
    return kinds


def _rung(kind: str, left: Rung | None, right: Rung | None) -> Pair:
    either = left or right
    assert either is not None
    name = f"{ARROWS[either.entry.way]} {short_type(kind)}"
    shown = _moment(left), _moment(right)
    if left is None or right is None:
        return Pair(name, shown[0], shown[1], differs=True)
    heard = left.entry.audio_ms or 0.0, right.entry.audio_ms or 0.0
    differs = left.level is not right.level or _apart(*heard)
    a, b = left.offset_ms, right.offset_ms
    if a is None or b is None:
        return Pair(name, shown[0], shown[1], differs)
    return Pair(name, shown[0], shown[1], differs or _apart(a, b), _less(b - a, _length))


def _apart(a: float, b: float) -> bool:
    """Whether two lengths or moments, in milliseconds, differ by more than chance."""
    return abs(a - b) > max(_ALIKE * max(a, b), _NOTICED_MS)


def _moment(rung: Rung | None) -> str:
    """When it came, how often, and how much audio it held."""
    if rung is None:
        return "never"
    entry = rung.entry
    when = "before" if rung.offset_ms is None else f"+{rung.offset_ms:.0f} ms"
    many = f" ×{entry.count}" if entry.count > 1 else ""
    return f"{when}{many}{f'  {audio(entry.audio_ms)}' if entry.audio_ms else ''}"
