"""The drawings of a report: what a line did on one axis of time, all lines on one axis, and round trips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from trunkline.telemetry.levels import THRESHOLDS, Level
from trunkline.telemetry.picture import Bars, Box, Curve, Picture, Shape, Sign, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trunkline.telemetry.levels import Threshold
    from trunkline.telemetry.snapshot import Alert, Outage
    from trunkline.telemetry.story import LineStory, Span

__all__ = ["fleet_timeline", "line_timeline", "round_trips"]

WIDTH = 960
_LEFT = 96
_RIGHT = 12
_ROW = 24
_BAND = 14
_AXIS = 22
# As many points as the drawing has pixels would be; a page of 100 lines stays a few megabytes.
_MOST_POINTS = 600
# A ping comes every few seconds while all is well; without one for so long, a curve would claim what nobody knows.
_BREAK_SECONDS = 15

_STATE_TONES = {"live": "ok", "connecting": "warning", "reconnecting": "bad"}
_LEVEL_SIGNS = {
    Level.BAD: ("cross", "bad"),
    Level.WARNING: ("triangle", "warning"),
    Level.OK: ("dot", "ok"),
    Level.UNKNOWN: ("dot", "faint"),
}
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_LADDER = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class _Axis:
    """Time from left to right."""

    begins_at: float
    ends_at: float

    @property
    def seconds(self) -> float:
        return max(self.ends_at - self.begins_at, 1.0)

    def x(self, at: float) -> float:
        share = (at - self.begins_at) / self.seconds
        return _LEFT + min(max(share, 0.0), 1.0) * (WIDTH - _LEFT - _RIGHT)

    def band(self, begins_at: float, ends_at: float, y: float, tone: str, title: str) -> Box:
        """A time as a box; never so narrow that it cannot be seen."""
        x = self.x(begins_at)
        width = max(self.x(ends_at) - x, 1.5)
        return Box(x=x, y=y, width=width, height=_BAND, tone=tone, title=title)

    def ticks(self) -> list[tuple[float, str]]:
        """At most ten moments and their names, at round times."""
        step = next((one for one in _STEPS if self.seconds / one <= 9), _STEPS[-1])
        first = -(-self.begins_at // step) * step
        count = min(int((self.ends_at - first) // step) + 1, 12)
        style = "%H:%M" if step % 60 == 0 else "%H:%M:%S"
        moments = [first + number * step for number in range(max(count, 0))]
        return [(at, datetime.fromtimestamp(at, UTC).strftime(style)) for at in moments]

    def shapes(self, top: float, bottom: float) -> list[Shape]:
        found: list[Shape] = []
        for at, name in self.ticks():
            x = self.x(at)
            found.append(Curve(points=((x, top), (x, bottom)), tone="grid", width=1))
            found.append(Words(x=x, y=bottom + 15, text=name, tone="faint", anchor="middle"))
        return found


def line_timeline(story: LineStory) -> Picture:
    """State, speech of both sides, underruns, alerts and marks of one line on one axis."""
    axis = _Axis(story.begins_at, story.ends_at)
    names = ("state", "user", "model", "underruns", "alerts", "marks")
    rows = [_states(axis, story), *_speech(axis, story), _underruns(axis, story)]
    rows += [_alerts(axis, story.alerts, 4), _marks(axis, story)]
    bottom = len(names) * _ROW + 4
    shapes = axis.shapes(4, bottom)
    shapes += [
        Words(x=_LEFT - 10, y=place * _ROW + 16, text=name, tone="faint", anchor="right")
        for place, name in enumerate(names)
    ]
    shapes += [shape for row in rows for shape in row]
    label = f"Timeline of {story.last.name}"
    return Picture(width=WIDTH, height=bottom + _AXIS, label=label, shapes=tuple(shapes))


def fleet_timeline(stories: Sequence[LineStory]) -> Picture:
    """One row for each line: its states, its outages and its alerts, all lines on one axis."""
    begins_at = min((story.begins_at for story in stories), default=0.0)
    axis = _Axis(begins_at, max((story.ends_at for story in stories), default=begins_at))
    bottom = max(len(stories), 1) * _ROW + 4
    shapes = axis.shapes(4, bottom)
    for place, story in enumerate(stories):
        y = place * _ROW + 6
        name = _short(story.last.name)
        shapes.append(Words(x=_LEFT - 10, y=y + 10, text=name, tone="faint", anchor="right"))
        shapes += _states(axis, story, y)
        shapes += _signs(axis, story.alerts, y + 7)
    label = f"Timeline of {len(stories)} lines"
    return Picture(width=WIDTH, height=bottom + _AXIS, label=label, shapes=tuple(shapes))


def round_trips(
    story: LineStory, *, height: int = 170, thresholds: Mapping[str, Threshold] = THRESHOLDS
) -> Picture:
    """Ping and kernel round trips over the recording, with the thresholds, over the outages."""
    axis = _Axis(story.begins_at, story.ends_at)
    top, bottom = 10.0, float(height - _AXIS)
    scale = _scale([value for _, value in (*story.rtt, *story.kernel_rtt)])
    shapes: list[Shape] = [
        Box(
            x=axis.x(outage.at),
            y=top,
            width=max(axis.x(_end_of(outage, story)) - axis.x(outage.at), 1.5),
            height=bottom - top,
            tone="shade",
            title=_outage_words(outage),
        )
        for outage in story.outages
    ]
    shapes += axis.shapes(top, bottom)
    shapes += _levels(scale, top, bottom, thresholds["rtt_ms"])
    for series, tone in ((story.kernel_rtt, "model"), (story.rtt, "accent")):
        for run in _runs(_thinned(series, axis.seconds)):
            points = tuple((axis.x(at), _y(value, scale, top, bottom)) for at, value in run)
            shapes.append(_trace(points, tone))
    if not story.rtt:
        shapes.append(
            Words(
                x=WIDTH / 2,
                y=height / 2,
                text="no ping was answered",
                tone="faint",
                anchor="middle",
            )
        )
    label = f"Round trips of {story.last.name} in milliseconds"
    return Picture(width=WIDTH, height=height, label=label, shapes=tuple(shapes))


def _trace(points: tuple[tuple[float, float], ...], tone: str) -> Shape:
    """A curve, or a dot where one point stands alone."""
    if len(points) == 1:
        x, y = points[0]
        return Box(x=x - 1, y=y - 1, width=2, height=2, tone=tone)
    return Curve(points=points, tone=tone)


def _states(axis: _Axis, story: LineStory, y: float = 6) -> list[Shape]:
    """What cells tell, then the outages over it, which are exact: most are shorter than the cells they are in."""
    shapes: list[Shape] = []
    for span in story.states:
        known = span.state == "reconnecting" and _meets_outage(span, story)
        state = "live" if known else span.state
        tone = _STATE_TONES.get(state, "faint")
        shapes.append(axis.band(span.begins_at, span.ends_at, y, tone, state))
    shapes += [
        axis.band(outage.at, _end_of(outage, story), y, "bad", _outage_words(outage))
        for outage in story.outages
    ]
    return shapes


def _speech(axis: _Axis, story: LineStory) -> list[list[Shape]]:
    """Who spoke when: a bar for each cell, as high as the share of it that was speech."""
    rows: list[list[Shape]] = []
    for place, tone in ((1, "user"), (2, "model")):
        bars = tuple(
            (x, max(axis.x(at + story.cell_s) - x, 1.0), max(min(share, 1.0) * _BAND, 2.0))
            for at, cell in story.cells
            if (share := cell.user if tone == "user" else cell.model) > 0
            for x in (axis.x(at),)
        )
        rows.append([Bars(y=place * _ROW + 6 + _BAND, bars=bars, tone=tone)] if bars else [])
    return rows


def _underruns(axis: _Axis, story: LineStory) -> list[Shape]:
    return [
        Sign(
            x=axis.x(at + story.cell_s / 2),
            y=3 * _ROW + 13,
            kind="dot",
            tone="warning",
            title=f"{cell.underruns} underruns",
        )
        for at, cell in story.cells
        if cell.underruns
    ]


def _alerts(axis: _Axis, alerts: Iterable[Alert], row: int) -> list[Shape]:
    return _signs(axis, alerts, row * _ROW + 13)


def _signs(axis: _Axis, alerts: Iterable[Alert], y: float) -> list[Shape]:
    """The alerts where they were raised; one that cleared is no news on an axis of time."""
    shapes: list[Shape] = []
    for alert in alerts:
        if alert.level is not Level.OK:
            kind, tone = _LEVEL_SIGNS[alert.level]
            x = axis.x(alert.at)
            # On a band of another tone a sign needs ground of its own.
            shapes.append(Box(x=x - 7, y=y - 7, width=14, height=14, tone="paper"))
            shapes.append(Sign(x=x, y=y, kind=kind, tone=tone, title=alert.text))
    return shapes


def _marks(axis: _Axis, story: LineStory) -> list[Shape]:
    shapes: list[Shape] = []
    for mark in story.marks:
        x, y = axis.x(mark.at), 5 * _ROW + 13
        shapes.append(Sign(x=x, y=y, kind="flag", tone="accent", title=mark.note))
        shapes.append(Words(x=x + 8, y=y + 4, text=f"m{mark.number}", tone="faint"))
    return shapes


def _levels(scale: float, top: float, bottom: float, threshold: Threshold) -> list[Shape]:
    """Lines across: the ends of the scale, and what is doubtful and bad where the scale reaches it."""
    wanted = [(0.0, "grid"), (scale / 2, "grid"), (scale, "grid")]
    limits = [(threshold.warning, "warning"), (threshold.bad, "bad")]
    shapes: list[Shape] = []
    for value, tone in wanted + [(value, tone) for value, tone in limits if value <= scale]:
        y = _y(value, scale, top, bottom)
        points = ((_LEFT, y), (WIDTH - _RIGHT, y))
        shapes.append(Curve(points=points, tone=tone, width=1, dashed=tone != "grid"))
        if tone == "grid":
            text = f"{value:g} ms"
            shapes.append(Words(x=_LEFT - 10, y=y + 4, text=text, tone="faint", anchor="right"))
    return shapes


def _y(value: float, scale: float, top: float, bottom: float) -> float:
    return bottom - min(value / scale, 1.0) * (bottom - top)


def _scale(values: list[float]) -> float:
    """The least round number that is above all values: 1, 2 or 5 times a power of ten, at least 10."""
    highest = max(values, default=10.0)
    power = 10
    while True:
        for factor in _LADDER:
            if factor * power >= highest:
                return float(factor * power)
        power *= 10


def _thinned(series: tuple[tuple[float, float], ...], seconds: float) -> list[tuple[float, float]]:
    """The worst of each stretch, in as many stretches as can be seen."""
    step = max(int(seconds / _MOST_POINTS), 1)
    worst: dict[float, tuple[float, float]] = {}
    for at, value in series:
        known = worst.get(at // step)
        if known is None or value > known[1]:
            worst[at // step] = (at, value)
    return [worst[index] for index in sorted(worst)]


def _runs(series: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Stretches without a break."""
    if not series:
        return []
    gaps = sorted(later - earlier for (earlier, _), (later, _) in pairwise(series))
    usual = gaps[len(gaps) // 2] if gaps else 0
    runs = [[series[0]]]
    for before, point in pairwise(series):
        if point[0] - before[0] > max(_BREAK_SECONDS, 3 * usual):
            runs.append([])
        runs[-1].append(point)
    return runs


def _end_of(outage: Outage, story: LineStory) -> float:
    return story.ends_at if outage.seconds is None else outage.at + outage.seconds


def _meets_outage(span: Span, story: LineStory) -> bool:
    return any(
        outage.at < span.ends_at and _end_of(outage, story) > span.begins_at
        for outage in story.outages
    )


def _outage_words(outage: Outage) -> str:
    code = "" if outage.code is None else f"{outage.code} "
    took = "unfinished" if outage.seconds is None else f"{outage.seconds:.2f} s"
    return f"outage {took}: {code}{outage.cause}"


def _short(name: str) -> str:
    """As much of a name as fits beside the axis."""
    return name if len(name) <= 12 else name[:11] + "…"
