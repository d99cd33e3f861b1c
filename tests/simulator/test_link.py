from __future__ import annotations

import asyncio
import json

import aiohttp
import aiohttp.web
import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK

from simulator.dialling import FAST, KEY, address, dialled, run, send, until
from simulator.sitting import append, loud, quiet, user_text
from trunkline.simulator.clock import ManualClock
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


def test_a_ping_of_a_client_that_is_gone_ends_the_session_without_a_complaint(monkeypatch, caplog):
    receive = aiohttp.web.WebSocketResponse.receive

    async def gone(ws, *args):
        message = await receive(ws, *args)
        if message.data and "gone" in message.data:
            raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")
        return message

    monkeypatch.setattr(aiohttp.web.WebSocketResponse, "receive", gone)

    async def test():
        async with broken() as server:
            async with dialled(server) as ws:
                await send(ws, user_text("gone"))
                with pytest.raises((ConnectionClosedError, ConnectionClosedOK)):
                    await until(ws, "never")
            assert server.sessions[0].ending.by == "client"

    run(test())
    assert caplog.records == []


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


async def closed_with(ws):
    """The close frame that ends the connection; None if there was none."""
    with pytest.raises((ConnectionClosedError, ConnectionClosedOK)) as closed:
        await until(ws, "never")
    return closed.value.rcvd


def test_a_hang_up_without_a_word_is_a_1006():
    async def test():
        fault = {"when": {"event": "session.created"}, "action": "fin"}
        async with broken(fault) as server, dialled(server) as ws:
            assert await closed_with(ws) is None
            assert ws.close_code == 1006

    run(test())


@pytest.mark.parametrize(("expiry", "told"), [("error", True), ("close", False)])
def test_an_expiry_can_be_half_of_itself(expiry, told):
    async def test():
        timing = Timing(lifetime=0.05)
        async with SimulatorServer(timing=timing, expiry=expiry) as server, dialled(server) as ws:
            if told:
                assert (await until(ws, "error"))["error"]["code"] == "session_expired"
                await send(ws, user_text("nobody hears this"))
                await (await ws.ping())
                assert server.sessions[0].items == []
            else:
                assert (await closed_with(ws)).code == 1001
                assert server.sessions[0].withheld == {"error": 1}

    run(test())


def test_a_close_can_stay_unanswered():
    async def test():
        fault = {"when": {"event": "session.created"}, "action": "missing_close"}
        async with broken(fault) as server:
            async with dialled(server, close_timeout=0.1) as ws:
                pass
            assert ws.close_code == 1006
            assert server.sessions[0].ending.code == 1000

    run(test())


def test_a_half_open_line_is_dumb_for_good():
    async def test():
        clock = ManualClock()
        fault = {"when": {"event": "session.created"}, "action": "half_open"}
        async with broken(fault, clock=clock) as server, dialled(server, close_timeout=0.1) as ws:
            pong = await ws.ping()
            clock.advance(3000)
            for _ in range(20):
                await asyncio.sleep(0)
            assert not pong.done()
            assert server.sessions[0].ending is None

    run(test())


def test_a_slow_reader_leaves_what_comes_unread():
    async def test():
        clock = ManualClock()
        fault = {
            "when": {"event": "session.created"},
            "action": "slow_read",
            "bytes_per_second": 100,
        }
        async with broken(fault, clock=clock) as server, dialled(server) as ws:
            for _ in range(3):
                await send(ws, append(loud(20)))
            while not (session := server.sessions[0]).appends:
                await asyncio.sleep(0)
            for _ in range(20):
                await asyncio.sleep(0)
            assert session.appended_ms == 20
            clock.advance(14)
            while session.appended_ms < 40:
                await asyncio.sleep(0)
            server.break_now(action_from_dict({"action": "rst"}))
            clock.advance(14)

    run(test())


def test_events_can_be_dropped_doubled_and_swallowed_on_the_way():
    kind = "conversation.item.added"
    faults = [
        {"when": {"event": kind, "count": 1}, "action": "drop"},
        {"when": {"event": kind, "count": 2}, "action": "duplicate"},
        {"when": {"event": "conversation.item.create", "count": 3}, "action": "drop"},
    ]

    async def test():
        async with broken(*faults) as server, dialled(server) as ws:
            for text in ("one", "two", "three"):
                await send(ws, user_text(text))
            await send(ws, {"type": "input_audio_buffer.clear"})
            seen = []
            while not seen or seen[-1] != "input_audio_buffer.cleared":
                seen.append(json.loads(await ws.recv())["type"])
            done = "conversation.item.done"
            assert seen == [done, kind, kind, done, "input_audio_buffer.cleared"]
            session = server.sessions[0]
            assert (session.withheld, session.swallowed) == (
                {kind: 1},
                {"conversation.item.create": 1},
            )

    run(test())


