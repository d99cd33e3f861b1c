from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.simulator.allowance import TOKENS_PER_MINUTE, Allowance


def test_nothing_is_refused_where_no_limit_was_asked_for():
    allowance = Allowance()
    allowance.spend(TOKENS_PER_MINUTE, 0.0)
    assert allowance.view()[0]["remaining"] == 0
    assert allowance.refusal(10**9, "m", 0.0) is None
    allowance.spend(1, 0.0)
    assert allowance.view()[0]["remaining"] == TOKENS_PER_MINUTE


def test_a_limit_is_kept_and_the_refusal_says_how_long_to_wait():
    allowance = Allowance(600)
    assert allowance.refusal(600, "gpt-realtime", 0.0) is None
    allowance.spend(500, 0.0)
    refusal = allowance.refusal(150, "gpt-realtime", 0.0)
    assert refusal is not None
    assert refusal.code == "rate_limit_exceeded"
    assert "Limit 600, Used 500, Requested 150. Please try again in 5.000s." in refusal.message
    assert allowance.refusal(150, "gpt-realtime", 5.0) is None


def test_it_refills_evenly_and_never_above_its_limit():
    allowance = Allowance(60)
    allowance.spend(60, 0.0)
    allowance.spend(0, 30.0)
    assert allowance.view() == [
        {"name": "tokens", "limit": 60, "remaining": 30, "reset_seconds": 30.0}
    ]
    allowance.spend(0, 1000.0)
    assert allowance.view()[0]["remaining"] == 60


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 100)), max_size=20), st.booleans())
def test_what_remains_is_between_nothing_and_the_limit(spendings, has_limit):
    allowance, now = Allowance(300 if has_limit else None), 0.0
    for tokens, seconds in spendings:
        now += seconds
        allowance.spend(tokens, now)
        (told,) = allowance.view()
        assert 0 <= told["remaining"] <= told["limit"]
        assert 0 <= told["reset_seconds"] <= 60
