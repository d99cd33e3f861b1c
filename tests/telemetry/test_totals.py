from __future__ import annotations

from trunkline.telemetry.families import EVENTS, LATENESS
from trunkline.telemetry.labels import OTHER
from trunkline.telemetry.totals import MOST_SERIES, Totals


def test_amounts_add_up_and_never_fall():
    totals = Totals()
    totals.add(EVENTS, ("m", "s", "up", "x"), 2)
    totals.add(EVENTS, ("m", "s", "up", "x"), 3)
    totals.add(EVENTS, ("m", "s", "up", "x"), -4)
    assert totals.sums(EVENTS) == [(("m", "s", "up", "x"), 5)]
    assert totals.distributions(LATENESS) == []


def test_a_value_is_in_the_bucket_whose_end_it_is():
    totals = Totals()
    for value in (0.001, 0.0011, 2.0, 2.5, -1.0):
        totals.observe(LATENESS, ("m", "s"), value)
    totals.observe(LATENESS, ("m", "s"), 0.03, 4)
    ((labels, one),) = totals.distributions(LATENESS)
    assert labels == ("m", "s")
    assert one.counts == (2, 1, 0, 0, 0, 4, 0, 0, 0, 0, 1, 1)
    assert one.count == 9
    assert one.sum == 0.001 + 0.0011 + 2.0 + 2.5 + 0.03 * 4


def test_products_of_labels_are_bounded_too():
    totals = Totals()
    for n in range(MOST_SERIES + 50):
        totals.add(EVENTS, ("m", "s", "up", str(n)), 1)
        totals.observe(LATENESS, ("m", str(n)), 0.1)
    assert len(totals.sums(EVENTS)) == len(totals.distributions(LATENESS)) == MOST_SERIES + 1
    assert dict(totals.sums(EVENTS))[(OTHER,) * 4] == 50


def test_who_listens_hears_each_amount_as_it_is_counted():
    heard = []
    totals = Totals(lambda *told: heard.append(told))
    totals.add(EVENTS, ("m", "s", "up", "x"), 2)
    totals.observe(LATENESS, ("m", "s"), 0.5, 2)
    assert heard == [
        (EVENTS, ("m", "s", "up", "x"), 2),
        (LATENESS, ("m", "s"), 0.5),
        (LATENESS, ("m", "s"), 0.5),
    ]