def test_things_nobody_asked_for_can_be_said():
    faults = [
        {"when": {"event": "session.created"}, "action": "unknown"},
        {"when": {"event": "session.created"}, "action": "send", "event": {"type": "x", "y": 1}},
        {"when": {"event": "session.created"}, "action": "say", "text": "hear, hear"},
    ]

    async def test():
        async with broken(*faults) as server, dialled(server) as ws:
            await send(ws, {"type": "session.update", "session": {"type": "realtime"}})
            surprise = await until(ws, "simulator.unheard_of")
            assert surprise["event_id"].startswith("event_")
            assert (await until(ws, "x"))["y"] == 1
            await send(ws, {"type": "response.create"})
            done = await until(ws, "response.done")
            assert done["response"]["output"][0]["content"][0]["transcript"] == "hear, hear"
            assert (
                server.sessions[0].bill.audio_out
                == done["response"]["usage"]["output_token_details"]["audio_tokens"]
            )

    run(test())


def test_a_frame_that_is_none_ends_the_connection_at_the_client():
    async def test():
        fault = {"when": {"event": "session.updated"}, "action": "garble", "how": "frame"}
        async with broken(fault) as server, dialled(server) as ws:
            await send(ws, {"type": "session.update", "session": {"type": "realtime"}})
            await closed_with(ws)
            assert server.sessions[0].ending.code == 1002

    run(test())


async def played(seed: int) -> bytes:
    """Every byte a server sends in a call, its clock turned by hand."""
    clock = ManualClock()
    scenario = Scenario.from_dict(
        {
            "faults": [
                {"when": {"event": "response.output_audio.delta", "count": 2}, "action": "garble", "how": "noise"},
                {"when": {"event": "response.output_audio_transcript.delta"}, "action": "late", "seconds": 0.2},
                {"when": {"event": "response.done"}, "action": "close", "code": 1011},
            ]
        }
    )  # fmt: skip
    settings = {"voice": "tone", "seed": seed, "scenario": scenario, "clock": clock}
    async with SimulatorServer(**settings) as server:
        url = f"http://127.0.0.1:{server.port}/v1/realtime?model=gpt-realtime"
        heard = bytearray()
        async with aiohttp.ClientSession() as http, http.ws_connect(url, headers=KEY) as ws:
            await ws.send_json(append(loud(300) + quiet(700)))
            while (session := next(iter(server.sessions), None)) is None or session.ending is None:
                await asyncio.sleep(0)
                if session is not None and session.appends:
                    clock.advance(0.05)
                    for _ in range(3):
                        await asyncio.sleep(0)
            while (message := await ws.receive()).type is aiohttp.WSMsgType.TEXT:
                heard += message.data.encode() + b"\n"
    return bytes(heard)


def test_a_run_can_be_repeated_to_the_byte():
    async def test():
        first, again, other = [await played(seed) for seed in (5, 5, 6)]
        assert first.count(b"\n") > 20
        assert first == again
        assert first != other

    run(test())


def test_responses_and_transcriptions_can_be_told_to_fail():
    when = {"event": "session.created"}
    faults = [
        {"when": when, "action": "fail_response", "code": "overloaded"},
        {"when": when, "action": "fail_transcription"},
    ]
    session = {"type": "realtime", "audio": {"input": {"transcription": {"model": "whisper-1"}}}}

    async def test():
        async with broken(*faults) as server, dialled(server) as ws:
            await send(ws, {"type": "session.update", "session": session})
            outcomes = []
            for _ in range(2):
                await send(ws, append(loud(400)))
                await send(ws, {"type": "input_audio_buffer.commit"})
                await send(ws, {"type": "response.create"})
                seen = set()
                while len(seen) < 2:
                    event = json.loads(await ws.recv())
                    if event["type"] == "response.done":
                        seen.add(event["response"]["status"])
                    elif event["type"].endswith(
                        ("transcription.failed", "transcription.completed")
                    ):
                        seen.add(event["type"].rpartition("_")[2])
                outcomes.append(seen)
            assert outcomes == [
                {"failed", "transcription.failed"},
                {"completed", "transcription.completed"},
            ]

    run(test())
