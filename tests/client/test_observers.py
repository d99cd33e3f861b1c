from __future__ import annotations

import pytest

from trunkline.client.observers import LATEST, Observers
from trunkline.protocol import observations as seen
from trunkline.protocol.compound_facts import ChunkPassed, Flow
from trunkline.protocol.lifecycle import State


class Listing:
    """An observer that takes lists."""

    def __init__(self) -> None:
        self.lists: list[list[seen.Observation]] = []

    def __call__(self, fact: seen.Observation) -> None:
        self.observe_all([fact])

    def observe_all(self, facts) -> None:
        self.lists.append(list(facts))


def _sent(at: float) -> seen.AudioSent:
    return seen.AudioSent(at=at, epoch=1, samples=480, replayed=False)


def _live(at: float) -> seen.Transition:
    return seen.Transition(
        at=at, epoch=1, source=State.RESTORING, target=State.LIVE, cause="restored"
    )


def _ignored(_: object) -> None:
    """What is seldom concerns nobody here."""


def test_an_observer_of_single_facts_is_told_each_as_it_happens():
    told: list[seen.Observation] = []
    observers = Observers([told.append], seldom=_ignored)
    facts = [_sent(1.0), _live(1.0), _sent(1.01)]
    observers.take(list(facts))
    assert told == facts


def test_an_observer_of_lists_waits_for_what_is_frequent_but_not_for_long():
    listing = Listing()
    observers = Observers([listing], seldom=_ignored)
    facts = [_sent(1.0 + n * 0.03) for n in range(12)]
    for fact in facts:
        observers.take([fact])
    assert [fact for told in listing.lists for fact in told] == facts[:-3]
    assert [len(told) for told in listing.lists] == [1, 4, 4]
    assert all(told[-1].at - told[0].at < LATEST for told in listing.lists)


def test_what_is_rare_comes_at_once_and_behind_what_was_before_it():
    listing = Listing()
    observers = Observers([listing], seldom=_ignored)
    facts = [_sent(1.0), _sent(1.01), _live(1.02)]
    observers.take(list(facts))
    assert [fact for told in listing.lists for fact in told] == facts
    assert listing.lists[-1][-1] == facts[-1]


def test_the_queue_is_empty_afterwards_whoever_observes():
    for observers in ([], [Listing()], [_ignored], [Listing(), _ignored]):
        queue = [_sent(1.0), _live(1.0), _sent(1.0)]
        Observers(observers, seldom=_ignored).take(queue)
        assert not queue
        queue = [_sent(2.0)]
        Observers(observers, seldom=_ignored).take(queue)
        assert not queue


def test_what_is_seldom_told_is_what_is_not_frequent():
    told: list[seen.Observation] = []
    observers = Observers([], seldom=told.append)
    observers.take([_sent(1.0), _live(1.0)])
    observers.take([_sent(1.1)])
    assert [type(fact) for fact in told] == [seen.Transition]


def test_an_observer_may_make_the_line_tell_more_meanwhile():
    queue: list[seen.Observation] = []
    told: list[float] = []
    listing = Listing()

    def asking(fact: seen.Observation) -> None:
        told.append(fact.at)
        if fact.at == 1.0:
            queue.append(_sent(1.1))
            observers.take(queue)

    observers = Observers([listing, asking], seldom=_ignored)
    queue.extend([_sent(1.0), _sent(1.05)])
    observers.take(queue)
    assert sorted(told) == [1.0, 1.05, 1.1]
    assert sum(len(each) for each in listing.lists) + len(observers._waiting) == 3


@pytest.mark.parametrize("fact", [_sent(1.0), _live(1.0)])
def test_one_that_fails_is_asked_no_more_and_the_others_are(
    fact: seen.Observation, caplog: pytest.LogCaptureFixture
):
    class Broken(Listing):
        def observe_all(self, facts) -> None:
            super().observe_all(facts)
            raise ValueError("not today")

    broken, listing = Broken(), Listing()
    observers = Observers([broken, listing], seldom=_ignored)
    observers.take([fact])
    observers.take([_live(2.0)])
    assert len(broken.lists) == 1
    assert len(listing.lists) == 2
    assert caplog.text.count("an observer failed") == 1


class Summing(Listing):
    """One that sums, or not for now."""

    def __init__(self) -> None:
        super().__init__()
        self.sums = True


def _flow(at: float, chunks: int) -> Flow:
    flow = Flow(at, 1, at + 0.1)
    flow.chunks = chunks
    return flow


def test_who_wants_each_chunk_is_known():
    assert not Observers([], seldom=_ignored).is_detailed
    assert Observers([_ignored], seldom=_ignored).is_detailed
    assert Observers([Listing()], seldom=_ignored).is_detailed
    summing = Summing()
    observers = Observers([summing], seldom=_ignored)
    assert not observers.is_detailed
    summing.sums = False
    assert observers.is_detailed
    assert Observers([Summing(), _ignored], seldom=_ignored).is_detailed


def test_a_flow_that_may_grow_is_left_until_it_is_over():
    summing = Summing()
    observers = Observers([summing], seldom=_ignored)
    first, second = _flow(1.0, 1), _flow(1.1, 1)
    queue = [first]
    observers.take(queue, growing=True)
    assert list(queue) == [first]
    assert summing.lists == []
    queue.append(second)
    observers.take(queue, growing=True)
    assert list(queue) == [second]
    assert summing.lists == [[first]]
    observers.take(queue)
    assert not queue


def test_a_growing_flow_is_left_by_others_as_well():
    summing, rare = Summing(), []
    observers = Observers([summing], seldom=rare.append)
    flow = _flow(1.0, 1)
    queue = [_live(1.0), flow]
    observers.take(queue, growing=True)
    assert list(queue) == [flow]
    assert (summing.lists, rare) == ([[_live(1.0)]], [_live(1.0)])
    observers.take(queue, growing=True)
    assert list(queue) == [flow]
    observers.take(queue)
    assert not queue


def test_without_observers_flows_go_nowhere():
    observers = Observers([], seldom=_ignored)
    first, second = _flow(1.0, 1), _flow(1.1, 1)
    queue = [first, second]
    observers.take(queue, growing=True)
    assert list(queue) == [second]


def test_compound_facts_reach_each_as_what_they_are_made_of():
    told, listing = [], Listing()
    observers = Observers([told.append, listing], seldom=_ignored)
    chunk = ChunkPassed(1.0, 1, 480, b"m")
    observers.take([chunk], growing=True)
    observers.take([_live(1.0)])
    assert told == [*chunk.facts(), _live(1.0)]
    assert [fact for each in listing.lists for fact in each] == [chunk, _live(1.0)]
