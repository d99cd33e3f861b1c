from __future__ import annotations

from trunkline.telemetry.families import EVENTS, LATENESS
from trunkline.telemetry.labels import OTHER
from trunkline.telemetry.totals import MOST_SERIES, Totals


def test_a_counter_is_one_object_and_so_is_a_histogram():
    totals = Totals()
    one = totals.sum_of(EVENTS, ("m", "s", "up", "x"))
    one.value += 5
    assert totals.sum_of(EVENTS, ("m", "s", "up", "x")) is one
    assert totals.sums(EVENTS) == [(("m", "s", "up", "x"), 5)]
    assert totals.distributions(LATENESS) == []
    two = totals.counts_of(LATENESS, ("m", "s"))
    two.counts[3] += 2
    two.sum += 0.5
    ((labels, told),) = totals.distributions(LATENESS)
    assert (labels, told.counts[3], told.count, told.sum) == (("m", "s"), 2, 2, 0.5)
    assert totals.counts_of(LATENESS, ("m", "s")) is two


def test_what_was_read_never_changes():
    totals = Totals()
    counts = totals.counts_of(LATENESS, ("m", "s"))
    ((_, told),) = totals.distributions(LATENESS)
    counts.counts[0] += 1
    assert told.count == 0


def test_products_of_labels_are_bounded():
    totals = Totals()
    for n in range(MOST_SERIES + 50):
        totals.sum_of(EVENTS, ("m", "s", "up", str(n))).value += 1
        totals.counts_of(LATENESS, ("m", str(n))).sum += 1
    assert len(totals.sums(EVENTS)) == len(totals.distributions(LATENESS)) == MOST_SERIES + 1
    assert dict(totals.sums(EVENTS))[(OTHER,) * 4] == 50
