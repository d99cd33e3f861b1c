"""The last ten minutes of a line on one axis: its state, who spoke, what went wrong, what was marked."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.tui.ink import Line, Span, Tone, fit, level_tone
from trunkline.tui.moments import minute_of
from trunkline.tui.widgets.strips import resampled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.telemetry.views import Mark, TimelineView

__all__ = ["paint_state_row", "paint_timeline"]

_NAME_CELLS = 7
_STATES = {
    "live": ("█", Tone.OK),
    "reconnecting": ("▒", Tone.BAD),
    "connecting": ("░", Tone.WARNING),
}
_SEVERITY = {"reconnecting": 2, "connecting": 1, "live": 0}
_LABEL_CELLS = 7
_LEVELS = (Level.UNKNOWN, Level.OK, Level.WARNING, Level.BAD)


def paint_timeline(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """Strips under each other, the axis last."""
    cells = max(width - _NAME_CELLS, 1)
    view = snapshot.timeline
    rows = [
        ("state", _states(view, cells)),
        ("user", _speech(view.user, cells, "▂", Tone.ACCENT)),
        ("model", _speech(view.model, cells, "▆", Tone.OK)),
        ("under", _speech([float(n) for n in view.underruns], cells, "╵", Tone.WARNING)),
        ("alert", _alerts(view, cells)),
        ("marks", _marks(snapshot, cells)),
    ]
    shown = rows[: max(height - 1, 1)]
    lines = [fit((Span(f"{name:<{_NAME_CELLS}}", Tone.DIM), *line), width) for name, line in shown]
    return [*lines, fit((Span(" " * _NAME_CELLS), *_axis(snapshot, cells)), width)][:height]


def paint_state_row(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """The state alone, with how long it is."""
    tail = f"  {_minutes(snapshot.timeline)} min"
    cells = max(width - _NAME_CELLS - len(tail), 1)
    state = _states(snapshot.timeline, cells)
    return [
        fit((Span(f"{' state':<{_NAME_CELLS}}", Tone.DIM), *state, Span(tail, Tone.DIM)), width)
    ]


def _minutes(view: TimelineView) -> int:
    return round(max(len(view.state), 1) * view.cell_s / 60) or 10


def _states(view: TimelineView, cells: int) -> Line:
    """The worst of each part."""
    count = len(view.state)
    if not count:
        return ()
    signs = []
    for n in range(cells):
        part = view.state[
            n * count // cells : max((n + 1) * count // cells, n * count // cells + 1)
        ]
        known = [state for state in part if state is not None]
        worst = max(known, key=lambda state: _SEVERITY.get(state, 0), default=None)
        signs.append((" ", Tone.DIM) if worst is None else _STATES.get(worst, ("░", Tone.DIM)))
    return _grouped(signs)


def _speech(values: Sequence[float], cells: int, sign: str, tone: Tone) -> Line:
    """A sign wherever there was any."""
    return (Span("".join(sign if value > 0 else " " for value in resampled(values, cells)), tone),)


def _alerts(view: TimelineView, cells: int) -> Line:
    ranks = [float(_LEVELS.index(level)) if level is not Level.OK else 0.0 for level in view.alerts]
    levels = [_LEVELS[int(rank)] for rank in resampled(ranks, cells)]
    return _grouped(
        [
            (level.sign, level_tone(level)) if level is not Level.UNKNOWN else (" ", Tone.DIM)
            for level in levels
        ]
    )


def _marks(snapshot: LineSnapshot, cells: int) -> Line:
    """`m1` where an operator marked; one that would cover another is left out."""
    signs = [" "] * cells
    for mark in snapshot.timeline.marks:
        at, words = _cell_of(snapshot, mark.at, cells), _mark_word(mark)
        if 0 <= at <= cells - len(words) and not any(
            sign.strip() for sign in signs[at : at + len(words)]
        ):
            signs[at : at + len(words)] = list(words)
    return (Span("".join(signs), Tone.STRONG),)


def _mark_word(mark: Mark) -> str:
    return f"m{mark.number}"


def _cell_of(snapshot: LineSnapshot, at: float, cells: int) -> int:
    length = max(len(snapshot.timeline.state), 1) * snapshot.timeline.cell_s
    return int((at - (snapshot.at - length)) / length * cells)


def _axis(snapshot: LineSnapshot, cells: int) -> Line:
    """The time at every full second minute, or what fits."""
    length = max(len(snapshot.timeline.state), 1) * snapshot.timeline.cell_s
    signs = [" "] * cells
    step = next(
        (minutes for minutes in (1, 2, 5, 10) if minutes * 60 / length * cells >= _LABEL_CELLS), 10
    )
    now = (
        snapshot.at + snapshot.wall_offset if snapshot.wall_offset else snapshot.clock(snapshot.at)
    )
    moment = snapshot.at - now % (step * 60)
    while moment > snapshot.at - length:
        words = minute_of(snapshot, moment)
        at = _cell_of(snapshot, moment, cells) - len(words) // 2
        if at >= 0 and at + len(words) <= cells:
            signs[at : at + len(words)] = list(words)
        moment -= step * 60
    return (Span("".join(signs), Tone.DIM),)


def _grouped(cells: Sequence[tuple[str, Tone]]) -> Line:
    return tuple(
        Span("".join(sign for sign, _ in group), tone)
        for tone, group in groupby(cells, key=lambda cell: cell[1])
    )
