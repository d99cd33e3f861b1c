"""The score of the link, large, with what was taken off and the worst of the last minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.tui.grading import graded
from trunkline.tui.ink import Line, Span, Tone, fit, label, level_tone, spread, text
from trunkline.tui.moments import utc_of
from trunkline.tui.numbers import UNKNOWN
from trunkline.tui.widgets.digits import big_number

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot, Quality

__all__ = ["paint_quality", "reasons", "score_level", "score_word"]

_INDENT = 2
_HEAD = 4
"""Three rows of digits and a blank one."""


def score_level(quality: Quality) -> Level:
    """How good the score is."""
    return Level.UNKNOWN if quality.score is None else graded("score", round(quality.score))


def score_word(quality: Quality) -> str:
    """The score with its sign, where it is not simply good."""
    level = score_level(quality)
    words = UNKNOWN if quality.score is None else f"{quality.score:.0f}"
    return f"{words} {level.sign}" if level in (Level.WARNING, Level.BAD) else words


def reasons(quality: Quality) -> list[tuple[str, str]]:
    """Names and points of what was taken off; those that round to nothing are left out."""
    return [(name, f"-{points:.0f}") for name, points in quality.deductions if points >= 0.5]


def paint_quality(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """Digits, why, worst; in less than five rows words only."""
    quality = snapshot.quality
    lines = _large(quality, width) if height > _HEAD else [_small(quality, width)]
    room = max(height - len(lines) - 1, 0)
    why = [_reason(n, name, points, width) for n, (name, points) in enumerate(reasons(quality))]
    if not why:
        words = "under 3 pings" if quality.score is None else "nothing taken off"
        why = [fit(label("why", words, Tone.DIM), width)]
    blanks: list[Line] = [()] * max(room - len(why), 0)
    return [*lines, *why[:room], *blanks, _worst(snapshot, width)]


def _large(quality: Quality, width: int) -> list[Line]:
    """Digits with the score and the grade beside them; beside three digits there is room below only."""
    tone = level_tone(score_level(quality))
    rows = big_number(UNKNOWN if quality.score is None else f"{quality.score:.0f}")
    name = quality.grade.upper()
    room = width - len(rows[0]) - 2 * _INDENT
    words = ("", score_word(quality), name if len(name) <= room else "")
    below = "" if words[2] else f"{' ' * _INDENT}{name}"
    return [
        *(
            fit((Span(f"{' ' * _INDENT}{row}{' ' * _INDENT}{word}", tone),), width)
            for row, word in zip(rows, words, strict=True)
        ),
        fit((Span(below, tone),), width),
    ]


def _small(quality: Quality, width: int) -> Line:
    tone = level_tone(score_level(quality))
    return fit(label("score", f"{score_word(quality)} {quality.grade}", tone), width)


def _reason(number: int, name: str, points: str, width: int) -> Line:
    head = "why  " if number == 0 else "     "
    return spread((Span(head, Tone.DIM), Span(name)), text(points, Tone.STRONG), width)


def _worst(snapshot: LineSnapshot, width: int) -> Line:
    worst = snapshot.quality.worst
    if worst is None:
        return fit(label("worst 5m", UNKNOWN, Tone.DIM), width)
    tone = level_tone(graded("score", round(worst)))
    at = snapshot.quality.worst_at
    when = "" if at is None else f" {utc_of(snapshot, at)}"
    return fit((*label("worst 5m", f"{worst:.0f}", tone), Span(when, Tone.DIM)), width)
