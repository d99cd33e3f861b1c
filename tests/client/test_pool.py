"""Many lines on one loop."""

from __future__ import annotations

import asyncio
import itertools
import sys
from types import ModuleType

import pytest

from client.serving import QUICK, welcome
from trunkline.client import pool as module
from trunkline.client.pool import Pool, run
from trunkline.errors import ConfigError, LineFailed, LocalError
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure
from trunkline.protocol.lifecycle import State
from trunkline.protocol.policy import LinePolicy
from trunkline.protocol.window import RotationPolicy
from trunkline.transports.memory import MemoryTransport


def pool_over(transport: MemoryTransport, size: int = 10, **settings) -> Pool:
    return Pool(size, api_key="sk-test-1", model="m", transport=transport, **settings)


def play(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 20))


async def serve(transport: MemoryTransport) -> None:
    while True:
        await welcome(transport)


def test_lines_are_opened_together_and_closed_with_the_pool():
    async def scenario():
        transport = MemoryTransport()
        server = asyncio.create_task(serve(transport))
        async with pool_over(transport) as pool:
            lines = await asyncio.gather(*(pool.open(name=f"line {n}") for n in range(5)))
            assert set(pool.lines) == set(lines)
            assert [line.config.name for line in lines] == [f"line {n}" for n in range(5)]
            assert pool.totals().states == {State.LIVE: 5}
        assert pool.lines == ()
        assert {line.state for line in lines} == {State.CLOSED}
        server.cancel()

    play(scenario())


def test_no_more_than_so_many_are_being_opened_at_a_time():
    async def scenario():
        transport = MemoryTransport()
        async with pool_over(transport, opening=2) as pool:
            opening = [asyncio.create_task(pool.open()) for _ in range(3)]
            peers = [await transport.accept() for _ in range(2)]
            third = asyncio.create_task(transport.accept())
            await asyncio.sleep(0.05)
            assert not third.done()
            peers[0].send({"type": "session.created", "session": {"id": "s", "model": "m"}})
            update = await peers[0].receive()
            peers[0].send({"type": "session.updated", "session": update["session"]})
            await third
            for task in opening:
                task.cancel()
            await asyncio.wait(opening)

    play(scenario())


def test_a_line_that_cannot_be_opened_says_so_and_is_not_kept():
    async def scenario():
        transport = MemoryTransport()
        transport.refuse_next(Closure(status=403))
        async with pool_over(transport) as pool:
            with pytest.raises(LineFailed):
                await pool.open()
            assert pool.lines == ()

    play(scenario())


def test_a_line_may_be_had_for_a_block():
    async def scenario():
        transport = MemoryTransport()
        server = asyncio.create_task(serve(transport))
        async with pool_over(transport) as pool:
            async with pool.line(session={"instructions": "hi"}) as line:
                assert pool.lines == (line,)
            assert (pool.lines, line.state) == ((), State.CLOSED)
        server.cancel()

    play(scenario())


def test_a_pool_that_is_closed_ends_what_is_being_opened_and_opens_no_more():
    async def scenario():
        transport = MemoryTransport()
        pool = pool_over(transport, opening=1)
        opening = [asyncio.create_task(pool.open()) for _ in range(2)]
        await transport.accept()
        await pool.aclose()
        outcomes = await asyncio.gather(*opening, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [LocalError, LocalError]
        with pytest.raises(LocalError):
            await pool.open()
        assert pool.lines == ()

    play(scenario())


def test_the_sums_are_those_of_all_lines():
    async def scenario():
        transport = MemoryTransport()
        server = asyncio.create_task(serve(transport))
        async with pool_over(transport) as pool:
            first, second = [await pool.open() for _ in range(2)]
            first.send_audio(bytes(960))
            second.send_audio(bytes(1920))
            books = pool.totals().books
            assert books.accepted == 480 + 960
            assert books.accepted == books.consumed + books.retained + books.gap
        server.cancel()

    play(scenario())


def test_lines_rotate_at_times_of_their_own_before_a_single_one_would():
    async def scenario():
        transport = MemoryTransport()
        server = asyncio.create_task(serve(transport))
        policy = LinePolicy(backoff=QUICK)
        async with pool_over(transport, policy=policy) as pool:
            lines = [await pool.open() for _ in range(10)]
            times = sorted(line.config.policy.rotation.after for line in lines)
        server.cancel()
        assert times[-1] == RotationPolicy().after
        assert times[0] >= RotationPolicy().after - 600
        latest = sorted(line.config.policy.rotation.latest for line in lines)
        assert latest[-1] == RotationPolicy().latest
        assert latest[0] >= RotationPolicy().latest - 120
        assert len({round(one) for one in latest}) == len(lines)
        # None closer to another than half of an even spread.
        assert min(b - a for a, b in itertools.pairwise(times)) >= 600 / 10 / 2

    play(scenario())


def test_a_budget_fits_the_size_and_is_never_less_than_one_lines():
    alone, many = Pool(1).budget, Pool(1000).budget
    assert (alone.size, alone.daily_limit) == (RetryBudget().size, RetryBudget().daily_limit)
    assert (many.size, many.daily_limit) == (250, 24_000)
    given = RetryBudget(size=3)
    assert Pool(1000, budget=given).budget is given


@pytest.mark.parametrize("numbers", [{"size": 0}, {"size": 1, "opening": 0}])
def test_a_pool_of_nothing_is_refused(numbers: dict[str, int]):
    with pytest.raises(ConfigError):
        Pool(**numbers)


def test_a_session_and_a_policy_are_not_given_both():
    async def scenario():
        async with pool_over(MemoryTransport(), policy=LinePolicy()) as pool:
            with pytest.raises(ConfigError):
                await pool.open(session={"instructions": "hi"})

    play(scenario())


async def _loop_kind() -> type:
    return type(asyncio.get_running_loop())


def test_a_program_runs_on_uvloop_where_it_is_installed(monkeypatch: pytest.MonkeyPatch):
    class Loop(asyncio.SelectorEventLoop):
        """Stands for uvloop's."""

    uvloop = ModuleType("uvloop")
    uvloop.new_event_loop = Loop
    monkeypatch.setitem(sys.modules, "uvloop", uvloop)
    assert run(_loop_kind()) is Loop


def test_a_program_runs_without_uvloop(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert issubclass(run(_loop_kind()), asyncio.BaseEventLoop)
    assert module.OPENING > 0
