from __future__ import annotations

import asyncio
import base64
import logging
import os
import signal
import subprocess
import sys

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus

from simulator.dialling import FAST, KEY, address, call, dialled, run, send, until
from simulator.sitting import append, loud, user_text
from trunkline.errors import ConfigError
from trunkline.simulator import Scenario, SimulatorServer, serve
from trunkline.simulator.faults import ResetLink

CANARY = "sk-proj-canarycanary"


async def turned_away(server, *, query="?model=gpt-realtime-2.1", headers=KEY, **options):
    """The error, close code and reason of a connection that may not stay."""
    async with connect(address(server, query), additional_headers=headers, **options) as ws:
        error = (await until(ws, "error"))["error"]
        with pytest.raises(ConnectionClosedError) as closed:
            await ws.recv()
        return error, closed.value.rcvd.code, closed.value.rcvd.reason


@pytest.mark.parametrize(
    ("query", "headers", "code", "reason"),
    [
        ("?model=gpt-realtime", {"Authorization": f"Bearer {CANARY}"}, 3000, ".invalid_api_key"),
        ("?model=gpt-realtime", {"Authorization": "Bearer ek_unknown"}, 3000, ".invalid_api_key"),
        ("?model=gpt-realtime", {}, 3000, ""),
        ("?model=gpt-realtime", KEY | {"OpenAI-Beta": "realtime=v1"}, 4000, ".beta_api_shape_disabled"),
        ("", KEY, 4000, ".missing_model"),
        ("?model=gpt-5", KEY, 4000, ".invalid_model"),
        ("?intent=dictation", KEY, 4000, ".invalid_intent"),
    ],
)  # fmt: skip
def test_everyone_is_let_in_and_told_why_they_cannot_stay(query, headers, code, reason):
    async def test():
        async with SimulatorServer() as server:
            error, closed, said = await turned_away(server, query=query, headers=headers)
            assert (closed, said) == (code, f"invalid_request_error{reason}")
            assert error["code"] == (reason[1:] or None)
            assert server.rejections == [said]
            assert server.sessions == []
            assert CANARY not in str(error)

    run(test())


def test_the_subprotocol_is_echoed_only_if_it_was_offered():
    async def test():
        async with SimulatorServer() as server:
            async with dialled(server) as ws:
                assert ws.subprotocol is None
            offered = ["realtime", "openai-insecure-api-key.sk-test"]
            async with connect(address(server), subprotocols=offered) as ws:
                assert ws.subprotocol == "realtime"
                await until(ws, "session.created")

    run(test())


def test_a_key_in_a_lone_subprotocol_is_never_logged(caplog):
    async def test():
        async with SimulatorServer() as server:
            offered = [f"openai-insecure-api-key.{CANARY}"]
            error, code, _ = await turned_away(server, headers={}, subprotocols=offered)
            assert code == 3000
            assert CANARY not in str(error)

    with caplog.at_level(logging.DEBUG, logger="aiohttp"):
        run(test())
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_foreign_pages_are_kept_out_of_http_and_of_the_upgrade(headers, status):
    async def test():
        async with SimulatorServer() as server:
            path = "/v1/realtime/client_secrets"
            answered, signed, _ = await call(server, "POST", path, headers=KEY | headers)
            assert answered == status
            assert signed["X-Trunkline-Simulator"] == "1"
            if "Origin" in headers:
                with pytest.raises(InvalidStatus) as refused:
                    async with connect(address(server), additional_headers=KEY | headers):
                        pass
                assert refused.value.response.status_code == status

    run(test())


def test_a_page_of_this_machine_may_connect_and_the_upgrade_is_signed():
    async def test():
        async with SimulatorServer() as server:
            headers = KEY | {"Origin": "http://localhost:3000"}
            async with connect(address(server), additional_headers=headers) as ws:
                assert ws.response.headers["X-Trunkline-Simulator"] == "1"
                assert "Sec-WebSocket-Extensions" not in ws.response.headers

    run(test())


def test_an_unknown_call_is_a_404_without_a_body():
    async def test():
        async with SimulatorServer() as server:
            with pytest.raises(InvalidStatus) as refused:
                async with connect(address(server, "?call_id=rtc_1"), additional_headers=KEY):
                    pass
            assert refused.value.response.status_code == 404
            assert not refused.value.response.body

    run(test())


def test_client_secrets_are_minted_used_twice_and_checked():
    async def test():
        async with SimulatorServer() as server:
            path = "/v1/realtime/client_secrets"
            session = {"type": "realtime", "instructions": "brief"}
            status, _, secret = await call(server, "POST", path, json={"session": session})
            assert status == 200
            key = {"Authorization": f"Bearer {secret['value']}"}
            for query in ("?model=gpt-realtime", ""):
                async with connect(address(server, query), additional_headers=key) as ws:
                    created = await until(ws, "session.created")
                    assert created["session"]["instructions"] == "brief"
            assert server.sessions[0].key == f"ek_…({len(secret['value'])})"
            body = {"expires_after": {"seconds": 1}}
            status, _, refused = await call(server, "POST", path, json=body)
            assert (status, refused["error"]["param"]) == (400, "expires_after.seconds")
            assert (await call(server, "POST", path, data=b"{"))[0] == 400
            assert (await call(server, "POST", path, headers={}))[0] == 401
            assert (await call(server, "POST", path))[0] == 200

    run(test())


