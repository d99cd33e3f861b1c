"""What a recording tells of its lines from its first frame to its last, gathered from snapshots.

Problem: a snapshot remembers the last minute by the second, the last ten minutes by the cell, and the newest fifty
turns and outages; a report wants all of a recording. Folding everything once more would be a second truth. So the
story takes a snapshot of each line now and then and puts together what they overlap in. `EVERY_SECONDS` apart nothing
is missed that a snapshot holds, unless fifty turns ended in between.

Moments are Unix seconds here: lines of several processes share one axis, and their own clocks do not.
Memory: about 100 bytes a line and second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trunkline.telemetry.fleet import GRACE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trunkline.telemetry.snapshot import Alert, LineSnapshot, Outage, Turn
    from trunkline.telemetry.views import Mark, TimelineView

__all__ = ["EVERY_SECONDS", "Cell", "LineStory", "Span", "Story"]

EVERY_SECONDS = 30.0
"""How far apart snapshots may be: half of what they remember by the second."""

# Conditions in a cell that are no state of a line that lives, and states that a line does not leave.
_OVER = frozenset({"closed", "gone"})
_ENDED = frozenset({"closed", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A few seconds of a line."""

    state: str | None
    user: float
    """Share of the cell in which the user spoke."""
    model: float
    underruns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time in one state, in Unix seconds."""

    state: str
    begins_at: float
    ends_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStory:
    """One line over the whole recording; all moments are Unix seconds."""

    last: LineSnapshot
    """The newest snapshot; its own moments are its line's."""
    begins_at: float
    ends_at: float
    cell_s: float
    cells: tuple[tuple[float, Cell], ...]
    """When each began, in order; a cell that nobody saw is missing."""
    states: tuple[Span, ...]
    """As far as cells tell; an outage that is shorter than a cell is exact in `outages` only."""
    rtt: tuple[tuple[float, float], ...]
    """When a second began and the worst round trip in it, in milliseconds."""
    kernel_rtt: tuple[tuple[float, float], ...]
    outages: tuple[Outage, ...]
    turns: tuple[Turn, ...]
    alerts: tuple[Alert, ...]
    """Raised and cleared, oldest first."""
    marks: tuple[Mark, ...]
    worst_score: float | None
    """The lowest that any snapshot knew of; each knows the last five minutes."""


@dataclass(slots=True)
class _Gathering:
    """A line so far; cells and seconds are numbered by its own clock, on whose edges they lie."""

    last: LineSnapshot
    first_at: float
    cells: dict[int, Cell] = field(default_factory=dict)
    rtt: dict[int, float] = field(default_factory=dict)
    kernel_rtt: dict[int, float] = field(default_factory=dict)
    outages: dict[float, Outage] = field(default_factory=dict)
    turns: dict[int, Turn] = field(default_factory=dict)
    marks: dict[int, Mark] = field(default_factory=dict)
    worst_score: float | None = None


