"""Ten minutes of a line, as snapshots half a minute apart: an outage in the middle, an alert, a mark, a slow minute."""

from __future__ import annotations

from dataclasses import replace

from telemetry.recorded import START, snapshot_at
from trunkline.telemetry.levels import Level
from trunkline.telemetry.snapshot import Alert
from trunkline.telemetry.story import EVERY_SECONDS, Story
from trunkline.telemetry.views import KernelView, Mark, TimelineView
from trunkline.text import Clean, clean

WALL = 1_700_000_000.0 - START
SECONDS = 600
CELLS = 120
BROKEN_CELLS = (60, 61)
SLOW_SECONDS = range(200, 260)


def rtt_of(second):
    """What the worst ping of a second took; every third second had none."""
    return None if second % 3 else 480.0 if second in SLOW_SECONDS else 40.0


def timeline(now_s):
    """Cells on the edges of the line's clock; the last one is that of the newest whole second."""
    newest = (now_s - 2) // 5
    known = range(newest + 1 - CELLS, newest + 1)
    return TimelineView(
        cell_s=5.0,
        state=tuple(
            None if cell < 0 else "reconnecting" if cell in BROKEN_CELLS else "live"
            for cell in known
        ),
        user=tuple(0.6 if cell >= 0 and cell % 4 == 0 else 0.0 for cell in known),
        model=tuple(0.8 if cell >= 0 and cell % 4 == 2 else 0.0 for cell in known),
        underruns=tuple(1 if cell == 30 else 0 for cell in known),
        marks=(Mark(at=START + 100, number=1, note=Clean("why")),) if now_s >= 100 else (),
    )


def line_at(now_s, key="demo/1", name="kiosk-12"):
    seconds = range(now_s - 61, now_s - 1)
    base = snapshot_at()
    samples = tuple(rtt_of(second) if second >= 0 else None for second in seconds)
    return replace(
        base,
        key=key,
        name=clean(name),
        at=START + now_s,
        started_at=START,
        wall_offset=WALL,
        timeline=timeline(now_s),
        rtt=replace(base.rtt, samples_ms=samples),
        kernel=KernelView(rtt_ms=30.0, samples_ms=tuple(value and value / 2 for value in samples)),
        quality=replace(base.quality, worst=41.0 if now_s in (240, 270) else None),
    )


def alerts(key="demo/1"):
    def alert(at, level, text, raised_at):
        return Alert(
            at=WALL + START + at, line=key, name=clean(key), metric="rtt", level=level, text=clean(text),
            raised_at=WALL + START + raised_at,
        )  # fmt: skip

    return (
        alert(205, Level.BAD, "RTT 480 ms > 400 ms (3 of 5)", 205),
        alert(265, Level.OK, "RTT is back under 400 ms", 205),
    )


def story(*keys, every=int(EVERY_SECONDS)):
    told = Story()
    for now_s in [*range(every, SECONDS, every), SECONDS]:
        for key in keys or ("demo/1",):
            told.take(line_at(now_s, key, f"name of {key}"))
            told.take_alerts(one for one in alerts(key) if one.at <= WALL + START + now_s)
    return told.lines()
