"""Links without a network."""

from __future__ import annotations

import asyncio

import pytest

from transports.reading import receive
from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault
from trunkline.transports.base import Listener, Target
from trunkline.transports.memory import MemoryTransport

TARGET = Target(url="ws://localhost/v1/realtime", headers=(("Authorization", "Bearer x"),))


def _listener(pongs: list[bytes]) -> Listener:
    return Listener(pong=pongs.append, writable=lambda: None)


def test_messages_go_both_ways_in_order():
    async def scenario():
        transport = MemoryTransport()
        link = await transport.dial(TARGET, _listener([]))
        peer = await transport.accept()
        assert peer.target is TARGET
        link.write(b'{"n":1}')
        link.write(b'{"n":2}')
        assert [(await peer.receive())["n"], (await peer.receive())["n"]] == [1, 2]
        peer.send({"n": 3})
        peer.send_text(b"not json")
        assert [await receive(link), await receive(link)] == [b'{"n":3}', b"not json"]
        assert link.writable
        assert link.progress().acked_bytes == 14

    asyncio.run(scenario())


def test_a_ping_is_answered_unless_the_peer_is_told_not_to():
    async def scenario():
        pongs: list[bytes] = []
        transport = MemoryTransport()
        link = await transport.dial(TARGET, _listener(pongs))
        peer = await transport.accept()
        link.ping(b"1")
        await asyncio.sleep(0)
        peer.answers_pings = False
        link.ping(b"2")
        await asyncio.sleep(0)
        assert pongs == [b"1"]

    asyncio.run(scenario())


def test_a_dropped_link_tells_its_reader_how_it_ended():
    async def scenario():
        transport = MemoryTransport()
        link = await transport.dial(TARGET, _listener([]))
        peer = await transport.accept()
        peer.drop()
        with pytest.raises(LinkClosed) as caught:
            await receive(link)
        assert caught.value.closure == Closure(code=1006, fault=Fault.RESET)
        link.abort()
        assert peer.ended is not None
        assert peer.ended.by_us

    asyncio.run(scenario())


def test_a_closed_link_ends_on_both_sides():
    async def scenario():
        transport = MemoryTransport()
        link = await transport.dial(TARGET, _listener([]))
        peer = await transport.accept()
        await link.close(1000, "bye")
        with pytest.raises(LinkClosed, match="1000"):
            await receive(link)
        assert peer.ended == Closure(code=1000, reason="bye", by_us=True)

    asyncio.run(scenario())


def test_a_dial_can_be_refused():
    async def scenario():
        transport = MemoryTransport()
        transport.refuse_next(Closure(status=429, retry_after=2.0))
        with pytest.raises(LinkClosed, match="429"):
            await transport.dial(TARGET, _listener([]))
        await transport.dial(TARGET, _listener([]))

    asyncio.run(scenario())
