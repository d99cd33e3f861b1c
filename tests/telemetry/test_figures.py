"""Counters and gauges of one moment together."""

from __future__ import annotations

import re
import sys

from telemetry.counting import WALL, Counted, beat, live, went
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Direction
from trunkline.telemetry import families as of
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
