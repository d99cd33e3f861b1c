"""What exporting metrics costs: counting beside the fold, a scrape, and logs; nothing of it in a line's event loop.

    python benches/metrics.py [--lines 100] [--seconds 30]

The frames of busy lines (a beat each half second, a turn each six), folded as any part of telemetry folds them, and
then counted. **counting** is what the account adds to the fold; **OpenTelemetry** the same with the SDK's histograms
and spans, where it is installed, also of lines that do not measure; **logs** what a `Logbook` adds. **reading** is what
a scrape takes of telemetry's thread, **text** what it takes of the endpoint's. Figures are processor time; shares of a
core are of the time that the frames are of. Lines have one model and one server, as a process's mostly do, so there are
no more series with more lines.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import time
from dataclasses import replace

from busy_line import began, conversation, live, moment
from trunkline.fleet.block import Stamped
from trunkline.fleet.breath import Breath
from trunkline.fleet.exporter import Exporter
from trunkline.fleet.logbook import Logbook
from trunkline.fleet.state import FleetState
from trunkline.telemetry.exposition import OPENMETRICS, TEXT, exposition
from trunkline.telemetry.frames import Beat

WALL = 1_800_000_000.0
BREATH = Breath(longest=float("inf"))


def frames_of(lines: int, seconds: int) -> list:
    """All lines' frames, in the order of their time."""
    dice = random.Random(1)
    keys = [f"web-{n:04}" for n in range(lines)]
    beginnings = [frame for key in keys for frame in (*began(key), live(key))]
    told = [frame for key in keys for frame in conversation(key, 0, seconds, dice)]
    return beginnings + sorted(told, key=moment)


def seconds_of(work) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def folded(frames: list) -> float:
    state = FleetState()
    return seconds_of(lambda: [state.apply(frame) for frame in frames])


def taken(part, frames: list) -> float:
    stamped = [Stamped(WALL, frame) for frame in frames]
    return seconds_of(lambda: part.take(stamped, BREATH))


def opentelemetry():
    """The exporter with an SDK that keeps all in memory; None where it is not installed."""
    try:
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        from opentelemetry.sdk.trace import TracerProvider
    except ImportError:
        return None
    from trunkline.fleet.opentelemetry import OpenTelemetry

    meters = MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False)
    return OpenTelemetry(meter_provider=meters, tracer_provider=TracerProvider())


def best(work, rounds: int = 3) -> float:
    return min(work() for _ in range(rounds))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    frames = frames_of(options.lines, options.seconds)
    plain = best(lambda: folded(frames))
    print(f"{options.lines} lines, {len(frames)} frames, load {os.getloadavg()[0]:.1f}")

    def report(name: str, took: float) -> None:
        share = took / options.seconds * 100
        print(f"{name:22} {share:6.2f} % of a core, {took / len(frames) * 1e6:6.1f} µs a frame")

    report("fold alone", plain)
    report("counting, beside it", best(lambda: taken(Exporter(), frames)) - plain)
    if opentelemetry() is not None:
        report("OpenTelemetry, beside", best(lambda: taken(opentelemetry(), frames)) - plain)
        bare = [replace(f, spreads={}) if isinstance(f, Beat) else f for f in frames]
        took = best(lambda: taken(opentelemetry(), bare)) - best(lambda: folded(bare))
        report("the same, not measured", took)
    quiet = logging.getLogger("bench")
    quiet.addHandler(logging.NullHandler())
    quiet.setLevel(logging.INFO)
    quiet.propagate = False
    report("logs", best(lambda: taken(Logbook(quiet), frames)))

    exporter = Exporter()
    taken(exporter, frames)
    figures, now = exporter._figures, WALL + options.seconds
    reading = figures.reading(now)
    series = sum(len(one) for _, one in reading.values)
    took = best(lambda: seconds_of(lambda: figures.reading(now)), 20)
    print(f"reading {took * 1e3:.2f} ms, {series} series")
    for name, form in (("text", TEXT), ("OpenMetrics", OPENMETRICS)):
        size = len(exposition(reading, form))
        took = best(lambda form=form: seconds_of(lambda: exposition(reading, form)), 20)
        print(f"{name} {took * 1e3:.2f} ms, {size} bytes")


if __name__ == "__main__":
    main()
