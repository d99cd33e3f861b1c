from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.telemetry.quality import QualityInputs, Scorer, deductions, grade_of


def _step(scorer, now, **inputs):
    scorer.advance(QualityInputs(**{"pings": 9, **inputs}), now)
    return scorer.view(now)


def _raw(**inputs):
    return _step(Scorer(), 0.0, **inputs)


@pytest.mark.parametrize(
    ("p95", "jitter", "score", "grade"),
    [
        (20, 1, 99, "excellent"),
        (100, 5, 97, "excellent"),
        (150, 10, 95, "excellent"),
        (250, 20, 83, "excellent"),
        (300, 25, 77, "good"),
        (400, 30, 66, "fair"),
        (600, 50, 42, "poor"),
    ],
)
def test_the_table_of_checked_values(p95, jitter, score, grade):
    quality = _raw(rtt_p95_ms=p95, jitter_ms=jitter)
    assert quality.score == pytest.approx(score, abs=1.0)
    assert quality.grade == grade


@pytest.mark.parametrize(
    ("inputs", "score"),
    [
        ({"silenced_percent": 5}, 86),
        ({"silenced_percent": 10}, 73),
        ({"outage_ages": (0.0,)}, 78),
        ({"outage_ages": (60.0,)}, 98),
        ({"late_percent": 10}, 93),
    ],
)
def test_each_deduction_at_60_ms_with_jitter_3(inputs, score):
    assert _raw(rtt_p95_ms=60, jitter_ms=3, **inputs).score == pytest.approx(score, abs=0.6)


def test_deductions_are_named_and_the_largest_comes_first():
    quality = _raw(rtt_p95_ms=250, jitter_ms=20, outage_ages=(0.0, 30.0))
    assert quality.deductions == (("outages", 30.0), ("rtt+jitter", 17.0))


def test_what_nobody_measured_is_not_held_against_the_link():
    assert set(deductions(QualityInputs()).values()) == {0.0}


def test_under_three_pings_nothing_is_known():
    quality = _step(Scorer(), 0.0, rtt_p95_ms=20, pings=2)
    assert (quality.score, quality.grade) == (None, "unknown")


def test_the_score_falls_fast_and_rises_slowly():
    scorer = Scorer()
    _step(scorer, 0.0)
    assert _step(scorer, 0.9, silenced_percent=40).score == 100
    assert _step(scorer, 1.0, silenced_percent=40).score == pytest.approx(30)
    assert _step(scorer, 2.0).score == pytest.approx(58)
    assert _step(scorer, 4.0).score == pytest.approx(84.88)


def test_a_lost_line_has_no_score_and_starts_from_there():
    scorer = Scorer()
    _step(scorer, 0.0)
    lost = _step(scorer, 0.1, pings=0, lost=True)
    assert (lost.score, lost.grade) == (0.0, "lost")
    assert _step(scorer, 1.2).score == pytest.approx(40)


def test_the_worst_of_five_minutes_is_remembered_with_its_time():
    scorer, found = Scorer(), {}
    for second in range(400):
        bad = 20 if second == 50 else 8 if 200 < second < 205 else 0
        found[second] = _step(scorer, float(second), silenced_percent=bad)
    assert (found[349].worst, found[349].worst_at) == (pytest.approx(65), 50.0)
    assert found[360].worst_at == 204.0
    assert 80 < found[360].worst < 81


@given(st.lists(st.floats(0, 60), min_size=1, max_size=400))
def test_the_worst_is_the_least_of_what_the_score_was(stalls):
    scorer, scores = Scorer(), []
    for second, stall in enumerate(stalls):
        scores.append(_step(scorer, float(second), silenced_percent=stall).score)
    assert scorer.view(len(stalls) - 1.0).worst == min(scores[-300:])
    assert len(scorer.lows) <= 300


@pytest.mark.parametrize(
    ("score", "grade"), [(80, "excellent"), (79, "good"), (60, "fair"), (0, "poor")]
)
def test_grades_begin_at_their_least_score(score, grade):
    assert grade_of(score) == grade
