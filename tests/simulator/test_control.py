from __future__ import annotations

import pytest
from websockets.exceptions import ConnectionClosedError

from simulator.dialling import FAST, call, dialled, run, send, until
from simulator.sitting import append, loud, quiet
from trunkline.simulator.server import SimulatorServer


def test_what_was_consumed_can_be_read_over_http():
    async def test():
        async with SimulatorServer(timing=FAST) as server, dialled(server) as ws:
            await send(ws, append(loud(300) + quiet(700)))
            await until(ws, "rate_limits.updated")
            status, _, body = await call(server, "GET", "/simulator/sessions")
            (session,) = body["sessions"]
            assert status == 200
            assert session["appended_ms"] == 1000
            assert [item["origin"] for item in session["items"]] == ["committed", "generated"]
            assert session["responses"][0]["status"] == "completed"
            assert session["key"] == "sk-…(7)"

    run(test())


@pytest.mark.parametrize("code", [1011, 1013, 4000])
def test_the_line_can_be_closed_from_outside(code):
    async def test():
        async with SimulatorServer() as server, dialled(server) as ws:
            body = {"action": "close", "code": code, "reason": "asked"}
            status, _, answer = await call(server, "POST", "/simulator/break", json=body)
            assert (status, answer) == (200, {"links": 1})
            with pytest.raises(ConnectionClosedError) as closed:
                await ws.recv()
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, "asked")

    run(test())


def test_the_line_can_be_reset_from_outside():
    async def test():
        async with SimulatorServer() as server, dialled(server) as ws:
            await call(server, "POST", "/simulator/break", json={"action": "rst"})
            with pytest.raises(ConnectionClosedError) as lost:
                await ws.recv()
            assert isinstance(lost.value.__cause__, ConnectionResetError)

    run(test())


def test_a_line_that_is_over_is_not_counted():
    async def test():
        async with SimulatorServer() as server:
            body = {"action": "rst"}
            assert (await call(server, "POST", "/simulator/break", json=body))[2] == {"links": 0}

    run(test())


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"action": "explode"}'])
def test_a_wrong_order_is_refused(data):
    async def test():
        async with SimulatorServer() as server:
            status, _, body = await call(server, "POST", "/simulator/break", data=data)
            assert status == 400
            assert body["error"]["code"] == "invalid_value"

    run(test())


def test_only_test_keys_may_look_or_break():
    async def test():
        async with SimulatorServer() as server:
            for method, path in (("GET", "/simulator/sessions"), ("POST", "/simulator/break")):
                for headers in ({}, {"Authorization": "Bearer sk-proj-real"}):
                    status, _, body = await call(server, method, path, headers=headers)
                    assert status == 401
                    assert "real" not in str(body)

    run(test())


def test_faults_can_be_added_and_dials_read_from_outside():
    async def test():
        async with SimulatorServer() as server, dialled(server) as ws:
            plan = '[[faults]]\nwhen = { seconds = 0 }\naction = "close"\ncode = 4321'
            status, _, answer = await call(server, "POST", "/simulator/scenario", data=plan)
            assert (status, answer) == (200, {"faults": 1})
            with pytest.raises(ConnectionClosedError) as closed:
                await until(ws, "never")
            assert closed.value.rcvd.code == 4321
            dials = (await call(server, "GET", "/simulator/dials"))[2]["dials"]
            assert [dial["outcome"] for dial in dials] == ["accepted"]
            status, _, _ = await call(server, "POST", "/simulator/scenario", data="[[")
            assert status == 400
            for method, path in (("GET", "dials"), ("POST", "scenario")):
                assert (await call(server, method, f"/simulator/{path}", headers={}))[0] == 401

    run(test())
