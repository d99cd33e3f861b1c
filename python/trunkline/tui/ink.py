"""What a painter gives: lines of spans, each with a tone instead of a colour.

Painters are pure: a value and a size go in, lines come out. Tones become colours only in the
widget, by the theme; signs and letters carry the meaning where there are no colours. Text is never
markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple, TypeAlias, TypeVar

from trunkline.telemetry.levels import Level
from trunkline.tui.cells import cell_width, clip, flat

__all__ = [
    "ASCII",
    "Line",
    "Painter",
    "Span",
    "Tone",
    "fit",
    "join",
    "label",
    "level_tone",
    "line_width",
    "plain",
    "signed",
    "spread",
    "text",
    "trimmed",
]


class Tone(Enum):
    """What a piece of text means to the eye."""

    PLAIN = "plain"
    DIM = "dim"
    STRONG = "strong"
    OK = "ok"
    WARNING = "warning"
    BAD = "bad"
    ACCENT = "accent"
    INVERSE = "inverse"
    FRAME = "frame"
    """The edges of panels."""
    FOCUS = "focus"
    """The edge of the panel that has the keys."""
    TITLE = "title"


class Span(NamedTuple):
    """Text of one tone."""

    text: str
    tone: Tone = Tone.PLAIN


Line: TypeAlias = tuple[Span, ...]

_T = TypeVar("_T")
Painter: TypeAlias = Callable[[_T, int, int], Sequence[Line]]
"""Value, width and height in cells; as many lines as it likes, of which the first `height` show."""

ASCII = {
    ord(sign): plain
    for signs, plains in (
        ("●▲✖○", "*!xo"),
        ("▁▂▃▄▅▆▇█▀", "_.,-=+##^"),
        ("▏▎▍▌▋▊▉▕▐", "||::;;#||"),
        ("░▒▓", ".:%"),
        ("┌┐└┘─│├┤┬┴┼", "++++-|+++++"),
        ("━┄┆╵", "=-:'"),
        ("·…→←↑↓×✂⟂▸▼▶◀◆⏎", ".~><^vx%%>v><+&"),
        ("−–—≥≤Δ≠", "---><d#"),
    )
    for sign, plain in zip(signs, plains, strict=True)
}
"""Every sign the painters use, for terminals whose font or locale makes it wide or a box."""

_TONES = {
    Level.UNKNOWN: Tone.DIM,
    Level.OK: Tone.OK,
    Level.WARNING: Tone.WARNING,
    Level.BAD: Tone.BAD,
}


def level_tone(level: Level) -> Tone:
    """The tone of a level."""
    return _TONES[level]


def text(words: str, tone: Tone = Tone.PLAIN) -> Line:
    """A line of one span."""
    return (Span(words, tone),)


def label(name: str, value: str, tone: Tone = Tone.STRONG) -> Line:
    """A dim name and its value."""
    return (Span(f"{name} ", Tone.DIM), Span(value, tone))


def signed(level: Level, name: str, value: str) -> Line:
    """A name and its value, with the sign of how good it is where that is not simply good."""
    sign = f" {level.sign}" if level in (Level.WARNING, Level.BAD) else ""
    return (Span(f"{name} ", Tone.DIM), Span(f"{value}{sign}", level_tone(level)))


def line_width(line: Line) -> int:
    """How many cells a line takes."""
    return sum(cell_width(span.text) for span in line)


def join(items: Sequence[Line], width: int, gap: int = 3) -> Line:
    """The items beside each other; those that no longer fit are left out, the first is cut."""
    joined: Line = ()
    for item in items:
        longer = (*joined, Span(" " * gap), *item) if joined else item
        if joined and line_width(longer) > width:
            break
        joined = longer
    return fit(joined, width)


def spread(left: Line, right: Line, width: int) -> Line:
    """One line at the left edge and one at the right; the left one is cut if they meet."""
    room = max(width - line_width(right) - 1, 0)
    return fit((*fit(left, room), Span(" "), *right), width)


def plain(words: str) -> str:
    """The words in ASCII, of the same width: our own signs by their stand-ins, anything foreign as `?`."""
    mapped = words.translate(ASCII)
    if mapped.isascii():
        return mapped
    return "".join(sign if sign.isascii() else "?" * cell_width(sign) for sign in mapped)


def trimmed(line: Line) -> Line:
    """The line without the blanks at its end."""
    return trimmed(line[:-1]) if line and not line[-1].text.strip() else line


def fit(line: Line, width: int) -> Line:
    """The line at exactly `width` cells: cut with an ellipsis, or filled with blanks."""
    spans: list[Span] = []
    room = width
    for span in line:
        used = cell_width(span.text)
        if used > room:
            spans.append(Span(clip(span.text, room), span.tone))
            return tuple(spans)
        spans.append(Span(flat(span.text), span.tone))
        room -= used
    return (*spans, Span(" " * room)) if room else tuple(spans)
