from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.backoff import Backoff, BackoffPolicy, RetryBudget, retry_delay

draws = st.floats(0, 1, exclude_max=True)
POLICY = BackoffPolicy()


def dialed(budget: RetryBudget, tries: int, *, gap: float = 0.0, draw: float = 0.5) -> list[float]:
    """When a line that fails at once, and asks again after `gap` seconds, is let through."""
    times, now = [], 0.0
    for _ in range(tries):
        now = budget.reserve(now + gap, draw)
        times.append(now)
    return times


def busiest(times: list[float], window: float) -> int:
    return max(sum(start <= at < start + window for at in times) for start in times)


@given(st.integers(0, 10**6), draws, st.floats(0, 300))
def test_the_delay_stays_within_the_bounds_of_its_attempt(attempt: int, draw: float, floor: float):
    delay = retry_delay(POLICY, attempt=attempt, draw=draw, floor=floor) - floor
    most = 0.5 if attempt <= 1 else min(0.5 * 1.6 ** min(attempt - 1, 60), 20.0)
    least = 0.02 if attempt <= 1 else most / 3
    assert least - 1e-9 <= delay <= most + 1e-9


@given(st.integers(2, 100), draws)
def test_the_delay_grows_with_the_attempt_up_to_the_cap(attempt: int, draw: float):
    assert retry_delay(POLICY, attempt=attempt, draw=draw) <= retry_delay(
        POLICY, attempt=attempt + 1, draw=draw
    )


@given(draws, draws)
def test_a_herd_told_the_same_floor_is_still_spread(one: float, other: float):
    first = retry_delay(POLICY, attempt=5, draw=one, floor=5.0)
    second = retry_delay(POLICY, attempt=5, draw=other, floor=5.0)
    assert min(first, second) >= 5.0
    if abs(one - other) > 1e-6:
        assert first != second


def test_a_process_has_twelve_quick_attempts_and_is_paced_then():
    times = dialed(RetryBudget(), 20)
    assert times[:12] == [0.0] * 12
    assert all(later - earlier >= 15.0 for earlier, later in itertools.pairwise(times[12:]))


@given(st.lists(st.tuples(st.floats(0, 400), draws, st.booleans()), max_size=60))
def test_no_minute_and_no_day_holds_more_dials_than_allowed(asked: list[tuple[float, float, bool]]):
    budget, now, times = RetryBudget(daily_limit=30), 0.0, []
    for step, draw, ahead in asked:
        due = budget.reserve(now + (step if ahead else 0.0), draw)
        assert due >= now
        times.append(due)
        now += 0.0 if ahead else step
    if times:
        assert busiest(times, 60.0) <= 12
        assert busiest(times, 86_400.0) <= 30


@given(draws)
def test_in_the_long_run_an_empty_budget_gives_two_attempts_a_minute(draw: float):
    times = dialed(RetryBudget(), 60, gap=1.0, draw=draw)
    pace = (times[-1] - times[12]) / (len(times) - 13)
    assert pace >= 30.0 * (0.5 + draw) * 0.6


def test_a_budget_fills_again_but_not_beyond_its_size():
    budget = RetryBudget()
    dialed(budget, 12)
    assert budget.reserve(1000.0, 0.5) == 1000.0
    assert [budget.reserve(100_000.0, 0.5) for _ in range(12)] == [100_000.0] * 12
    assert budget.reserve(100_000.0, 0.5) > 100_000.0


def test_time_that_one_line_counted_ahead_does_not_fill_the_budget_twice():
    budget = RetryBudget(size=2.0)
    budget.reserve(0.0, 0.5)
    for _ in range(5):
        budget.reserve(60.0, 0.0)
        assert budget.reserve(1.0, 0.0) > 1.0


def test_a_dial_that_does_not_wait_counts_as_well():
    budget = RetryBudget()
    for _ in range(12):
        budget.spend(0.0)
    assert budget.reserve(0.0, 0.5) >= 30.0
    budget.spend(0.0)


def test_dials_of_the_days_before_are_forgotten():
    budget = RetryBudget(daily_limit=3)
    for day in range(10):
        assert budget.reserve(day * 86_400.0, 0.0) == day * 86_400.0
    assert len(budget._dials) <= 4


def test_a_line_gives_up_when_its_patience_is_over():
    backoff = Backoff(BackoffPolicy(patience=10.0), RetryBudget())
    backoff.lost(0.0)
    planned = []
    now = 0.0
    while (due := backoff.plan(now, 0.5)) is not None:
        planned.append(due)
        now = due
        backoff.lost(now)
    assert planned == sorted(planned)
    assert planned[-1] <= 10.0


def test_an_outage_begins_with_the_first_loss_and_ends_with_a_session():
    backoff = Backoff(POLICY, RetryBudget())
    assert backoff.outage_at is None
    backoff.lost(5.0)
    backoff.lost(6.0)
    assert backoff.outage_at == 5.0
    backoff.live(7.0)
    assert backoff.outage_at is None


@pytest.mark.parametrize(("lived", "attempt"), [(29.9, 2), (30.0, 1)])
def test_attempts_are_forgiven_only_after_half_a_minute_live(lived: float, attempt: int):
    backoff = Backoff(POLICY, RetryBudget())
    backoff.lost(0.0)
    backoff.plan(0.0, 0.5)
    backoff.live(10.0)
    backoff.lost(10.0 + lived)
    backoff.plan(10.0 + lived, 0.5)
    assert backoff.attempt == attempt


def test_a_completed_response_forgives_at_once():
    backoff = Backoff(POLICY, RetryBudget())
    backoff.plan(0.0, 0.5)
    backoff.useful()
    assert backoff.attempt == 0


def test_dials_without_a_plan_reach_the_budget():
    budget = RetryBudget(size=1.0)
    Backoff(POLICY, budget).dialed(0.0)
    assert budget.reserve(0.0, 0.5) > 0.0


def test_who_gives_up_takes_nothing_from_the_others():
    budget, untouched = RetryBudget(), RetryBudget()
    dialed(budget, 12)
    dialed(untouched, 12)
    for _ in range(10):
        assert budget.reserve(0.0, 0.5, until=1.0) is None
    assert budget.reserve(0.0, 0.5) == untouched.reserve(0.0, 0.5)


def test_only_half_a_minute_without_an_attempt_fills_the_budget():
    budget = RetryBudget(size=3.0)
    for at in (0.0, 29.0, 58.0):
        assert budget.reserve(at, 0.0) == at
    assert budget.reserve(87.0, 0.0) > 87.0
    calm = RetryBudget(size=3.0)
    for at in range(0, 300, 30):
        assert calm.reserve(float(at), 0.0) == at


def test_a_credential_that_cannot_be_had_is_paced_by_a_budget_of_the_lines_own():
    shared = RetryBudget(size=1.0)
    backoff = Backoff(BackoffPolicy(patience=1e9), shared)
    times, now = [], 0.0
    for _ in range(30):
        planned = backoff.plan(now, 0.5, was_dialed=False)
        assert planned is not None
        now = planned
        times.append(now)
    assert busiest(times, 60.0) <= 12
    assert shared.reserve(now, 0.5) == now
