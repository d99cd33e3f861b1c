from __future__ import annotations

import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gauntlet.dialing import KEY, arena, dial, run, until, update
from trunkline.gauntlet.deeds import Crash, Gate, GoDown, HttpRefusal, Reset, Step, TurnAway
from trunkline.simulator.faults import Elapsed, Events

BUSY = HttpRefusal(status=429, code="rate_limit_exceeded", message="wait", retry_after=3.0)
BROKE = TurnAway(close_code=1013, type="insufficient_quota", code="insufficient_quota", message="x")


def test_a_visit_is_remembered_with_its_dial_and_its_settings():
    async def test():
        async with arena() as server:
            async with dial(server) as ws:
                await until(ws, "session.created")
                told = {"type": "realtime", "instructions": "Be brief."}
                await ws.send(json.dumps({"type": "session.update", "session": told}))
                await until(ws, "session.updated")
            assert [one.outcome for one in server.record.dials] == ["admitted"]
            visit = server.record.final
            assert visit is not None
            assert visit.settings["instructions"] == "Be brief."
            assert visit.settings_before["instructions"] != "Be brief."

    run(test())


def test_a_key_that_is_not_the_trials_is_turned_away_for_good():
    async def test():
        async with arena() as server:
            async with dial(server, key="sk-test-other") as ws:
                error = json.loads(await ws.recv())
                assert error["error"]["code"] == "invalid_api_key"
                with pytest.raises(ConnectionClosed) as ended:
                    await ws.recv()
            assert ended.value.rcvd is not None
            assert ended.value.rcvd.reason == "invalid_request_error.invalid_api_key"
            assert server.record.dials[0].is_fatal
            assert server.record.visits == []

    run(test())


def test_a_gate_refuses_with_a_status_and_a_time_and_then_lets_in():
    async def test():
        async with arena(gate=Gate(how=BUSY, after=0, count=1)) as server:
            with pytest.raises(InvalidStatus) as refused:
                await dial(server)
            assert refused.value.response.headers["Retry-After"] == "3"
            first = server.record.dials[0]
            assert (first.outcome, first.retry_after) == ("HTTP 429", 3.0)
            assert server.record.served_from == first.at + 3.0
            async with dial(server) as ws:
                await until(ws, "session.created")
            assert server.record.dials[1].outcome == "admitted"

    run(test())


def test_a_gate_turns_away_with_a_reason():
    async def test():
        async with arena(gate=Gate(how=BROKE, after=0)) as server, dial(server) as ws:
            assert json.loads(await ws.recv())["error"]["type"] == "insufficient_quota"
            with pytest.raises(ConnectionClosed) as ended:
                await ws.recv()
            assert ended.value.rcvd is not None
            assert (ended.value.rcvd.code, ended.value.rcvd.reason) == (
                1013,
                "insufficient_quota.insufficient_quota",
            )

    run(test())


def test_a_crash_comes_after_session_created_and_is_no_visit():
    async def test():
        async with arena(gate=Gate(how=Crash(), after=0)) as server:
            async with dial(server) as ws:
                with pytest.raises(ConnectionClosed):
                    await until(ws, "response.done")
            assert [one.outcome for one in server.record.dials] == ["crash"]
            assert server.record.visits == []

    run(test())


def test_a_restart_resets_closes_the_port_and_opens_it_again():
    async def test():
        step = Step(when=Events(type="session.updated"), deed=GoDown(seconds=0.3))
        async with arena(step) as server:
            async with dial(server) as ws:
                await update(ws)
                with pytest.raises(ConnectionClosed):
                    await until(ws, "response.done")
            down_at = server.record.visits[0].broken_at
            assert down_at is not None
            with pytest.raises(OSError, match=r"refused|Connect call failed"):
                await dial(server)
            await server.reopened()
            async with dial(server) as again:
                await until(again, "session.created")
            assert server.record.served_from - down_at >= 0.3

    run(test())


def test_each_step_is_given_once_and_only_to_its_visit():
    async def test():
        step = Step(when=Elapsed(seconds=0), deed=Reset(), visit=2)
        async with arena(step) as server:
            async with dial(server) as ws:
                await until(ws, "session.created")
            async with dial(server) as ws:
                with pytest.raises(ConnectionClosed):
                    await ws.recv()
            async with dial(server) as ws:
                await until(ws, "session.created")
            assert [visit.is_whole for visit in server.record.visits] == [True, False, True]

    run(test())


def test_a_key_may_come_as_a_subprotocol_and_is_logged_nowhere(caplog: pytest.LogCaptureFixture):
    async def test():
        async with arena() as server:
            url = f"ws{server.base_url.removeprefix('http')}/realtime?model=gpt-realtime"
            named = f"openai-insecure-api-key.{KEY}"
            async with connect(url, subprotocols=["realtime", named]) as ws:
                assert ws.subprotocol == "realtime"
                await until(ws, "session.created")
            async with connect(url, subprotocols=[named]) as ws:
                await until(ws, "session.created")
        assert KEY not in caplog.text

    run(test())


def test_ids_follow_from_the_seed():
    async def ids() -> list[str]:
        async with arena() as server, dial(server) as ws:
            (created,) = await until(ws, "session.created")
            return [created["event_id"], created["session"]["id"]]

    async def test():
        assert await ids() == await ids()

    run(test())


def test_the_key_is_nowhere_in_the_record():
    async def test():
        async with arena() as server:
            async with dial(server) as ws:
                await until(ws, "session.created")
            assert KEY not in repr(server.record)

    run(test())
