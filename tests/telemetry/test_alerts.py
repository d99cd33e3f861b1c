from __future__ import annotations

import operator
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trunkline.telemetry.alerts import (
    CLEAR_AFTER,
    RAISE_AFTER,
    RULES,
    SAMPLES,
    Alerts,
    rules_of,
    worst_of,
)
from trunkline.telemetry.levels import THRESHOLDS, Level
from trunkline.text import Clean

RTT, SCORE = RULES["rtt"], RULES["score"]
OK, POOR, BAD = 50.0, 200.0, 640.0


def _alerts():
    return Alerts(line="k", name=Clean("web-1"))


def _judged(*values, rule=RTT):
    """What was raised and cleared, sample by sample."""
    alerts, news = _alerts(), []
    for second, value in enumerate(values):
        if rule.metric in alerts.watches or not rule.is_good(value):
            alerts.judge(rule, value, float(second))
        news.append([(alert.level, alert.text) for alert in alerts.news()])
    return alerts, news


def test_three_bad_samples_of_five_raise_and_two_do_not():
    alerts, news = _judged(BAD, OK, BAD, OK)
    assert not any(news)
    assert alerts.raised() == ()
    alerts, news = _judged(BAD, OK, BAD, OK, BAD)
    assert news[-1] == [(Level.BAD, "RTT 640 ms > 400 ms (3 of 5)")]
    (alert,) = alerts.raised()
    assert (alert.line, alert.name, alert.metric, alert.at, alert.raised_at) == (
        "k",
        "web-1",
        "rtt",
        4.0,
        4.0,
    )


def test_five_good_ones_in_a_row_clear_and_four_do_not():
    alerts, news = _judged(BAD, BAD, BAD, OK, OK, OK, OK)
    assert alerts.worst is Level.BAD
    alerts, news = _judged(BAD, BAD, BAD, OK, OK, OK, OK, OK)
    assert news[-1] == [(Level.OK, "recovered, RTT back under 400 ms")]
    assert alerts.watches == {}


def test_what_gets_worse_is_raised_again_in_its_place():
    alerts, news = _judged(POOR, POOR, POOR, BAD, BAD, BAD)
    assert news[2] == [(Level.WARNING, "RTT 200 ms >= 150 ms (3 of 3)")]
    assert news[5] == [(Level.BAD, "RTT 640 ms > 400 ms (3 of 5)")]
    assert [alert.raised_at for alert in alerts.raised()] == [2.0]


def test_what_is_bad_when_it_falls_is_said_the_other_way_round():
    _, news = _judged(55, 55, 55, *[90] * 5, rule=SCORE)
    assert [each for each in news if each] == [
        [(Level.BAD, "score 55 < 60 (3 of 3)")],
        [(Level.OK, "recovered, score back over 60")],
    ]


def test_values_are_said_in_the_unit_of_the_screen():
    assert RULES["availability"].shown(0.9985) == "99.85 %"
    assert RULES["clipping"].shown(0.8) == "0.8 % of samples"
    assert RULES["queue"].shown(1234.5) == "1234 ms"


def test_a_value_that_only_reaches_its_limit_is_not_said_to_exceed_it():
    _, news = _judged(1, 1, 1, rule=RULES["reconnects"])
    assert news[-1] == [(Level.WARNING, "reconnects in 10 min 1 >= 1 (3 of 3)")]
    _, news = _judged(3, 3, 3, rule=RULES["reconnects"])
    assert news[-1] == [(Level.BAD, "reconnects in 10 min 3 > 2 (3 of 3)")]


def test_a_value_that_rounds_to_its_limit_is_said_to_more_places():
    _, news = _judged(400.04, 400.04, 400.04)
    assert news[-1] == [(Level.BAD, "RTT 400.04 ms > 400 ms (3 of 3)")]
    _, news = _judged(0.989999, 0.989999, 0.989999, rule=RULES["availability"])
    assert news[-1] == [(Level.BAD, "availability 98.9999 % < 99 % (3 of 3)")]


@given(st.sampled_from(list(RULES.values())), st.floats(-1000, 5000))
def test_the_words_of_an_alert_are_true_of_the_numbers_in_them(rule, value):
    level = rule.threshold.level(value)
    assume(level in {Level.WARNING, Level.BAD})
    assume(abs(value - rule.crossed(level)) * rule.scale >= 1e-6 or value == rule.crossed(level))
    said, sign, limit = re.fullmatch(
        r"(-?[\d.]+) ?.*? (>=|>|<) (-?[\d.]+) ?.*", rule.compared(value, level)
    ).groups()
    compare = {">=": operator.ge, ">": operator.gt, "<": operator.lt}[sign]
    assert compare(float(said), float(limit))


