from __future__ import annotations

from trunkline.client.gauges import Gauges
from trunkline.protocol.observations import KernelSampled, WriterStalled
from trunkline.transports.base import Kernel

KERNEL = Kernel(rtt=0.03, rtt_var=0.01, rtt_min=0.02, retransmits=14, unsent_bytes=2100)


def stalls(facts: list) -> list[tuple[int, float]]:
    return [(fact.epoch, fact.took) for fact in facts if isinstance(fact, WriterStalled)]


def test_what_the_kernel_says_is_told_at_most_once_a_second():
    facts: list = []
    gauges = Gauges(facts.append)
    for quarter in range(9):
        gauges.sample(1, KERNEL, quarter * 0.25)
    assert [fact.at for fact in facts] == [0.0, 1.0, 2.0]
    assert facts[0] == KernelSampled(
        at=0.0, epoch=1, rtt=0.03, rtt_min=0.02, retransmits=14, unsent_bytes=2100, rtt_var=0.01
    )


def test_who_asks_each_second_is_told_each_second_though_now_and_then_late():
    facts: list = []
    gauges = Gauges(facts.append)
    for at in (0.004, 1.0, 2.006, 3.001):
        gauges.sample(1, KERNEL, at)
    assert [fact.at for fact in facts] == [0.004, 1.0, 2.006, 3.001]


def test_a_new_link_is_told_of_at_once():
    facts: list = []
    gauges = Gauges(facts.append)
    gauges.sample(1, KERNEL, 0.0)
    gauges.opened()
    gauges.sample(2, KERNEL, 0.25)
    assert [fact.epoch for fact in facts] == [1, 2]


def test_a_kernel_that_says_nothing_is_no_fact():
    facts: list = []
    Gauges(facts.append).sample(1, None, 0.0)
    assert facts == []


def test_a_stall_lasts_from_when_a_link_is_full_until_it_takes_messages_again():
    facts: list = []
    gauges = Gauges(facts.append)
    gauges.full(1, 10.0)
    gauges.full(1, 10.25)
    gauges.free(1, 10.5)
    gauges.free(1, 11.0)
    assert stalls(facts) == [(1, 0.5)]


def test_a_stall_that_lasts_is_told_in_parts_that_add_up():
    facts: list = []
    gauges = Gauges(facts.append)
    gauges.full(1, 10.0)
    for quarter in range(1, 12):
        gauges.sample(1, None, 10.0 + quarter * 0.25)
    gauges.free(1, 13.0)
    assert stalls(facts) == [(1, 1.0), (1, 1.0), (1, 1.0)]


def test_links_stall_apart():
    facts: list = []
    gauges = Gauges(facts.append)
    gauges.full(1, 10.0)
    gauges.full(2, 10.5)
    gauges.free(2, 10.75)
    gauges.free(1, 11.0)
    assert stalls(facts) == [(2, 0.25), (1, 1.0)]
