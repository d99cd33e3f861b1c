"""How many lines are told as one."""

from __future__ import annotations

from telemetry.counting import BASE, Counted, beat, fact, live, went
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.telemetry import families as of
from trunkline.telemetry.families import FAMILIES, Kind
from trunkline.telemetry.gauges import AGGREGATES

GAUGES = {
    "kernel_rtt_s": 0.03, "kernel_rtt_least_s": 0.02, "unsent_bytes": 100, "transport_bytes": 50,
    "outbox_samples": 2400, "buffered_ms": 120.0, "target_ms": 180.0,
}  # fmt: skip


def told(key: str, **gauges):
    sums = {"up_chunks": 50, "sent_samples": 24_000, "up_bytes": 64_000}
    return beat(1.0, key=key, gauges=GAUGES | gauges, sums=sums)


def test_what_waits_is_a_sum_and_the_worst_and_the_rest_is_the_worst():
    counted = Counted().take(*live("a"), *live("b"))
    counted.take(told("a"), told("b", kernel_rtt_s=0.05, buffered_ms=20.0, unsent_bytes=7))
    assert counted.values(of.TCP_RTT, 1.5) == {("max",): 0.05}
    assert counted.values(of.TCP_RTT_MIN, 1.5) == {("max",): 0.02}
    assert counted.values(of.UNSENT, 1.5) == {("sum",): 107, ("max",): 100}
    assert counted.values(of.QUEUE_BYTES, 1.5) == {("sum",): 100, ("max",): 50}
    assert counted.values(of.QUEUE_MESSAGES, 1.5) == {("sum",): 10, ("max",): 5}
    assert counted.values(of.PLAYOUT, 1.5) == {("min",): 0.02, ("max",): 0.12}
    assert counted.values(of.PLAYOUT_TARGET, 1.5) == {("max",): 0.18}
    assert counted.values(of.QUEUE_AUDIO, 1.5)[("max",)] > 0.1


def test_jitter_score_and_limits_are_those_of_the_worst_line():
    counted = Counted().take(*live("a"), *live("b"))
    for key, rtts in (("a", (0.01, 0.01, 0.01, 0.01)), ("b", (0.3, 0.5, 0.3, 0.5))):
        for n, rtt in enumerate(rtts):
            counted.take(fact(seen.RoundTrip, 1.0 + n, key=key, rtt=rtt))
        left = 7 if key == "a" else 3
        counted.take(fact(seen.RateLimits, 5.0, key=key, limits=(("tokens", 10, left, 1.0),)))
    jitter = counted.fleet.lines["b"].round_trips.jitter
    assert counted.values(of.JITTER, 8.0) == {("max",): jitter}
    assert counted.values(of.SCORE, 8.0) == {("min",): counted.fleet.lines["b"].scorer.score}
    assert counted.values(of.RATE_LIMIT, 8.0) == {("tokens", "min"): 3}
    grades = counted.values(of.GRADES, 8.0)
    assert grades[("excellent",)] == 1
    assert sum(grades.values()) == 2


def test_a_level_is_told_of_one_line_alone():
    loud = {"input_energy": 240.0, "input_samples": 24_000}
    counted = Counted().take(
        *live("a"), beat(1.0, sums=loud, gauges={"input_peak": 0.5}), beat(2.0, sums=loud)
    )
    assert counted.values(of.LEVEL, 2.2) == {("up", "rms"): -17.0, ("up", "peak"): -6.0}
    counted.take(*live("b"), beat(2.0, key="b", sums=loud))
    assert ("up", "rms") not in counted.values(of.LEVEL, 2.2)


def test_states_are_counted_and_those_that_have_no_line_are_0():
    counted = Counted().take(*live("a"), *live("b"), went(State.LIVE, State.WAITING, 1.0, key="b"))
    none = dict.fromkeys(["connecting", "failed", "closed", "gone"], 0)
    expected = {(name,): n for name, n in (none | {"live": 1, "reconnecting": 1}).items()}
    assert counted.values(of.SESSIONS) == expected
    for key in "ab":
        counted.fleet.forget(key)
    assert set(counted.values(of.SESSIONS).values()) == {0}


def test_a_line_that_is_over_has_a_state_and_nothing_else():
    counted = Counted().take(*live("a"), told("a"), went(State.LIVE, State.CLOSED, 2.0))
    assert counted.values(of.SESSIONS)[("closed",)] == 1
    assert [labels for labels, _ in counted.at(3.0).of(of.UNSENT)] == []


def test_every_gauge_that_is_made_of_many_lines_says_how():
    assert {one for one in FAMILIES if "agg" in one.labels} == set(AGGREGATES)
    kinds = {one.kind for one in AGGREGATES}
    assert kinds == {Kind.GAUGE}
    assert BASE
