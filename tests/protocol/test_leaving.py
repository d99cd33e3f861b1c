from __future__ import annotations

from trunkline.protocol.closure import Closure, Disposition, Fault
from trunkline.protocol.drains import AbortLink, Drains
from trunkline.protocol.leaving import Leaving
from trunkline.protocol.link import Link


def test_whatever_ends_a_link_that_was_left_is_the_end_we_wanted():
    drains = Drains()
    leaving = Leaving(drains, patience=2.0)
    leaving.begin(Link(epoch=3, dialed_at=0.0), 1.0)
    assert leaving.owns(3)
    leaving.ended(Closure(code=1006, fault=Fault.RESET), 1.5)
    (fact,) = drains.observations
    assert fact.verdict.disposition is Disposition.DONE
    assert (leaving.owns(3), leaving.ends_at) == (False, None)


def test_it_is_dropped_when_its_time_is_over_and_not_before():
    drains = Drains()
    leaving = Leaving(drains, patience=2.0)
    leaving.begin(Link(epoch=3, dialed_at=0.0), 1.0)
    leaving.handle_timeout(2.9)
    assert AbortLink(epoch=3) not in drains.actions
    leaving.handle_timeout(3.0)
    assert AbortLink(epoch=3) in drains.actions
