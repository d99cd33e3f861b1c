from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from simulator.dialling import KEY, address, dialled, run, until
from trunkline.simulator.actions import Freeze, RefuseDials
from trunkline.simulator.clock import ManualClock
from trunkline.simulator.gate import Gate
from trunkline.simulator.scenario import Scenario
from trunkline.simulator.server import SimulatorServer


def refusing(**action) -> SimulatorServer:
    fault = {"when": {"dial": 2}, "action": "refuse", **action}
    return SimulatorServer(scenario=Scenario.from_dict({"faults": [fault]}))


def test_the_next_dials_are_refused_by_a_status_and_then_no_more():
    async def test():
        async with refusing(count=2, status=503, retry_after=1.5) as server:
            async with dialled(server):
                pass
            for _ in range(2):
                with pytest.raises(InvalidStatus) as refused:
                    async with connect(address(server), additional_headers=KEY):
                        pass
                response = refused.value.response
                assert (response.status_code, response.headers["Retry-After"]) == (503, "1.5")
                assert b'"type": "server_error"' in response.body
            async with dialled(server):
                pass
            assert [dial.outcome for dial in server.dials] == [
                "accepted", "refused", "refused", "accepted",
            ]  # fmt: skip
            assert [dial.epoch for dial in server.dials] == [1, None, None, 2]
            assert len(server.sessions) == 2

    run(test())


def test_a_dial_can_be_closed_after_the_upgrade_with_any_reason():
    reason = "insufficient_quota.credit_balance_exhausted"

    async def test():
        async with refusing(code=1013, reason=reason) as server:
            async with dialled(server):
                pass
            async with connect(address(server), additional_headers=KEY) as ws:
                error = (await until(ws, "error"))["error"]
                assert f"{error['type']}.{error['code']}" == reason
                with pytest.raises(ConnectionClosedError) as closed:
                    await ws.recv()
                assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, reason)
            assert (server.dials[1].outcome, server.dials[1].code) == ("rejected", 1013)

    run(test())


def test_retry_after_has_two_forms():
    gate = Gate(ManualClock(wall=0.0))
    date = RefuseDials(status=429, retry_after=90, retry_after_form="date")
    assert gate.response(date).headers["Retry-After"] == "Thu, 01 Jan 1970 00:01:30 GMT"
    assert gate.response(RefuseDials(status=429, retry_after=90)).headers["Retry-After"] == "90"
    assert "Retry-After" not in gate.response(RefuseDials(status=429)).headers


def test_a_frozen_server_answers_nobody_until_it_thaws():
    async def test():
        clock = ManualClock()
        async with SimulatorServer(clock=clock) as server, dialled(server) as ws:
            assert server.break_now(Freeze(seconds=5)) == 1
            second = asyncio.create_task(
                connect(address(server), additional_headers=KEY).__aenter__()
            )
            pong = await ws.ping()
            while len(asyncio.all_tasks()) < 3:
                await asyncio.sleep(0)
            for _ in range(20):
                await asyncio.sleep(0)
            assert not second.done()
            assert not pong.done()
            clock.advance(5)
            await pong
            other = await second
            await until(other, "session.created")
            await other.close()

    run(test())
