from __future__ import annotations

from gauntlet.planting import Session, record
from trunkline.gauntlet.record import Record


def test_the_visit_that_lasted_is_the_newest_if_it_was_left_alone():
    first, second = Session().broken(), Session(1)
    whole = record(first, second)
    assert whole.final is second.visit
    assert whole.broken == [first.visit]
    assert record(Session(), Session(1).broken()).final is None
    assert Record().final is None


def test_deeds_are_noted_with_their_time():
    whole = Record()
    whole.done(3.0, "Reset")
    assert whole.deeds == [(3.0, "Reset")]
