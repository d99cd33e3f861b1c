"""Counters and gauges of one moment together."""

from __future__ import annotations

import re
import sys

from prometheus_client import parser as plain
from prometheus_client.openmetrics import parser as openmetrics

from telemetry.counting import WALL, Counted, beat, ended, fact, live, went
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Direction
from trunkline.telemetry import families as of
from trunkline.telemetry.exposition import OPENMETRICS, TEXT, exposition
from trunkline.telemetry.families import FAMILIES
from trunkline.telemetry.figures import build_info
from trunkline.telemetry.frames import Heard, Pcm


def test_a_reading_is_of_its_moment_and_has_all_families():
    reading = Counted().take(*live()).at(5.0)
    assert reading.at == WALL + 5.0
    assert [family for family, _ in reading.values] == FAMILIES
    assert reading.of(of.BUILD_INFO) == ((("1", "2", "3"), 1.0),)


def test_counters_never_fall_from_one_reading_to_the_next():
    counted = Counted().take(*live())
    before: dict = {}
    for n in range(1, 60):
        counted.take(beat(float(n), sums={"up_bytes": 5}))
        if n == 20:
            counted.take(went(State.LIVE, State.WAITING, 19.8))
        if n == 40:
            counted.take(went(State.WAITING, State.CLOSED, 39.5))
            counted.fleet.forget("a")
            counted.figures.forget("a")
        told = {
            (family.name, labels): value
            for family, series in counted.at(n + 0.3).values
            if family.name.endswith("_total")
            for labels, value in series
        }
        assert all(told[key] >= value for key, value in before.items())
        before = told
    assert len(before) > 3


def test_a_line_that_says_nothing_goes_on():
    counted = Counted().take(*live())
    counted.figures.pass_time(WALL + 30.0)
    assert counted.fleet.lines["a"].pulse.second == 29


def test_audio_and_frames_of_strangers_are_passed_over():
    heard = Heard(line="a", at=1.0, begins_at=1.0, direction=Direction.UP, rate_hz=8000, pcm=Pcm(b""))  # fmt: skip
    counted = Counted().take(beat(1.0, key="stranger", sums={"up_bytes": 5}), *live(), heard)
    assert counted.values(of.NETWORK) == {}


def test_the_build_says_the_versions():
    version, backend, python = build_info()
    assert re.match(r"\d+\.\d+", version)
    assert backend
    assert sys.version.startswith(python)


def test_hostile_servers_and_names_make_a_bounded_number_of_series_that_can_be_read():
    counted = Counted(names=True)
    for n in range(300):
        evil = f'x{n}"}} 1\n\x1b[2J{"y" * 300}'
        closure = Closure(code=4000 + n, reason=evil, error_code=f"code_{n}")
        told = {"code": evil, "type": evil, "message": evil}
        counted.take(
            *live(f"k{n}", name=evil, server=evil, model=evil),
            beat(1.0, key=f"k{n}", types={f"down {evil}": 1, f"down type.{n}": 1}),
            fact(seen.ServerError, 2.0, key=f"k{n}", **told),
            fact(seen.ServerError, 2.0, key=f"k{n}", **(told | {"code": f"c{n}", "type": f"t{n}"})),
            fact(seen.AudioGap, 2.0, key=f"k{n}", start_sample=0, samples=1, reason=evil),
            fact(
                seen.RateLimits, 2.0, key=f"k{n}", limits=((evil, 1, 1, 1.0), (f"n{n}", 1, 1, 1.0))
            ),
            ended(3.0, closure, key=f"k{n}"),
            went(State.LIVE, State.CLOSED, 3.0, key=f"k{n}"),
        )
        counted.fleet.forget(f"k{n}")
        counted.figures.forget(f"k{n}")
    reading = counted.at(4.0)
    assert max(len(series) for _, series in reading.values) <= 201 * 6
    values = {}
    for family, series in reading.values:
        for labels, _ in series:
            for name, value in zip(reading.labels(family), labels, strict=True):
                values.setdefault(name, set()).add(value)
    assert {len(each) <= 101 for each in values.values()} == {True}
    assert max(len(value) for each in values.values() for value in each) <= 100
    for content_type, parser in ((TEXT, plain), (OPENMETRICS, openmetrics)):
        text = exposition(reading, content_type).decode()
        assert "\x1b" not in text
        assert len(list(parser.text_string_to_metric_families(text))) == len(FAMILIES)
