"""One row of the stream: when, since the row before, which way, what, how much, how slow, and a note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.telemetry.entry import Way
from trunkline.telemetry.levels import Level
from trunkline.tui.cells import cell_width, clip, pad
from trunkline.tui.ink import Line, Span, Tone, fit, level_tone, text
from trunkline.tui.inspector.ladder import ARROWS
from trunkline.tui.inspector.redaction import without_words
from trunkline.tui.numbers import audio, bare, seconds, size, utc

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.telemetry.entry import Entry

__all__ = ["WIDE_CELLS", "StreamLook", "heard_for", "moment", "paint_head", "paint_row"]

WIDE_CELLS = 96
"""From this width on turn and note have columns, and times have hours."""

_NOTHING = "—"
# Beyond, a difference is told in minutes and seconds: the column has six cells.
_LONGEST_MS = 99_999
_SIGNED = (Level.WARNING, Level.BAD)
# Of a type that is squeezed: what its last word follows.
_LEAST_START = 10
# Cells of everything but type and note.
_FIXED = 52
_FIXED_NARROW = 40


@dataclass(frozen=True, slots=True)
class StreamLook:
    """How the rows are shown; a new one whenever anything changed."""

    offset_s: float | None = None
    """Unix seconds of the zero of the line's clock; None before it is known."""
    matches: Callable[[Entry], bool] | None = None
    """What is lit while all rows are shown."""
    marked: frozenset[int] = frozenset()
    """Numbers of rows that the operator marked."""
    frozen: bool = False
    hides_words: bool = False
    """Whether notes that tell what was said are hidden."""
    seen: int = 0
    """Messages of the line since it began."""


def paint_head(width: int) -> Line:
    """The names of the columns."""
    if width < WIDE_CELLS:
        kind = pad("TYPE", max(width - _FIXED_NARROW, 4))
        return fit(
            text(f"  {'TIME':<9} {'Δms':>6}  DIR {kind} {'SIZE':>8} {'LAT':>6}", Tone.DIM), width
        )
    cells, note = _shares(width)
    left = f"  {'TIME':<12} {'+Δ ms':>6}  {'DIR':<5} {pad('TYPE', cells)}"
    return fit(
        text(f"{left} {'TURN':>4} {'SIZE':>8} {'LAT':>6}  {pad('NOTE', note)}", Tone.DIM), width
    )


def paint_row(entry: Entry, before: Entry | None, look: StreamLook, width: int) -> Line:
    """A row; what it is told from is the row before it, whatever the filter hid between them."""
    tone = _tone(entry, look)
    note = without_words(entry).note if look.hides_words else entry.note
    wide = width >= WIDE_CELLS
    sign = Span(f"{_sign(entry, look)} ", _sign_tone(entry, look))
    time = Span(
        f"{moment(entry.at, look.offset_s, short=not wide):<{12 if wide else 9}} ", Tone.DIM
    )
    way = Span(f"{ARROWS[entry.way]}  ", Tone.ACCENT if entry.way is Way.UP else tone)
    numbers = f"{_size(entry):>8} {_latency(entry):>6}"
    start = (sign, time, Span(f"{_since(entry, before):>6}  "), way)
    if not wide:
        kind = Span(f" {_kind(entry, max(width - _FIXED_NARROW, 4), note=note)} ", tone)
        return _exact(_merged((*start, kind, Span(numbers))), width)
    cells, note_cells = _shares(width)
    turn = _NOTHING if entry.turn is None else str(entry.turn)
    last = Span(pad(note, note_cells), tone if entry.level in _SIGNED else Tone.PLAIN)
    kind = Span(f"   {_kind(entry, cells)} ", tone)
    return _exact(_merged((*start, kind, Span(f"{turn:>4} {numbers}  "), last)), width)


def moment(at: float, offset_s: float | None, *, short: bool = False) -> str:
    """The time of day to the millisecond, UTC; before that is known, seconds of the line's clock."""
    if offset_s is None:
        return f"{at:.3f}"
    seconds, thousandths = divmod(round((at + offset_s) * 1000), 1000)
    return f"{utc(seconds, '%M:%S' if short else '%H:%M:%S')}.{thousandths:03}"


def heard_for(audio_ms: float) -> str:
    """A length of audio, from a second on in seconds."""
    return audio(audio_ms) if audio_ms < 1000 else seconds(audio_ms / 1000)


def _merged(line: Line) -> Line:
    """The line in as few spans as it has changes of tone: each is measured, styled and written by itself."""
    spans: list[Span] = []
    for span in line:
        if spans and spans[-1].tone is span.tone:
            spans[-1] = Span(spans[-1].text + span.text, span.tone)
        else:
            spans.append(span)
    return tuple(spans)


def _exact(line: Line, width: int) -> Line:
    """The line at its width; nearly every row has it already, and one look tells."""
    return line if cell_width("".join(span.text for span in line)) == width else fit(line, width)


def _shares(width: int) -> tuple[int, int]:
    """Cells of the type and of the note: what is left is shared, two to one."""
    left = width - _FIXED
    note = max(left // 3, 10)
    return left - note, note


def _size(entry: Entry) -> str:
    return _NOTHING if entry.size_bytes is None else size(entry.size_bytes)


def _latency(entry: Entry) -> str:
    return _NOTHING if entry.latency_ms is None else bare(entry.latency_ms)


def _kind(entry: Entry, cells: int, *, note: str | None = None) -> str:
    """Type, how often, and how much audio; the note behind it where it has no column of its own."""
    many = f" ×{entry.count}" if entry.count > 1 else ""
    heard = f"  {heard_for(entry.audio_ms)}" if entry.audio_ms and note is None else ""
    said = f" {note}" if note and not many else ""
    tail = f"{many}{heard}"
    return pad(_squeezed(entry.type, cells - cell_width(tail)) + tail + said, cells)


def _squeezed(kind: str, cells: int) -> str:
    """The type with its middle left out if it is too long: its last word tells most."""
    if cell_width(kind) <= cells:
        return kind
    last = kind[kind.rfind(".") :] if "." in kind else ""
    if len(last) + _LEAST_START > cells:
        return clip(kind, cells)
    return f"{clip(kind, cells - cell_width(last))}{last}"


def _since(entry: Entry, before: Entry | None) -> str:
    if before is None:
        return "+0"
    ms = round((entry.at - before.at) * 1000)
    if ms > _LONGEST_MS:
        return f"+{ms // 60_000}m{ms // 1000 % 60:02}"
    return f"{ms:+}"


def _sign(entry: Entry, look: StreamLook) -> str:
    if entry.level in _SIGNED:
        return entry.level.sign
    return "◆" if entry.number in look.marked else " "


def _sign_tone(entry: Entry, look: StreamLook) -> Tone:
    if entry.level in _SIGNED:
        return level_tone(entry.level)
    return Tone.ACCENT if entry.number in look.marked else Tone.PLAIN


def _tone(entry: Entry, look: StreamLook) -> Tone:
    if entry.level in _SIGNED:
        return level_tone(entry.level)
    if look.matches is not None:
        return Tone.STRONG if look.matches(entry) else Tone.DIM
    return Tone.PLAIN
