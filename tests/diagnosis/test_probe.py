"""The link test itself: dials, pings that are answered, late or lost, links that end."""

from __future__ import annotations

import asyncio

import pytest

from client.doorkeeper import doorkeeper
from diagnosis.places import answer, subject
from transports.misbehaving import answering, free_port, run, server
from trunkline.diagnosis.probe import Dialed, Pinged, Plan, Probe
from trunkline.protocol.closure import Closure, Fault
from trunkline.transports.base import Target
from trunkline.transports.memory import MemoryTransport, Peer
from trunkline.transports.websocket import WebSocketTransport

CREATED = {"type": "session.created", "session": {"model": "m"}}
QUICK = {"interval": 0.001, "lost_after": 0.05, "ready_within": 5.0}


class Told(list):
    """What was told, in order."""

    @property
    def pings(self) -> list[Pinged]:
        return [each for each in self if isinstance(each, Pinged)]

    @property
    def dials(self) -> list[Dialed]:
        return [each for each in self if isinstance(each, Dialed)]


def probe_over(
    transport, told: Told | None = None, url: str = "ws://127.0.0.1/v1", **plan
) -> Probe:
    tell = (Told() if told is None else told).append
    return Probe(transport=transport, target=Target(url=url), plan=Plan(**QUICK | plan), tell=tell)


async def welcomed(transport: MemoryTransport) -> Peer:
    peer = await transport.accept()
    peer.send(CREATED)
    return peer


def test_pings_are_answered_and_told_in_their_order():
    async def scenario():
        told, transport = Told(), MemoryTransport()
        probe = probe_over(transport, told, count=5)
        running = asyncio.ensure_future(probe.run())
        peer = await welcomed(transport)
        await running
        return probe, told, peer

    probe, told, peer = run(scenario())
    assert [each.number for each in told.pings] == [1, 2, 3, 4, 5]
    assert all(each.took is not None and each.took >= 0 for each in told.pings)
    assert (probe.pings.sent, probe.pings.lost, probe.failure) == (5, 0, None)
    assert peer.ended == Closure(code=1000, reason="", by_us=True)
    assert peer._to_peer.empty()


def test_pings_without_an_answer_are_lost_in_time_and_late_answers_count_for_nothing():
    async def scenario():
        told, transport = Told(), MemoryTransport()
        probe = probe_over(transport, told, count=3)
        running = asyncio.ensure_future(probe.run())
        peer = await welcomed(transport)
        peer.answers_pings = False
        await running
        peer._listener.pong(b"probe-1")
        peer._listener.pong(b"of somebody else")
        return probe, told

    probe, told = run(scenario())
    assert (probe.pings.sent, probe.pings.lost, probe.pings.loss_percent) == (3, 3, 100.0)
    assert [each.took for each in told.pings] == [None] * 3
    assert probe.failure is None


def test_a_link_that_ends_loses_the_pings_on_their_way_and_is_told():
    async def scenario():
        transport = MemoryTransport()
        probe = probe_over(transport, count=1000, lost_after=60)
        running = asyncio.ensure_future(probe.run())
        peer = await welcomed(transport)
        peer.answers_pings = False
        while not probe.pings.sent:
            await asyncio.sleep(0)
        peer.drop(Closure(code=1011))
        await running
        return probe

    probe = run(scenario())
    assert probe.ended == Closure(code=1011)
    assert probe.failure is probe.ended
    assert 0 < probe.pings.sent == probe.pings.lost < 1000


def test_several_dials_are_made_one_after_the_other_and_the_last_is_pinged():
    async def scenario():
        told = Told()
        async with doorkeeper() as keeper:
            where = subject(keeper.port)
            probe = probe_over(where.transport, told, where.url, dials=3, count=2)
            await probe.run()
            return keeper, told

    keeper, told = run(scenario())
    assert len(keeper.entries) == 3
    assert [each.number for each in told.dials] == [1, 2, 3]
    assert [type(each) for each in told] == [Dialed] * 3 + [Pinged] * 2
    for each in told.dials:
        assert [name for name, _ in each.phases] == ["lookup", "tcp", "upgrade", "session"]
        assert each.total == sum(seconds for _, seconds in each.phases)
    assert keeper.heard == []


