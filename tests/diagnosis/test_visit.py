"""A link that only looks in, over the memory transport and over real ones."""

from __future__ import annotations

import asyncio

import pytest

from client.doorkeeper import Doorkeeper, doorkeeper
from diagnosis.places import KEY, answer, subject
from transports.misbehaving import NOBODY, answering, run, server
from trunkline.client.credentials import Secret
from trunkline.diagnosis.visit import Visit
from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault
from trunkline.transports.base import Target
from trunkline.transports.memory import MemoryTransport, Peer

TARGET = Target(url="ws://127.0.0.1/v1")


async def begun(transport: MemoryTransport, **options) -> tuple[asyncio.Task[Visit], Peer]:
    task = asyncio.ensure_future(Visit.begin(transport, TARGET, NOBODY, **options))
    return task, await transport.accept()


def end_of(caught: pytest.ExceptionInfo[LinkClosed]) -> Closure:
    closure = caught.value.closure
    assert isinstance(closure, Closure)
    return closure


def test_a_session_that_is_created_ends_the_wait_and_has_a_phase():
    async def scenario():
        async with doorkeeper() as keeper:
            where = subject(keeper.port)
            visit = await Visit.begin(where.transport, where.target(None), NOBODY)
            assert [name for name, _ in visit.phases] == ["lookup", "tcp", "upgrade", "session"]
            assert visit.model == "m"
            assert not visit.ended.done()
            await visit.leave()
            return keeper

    keeper: Doorkeeper = run(scenario())
    assert keeper.heard == []


def test_a_link_without_a_greeting_is_left_and_closed():
    async def scenario():
        transport = MemoryTransport()
        task, peer = await begun(transport, ready_within=0.02)
        with pytest.raises(LinkClosed) as caught:
            await task
        assert peer.ended is not None
        return end_of(caught)

    closure = run(scenario())
    assert (closure.fault, closure.phase) == (Fault.TIMEOUT, None)
    assert closure.detail == "no session.created within 0.02 s"


def test_an_error_without_a_close_behind_it_is_evidence_all_the_same():
    async def scenario():
        task, peer = await begun(MemoryTransport(), ready_within=0.05)
        error = {"type": "invalid_request_error", "code": "invalid_model", "message": "none"}
        peer.send({"type": "error", "error": error})
        with pytest.raises(LinkClosed) as caught:
            await task
        return end_of(caught)

    closure = run(scenario())
    assert (closure.error_type, closure.error_code) == ("invalid_request_error", "invalid_model")


def test_what_is_no_event_is_told_with_its_first_words():
    async def scenario():
        async def handler(connection):
            await connection.send("welcome to chat\x1b[2J")
            await connection.wait_closed()

        from websockets.asyncio.server import serve

        async with serve(handler, "127.0.0.1", 0) as chat:
            where = subject(chat.sockets[0].getsockname()[1])
            with pytest.raises(LinkClosed) as caught:
                await Visit.begin(where.transport, where.target(None), NOBODY)
            return end_of(caught)

    closure = run(scenario())
    assert closure.fault is Fault.GARBLED
    assert "welcome to chat" in closure.detail
    assert "\x1b" not in closure.detail


def test_the_key_is_in_no_evidence_although_the_server_repeats_it():
    secret = Secret("canary-of-no-known-shape")

    async def scenario():
        async with doorkeeper(complaint=f"who is {secret.reveal()}?") as keeper:
            where = subject(keeper.port)
            with pytest.raises(LinkClosed) as caught:
                await Visit.begin(where.transport, where.target(secret), NOBODY, key=secret)
        refused = answer("401 Unauthorized", body=secret.reveal().encode())
        async with server(answering(refused)) as port:
            where = subject(port)
            with pytest.raises(LinkClosed) as again:
                await Visit.begin(where.transport, where.target(secret), NOBODY, key=secret)
        return end_of(caught), end_of(again)

    ended, refused = run(scenario())
    assert (ended.code, ended.error_code, refused.status) == (3000, "invalid_api_key", 401)
    assert "canary" not in repr((ended, refused))
    assert "[redacted]" in ended.reason
    assert "[redacted]" in refused.detail


def test_an_ephemeral_key_is_told_as_one():
    async def scenario():
        secret = Secret("ek_canary_0123456789")
        async with server(answering(answer("401 Unauthorized"))) as port:
            where = subject(port)
            with pytest.raises(LinkClosed) as caught:
                await Visit.begin(where.transport, where.target(secret), NOBODY, key=secret)
        return end_of(caught)

    assert run(scenario()).ephemeral_key


def test_a_link_that_ends_later_says_how():
    async def scenario():
        async with doorkeeper(drops=1) as keeper:
            where = subject(keeper.port)
            visit = await Visit.begin(where.transport, where.target(Secret(KEY)), NOBODY)
            visit.link.write(b'{"type":"session.update","session":{}}')
            return await visit.ended

    assert run(scenario()).code == 1012


def test_a_link_is_shown_as_soon_as_it_is_up():
    async def scenario():
        opened: list[object] = []
        task, _ = await begun(MemoryTransport(), ready_within=0.02, opened=opened.append)
        with pytest.raises(LinkClosed):
            await task
        return opened

    assert len(run(scenario())) == 1


def test_a_visit_that_is_cancelled_leaves_no_link_behind():
    async def scenario():
        before = asyncio.all_tasks()
        task, peer = await begun(MemoryTransport())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert peer.ended is not None
        await asyncio.sleep(0)
        return asyncio.all_tasks() - before

    assert run(scenario()) == set()
