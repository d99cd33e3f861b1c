"""The seam of telemetry: what it is told of a line, and what it cannot do to it."""

from __future__ import annotations

import asyncio
import logging

import pytest

import trunkline
from client.serving import line_over, welcome
from trunkline.client.config import LineConfig
from trunkline.client.endpoint import Endpoint
from trunkline.client.telemetry import server_name
from trunkline.errors import ConfigError
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Transition
from trunkline.transports.memory import MemoryTransport


class Watching:
    """Telemetry that keeps what it gets."""

    def __init__(self) -> None:
        self.attached: list[dict] = []
        self.facts: list = []

    def attach(self, line, loop, *, name, server, rate_hz):
        self.attached.append(
            {"line": line, "loop": loop, "name": name, "server": server, "rate_hz": rate_hz}
        )
        return self.facts.append


def lived(telemetry) -> State:
    async def scenario() -> State:
        transport = MemoryTransport()
        line = line_over(transport, telemetry=telemetry)
        server = asyncio.create_task(welcome(transport))
        async with asyncio.timeout(20), line:
            await server
            state = line.state
        telemetry_of = getattr(telemetry, "attached", [])
        assert all(one["loop"] is asyncio.get_running_loop() for one in telemetry_of)
        return state

    return asyncio.run(scenario())


def test_it_is_told_of_the_line_before_anything_happens_and_of_everything_then():
    watching = Watching()
    assert lived(watching) is State.LIVE
    (told,) = watching.attached
    assert (told["name"], told["server"], told["rate_hz"]) == ("", "api.openai.com", 24_000)
    states = [fact.target for fact in watching.facts if isinstance(fact, Transition)]
    assert states[0] is State.DIALING
    assert states[-1] is State.CLOSED


def test_telemetry_that_fails_is_logged_and_the_line_lives(caplog):
    class Broken:
        def attach(self, *_arguments, **_named):
            raise ValueError("a mistake")

    with caplog.at_level(logging.ERROR, "trunkline"):
        assert lived(Broken()) is State.LIVE
    assert "telemetry could not begin" in caplog.text


def test_connect_gives_the_line_its_name():
    line = trunkline.connect(api_key="sk-test-1", name="kiosk\x1b[2J", telemetry=Watching())
    assert line.config.name == "kiosk\x1b[2J"


@pytest.mark.parametrize(
    ("base_url", "shown"),
    [
        ("https://api.openai.com/v1", "api.openai.com"),
        ("http://127.0.0.1:8080/v1?project=secret", "127.0.0.1:8080"),
    ],
)
def test_where_a_line_goes_is_told_without_path_and_query(base_url: str, shown: str):
    endpoint = Endpoint.at(base_url)
    assert server_name(LineConfig(credential="sk-test-1", endpoint=endpoint)) == shown


def test_the_public_names_are_telemetry():
    for part in (trunkline.Publisher(), trunkline.Telemetry(trunkline.Publisher())):
        assert callable(part.attach)
    with pytest.raises(ConfigError):
        trunkline.FlightRecorder(".", minutes=-1)
