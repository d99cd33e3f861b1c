from __future__ import annotations

import pytest
from websockets.asyncio.client import connect

from simulator.dialling import KEY, address, call, run, until
from trunkline.simulator.server import SimulatorServer


@pytest.mark.parametrize(
    "path", ["/v1/realtime/calls", "/v1/realtime/translations/calls", "/v1/realtime/calls/rtc_1/hangup"]
)  # fmt: skip
def test_calls_are_refused_with_a_clear_message(path):
    async def test():
        async with SimulatorServer() as server:
            status, _, body = await call(server, "POST", path, data=b"v=0" * 100_000)
            assert status == 501
            assert "WebRTC" in body["error"]["message"]
            assert body["error"].keys() == {"message", "type", "param", "code"}

    run(test())


def test_secrets_of_translations_are_minted_and_open_translations_and_no_conversation():
    from simulator.test_server import turned_away

    async def test():
        async with SimulatorServer() as server:
            path = "/v1/realtime/translations/client_secrets"
            session = {"model": "gpt-realtime-translate", "audio": {"output": {"language": "es"}}}
            body = {"session": session, "expires_after": {"seconds": 10}}
            status, _, secret = await call(server, "POST", path, json=body)
            assert status == 200
            assert secret["session"]["audio"]["output"] == session["audio"]["output"]
            key = {"Authorization": f"Bearer {secret['value']}"}
            _, code, reason = await turned_away(server, headers=key)
            assert (code, reason) == (4000, "invalid_request_error.invalid_model")
            where = address(server, "/translations")
            async with connect(where, additional_headers=key) as ws:
                created = (await until(ws, "session.created"))["session"]
                assert (created["model"], created["audio"]["output"]) == (
                    "gpt-realtime-translate",
                    {"language": "es"},
                )
            status, _, refused = await call(server, "POST", path, json={"session": {}})
            assert (status, refused["error"]["param"]) == (400, "session.model")

    run(test())


def test_the_secret_of_a_conversation_opens_no_translation():
    async def test():
        async with SimulatorServer() as server:
            _, _, secret = await call(server, "POST", "/v1/realtime/client_secrets", json={})
            key = {"Authorization": f"Bearer {secret['value']}"}
            where = address(server, "/translations?model=gpt-realtime-translate")
            async with connect(where, additional_headers=key) as ws:
                assert (await until(ws, "error"))["error"]["code"] == "invalid_model"

    run(test())


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/v1/models", 404, "Invalid URL (GET /v1/models)"),
        ("GET", "/v1/realtime/client_secrets", 405, "Not allowed to GET"),
        ("GET", "/v1/realtime?model=gpt-realtime", 400, "UPGRADE"),
    ],
)
def test_what_is_not_served_is_told_in_the_shape_of_the_api(method, path, status, words):
    async def test():
        async with SimulatorServer() as server:
            answered, _, body = await call(server, method, path, headers=KEY)
            assert answered == status
            assert words in body["error"]["message"]
            assert body["error"]["type"] == "invalid_request_error"

    run(test())


def test_azure_serves_its_calls_under_its_own_root():
    async def test():
        async with SimulatorServer(profile="azure-ga") as server:
            path = "/v1/realtime/client_secrets"  # below the root, which is /openai/v1
            status, _, secret = await call(server, "POST", path, headers={"api-key": "test"})
            assert status == 200
            assert secret["value"].startswith("ek_")

    run(test())
