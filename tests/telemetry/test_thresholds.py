from __future__ import annotations

import pytest

from trunkline.errors import ConfigError
from trunkline.telemetry.levels import THRESHOLDS, Level
from trunkline.telemetry.thresholds import overridden


def test_without_changes_the_table_holds():
    assert overridden({}) == THRESHOLDS


def test_a_change_takes_the_place_of_what_it_names_and_of_nothing_else():
    table = overridden({"rtt_ms": {"bad": 300}, "score": {"warning": 90, "bad": 70.5}})
    assert (table["rtt_ms"].warning, table["rtt_ms"].bad) == (150, 300)
    assert table["rtt_ms"].level(350) is Level.BAD
    assert table["score"].level(80) is Level.WARNING
    assert {name for name in table if table[name] != THRESHOLDS[name]} == {"rtt_ms", "score"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rtt": {"bad": 300}}, "thresholds.rtt: is no metric; there are rtt_ms, jitter_ms"),
        ({"rtt_ms": 300}, "thresholds.rtt_ms: is a table of"),
        ({"rtt_ms": {"worse": 3}}, "thresholds.rtt_ms.worse: is neither"),
        ({"rtt_ms": {"bad": "300"}}, "thresholds.rtt_ms.bad: is no number"),
        ({"rtt_ms": {"bad": True}}, "is no number"),
        ({"rtt_ms": {"bad": float("nan")}}, "is no number"),
        ({"rtt_ms": {"bad": 100}}, "thresholds.rtt_ms: `warning` must be at most `bad`"),
        ({"score": {"bad": 90}}, "thresholds.score: `warning` must be at least `bad`"),
    ],
)
def test_a_change_that_cannot_be_meant_says_so(changes, words):
    with pytest.raises(ConfigError, match=words):
        overridden(changes)
