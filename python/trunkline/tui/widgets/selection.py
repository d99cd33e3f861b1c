"""What is selected in the inspector, and what leaves the console unseen, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.tui.ink import Line, Span, Tone, fit
from trunkline.tui.numbers import size

if TYPE_CHECKING:
    from trunkline.telemetry.entry import Entry

__all__ = ["SelectionLook", "paint_selection"]


@dataclass(frozen=True, slots=True)
class SelectionLook:
    """An entry, whether words are hidden, and which turn waits to be compared."""

    entry: Entry | None
    hides_words: bool
    marked: str = ""


def paint_selection(look: SelectionLook, width: int, _: int) -> list[Line]:
    """Counts and bytes, redaction, the mark."""
    entry = look.entry
    words = [_selected(entry)]
    if entry is not None and entry.size_bytes is not None:
        words.append(size(entry.size_bytes))
    hidden = "hidden" if look.hides_words else "shown"
    words.append(f"redaction on (api keys, transcripts {hidden})")
    if look.marked:
        words.append(f"{look.marked} marked, = compares")
    return [fit((Span(f" {' · '.join(words)}", Tone.DIM),), width)]


def _selected(entry: Entry | None) -> str:
    if entry is None:
        return "nothing selected"
    return "selected 1 event" if entry.count == 1 else f"selected {entry.count} events"
