from __future__ import annotations

import json
import threading

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from trunkline.errors import ConfigError
from trunkline.simulator.background import BackgroundServer
from trunkline.simulator.scenario import Scenario


def dial(server: BackgroundServer):
    url = f"{server.websocket_url}/realtime?model=gpt-realtime"
    return connect(url, additional_headers={"Authorization": f"Bearer {server.key}"})


def until(ws, kind: str) -> dict:
    while (event := json.loads(ws.recv(timeout=10)))["type"] != kind:
        pass
    return event


def test_a_synchronous_client_talks_to_it_and_the_test_reads_what_came_of_it():
    with BackgroundServer(voice="tone", pace=1000) as server:
        with dial(server) as ws:
            until(ws, "session.created")
            ws.send(json.dumps({"type": "response.create"}))
            until(ws, "rate_limits.updated")
        assert server.sessions[0].responses[0].status == "completed"
        assert server.dials[0].outcome == "accepted"
    assert not any(thread.name == "trunkline-simulator" for thread in threading.enumerate())


@pytest.mark.parametrize("form", ["object", "dict", "toml", "path"])
def test_a_scenario_can_be_given_in_every_form(form, tmp_path):
    document = {"faults": [{"when": {"event": "session.created"}, "action": "close", "code": 4999}]}
    toml = '[[faults]]\nwhen = { event = "session.created" }\naction = "close"\ncode = 4999\n'
    (tmp_path / "scenario.toml").write_text(toml)
    forms = {
        "object": Scenario.from_dict(document),
        "dict": document,
        "toml": toml,
        "path": tmp_path / "scenario.toml",
    }
    with BackgroundServer() as server:
        server.scenario(forms[form])
        with dial(server) as ws, pytest.raises(ConnectionClosedError) as closed:
            until(ws, "never")
        assert closed.value.rcvd.code == 4999
        assert len(server.faults_happened) == 1


def test_the_links_can_be_broken_by_hand():
    with BackgroundServer() as server:
        assert server.break_now({"action": "rst"}) == 0
        with dial(server) as ws:
            until(ws, "session.created")
            assert server.break_now({"action": "fin"}) == 1
            with pytest.raises(ConnectionClosedError) as closed:
                until(ws, "never")
            assert closed.value.rcvd is None


def test_a_server_that_cannot_start_says_why():
    with pytest.raises(ConfigError, match="opera"), BackgroundServer(voice="opera"):
        pass