class Story:
    """Gathers snapshots in the order of time."""

    def __init__(self) -> None:
        self._lines: dict[str, _Gathering] = {}
        self._alerts: dict[tuple[str, str, float, float], Alert] = {}

    def take(self, line: LineSnapshot) -> None:
        """A snapshot of a line: at most `EVERY_SECONDS` after the one before, and one at the end."""
        gathering = self._lines.get(line.key)
        if gathering is None:
            gathering = _Gathering(last=line, first_at=line.started_at + line.wall_offset)
            self._lines[line.key] = gathering
        gathering.last = line
        shift = line.wall_offset
        # The newest second that was whole when the snapshot was made.
        newest = math.floor(line.at - GRACE_SECONDS) - 1
        _take_cells(gathering.cells, line.timeline, newest)
        _take_seconds(gathering.rtt, line.rtt.samples_ms, newest)
        _take_seconds(gathering.kernel_rtt, line.kernel.samples_ms, newest)
        gathering.worst_score = _least(
            gathering.worst_score, line.quality.worst, line.quality.score
        )
        for outage in line.outages:
            gathering.outages[outage.at] = replace(outage, at=outage.at + shift)
        for turn in line.turns:
            gathering.turns[turn.number] = _moved(turn, shift)
        for mark in line.timeline.marks:
            gathering.marks[mark.number] = replace(mark, at=mark.at + shift)

    def take_alerts(self, alerts: Iterable[Alert]) -> None:
        """Alerts of any line, in any order; one that was taken before changes nothing."""
        for alert in alerts:
            self._alerts[alert.line, alert.metric, alert.raised_at, alert.at] = alert

    def lines(self, until: float = math.inf) -> tuple[LineStory, ...]:
        """All lines, in the order in which they came; `until` is where the recording ends, if snapshots look beyond."""
        return tuple(self._told(key, line, until) for key, line in self._lines.items())

    def _told(self, key: str, line: _Gathering, until: float) -> LineStory:
        cell_s, shift = line.last.timeline.cell_s, line.last.wall_offset
        cells = tuple((index * cell_s + shift, cell) for index, cell in sorted(line.cells.items()))
        return LineStory(
            last=line.last,
            begins_at=line.first_at,
            ends_at=min(_end_of(line.last) + shift, until),
            cell_s=cell_s,
            cells=cells,
            states=_spans(cells, cell_s),
            rtt=_moments(line.rtt, shift),
            kernel_rtt=_moments(line.kernel_rtt, shift),
            outages=tuple(outage for _, outage in sorted(line.outages.items())),
            turns=tuple(turn for _, turn in sorted(line.turns.items())),
            alerts=tuple(
                sorted(
                    (one for one in self._alerts.values() if one.line == key),
                    key=lambda one: (one.at, one.metric),
                )
            ),
            marks=tuple(mark for _, mark in sorted(line.marks.items())),
            worst_score=line.worst_score,
        )


def _take_cells(known: dict[int, Cell], timeline: TimelineView, newest: int) -> None:
    """Cells, oldest first; the newest snapshot knows each best, since at its end all of it is told."""
    first = int(newest // timeline.cell_s) + 1 - len(timeline.state)
    for place, state in enumerate(timeline.state):
        known[first + place] = Cell(
            state=None if state in _OVER else state,
            user=_at(timeline.user, place),
            model=_at(timeline.model, place),
            underruns=int(_at(timeline.underruns, place)),
        )


def _take_seconds(known: dict[int, float], samples: tuple[float | None, ...], newest: int) -> None:
    """Samples by the second, oldest first."""
    first = newest + 1 - len(samples)
    for place, sample in enumerate(samples):
        if sample is not None:
            known[first + place] = sample


def _moments(seconds: dict[int, float], shift: float) -> tuple[tuple[float, float], ...]:
    return tuple((second + shift, value) for second, value in sorted(seconds.items()))


def _end_of(line: LineSnapshot) -> float:
    """When it ended, or when it was last looked at; by its own clock."""
    return line.state_since if line.state in _ENDED else line.at


def _moved(turn: Turn, shift: float) -> Turn:
    return replace(
        turn,
        at=turn.at + shift,
        first_audio_at=None if turn.first_audio_at is None else turn.first_audio_at + shift,
        done_at=None if turn.done_at is None else turn.done_at + shift,
    )


def _spans(cells: tuple[tuple[float, Cell], ...], cell_s: float) -> tuple[Span, ...]:
    """Neighbouring cells of one state as one span; a gap ends it."""
    spans: list[Span] = []
    for begins_at, cell in cells:
        if cell.state is None:
            continue
        before = spans[-1] if spans else None
        joins = before is not None and abs(before.ends_at - begins_at) < cell_s / 2
        if before is not None and joins and before.state == cell.state:
            spans[-1] = replace(before, ends_at=begins_at + cell_s)
        else:
            spans.append(Span(state=cell.state, begins_at=begins_at, ends_at=begins_at + cell_s))
    return tuple(spans)


def _at(values: tuple[float, ...] | tuple[int, ...], place: int) -> float:
    return values[place] if place < len(values) else 0


def _least(*values: float | None) -> float | None:
    """The least of those that are known."""
    return min((value for value in values if value is not None), default=None)
