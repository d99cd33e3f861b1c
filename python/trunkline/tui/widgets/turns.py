"""The turns of the caller, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.tui.cells import cell_width, clip
from trunkline.tui.grading import grade_tone
from trunkline.tui.ink import Line, Span, Tone, fit, label, text
from trunkline.tui.moments import utc_of
from trunkline.tui.numbers import UNKNOWN, bare
from trunkline.tui.widgets.bar import filled

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.telemetry.snapshot import LineSnapshot, Turn
    from trunkline.telemetry.views import Spread

__all__ = ["paint_turns", "paint_turns_head", "paint_turns_row", "turn_end", "turns_title"]

_NARROW = 64
_WIDE = 100
# A full bar is far too slow: twice what is bad would make everything short.
_FULL_MS = 2500.0


def turns_title(snapshot: LineSnapshot) -> str:
    """How many there were."""
    return f"Turns  last {len(snapshot.turns)} of {snapshot.turns_total}"


def paint_turns(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """A line for each: speech, time to first audio with a bar, the gap a person feels, and how it ended."""
    if not snapshot.turns:
        return [fit(text("nobody spoke yet", Tone.DIM), width)]
    columns = _columns(width)
    return [
        fit(_row([one.paint(turn, snapshot) for one in columns], columns), width)
        for turn in reversed(snapshot.turns)
    ]


def paint_turns_head(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """The same under the names of the columns."""
    columns = _columns(width)
    head = _row([Span(one.title, Tone.DIM) for one in columns], columns)
    return [fit(head, width), *paint_turns(snapshot, width, height)]


def _columns(width: int) -> tuple[_Column, ...]:
    return _NARROW_TABLE if width < _NARROW else _WIDE_TABLE if width >= _WIDE else _TABLE


def _row(cells: list[Span], columns: tuple[_Column, ...]) -> Line:
    spans: list[Span] = []
    for cell, column in zip(cells, columns, strict=True):
        blank = " " * max(column.cells - cell_width(cell.text), 0)
        words = blank + cell.text if column.right else cell.text + blank
        spans += [Span(words, cell.tone), Span(" ")]
    return tuple(spans)


def paint_turns_row(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """The spreads of all turns in the window, in one line."""
    return [
        fit(
            (
                *_spread("first audio", "first_audio_ms", snapshot.first_audio),
                *_spread(f"   turn gap{_anchor(snapshot)}", "turn_gap_ms", snapshot.turn_gap),
                *_spread("   barge-in", "barge_in_ms", snapshot.barge_in),
                *label(
                    "   answered", f"{snapshot.turns_answered}/{snapshot.turns_total}", Tone.PLAIN
                ),
            ),
            width,
        )
    ]


def _anchor(snapshot: LineSnapshot) -> str:
    """Where turns are committed by hand a gap begins there, which is said."""
    known = (turn for turn in reversed(snapshot.turns) if turn.gap_ms is not None)
    return " from commit" if any(turn.gap_from_commit for turn in known) else ""


def _gap(turn: Turn, _: LineSnapshot) -> Span:
    sign = "c" if turn.gap_from_commit else ""
    return Span(f"{bare(turn.gap_ms)}{sign}", grade_tone("turn_gap_ms", turn.gap_ms))


def _spread(name: str, metric: str, spread: Spread) -> Line:
    return (
        Span(f"{name} p50 ", Tone.DIM),
        Span(bare(spread.p50_ms), grade_tone(metric, spread.p50_ms)),
        Span(" p95 ", Tone.DIM),
        Span(f"{bare(spread.p95_ms)} ms", grade_tone(metric, spread.p95_ms)),
    )


def turn_end(turn: Turn) -> Span:
    """How it ended, in two words: completed, cut at, failed because, the tool it called."""
    times = f" ×{turn.restarts + 1}" if turn.restarts else ""
    if turn.error:
        return Span(f"failed {turn.error}{times}", Tone.BAD)
    if turn.interrupted:
        where = "" if turn.cut_ms is None else f" {turn.cut_ms:.0f} ms"
        return Span(f"cut{where}{times}", Tone.WARNING)
    if turn.tools:
        took = "" if turn.tool_ms is None else f" {turn.tool_ms:.0f} ms"
        return Span(f"tool{took}{times}", Tone.ACCENT)
    if turn.answered:
        return Span(f"{turn.status}{times}", Tone.OK)
    return Span(
        f"{turn.status}{times}",
        Tone.BAD if turn.status in ("failed", "incomplete") else Tone.WARNING,
    )


def _length(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f} s"


def _first_tone(turn: Turn) -> Tone:
    return grade_tone("first_audio_ms", turn.first_audio_ms)


def _count(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    cells: int
    paint: Callable[[Turn, LineSnapshot], Span]
    right: bool = True


_NUMBER = _Column("#", 3, lambda turn, _: Span(str(turn.number), Tone.STRONG))
_USER = _Column("USER", 6, lambda turn, _: Span(_length(turn.user_s)))
_GAP = _Column("GAP", 5, _gap)
_DURATION = _Column("DUR", 6, lambda turn, _: Span(_length(turn.response_s)))
_TOKENS = _Column("TOK in/out", 10, lambda turn, _: Span(
    f"{_count(turn.input_tokens)}/{_count(turn.output_tokens):>4}", Tone.DIM))  # fmt: skip
_FIRST = _Column(
    "STOP→1st", 9, lambda turn, _: Span(f"{bare(turn.first_audio_ms)} ms", _first_tone(turn))
)
_BAR = _Column(
    "AUDIO",
    5,
    lambda turn, _: Span(filled(turn.first_audio_ms, _FULL_MS, 5), _first_tone(turn)),
    right=False,
)
_SHORT_FIRST = _Column("1st", 5, lambda turn, _: Span(bare(turn.first_audio_ms), _first_tone(turn)))
_TIME = _Column("TIME", 8, lambda turn, line: Span(utc_of(line, turn.at), Tone.DIM))
_BARGE = _Column(
    "BARGE-IN",
    8,
    lambda turn, _: Span(bare(turn.barge_in_ms), grade_tone("barge_in_ms", turn.barge_in_ms)),
)
_TOOLS = _Column(
    "TOOLS",
    22,
    lambda turn, _: Span(clip(" ".join(turn.tools) or UNKNOWN, 22), Tone.DIM),
    right=False,
)
_END = _Column("END", 10, lambda turn, _: turn_end(turn), right=False)

_NARROW_TABLE = (_NUMBER, _USER, _SHORT_FIRST, _BAR, _GAP, _DURATION, _END)
_TABLE = (_NUMBER, _USER, _FIRST, _BAR, _GAP, _DURATION, _TOKENS, _END)
_WIDE_TABLE = (_TIME, _NUMBER, _USER, _FIRST, _BAR, _GAP, _DURATION, _TOKENS, _BARGE, _TOOLS, _END)
