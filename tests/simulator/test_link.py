from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK

from simulator.dialling import FAST, KEY, address, dialled, run, send, until
from simulator.sitting import append, loud, quiet, user_text
from trunkline.simulator.scenario import Scenario, action_from_dict
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing


def broken(*faults: dict, timing=FAST, **settings) -> SimulatorServer:
    scenario = Scenario.from_dict({"faults": list(faults)})
    return SimulatorServer(timing=timing, scenario=scenario, **settings)


def test_a_reset_in_mid_utterance_is_a_reset_for_the_client():
    async def test():
        async with broken({"when": {"utterance": 1, "ms": 200}, "action": "rst"}) as server:
            async with dialled(server) as ws:
                for _ in range(20):
                    await send(ws, append(loud(20)))
                with pytest.raises(ConnectionClosedError) as lost:
                    await until(ws, "never")
                assert isinstance(lost.value.__cause__, ConnectionResetError)
            (session,) = server.sessions
            assert session.ending.by == "fault"
            assert session.appended_ms == 200

    run(test())


def test_a_fault_in_mid_reply_comes_after_so_much_audio():
    fault = {"when": {"reply": 1, "ms": 500}, "action": "close", "code": 1011, "reason": "broken"}

    async def test():
        async with broken(fault) as server:
            async with dialled(server) as ws:
                await send(ws, append(loud(300) + quiet(700)))
                with pytest.raises(ConnectionClosedError) as closed:
                    await until(ws, "response.done")
                assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1011, "broken")
            assert server.sessions[0].responses[0].samples_given == 600 * 24

    run(test())


def test_a_fault_by_the_clock_needs_no_event():
    async def test():
        fault = {"when": {"seconds": 0.05}, "action": "close", "code": 1012}
        async with broken(fault) as server, dialled(server) as ws:
            with pytest.raises(ConnectionClosedError) as closed:
                await ws.recv()
            assert closed.value.rcvd.code == 1012

    run(test())


def test_a_stalled_line_is_open_and_dumb_and_then_goes_on():
    async def test():
        fault = {"when": {"event": "session.update"}, "action": "stall", "seconds": 0.2}
        async with broken(fault) as server, dialled(server) as ws:
            loop = asyncio.get_running_loop()
            began = loop.time()
            await send(ws, {"type": "session.update", "session": {"type": "realtime"}})
            await until(ws, "session.updated")
            assert loop.time() - began >= 0.2
            await send(ws, user_text("still there?"))
            await until(ws, "conversation.item.done")

    run(test())


def test_an_error_can_be_thrown_in_and_the_session_goes_on():
    async def test():
        fault = {"when": {"event": "session.created"}, "action": "error", "message": "oh"}
        async with broken(fault) as server, dialled(server) as ws:
            error = (await until(ws, "error"))["error"]
            assert (error["type"], error["message"]) == ("server_error", "oh")
            await send(ws, user_text("still there?"))
            await until(ws, "conversation.item.done")

    run(test())


def test_faults_of_the_second_connection_wait_for_it():
    async def test():
        fault = {"when": {"seconds": 0}, "connection": 2, "action": "close", "code": 1011}
        async with broken(fault) as server:
            async with dialled(server) as ws:
                await send(ws, user_text("hi"))
                await until(ws, "conversation.item.done")
            async with dialled(server) as ws:
                with pytest.raises(ConnectionClosedError):
                    await until(ws, "never")
            assert [session.ending.by for session in server.sessions] == ["client", "fault"]

    run(test())


def test_a_session_of_age_is_told_and_closed_with_1001():
    async def test():
        timing = Timing(lifetime=0.05)
        async with SimulatorServer(timing=timing) as server, dialled(server) as ws:
            assert (await until(ws, "error"))["error"]["code"] == "session_expired"
            with pytest.raises(ConnectionClosedOK) as closed:
                await ws.recv()
            assert closed.value.rcvd.code == 1001
            assert "maximum duration" in closed.value.rcvd.reason

    run(test())


def test_the_server_pings_with_four_bytes():
    async def test():
        async with (
            SimulatorServer(ping_interval=0.02) as server,
            aiohttp.ClientSession() as http,
            http.ws_connect(address(server), headers=KEY, autoping=False) as ws,
        ):
            created, *pings = [await ws.receive() for _ in range(3)]
            assert created.type is aiohttp.WSMsgType.TEXT
            assert [ping.type for ping in pings] == [aiohttp.WSMsgType.PING] * 2
            assert [len(ping.data) for ping in pings] == [4, 4]

    run(test())


def test_the_end_by_the_client_is_noted_with_its_code():
    async def test():
        async with SimulatorServer() as server:
            async with dialled(server) as ws:
                await ws.close(code=4123, reason="bye")
                assert ws.close_code == 4123
            assert server.sessions[0].ending.by == "client"
            assert server.sessions[0].ending.code == 4123

    run(test())


def test_binary_and_broken_messages_are_answered():
    async def test():
        async with SimulatorServer() as server, dialled(server) as ws:
            await ws.send(b"\x00\x01")
            assert (await until(ws, "error"))["error"]["code"] == "invalid_event"
            await ws.send("{")
            assert (await until(ws, "error"))["error"]["code"] == "invalid_json"

    run(test())


def test_a_server_that_goes_away_says_so():
    async def test():
        async with SimulatorServer() as server, dialled(server) as ws:
            await server.__aexit__(None, None, None)
            with pytest.raises(ConnectionClosedOK) as closed:
                await ws.recv()
            assert closed.value.rcvd.code == 1001

    run(test())


@pytest.mark.parametrize("end", [None, {"action": "rst"}])
def test_a_stalled_line_does_not_hold_the_server_up(end):
    async def test():
        fault = {"when": {"event": "session.created"}, "action": "stall", "seconds": 600}
        async with broken(fault) as server, dialled(server) as ws:
            assert server.faults_happened
            if end is None:
                await server.__aexit__(None, None, None)
            else:
                server.break_now(action_from_dict(end))
            with pytest.raises(ConnectionClosedError):
                await ws.recv()

    run(test())


def test_what_is_sent_is_what_the_record_says():
    async def test():
        async with SimulatorServer(timing=FAST) as server, dialled(server) as ws:
            await send(ws, append(loud(300) + quiet(700)))
            seen = {"session.created": 1}
            while "rate_limits.updated" not in seen:
                kind = json.loads(await ws.recv())["type"]
                seen[kind] = seen.get(kind, 0) + 1
            assert server.sessions[0].sent == seen

    run(test())