def test_every_connection_is_a_new_and_empty_session():
    async def test():
        async with SimulatorServer() as server:
            for _ in range(2):
                async with dialled(server) as ws:
                    await send(ws, user_text("hi") | {"previous_item_id": "root"})
                    added = await until(ws, "conversation.item.added")
                    assert added["previous_item_id"] is None
            assert [session.epoch for session in server.sessions] == [1, 2]
            assert len({session.session_id for session in server.sessions}) == 2

    run(test())


def test_many_lines_at_once_do_not_mix():
    async def talk(server, ms: int) -> None:
        async with dialled(server) as ws:
            await send(ws, append(loud(ms)))
            await send(ws, {"type": "input_audio_buffer.commit"})
            item = (await until(ws, "conversation.item.done"))["item"]
            await send(ws, {"type": "conversation.item.retrieve", "item_id": item["id"]})
            part = (await until(ws, "conversation.item.retrieved"))["item"]["content"][0]
            assert part["audio"] == append(loud(ms))["audio"]

    async def test():
        async with SimulatorServer() as server:
            await asyncio.gather(*(talk(server, 100 + 10 * n) for n in range(20)))
            assert sorted(s.appended_ms for s in server.sessions) == [
                100 + 10 * n for n in range(20)
            ]

    run(test())


@pytest.mark.parametrize(
    ("settings", "name"),
    [({"host": "0.0.0.0"}, "host"), ({"voice": "opera"}, "voice"), ({"pace": 0}, "pace")],
)
def test_a_setting_that_cannot_be_used_is_named(settings, name):
    with pytest.raises(ConfigError) as refused:
        SimulatorServer(**settings)
    assert refused.value.setting == name


def test_a_port_in_use_is_a_config_error():
    async def test():
        async with SimulatorServer() as server:
            with pytest.raises(ConfigError, match="cannot listen"):
                async with SimulatorServer(port=server.port):
                    pass

    run(test())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_announces_itself_and_stops_at_a_signal(number):
    async def test():
        announced = []

        def announce(base_url: str) -> None:
            announced.append(base_url)
            asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)

        await serve(port=0, voice="tone", seed=1, scenario=Scenario(), announce=announce)
        assert announced[0].startswith("http://127.0.0.1:")

    run(test())


def test_serve_can_be_cancelled():
    async def test():
        up = asyncio.Event()
        task = asyncio.create_task(serve(voice="tone", announce=lambda _url: up.set()))
        await up.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(test())


def test_the_package_is_light_and_resolves_its_names_lazily():
    code = (
        "import sys, trunkline.simulator as s\n"
        "heavy = {'numpy', 'aiohttp', 'asyncio'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert all(hasattr(s, name) for name in s.__all__)\n"
        "assert not hasattr(s, 'surprise')\n"
        "foreign = [m for m in sys.modules if m.startswith(('trunkline.protocol', 'trunkline.audio',"
        " 'trunkline.client', 'trunkline.transports', 'trunkline._native'))]\n"
        "assert not foreign, foreign\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_what_is_done_to_all_links_is_done_in_the_order_they_came():
    struck: list[int] = []

    class Struck:
        def __init__(self, number: int) -> None:
            self.act = lambda _action: struck.append(number)

    server = SimulatorServer()
    server._links.update((Struck(number), None) for number in range(50))
    assert server.break_now(ResetLink()) == 50
    assert struck == list(range(50))


def test_the_servers_unix_time_is_that_of_the_clock_it_is_given():
    async def test():
        async with (
            SimulatorServer(wall=lambda: 1_000_000.0) as server,
            connect(address(server), additional_headers=KEY) as ws,
        ):
            created = await until(ws, "session.created")
            assert created["session"]["expires_at"] == 1_003_600

    run(test())


def test_a_transcription_session_is_opened_by_its_intent():
    async def test():
        async with SimulatorServer() as server:
            where = address(server, "?intent=transcription")
            async with connect(where, additional_headers=KEY) as ws:
                created = await until(ws, "session.created")
                assert created["session"]["type"] == "transcription"

    run(test())


def test_a_translation_has_an_address_of_its_own_and_ends_when_it_is_closed():
    async def test():
        async with SimulatorServer(timing=FAST) as server:
            where = address(server, "/translations?model=gpt-realtime-translate")
            async with connect(where, additional_headers=KEY) as ws:
                created = await until(ws, "session.created")
                assert created["session"]["type"] == "translation"
                audio = base64.b64encode(bytes(400 * 48)).decode()
                await send(ws, {"type": "session.input_audio_buffer.append", "audio": audio})
                for elapsed_ms in (0, 200):
                    frame = await until(ws, "session.output_audio.delta")
                    assert frame["elapsed_ms"] == elapsed_ms
                await send(ws, {"type": "session.close"})
                await until(ws, "session.closed")
                with pytest.raises(ConnectionClosedOK):
                    await ws.recv()
            (history,) = server.sessions
            assert (history.model, history.appended_ms) == ("gpt-realtime-translate", 400)
            assert (history.ending.by, history.ending.code) == ("server", 1000)
            where = address(server, "/translations?model=gpt-realtime")
            async with connect(where, additional_headers=KEY) as ws:
                assert (await until(ws, "error"))["error"]["code"] == "invalid_model"

    run(test())
