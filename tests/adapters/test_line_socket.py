"""A line behaves as a client connection of `websockets`."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus

from client.serving import QUICK, confirm, heard, welcome
from trunkline.adapters.address import Address
from trunkline.adapters.line_socket import LineSocket
from trunkline.errors import LineFailed, LocalError
from trunkline.protocol import events
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure
from trunkline.protocol.policy import LinePolicy
from trunkline.transports.memory import MemoryTransport, Peer

URL = "wss://example.test/v1/realtime?model=m"
EXPIRED = Closure(code=3000, reason="invalid_request_error.invalid_api_key")
CLEARED = {"type": "input_audio_buffer.cleared", "event_id": "event_1"}


async def ask() -> Address:
    return Address(url=URL, headers=(("Authorization", "Bearer sk-test-1"),))


async def opened(tell=lambda _: None) -> tuple[LineSocket, Peer, MemoryTransport]:
    transport = MemoryTransport()
    options = {
        "transport": transport,
        "policy": LinePolicy(backoff=QUICK),
        "budget": RetryBudget(size=1000.0),
        "seed": 1,
    }
    server = asyncio.create_task(welcome(transport))
    socket = await LineSocket.open(ask, tell, options)
    return socket, await server, transport


def run(scenario):
    async def bounded():
        async with asyncio.timeout(20):
            return await scenario

    return asyncio.run(bounded())


def test_messages_go_both_ways():
    async def scenario():
        socket, peer, _ = await opened()
        await socket.send('{"type": "input_audio_buffer.append", "audio": "YWJjZA=="}')
        assert await heard(peer) == b"abcd"
        await socket.send(json.dumps({"type": "input_audio_buffer.commit", "event_id": "mine"}))
        assert (await peer.receive())["event_id"] == "mine"
        assert json.loads(await socket.recv())["type"] == "session.created"
        peer.send(CLEARED)
        assert (
            await socket.recv(decode=False) == json.dumps(CLEARED, separators=(",", ":")).encode()
        )
        await socket.close()

    run(scenario())


def test_a_cancelled_recv_loses_nothing():
    async def scenario():
        socket, peer, _ = await opened()
        await socket.recv()
        waiting = asyncio.create_task(socket.recv())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        peer.send(CLEARED)
        assert json.loads(await socket.recv()) == CLEARED
        await socket.close()

    run(scenario())


def test_closed_by_the_client_it_ends_as_a_socket_does():
    async def scenario():
        socket, peer, _ = await opened()
        await socket.close(code=4001, reason="enough")
        await socket.close()
        assert peer.ended == Closure(code=1000, by_us=True)
        assert [json.loads(one)["type"] async for one in socket] == ["session.created"]
        with pytest.raises(ConnectionClosedOK) as ended:
            await socket.recv()
        assert ended.value.sent.code == 4001
        with pytest.raises(ConnectionClosedOK):
            await socket.send('{"type": "response.create"}')

    run(scenario())


def test_a_drop_is_none_of_the_clients_business():
    async def scenario():
        told = []
        socket, peer, transport = await opened(told.append)
        await socket.recv()
        reading = asyncio.create_task(socket.recv())
        peer.drop()
        peer = await welcome(transport)
        peer.send(CLEARED)
        assert json.loads(await reading) == CLEARED
        kinds = [type(one) for one in told]
        assert kinds == [events.LineLive, events.LineDropped, events.LineLive]
        await socket.close()

    run(scenario())


def test_what_the_line_tells_may_be_put_among_the_messages():
    async def scenario():
        def tell(event):
            return {"type": "own"} if isinstance(event, events.LineDropped) else None

        socket, peer, transport = await opened(tell)
        peer.drop()
        await welcome(transport)
        types = [json.loads(await socket.recv())["type"] for _ in range(2)]
        assert types == ["session.created", "own"]
        await socket.close()

    run(scenario())


def test_a_final_failure_is_a_closed_connection_that_says_why():
    async def scenario():
        socket, peer, _transport = await opened()
        peer.drop(EXPIRED)
        with pytest.raises(ConnectionClosedError) as ended:
            [_ async for _ in socket]
        assert ended.value.rcvd.code == 3000
        assert isinstance(ended.value.__cause__, LineFailed)
        with pytest.raises(ConnectionClosedError):
            await socket.send('{"type": "response.create"}')

    run(scenario())


def test_a_line_that_cannot_begin_raises_what_a_dial_would():
    async def scenario():
        transport = MemoryTransport()
        transport.refuse_next(Closure(status=403))
        with pytest.raises(InvalidStatus) as refused:
            await LineSocket.open(ask, lambda _: None, {"transport": transport})
        assert isinstance(refused.value.__cause__, LineFailed)

    run(scenario())


@pytest.mark.parametrize("message", ["no JSON", "[]", b"\xff"])
def test_what_is_no_object_is_refused(message):
    async def scenario():
        socket, _, _ = await opened()
        with pytest.raises(LocalError, match="no JSON object"):
            await socket.send(message)
        await socket.close()

    run(scenario())


def test_what_is_no_request_is_refused_and_ends_nothing():
    async def scenario():
        socket, peer, _ = await opened()
        with pytest.raises(LocalError, match="without an item"):
            await socket.send('{"type": "conversation.item.create"}')
        peer.send(CLEARED)
        await socket.recv()
        assert json.loads(await socket.recv()) == CLEARED
        await socket.close()

    run(scenario())


def test_a_client_that_does_not_want_it_back_is_told_how_the_link_ended():
    async def scenario():
        socket, _, _ = await opened()
        await socket.recv()
        socket.give_up(1012)
        with pytest.raises(ConnectionClosedError) as ended:
            await socket.recv()
        assert ended.value.rcvd.code == 1012

    run(scenario())


def test_confirmations_reach_who_asked():
    async def scenario():
        socket, peer, _ = await opened()
        await socket.recv()
        update = {"type": "session.update", "session": {"instructions": "Be kind."}}
        await socket.send(json.dumps(update))
        await confirm(peer)
        assert json.loads(await socket.recv())["session"]["instructions"] == "Be kind."
        await socket.close()

    run(scenario())
