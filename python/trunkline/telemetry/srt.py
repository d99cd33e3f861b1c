"""Subtitles as a SubRip file (`.srt`): what two speakers say, each without overlap, in lines that can be read.

There is no standard of the format; this is the common ground of players: UTF-8, numbers from 1, `HH:MM:SS,mmm`, a blank
line between cues. Two lines of 42 characters are the measure of subtitles for television and streaming.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["LINES", "LINE_CHARS", "Cue", "srt"]

LINE_CHARS = 42
"""What fits on a line; only a word that is longer is broken."""
LINES = 2
"""Lines of one cue; what is longer becomes several cues, one after the other."""
# 99:59:59,999: the hours have two digits.
_LAST_MS = 359_999_999
_TEXT_CHARS = 20_000
_SPEAKER_CHARS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """What one speaker says in one stretch of time."""

    speaker: str
    """Stands before the words, in brackets."""
    begin: float
    """Seconds since the beginning."""
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class _Block:
    """A cue as it is written."""

    speaker: str
    begin_ms: int
    end_ms: int
    lines: tuple[str, ...]


def srt(cues: Iterable[Cue]) -> str:
    """The file for any cues; those that begin in one millisecond stand in the order in which they are given.

    Long ones are divided, their time in proportion to their words; those of one speaker that overlap are moved apart.
    What has no words, or has no room before the hundredth hour, is left out.
    """
    blocks = sorted(_apart(cues), key=lambda block: block.begin_ms)
    return "\n".join(_written(number, block) for number, block in enumerate(blocks, start=1))


def _written(number: int, block: _Block) -> str:
    text = "\n".join(block.lines)
    return f"{number}\n{_clock(block.begin_ms)} --> {_clock(block.end_ms)}\n{text}\n"


def _clock(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02},{thousandths:03}"


def _apart(cues: Iterable[Cue]) -> Iterator[_Block]:
    """The blocks of all cues, each begun when its speaker's one before has ended."""
    free_at: dict[str, int] = {}
    for cue in sorted(map(_readable, cues), key=lambda cue: _ms(cue.begin)):
        for block in _blocks(cue, free_at.get(cue.speaker, 0)):
            if block.end_ms <= _LAST_MS:
                free_at[cue.speaker] = block.end_ms
                yield block


def _readable(cue: Cue) -> Cue:
    """Without what a player or a terminal would obey: control characters, blank lines, the format's own arrow."""
    return replace(cue, speaker=_one_line(cue.speaker)[:_SPEAKER_CHARS], text=_one_line(cue.text))


def _one_line(text: str) -> str:
    return " ".join(clean(text, limit_chars=_TEXT_CHARS).split()).replace("-->", "→")


def _blocks(cue: Cue, free_at: int) -> Iterator[_Block]:
    parts = list(_parts(cue))
    begin = max(_ms(cue.begin), free_at)
    # A thousandth for each at least: nothing may begin and end at once.
    end = max(_ms(cue.end), begin + len(parts))
    weights = [sum(map(len, lines)) for lines in parts]
    total, before, at = sum(weights), 0, begin
    for left, (lines, weight) in enumerate(zip(parts, weights, strict=True), start=1 - len(parts)):
        before += weight
        until = min(max(begin + (end - begin) * before // total, at + 1), end + left)
        yield _Block(cue.speaker, at, until, lines)
        at = until


def _parts(cue: Cue) -> Iterator[tuple[str, ...]]:
    """The words in pieces of two lines, none much shorter than the others; each has the speaker before it."""
    words = [
        word[start : start + LINE_CHARS]
        for word in cue.text.split()
        for start in range(0, len(word), LINE_CHARS)
    ]
    lead = f"[{cue.speaker}]" if cue.speaker else ""
    lines = _lines(words, lead, LINE_CHARS)
    if len(lines) > LINES:
        lines = _even(words, lead, lines)
    for start in range(0, len(lines), LINES):
        yield tuple(lines[start : start + LINES])


def _even(words: list[str], lead: str, widest: list[str]) -> list[str]:
    """The narrowest lines that make no more pieces than the widest do: the last must not flash by with one word."""
    pieces = math.ceil(len(widest) / LINES)
    for width in range(max(map(len, words)), LINE_CHARS):
        lines = _lines(words, lead, width)
        if math.ceil(len(lines) / LINES) == pieces:
            return lines
    return widest


def _lines(words: list[str], lead: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        elif lead and len(lines) % LINES == 0:
            fits = len(lead) + 1 + len(word) <= width
            lines += [f"{lead} {word}"] if fits else [lead, word]
        else:
            lines.append(word)
    return lines


def _ms(seconds: float) -> int:
    if not math.isfinite(seconds):
        return _LAST_MS if seconds > 0 else 0
    return round(min(max(seconds, 0.0), _LAST_MS / 1000) * 1000)
