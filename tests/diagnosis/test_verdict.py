"""How good a link is, by the console's thresholds, and the document of it."""

from __future__ import annotations

import json

import pytest

from trunkline.diagnosis.probe import Dialed, Plan, Probe
from trunkline.diagnosis.verdict import SCHEMA, document, grade_probe, phase_figures
from trunkline.protocol.closure import Closure, Fault
from trunkline.telemetry.levels import THRESHOLDS, Level
from trunkline.telemetry.thresholds import overridden
from trunkline.transports.base import Kernel, Target
from trunkline.transports.memory import MemoryTransport


def probed(*took: float, lost: int = 0, **facts) -> Probe:
    target = Target(url="wss://host/v1/realtime?model=m")
    probe = Probe(transport=MemoryTransport(), target=target, plan=Plan(), **facts)
    probe.pings.sent, probe.pings.lost = len(took) + lost, lost
    for number, seconds in enumerate(took):
        probe.pings.answer(float(number), seconds)
    return probe


@pytest.mark.parametrize(
    ("probe", "level", "word"),
    [
        (probed(0.02, 0.021, 0.02), Level.OK, "excellent"),
        (probed(0.2, 0.2, 0.2), Level.WARNING, "excellent"),
        (probed(0.45, 0.45, 0.45), Level.BAD, "fair"),
        (probed(0.02, 0.021, 0.02, lost=1), Level.BAD, "excellent"),
        (probed(*[0.02] * 99, lost=1), Level.WARNING, "excellent"),
        (probed(*[0.05, 0.42] * 5), Level.BAD, "poor"),
        (probed(lost=3), Level.BAD, "unknown"),
        (probed(0.02, 0.02), Level.OK, "unknown"),
        (probed(), Level.UNKNOWN, "unknown"),
    ],
    ids=[
        "good",
        "slow",
        "too slow",
        "one of four lost",
        "one of a hundred lost",
        "jittery",
        "deaf",
        "few",
        "none",
    ],
)
def test_the_grade_is_the_worst_of_all_that_is_judged(probe: Probe, level: Level, word: str):
    graded = grade_probe(probe, THRESHOLDS)
    assert (graded.level, graded.word) == (level, word)


def test_the_score_is_a_line_s_own_with_what_was_taken_off():
    graded = grade_probe(probed(*[0.3] * 20), THRESHOLDS)
    # docs of the score: (300 - 120) / 10 without jitter.
    assert graded.score == 82.0
    assert graded.taken == (("rtt+jitter", 18.0),)


def test_other_thresholds_give_another_grade():
    strict = overridden({"rtt_ms": {"warning": 5, "bad": 10}})
    assert grade_probe(probed(0.02, 0.02, 0.02), strict).level is Level.BAD
    patient = overridden({"ping_loss_percent": {"warning": 50, "bad": 60}})
    assert grade_probe(probed(0.02, 0.02, 0.02, lost=1), patient).level is Level.OK


@pytest.mark.parametrize(
    "failed",
    [{"ended": Closure(code=1011)}, {"dials": [Dialed(number=1, closure=Closure(status=401))]}],
)
def test_a_link_that_did_not_come_up_or_did_not_last_is_bad(failed: dict):
    assert grade_probe(probed(0.02, 0.02, 0.02, **failed), THRESHOLDS).level is Level.BAD


@pytest.mark.parametrize(
    ("level", "fails_at"),
    [
        (Level.BAD, [Level.OK, Level.WARNING]),
        (Level.WARNING, [Level.OK]),
        (Level.OK, []),
        (Level.UNKNOWN, []),
    ],
)
def test_worse_than_asked_for_is_what_fails(level: Level, fails_at: list[Level]):
    probes = {
        Level.OK: probed(0.02, 0.02, 0.02),
        Level.WARNING: probed(0.2, 0.2, 0.2),
        Level.BAD: probed(lost=1),
        Level.UNKNOWN: probed(),
    }
    graded = grade_probe(probes[level], THRESHOLDS)
    asked = (Level.OK, Level.WARNING, Level.BAD)
    assert [least for least in asked if graded.is_worse_than(least)] == fails_at


def test_phases_are_added_up_over_all_dials():
    dials = [
        Dialed(number=number, phases=(("tcp", number / 100), ("session", 0.1)))
        for number in (1, 2, 3)
    ]
    figures = phase_figures(probed(dials=dials))
    assert list(figures) == ["tcp", "session"]
    assert figures["tcp"].as_dict() == {"min": 10, "median": 20, "p95": 30, "max": 30}


def test_the_document_has_it_all_and_is_json():
    dials = [
        Dialed(number=1, closure=Closure(fault=Fault.RESET, detail="\x1b[2J")),
        Dialed(number=2, phases=(("tcp", 0.01), ("session", 0.02)), model="m"),
    ]
    kernel = Kernel(rtt=0.02, rtt_var=0.001, rtt_min=0.019, retransmits=2, unsent_bytes=0)
    probe = probed(0.02, 0.03, 0.02, lost=1, dials=dials, kernel=kernel)
    said = json.loads(json.dumps(document(probe, THRESHOLDS, ok=False, interrupted=True)))
    assert (said["schema"], said["ok"], said["interrupted"]) == (SCHEMA, False, True)
    assert said["url"] == "wss://host/v1/realtime?model=m"
    assert said["dials"][0]["error"]["cause"] == "connection reset"
    assert "\x1b" not in said["dials"][0]["error"]["evidence"]
    assert said["dials"][1] == {
        "number": 2,
        "model": "m",
        "phases_ms": {"tcp": 10, "session": 20},
        "error": None,
    }
    assert said["ping_ms"] == {"min": 20, "median": 20, "p95": 30, "max": 30, "jitter": 1.211}
    assert said["pings"] == {"sent": 4, "answered": 3, "lost": 1, "loss_percent": 25}
    assert said["kernel"] == {"rtt_ms": 20, "rtt_min_ms": 19, "retransmits": 2}
    assert (said["grade"], said["levels"]["ping_loss_percent"]) == ("bad", "bad")
    assert said["error"]["advice"]


def test_what_is_unknown_is_null_and_not_zero():
    said = document(probed(), THRESHOLDS, ok=True)
    unknown = ("ping_ms", "kernel", "score", "error")
    assert [said[name] for name in unknown] == [None] * 4
    assert said["pings"]["loss_percent"] is None
