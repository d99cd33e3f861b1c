"""Each deed, as a client meets it."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.exceptions import ConnectionClosed

from gauntlet.dialing import append, arena, dial, run, until, update
from gauntlet.planting import FIRST
from trunkline.gauntlet.deeds import (
    Close,
    Drop,
    Freeze,
    Repeat,
    Reset,
    Say,
    Slow,
    Step,
    Vanish,
)
from trunkline.simulator.faults import Appended, Elapsed, Events, InReply, InUtterance

ON_UPDATE = Events(type="session.update")


async def met(deed, when=ON_UPDATE, *, delay: float = 0.0):
    """The end that the client saw, and the record."""
    async with arena(Step(when=when, deed=deed, delay=delay)) as server:
        async with dial(server) as ws:
            await update(ws)
            with pytest.raises(ConnectionClosed) as ended:
                await until(ws, "response.done")
        return ended.value, server.record


def test_a_reset_before_anything_is_said():
    async def test():
        async with arena(Step(when=Elapsed(seconds=0), deed=Reset())) as server:
            async with dial(server) as ws:
                with pytest.raises(ConnectionClosed) as ended:
                    await ws.recv()
            assert ended.value.rcvd is None
            assert server.record.visits[0].history.sent["session.created"] == 0

    run(test())


@pytest.mark.parametrize("deed", [Reset(), Drop()])
def test_an_end_without_a_close_frame(deed):
    async def test():
        ended, record = await met(deed)
        assert ended.rcvd is None
        assert record.final is None
        assert record.visits[0].history.sent["session.updated"] == 0

    run(test())


def test_a_close_says_its_error_first():
    async def test():
        close = Close(code=1001, reason="over", error=("invalid_request_error", "expired", "Over."))
        async with arena(Step(when=ON_UPDATE, deed=close)) as server, dial(server) as ws:
            await update(ws)
            error = (await until(ws, "error"))[-1]["error"]
            assert (error["code"], error["message"]) == ("expired", "Over.")
            with pytest.raises(ConnectionClosed) as ended:
                await ws.recv()
            assert ended.value.rcvd is not None
            assert (ended.value.rcvd.code, ended.value.rcvd.reason) == (1001, "over")
            assert server.record.visits[0].broken_at is not None

    run(test())


def test_a_delay_lets_what_is_under_way_go_on():
    async def test():
        _, record = await met(Reset(), Events(type="session.updated"), delay=0.05)
        assert record.visits[0].history.sent["session.updated"] == 1

    run(test())


def test_who_vanished_answers_neither_events_nor_pings():
    async def test():
        async with arena(Step(when=ON_UPDATE, deed=Vanish())) as server:
            ws = await dial(server)
            await until(ws, "session.created")
            await update(ws)
            pong = await ws.ping()
            done, _ = await asyncio.wait([asyncio.ensure_future(pong)], timeout=0.2)
            assert not done
            assert server.record.final is None
            ws.transport.abort()

    run(test())


def test_a_freeze_ends_and_nothing_is_lost():
    async def test():
        async with arena(Step(when=ON_UPDATE, deed=Freeze(seconds=0.2))) as server:
            async with dial(server) as ws:
                await until(ws, "session.created")
                await update(ws)
                await append(ws, 0, 9600)
                await until(ws, "session.updated")
                await update(ws)
                await until(ws, "session.updated")
            assert server.record.final is not None
            assert server.record.final.history.appended_samples == 9600

    run(test())


def test_a_slow_link_takes_its_time():
    async def test():
        slow = Slow(seconds=5, bytes_per_second=100_000)
        async with arena(Step(when=ON_UPDATE, deed=slow)) as server, dial(server) as ws:
            await until(ws, "session.created")
            await update(ws)
            began = asyncio.get_running_loop().time()
            await append(ws, 0, 24_000)
            await update(ws)
            await until(ws, "session.updated")
            await until(ws, "session.updated")
            # A second of audio is 64,000 characters of base64.
            assert asyncio.get_running_loop().time() - began >= 0.6

    run(test())


def test_what_is_said_is_said_as_it_is():
    async def test():
        say = Say(messages=('{"half"', b"\x00"))
        async with arena(Step(when=ON_UPDATE, deed=say)) as server, dial(server) as ws:
            await until(ws, "session.created")
            await update(ws)
            assert [await ws.recv(), await ws.recv()] == ['{"half"', b"\x00"]
            assert json.loads(await ws.recv())["type"] == "session.updated"

    run(test())


def test_repeated_events_are_the_same_twice():
    async def test():
        async with arena(Step(when=ON_UPDATE, deed=Repeat(events=1))) as server, dial(server) as ws:
            await until(ws, "session.created")
            await update(ws)
            assert await ws.recv() == await ws.recv()
            await update(ws)
            one = json.loads(await ws.recv())
            await update(ws)
            assert json.loads(await ws.recv())["event_id"] != one["event_id"]

    run(test())


@pytest.mark.parametrize(
    "when",
    [
        Appended(ms=200),
        InUtterance(turn=1, ms=900),
        InReply(turn=1, ms=200),
        Events(type="input_audio_buffer.committed"),
    ],
)
def test_moments_in_the_conversation_are_met(when):
    async def test():
        async with arena(Step(when=when, deed=Reset())) as server:
            async with dial(server) as ws:
                with pytest.raises(ConnectionClosed):  # noqa: PT012 - the end may come while it speaks
                    await append(ws, 0, FIRST.end + 24_000)
                    await until(ws, "response.done")
            assert server.record.deeds[0][1] == "Reset"

    run(test())


def test_a_clients_close_is_remembered_with_its_code():
    async def test():
        async with arena() as server:
            ws = await dial(server)
            await until(ws, "session.created")
            await ws.close(code=1001, reason="bye")
            while server.record.visits[0].history.ending is None:
                await asyncio.sleep(0)
            ending = server.record.visits[0].history.ending
            assert (ending.by, ending.code) == ("client", 1001)

    run(test())
