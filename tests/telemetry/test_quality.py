from __future__ import annotations

import pytest

from trunkline.telemetry.quality import QualityInputs, Scorer, deductions, grade_of


def _raw(**inputs):
    return Scorer().advance(QualityInputs(pings=10, **inputs), 0.0)


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
    quality = Scorer().advance(QualityInputs(rtt_p95_ms=20, pings=2), 0.0)
    assert (quality.score, quality.grade) == (None, "unknown")


def test_the_score_falls_fast_and_rises_slowly():
    scorer = Scorer()
    scorer.advance(QualityInputs(pings=9), 0.0)
    bad = QualityInputs(pings=9, silenced_percent=40)
    assert scorer.advance(bad, 0.9).score == 100
    assert scorer.advance(bad, 1.0).score == pytest.approx(30)
    assert scorer.advance(QualityInputs(pings=9), 2.0).score == pytest.approx(58)
    assert scorer.advance(QualityInputs(pings=9), 4.0).score == pytest.approx(84.88)


def test_a_lost_line_has_no_score_and_starts_from_there():
    scorer = Scorer()
    scorer.advance(QualityInputs(pings=9), 0.0)
    lost = scorer.advance(QualityInputs(pings=0, lost=True), 0.1)
    assert (lost.score, lost.grade) == (0.0, "lost")
    assert scorer.advance(QualityInputs(pings=9), 1.2).score == pytest.approx(40)


@pytest.mark.parametrize(
    ("score", "grade"), [(80, "excellent"), (79, "good"), (60, "fair"), (0, "poor")]
)
def test_grades_begin_at_their_least_score(score, grade):
    assert grade_of(score) == grade
