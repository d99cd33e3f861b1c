from __future__ import annotations

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from simulator.dialling import KEY, address, run, send, until
from simulator.sitting import user_text
from simulator.test_server import turned_away
from trunkline.simulator.server import SimulatorServer

WORDS = [
    ("no-access", 4004, "invalid_request_error.model_not_found", 403),
    ("no-quota", 1013, "insufficient_quota.insufficient_quota", 429),
    ("no-credit", 1013, "insufficient_quota.credit_balance_exhausted", 429),
]


@pytest.mark.parametrize(("word", "code", "reason", "status"), WORDS)
def test_a_test_key_can_ask_to_be_turned_away(word, code, reason, status):
    headers = {"Authorization": f"Bearer sk-test-{word}"}

    async def test():
        async with SimulatorServer() as server:
            _, closed, said = await turned_away(server, headers=headers)
            assert (closed, said) == (code, reason)
        async with SimulatorServer(gateway=True) as server:
            with pytest.raises(InvalidStatus) as refused:
                async with connect(address(server), additional_headers=headers):
                    pass
            assert refused.value.response.status_code == status
            assert server.dials[0].reason == reason

    run(test())


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("?model=gpt-realtime", {}, 401),
        ("?model=gpt-realtime", {"Authorization": "Bearer sk-proj-real"}, 401),
        ("", KEY, 400),
        ("?model=gpt-5", KEY, 404),
    ],
)
def test_a_gateway_turns_away_before_the_upgrade(query, headers, status):
    async def test():
        async with SimulatorServer(gateway=True) as server:
            with pytest.raises(InvalidStatus) as refused:
                async with connect(address(server, query), additional_headers=headers):
                    pass
            response = refused.value.response
            assert response.status_code == status
            assert b'{"error": {"message":' in response.body
            assert b"proj" not in response.body
            (dial,) = server.dials
            assert (dial.outcome, dial.status) == ("refused", status)
            assert "proj" not in dial.key

    run(test())


def test_a_dial_is_recorded_with_its_key_masked():
    async def test():
        async with SimulatorServer() as server:
            offered = ["realtime", "openai-insecure-api-key.sk-test-secret"]
            async with connect(address(server), subprotocols=offered):
                pass
            (dial,) = server.dials
            assert dial.to_dict() | {"at": 0} == {
                "number": 1, "at": 0, "key": "sk-…(14)", "model": "gpt-realtime-2.1",
                "outcome": "accepted", "status": 101, "code": None, "reason": "", "epoch": 1,
            }  # fmt: skip

    run(test())


def test_a_limit_of_tokens_holds_for_the_sessions_of_a_server():
    async def test():
        async with SimulatorServer(token_limit=1) as server:
            async with connect(address(server), additional_headers=KEY) as ws:
                await send(ws, user_text("hello"))
                await send(ws, {"type": "response.create"})
                done = await until(ws, "response.done")
            assert done["response"]["status_details"]["error"]["code"] == "rate_limit_exceeded"

    run(test())
