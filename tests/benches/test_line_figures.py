"""What the bench of many lines makes of its runs: no run is made here."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHES = Path(__file__).parents[2] / "benches"


def loaded(name: str) -> ModuleType:
    """A bench's module, without its folder on the path: it has names like `codec`."""
    spec = importlib.util.spec_from_file_location(name, BENCHES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    # A dataclass looks for its module there.
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


figures = loaded("line_figures")


def _run(late_p99: float = 1.0, **others: float) -> dict[str, float]:
    return {"late_p99": late_p99, "sent_ratio": 1.0, "got_ratio": 1.0, "util": 0.5} | others


def _searched(limit: int, *, cost: float = 0.0005, **options: int) -> figures.Search:
    """A search for what carries so many sessions, each of which takes a share of a core."""
    search = figures.Search.begun_by(_run(util=min(1.0, 50 * cost)), 50, **options)
    while not search.is_over:
        carried = search.sessions <= limit
        search.take(_run(1.0 if carried else 99.0, util=min(1.0, search.sessions * cost)))
    return search


@pytest.mark.parametrize("limit", [4, 7, 53, 312, 1000, 2835])
@pytest.mark.parametrize("share", [0.4, 1.0, 4.0], ids=["cheap at first", "even", "dear at first"])
def test_the_search_finds_what_is_carried_to_five_percent(limit: int, share: float):
    search = _searched(limit, cost=share / limit)
    assert limit * 0.95 - 1 <= search.low <= limit
    assert len(search.probes) <= figures.PROBES


def test_the_search_ends_where_nothing_is_carried_and_where_all_is():
    assert _searched(0, cost=0.1).low == 0
    assert _searched(10_000, cost=0.0001, most=300).low == 300


def test_a_run_that_failed_altogether_is_no_capacity():
    search = figures.Search(40)
    while not search.is_over:
        search.take({})
    assert (search.low, search.best) == (0, {})


def test_a_disturbed_failure_is_asked_again_and_a_quiet_full_core_is_believed():
    search = figures.Search(100)
    search.take(_run(99.0, waited=0.3))
    assert (search.sessions, search.probes) == (100, [])
    search.take(_run(1.0))
    assert (search.low, search.high) == (100, 0)
    full = figures.Search(100)
    full.take(_run(99.0, util=0.99))
    assert (full.high, full.doubt) == (100, "")


def test_a_failure_that_is_disturbed_each_time_counts_and_is_told():
    search = figures.Search(100)
    for _ in range(3):
        search.take(_run(99.0, waited=0.3))
    assert (search.high, search.doubt) == (100, "disturbed")


def test_a_server_without_room_is_told_unless_the_client_had_none_either():
    search = figures.Search(100, again=0)
    search.take(_run(99.0, server_util=0.97))
    assert search.doubt == "the server is full"
    both = figures.Search(100, again=0)
    both.take(_run(99.0, server_util=0.97, util=0.97))
    assert both.doubt == ""


def test_what_is_late_unsent_or_unanswered_is_not_carried():
    assert figures.carries(_run())
    assert not figures.carries({})
    assert not figures.carries(_run(10.0))
    assert not figures.carries(_run(sent_ratio=0.98))
    assert not figures.carries(_run(got_ratio=0.98))


@pytest.mark.parametrize("who", ["waited", "server_waited", "stolen"])
def test_a_core_that_was_not_there_is_a_disturbance(who: str):
    assert figures.is_quiet(_run())
    assert not figures.is_quiet(_run(**{who: 0.05}))


ROUNDS = [
    {"a": {"us_per_pair": 10.0}, "b": {"us_per_pair": 40.0}},
    {"a": {"us_per_pair": 30.0}, "b": {"us_per_pair": 90.0}},
    {"b": {"us_per_pair": 50.0}},
    {"a": {"us_per_pair": 20.0}, "b": {"us_per_pair": 120.0}},
]


def test_a_ratio_is_the_median_of_the_rounds_in_which_both_ran():
    assert figures.cheaper(ROUNDS, "a", "b") == 4.0
    assert figures.cheaper(ROUNDS, "b", "a") == pytest.approx(1 / 4)
    assert math.isnan(figures.cheaper(ROUNDS, "a", "nobody"))


def test_a_median_is_of_the_rounds_that_have_the_figure():
    assert figures.median(ROUNDS, "a", "us_per_pair") == 20.0
    assert math.isnan(figures.median(ROUNDS, "a", "util"))


def test_a_slope_is_growth_for_each_one_of_the_first():
    assert figures.slope([(0.0, 5.0), (1.0, 7.0), (2.0, 9.0)]) == pytest.approx(2.0)
    assert figures.slope([(1.0, 5.0)]) == 0.0


def test_processes_beside_each_other_are_summed_and_the_worst_of_them_is_told():
    one = _run(2.0, us_per_pair=100.0, util=0.5, late_p50=1.0, server_util=0.3)
    other = _run(8.0, us_per_pair=50.0, util=0.5, late_p50=0.5, server_util=0.4) | {
        "got_ratio": 0.9
    }
    both = figures.together([one, other])
    # 5,000 and 10,000 pairs a second.
    assert both["us_per_pair"] == pytest.approx(1e6 / 15_000)
    assert (both["util"], both["late_p99"], both["got_ratio"]) == (1.0, 8.0, 0.9)
    assert both["server_util"] == 0.4


def test_new_tables_replace_those_of_their_name_and_leave_the_others():
    machine = {"cpu": "x"}
    first = figures.merged({}, machine, {"light": {"at": 1}, "load": {"at": 1}})
    second = figures.merged(first, machine, {"load": {"at": 2}})
    assert second == {"machine": machine, "tables": {"light": {"at": 1}, "load": {"at": 2}}}


def test_results_of_two_machines_are_not_put_together():
    first = figures.merged({}, {"cpu": "x"}, {})
    with pytest.raises(ValueError, match="another machine"):
        figures.merged(first, {"cpu": "y"}, {})
