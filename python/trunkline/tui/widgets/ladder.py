"""The flow of a turn as a ladder: the client at the left, the server at the right, time going down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.telemetry.entry import Way
from trunkline.telemetry.levels import Level
from trunkline.tui.cells import clip, pad
from trunkline.tui.ink import Line, Span, Tone, fit, level_tone, text
from trunkline.tui.inspector.ladder import short_type
from trunkline.tui.widgets.eventrow import heard_for
from trunkline.tui.widgets.listing import Listing

if TYPE_CHECKING:
    from trunkline.telemetry.entry import Entry
    from trunkline.tui.inspector.ladder import Rung

__all__ = ["LadderLook", "LadderPanel", "ladder_title", "paint_ladder"]

_BAR_CELLS = 8
_WIDE_INSIDE = 25
_NARROW_INSIDE = 17
_WIDE = 48


@dataclass(frozen=True, slots=True)
class LadderLook:
    """A turn and its rungs."""

    turn: int | None = None
    rungs: tuple[Rung, ...] = ()


class LadderPanel(Listing[LadderLook]):
    """The ladder with a cursor: a rung is an event of the stream."""

    @property
    def cursor_line(self) -> int | None:
        """Where the cursor is; None where there are words in place of rungs."""
        return super().cursor_line if self._value is not None and self._value.rungs else None

    @property
    def rung(self) -> Rung | None:
        """The one under the cursor."""
        line = self.cursor_line
        return None if line is None or self._value is None else self._value.rungs[line]

    def point_at(self, entry: Entry) -> None:
        """Put the cursor on the rung of an event, or on the last one before it."""
        rungs = self._value.rungs if self._value is not None else ()
        reached = [n for n, rung in enumerate(rungs) if rung.entry.at <= entry.at]
        same = [n for n in reached if _is_of(entry, rungs[n].entry)]
        if reached and (place := (same or reached)[-1]) != self._cursor:
            self.move(place - self._cursor)


def _is_of(entry: Entry, rung: Entry) -> bool:
    return entry.number == rung.number or (
        entry.audio_ms is not None
        and (entry.type, entry.way, entry.response_id) == (rung.type, rung.way, rung.response_id)
    )


def ladder_title(look: LadderLook) -> str:
    """Which turn it is."""
    return "Flow" if look.turn is None else f"Flow  turn {look.turn}"


def paint_ladder(look: LadderLook, width: int, _: int) -> list[Line]:
    """One line for each rung."""
    if not look.rungs:
        words = (
            "the event belongs to no turn" if look.turn is None else "nothing of the turn is kept"
        )
        return [fit(text(words, Tone.DIM), width)]
    inside = _WIDE_INSIDE if width >= _WIDE else _NARROW_INSIDE
    longest = max((rung.offset_ms or 0.0 for rung in look.rungs), default=0.0)
    return [fit(_rung(rung, inside, longest), width) for rung in look.rungs]


def _rung(rung: Rung, inside: int, longest: float) -> Line:
    entry = rung.entry
    tone = level_tone(rung.level) if rung.level in (Level.WARNING, Level.BAD) else Tone.PLAIN
    return (
        Span("│", Tone.DIM),
        *_arrow(entry, inside, tone),
        Span("│ ", Tone.DIM),
        *_figures(rung, longest),
    )


def _arrow(entry: Entry, inside: int, tone: Tone) -> Line:
    many = f" ×{entry.count}" if entry.count > 1 else ""
    words = f" {clip(short_type(entry.type), inside - (6 if entry.way is Way.UP else 5) - len(many))}{many} "
    if entry.way is Way.LOCAL:
        said = f"·{words}{entry.note}".rstrip()
        return (Span(pad(said, inside), tone),)
    if entry.way is Way.UP:
        return (
            Span("─" * 2, Tone.DIM),
            Span(words, tone),
            Span("─" * (inside - len(words) - 3) + "▶", Tone.DIM),
        )
    head = "✖" if entry.level is Level.BAD else "◀"
    return (Span(f"{head}─", tone if head == "✖" else Tone.DIM), Span(words, tone),
            Span("─" * (inside - len(words) - 2), Tone.DIM))  # fmt: skip


def _figures(rung: Rung, longest: float) -> Line:
    entry = rung.entry
    if rung.offset_ms is None:
        return (Span(f"  {heard_for(entry.audio_ms)} audio" if entry.audio_ms else "", Tone.DIM),)
    when = "0" if rung.offset_ms < 0.5 else f"+{rung.offset_ms:.0f}"
    bar = ""
    if entry.way is Way.DOWN and entry.latency_ms is not None and longest > 0:
        bar = "▇" * max(round(rung.offset_ms / longest * _BAR_CELLS), 1)
    return (Span(f"{when:>6}  "), Span(bar, Tone.ACCENT))
