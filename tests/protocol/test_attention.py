from __future__ import annotations

import pytest

from trunkline.protocol.attention import Attention


@pytest.mark.parametrize(
    ("ran_at", "due", "now", "lag"),
    [
        (1.0, 2.0, 2.2, 0.0),
        (1.0, 2.0, 3.0, 1.0),
        # What was due long ago says nothing about a loop that ran since.
        (2.9, 2.0, 3.0, 0.0),
        (1.0, None, 9.0, 0.0),
    ],
)
def test_a_lag_is_the_time_in_which_something_was_due_and_nothing_ran(ran_at, due, now, lag):
    attention = Attention()
    attention.lag(lambda: None, ran_at)
    assert attention.lag(lambda: due, now) == lag
