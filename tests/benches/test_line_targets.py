"""Which targets the tables of the bench of many lines meet: no table is taken here."""

from __future__ import annotations

from benches.test_line_figures import loaded

targets = loaded("line_targets")

OURS = "trunkline@asyncio"


def _rounds(**costs: float) -> list[dict[str, dict[str, float]]]:
    return [{name: {"us_per_pair": cost} for name, cost in costs.items()}]


def test_each_target_is_met_or_missed_by_what_was_measured():
    light = {"rounds": _rounds(**{OURS: 80.0, "openai@asyncio": 400.0, "C floor": 40.0})}
    assert targets.judged({"light": light}) == [
        f"met    {OURS}, 50 sessions, SDK / it: 5, at least 4.5",
        f"MISSED {OURS}, 50 sessions, it / floor: 2, at most 1.8",
    ]


def test_what_was_not_measured_is_not_judged():
    assert targets.judged({}) == []
    assert targets.judged({"light": {"rounds": _rounds(**{OURS: 80.0})}}) == []


def test_a_short_run_is_not_judged():
    carried = {OURS: 5, "openai@asyncio": 5}
    assert targets.judged({"capacity": {"carried": carried, "short": True}}) == []


def test_sessions_are_held_against_the_sdk_s_and_the_best_of_picows():
    carried = {OURS: 1050, "openai@asyncio": 50, "picows@uvloop": 1100, "picows@asyncio": 900}
    assert targets.judged({"capacity": {"carried": carried}}) == [
        f"met    {OURS}, sessions of a core / SDK's: 21, at least 20",
        f"MISSED {OURS}, sessions of a core: 1.05e+03, at least 1100",
    ]


def test_a_long_run_is_judged_by_what_grows():
    row = [OURS, 200, "3600", "90.0", "0.40"]
    samples = [(0.0, 1, 400, 210, 1.0), (60.0, 1, 400, 211, 1.0)]
    assert targets.judged({"soak": {"rows": [row], "run": {"samples": samples}}}) == [
        f"met    {OURS}, MiB an hour: 0.4, at most 1",
        f"met    {OURS}, tasks more at the end: 0, at most 0",
        f"MISSED {OURS}, descriptors more at the end: 1, at most 0",
    ]