def test_what_the_kernel_says_goes_with_each_ping():
    async def scenario():
        told = Told()
        async with doorkeeper() as keeper:
            where = subject(keeper.port)
            probe = probe_over(where.transport, told, where.url, count=1)
            await probe.run()
            return probe, told

    probe, told = run(scenario())
    assert told.pings[0].kernel is probe.kernel
    if probe.kernel is not None:
        assert probe.kernel.retransmits == 0


@pytest.mark.parametrize(
    ("refusal", "dials"),
    [
        (Closure(fault=Fault.RESET), 3),
        (Closure(status=503), 1),
        (Closure(status=401), 1),
        (Closure(status=404), 1),
    ],
    ids=["reset", "busy", "key", "nothing there"],
)
def test_only_a_network_is_tried_again(refusal: Closure, dials: int):
    async def scenario():
        transport = MemoryTransport()
        for _ in range(3):
            transport.refuse_next(refusal)
        probe = probe_over(transport, dials=3)
        await probe.run()
        return probe

    probe = run(scenario())
    assert len(probe.dials) == dials
    assert probe.failure == refusal
    assert probe.pings.sent == 0


def test_a_dial_that_came_to_nothing_is_a_failure_although_the_next_one_came_up():
    async def scenario():
        transport = MemoryTransport()
        transport.refuse_next(Closure(fault=Fault.RESET))
        probe = probe_over(transport, dials=2, count=1)
        running = asyncio.ensure_future(probe.run())
        await welcomed(transport)
        await running
        return probe

    probe = run(scenario())
    assert probe.failure == Closure(fault=Fault.RESET)
    assert len(probe.pings.took) == 1


def test_a_refusal_behind_the_upgrade_keeps_the_phases_that_there_were():
    async def scenario():
        async with doorkeeper(complaint="no") as keeper:
            where = subject(keeper.port)
            probe = probe_over(where.transport, None, where.url)
            await probe.run()
            return probe.dials[0]

    dialed = run(scenario())
    assert [name for name, _ in dialed.phases] == ["lookup", "tcp", "upgrade"]
    assert dialed.closure is not None
    assert dialed.closure.code == 3000


@pytest.mark.parametrize("status", ["401 Unauthorized", "429 Too Many Requests", "200 OK"])
def test_a_refused_upgrade_is_told_with_its_status(status: str):
    async def scenario():
        async with server(answering(answer(status))) as port:
            probe = probe_over(WebSocketTransport(), None, subject(port).url)
            await probe.run()
            return probe.failure

    failure = run(scenario())
    assert failure is not None
    assert str(failure.status) == status[:3]


def test_a_port_that_refuses_is_told_with_its_phase():
    async def scenario():
        probe = probe_over(WebSocketTransport(), None, subject(free_port()).url)
        await probe.run()
        return probe.failure

    failure = run(scenario())
    assert failure is not None
    assert failure.fault is Fault.REFUSED


def test_one_that_is_cancelled_keeps_what_it_knows_and_leaves_nothing_behind():
    async def scenario():
        before = asyncio.all_tasks()
        transport = MemoryTransport()
        probe = probe_over(transport, count=1000, interval=0.0)
        running = asyncio.ensure_future(probe.run())
        peer = await welcomed(transport)
        while len(probe.pings.took) < 3:
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await asyncio.sleep(0)
        return probe, peer, asyncio.all_tasks() - before

    probe, peer, left = run(scenario())
    assert len(probe.pings.took) >= 3
    assert probe.pings.lost == 0
    assert peer.ended is not None
    assert left == set()


def test_whoever_is_told_and_fails_ends_the_probe():
    def leave(fact: object) -> None:
        if isinstance(fact, Pinged):
            raise BrokenPipeError

    async def scenario():
        before = asyncio.all_tasks()
        transport = MemoryTransport()
        probe = probe_over(transport, count=1000)
        probe.tell = leave
        running = asyncio.ensure_future(probe.run())
        peer = await welcomed(transport)
        with pytest.raises(BrokenPipeError):
            await running
        await asyncio.sleep(0)
        return peer, asyncio.all_tasks() - before

    peer, left = run(scenario())
    assert peer.ended is not None
    assert left == set()
