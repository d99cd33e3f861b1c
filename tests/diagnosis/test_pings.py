"""Exact figures of few values."""

from __future__ import annotations

import pytest

from trunkline.diagnosis.pings import Pings, figures_of


def test_of_nothing_there_are_no_figures():
    assert figures_of([]) is None
    pings = Pings()
    assert (pings.figures, pings.jitter_ms, pings.loss_percent) == (None, None, None)


@pytest.mark.parametrize(
    ("seconds", "figures"),
    [
        ([0.01], (10, 10, 10, 10)),
        ([0.03, 0.01, 0.02], (10, 20, 30, 30)),
        ([number / 1000 for number in range(1, 101)], (1, 50, 95, 100)),
    ],
)
def test_a_percentile_is_a_value_that_there_was(seconds, figures):
    found = figures_of(seconds)
    assert found is not None
    assert tuple(found.as_dict().values()) == figures


def test_jitter_is_the_console_s_filter_over_round_trips():
    pings = Pings()
    for number, seconds in enumerate([0.1, 0.132, 0.1]):
        pings.answer(float(number), seconds)
    # RFC 3550 §A.8: 32/16, then 2 + (32 - 2)/16.
    assert pings.jitter_ms == pytest.approx(3.875)


def test_only_pings_of_which_it_is_known_count_as_lost_or_not():
    pings = Pings(sent=10, lost=1)
    pings.answer(0.0, 0.1)
    pings.answer(1.0, 0.1)
    pings.answer(2.0, 0.1)
    assert pings.loss_percent == 25.0