LEVELS = st.lists(st.sampled_from([OK, POOR, BAD]), max_size=60)


@given(LEVELS)
def test_it_is_raised_and_cleared_as_the_rule_says_and_never_otherwise(values):
    alerts, raised, good, recent = _alerts(), None, 0, []
    for second, value in enumerate(values):
        if RTT.metric in alerts.watches or not RTT.is_good(value):
            alerts.judge(RTT, value, float(second))
        recent = [*recent, value][-SAMPLES:]
        good = good + 1 if value == OK else 0
        bad, poor = recent.count(BAD), recent.count(BAD) + recent.count(POOR)
        if good >= CLEAR_AFTER:
            raised = None
        elif bad >= RAISE_AFTER:
            raised = Level.BAD
        elif poor >= RAISE_AFTER and raised is None:
            raised = Level.WARNING
        found = alerts.raised()
        assert [alert.level for alert in found] == ([] if raised is None else [raised])


@given(LEVELS)
def test_each_alert_that_is_raised_is_cleared_once_at_most_and_in_order(values):
    _, news = _judged(*values, *[OK] * CLEAR_AFTER)
    levels = [level for told in news for level, _ in told]
    assert levels[-1:] in ([], [Level.OK])
    for before, after in zip([Level.OK, *levels], levels, strict=False):
        assert (before, after) in {
            (Level.OK, Level.WARNING), (Level.OK, Level.BAD), (Level.WARNING, Level.BAD),
            (Level.WARNING, Level.OK), (Level.BAD, Level.OK),
        }  # fmt: skip


def test_good_samples_of_a_metric_that_was_good_take_no_memory():
    alerts, _ = _judged(*[OK] * 20)
    assert alerts.watches == {}
    alerts, _ = _judged(POOR, *[OK] * CLEAR_AFTER)
    assert alerts.watches == {}


def test_what_needs_no_samples_is_raised_reworded_and_cleared():
    alerts = _alerts()
    alerts.clear("outage", "nothing", 0.0)
    alerts.raise_at_once("outage", Level.BAD, "outage 0.0 s", 1.0)
    alerts.raise_at_once("outage", Level.BAD, "outage 0.0 s", 1.5)
    alerts.raise_at_once("outage", Level.BAD, "outage 1.0 s", 2.0)
    alerts.clear("outage", "recovered\x1b", 3.0)
    news = alerts.news()
    assert [alert.text for alert in news] == ["outage 0.0 s", "outage 1.0 s", "recovered\u241b"]
    assert [(alert.at, alert.raised_at) for alert in news] == [(1.0, 1.0), (1.0, 1.0), (3.0, 1.0)]
    assert alerts.news() == []


def test_the_worst_comes_first_and_then_the_newest():
    alerts = _alerts()
    alerts.raise_at_once("a", Level.WARNING, "a", 1.0)
    alerts.raise_at_once("b", Level.BAD, "b", 2.0)
    alerts.raise_at_once("c", Level.BAD, "c", 3.0)
    assert [alert.metric for alert in alerts.raised()] == ["c", "b", "a"]
    assert (alerts.worst, alerts.count) == (Level.BAD, 3)
    alerts.close("closed", 4.0)
    assert (alerts.worst, alerts.count, alerts.raised()) == (Level.OK, 0, ())


def test_the_worst_lately_is_told_once():
    alerts = _alerts()
    alerts.raise_at_once("a", Level.WARNING, "a", 1.0)
    alerts.clear("a", "", 1.5)
    assert alerts.taken_worst() is Level.WARNING
    assert alerts.taken_worst() is Level.OK


def test_news_that_nobody_asks_for_do_not_pile_up():
    alerts = _alerts()
    for n in range(1000):
        alerts.raise_at_once("a", Level.BAD, f"{n}", float(n))
    assert len(alerts.news()) <= 64


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.metric)
def test_every_rule_takes_its_threshold_from_the_table(rule):
    assert rule.threshold in THRESHOLDS.values()
    good = rule.threshold.warning + (1 if rule.threshold.falling else -1)
    assert rule.is_good(good)
    assert rule.threshold.level(good) is Level.OK
    assert rules_of(THRESHOLDS)[rule.metric] == rule


@given(st.sampled_from(list(RULES.values())), st.floats(-1000, 5000))
def test_the_quick_way_agrees_with_the_level(rule, value):
    assert rule.is_good(value) is (rule.threshold.level(value) is Level.OK)


def test_no_levels_are_good():
    assert worst_of(()) is Level.OK
