"""The books of the caller's audio in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.tui.ink import Line, Span, Tone, join, label, level_tone, text
from trunkline.tui.numbers import audio

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import Books, LineSnapshot

__all__ = ["paint_books"]

# Below, lengths are seconds without their unit.
_WIDE = 100
_LEVELS = {None: Level.UNKNOWN, True: Level.OK, False: Level.BAD}


def paint_books(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """Accepted = consumed + retained + gap, with a cross if the line's own count says otherwise."""
    books = snapshot.books
    short = width < _WIDE
    level = _LEVELS[books.balanced]
    law = (
        Span(f" {level.sign} ", level_tone(level)),
        *label("accepted", _length(books.accepted_ms, short=short)),
        *label(" = consumed", _length(books.consumed_ms, short=short)),
        *label(" + retained", _length(books.retained_ms, short=short)),
        *label(" + gap", audio(books.gap_ms), Tone.BAD if books.gap_ms else Tone.STRONG),
    )
    rest = [label("replayed", audio(books.replayed_ms)), label("sent", audio(books.sent_ms))]
    return [join([law, *_imbalance(books), *rest], width, gap=2)]


def _length(value_ms: float, *, short: bool) -> str:
    return f"{value_ms / 1000:.2f}" if short else audio(value_ms)


def _imbalance(books: Books) -> list[Line]:
    if books.balanced is not False:
        return []
    return [text(f"off by {audio(books.imbalance_ms)}", Tone.BAD)]
