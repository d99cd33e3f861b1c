"""One event in full: its contents as JSON, its sound, and what was measured of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.telemetry.entry import Way
from trunkline.tui.cells import wrap
from trunkline.tui.ink import Line, Span, Tone, fit, label, level_tone, line_width, text
from trunkline.tui.numbers import milliseconds, size
from trunkline.tui.widgets.eventrow import heard_for, moment
from trunkline.tui.widgets.wave import wave_line

if TYPE_CHECKING:
    from trunkline.telemetry.entry import Entry

__all__ = ["DetailLook", "detail_title", "paint_detail"]

_MEMBER = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(\s*:\s*)(.*)$', re.DOTALL)
_TALL = 7


@dataclass(frozen=True, slots=True)
class DetailLook:
    """The event, and the zero of its clock."""

    entry: Entry | None
    offset_s: float | None = None


def detail_title(look: DetailLook) -> str:
    """Which event it is; of a run, that the first one is shown."""
    entry = look.entry
    if entry is None:
        return "Detail"
    return f"Detail  {entry.type}{f' ×{entry.count}  (first)' if entry.count > 1 else ''}"


def paint_detail(look: DetailLook, width: int, height: int) -> list[Line]:
    """The contents first where there is room; in a few lines the sound and the figures."""
    entry = look.entry
    if entry is None:
        return [fit(text("nothing is selected", Tone.DIM), width)]
    contents = _contents(entry, width)
    sound = wave_line(entry, width)
    figures = _figures(entry, look.offset_s, width)
    lines = [*contents, sound, *figures] if height >= _TALL else [*figures, sound, *contents]
    return [fit(line, width) for line in lines if line]


def _contents(entry: Entry, width: int) -> list[Line]:
    if not entry.detail:
        here = entry.way is Way.LOCAL
        return [text("it happened here" if here else "its contents are not kept", Tone.DIM)]
    return [line for member in entry.detail.split("\n") for line in _member(member, width)]


def _member(member: str, width: int) -> list[Line]:
    """A line of JSON: the name in one tone, its value in another; what is too long goes on below it."""
    found = _MEMBER.match(member)
    if found is None:
        return [text(part) for part in _wrapped(member, width)]
    indent, name, colon, value = found.groups()
    room = width - len(indent) - len(name) - len(colon)
    tone = Tone.DIM if value.lstrip('"').startswith("<base64") else Tone.PLAIN
    if room < 8:
        return [text(part) for part in _wrapped(member, width)]
    first, *rest = _wrapped(value, room)
    head = (Span(indent), Span(name, Tone.ACCENT), Span(colon, Tone.DIM), Span(first, tone))
    return [head, *(text(" " * (width - room) + part, tone) for part in rest)]


def _wrapped(words: str, width: int) -> list[str]:
    """Lines of the words; indentation is kept."""
    if len(words) <= width:
        return [words]
    indent = len(words) - len(words.lstrip(" "))
    room = max(width - indent, 1)
    return [" " * indent + part for part in wrap(words[indent:], room)]


def _figures(entry: Entry, offset_s: float | None, width: int) -> list[Line]:
    items = [
        label("at", moment(entry.at, offset_s)),
        label("size", size(entry.size_bytes)) if entry.size_bytes is not None else (),
        label("audio", heard_for(entry.audio_ms)) if entry.audio_ms else (),
        label("latency", milliseconds(entry.latency_ms)) if entry.latency_ms is not None else (),
        label("turn", str(entry.turn)) if entry.turn is not None else (),
        label("item", entry.item_id) if entry.item_id else (),
        label("response", entry.response_id) if entry.response_id else (),
        (Span(entry.note, level_tone(entry.level)),) if entry.note else (),
    ]
    return _flowed([item for item in items if item], width)


def _flowed(items: list[Line], width: int) -> list[Line]:
    """The items one after the other, on as many lines as they need."""
    lines: list[Line] = []
    for item in items:
        if lines and line_width(lines[-1]) + 2 + line_width(item) <= width:
            lines[-1] = (*lines[-1], Span("  "), *item)
        else:
            lines.append(item)
    return lines
