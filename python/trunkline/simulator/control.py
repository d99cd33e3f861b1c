"""The server's own calls: break the line now, read what was consumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import orjson
from aiohttp import web

from trunkline.errors import ConfigError
from trunkline.simulator.guard import api_error
from trunkline.simulator.handshake import bad_key, is_test_key, key_of
from trunkline.simulator.refusals import Refusal
from trunkline.simulator.scenario import Scenario, action_from_dict

if TYPE_CHECKING:
    from trunkline.simulator.actions import Action
    from trunkline.simulator.history import DialRecord, SessionHistory

__all__ = ["Controllable", "add_control_routes"]


class Controllable(Protocol):
    """What the calls need of the server."""

    dials: list[DialRecord]

    @property
    def sessions(self) -> list[SessionHistory]:
        """One record per accepted connection."""

    def break_now(self, action: Action) -> int:
        """Do this to every live connection; returns how many there were."""

    def add_scenario(self, scenario: Scenario) -> None:
        """More faults, from now on."""


def add_control_routes(app: web.Application, server: Controllable) -> None:
    """The calls under `/simulator/`, for holders of a test key."""

    async def sessions(request: web.Request) -> web.Response:
        refused = _refused(request)
        if refused is not None:
            return refused
        return web.json_response({"sessions": [record.to_dict() for record in server.sessions]})

    async def dials(request: web.Request) -> web.Response:
        refused = _refused(request)
        if refused is not None:
            return refused
        return web.json_response({"dials": [record.to_dict() for record in server.dials]})

    async def add_scenario(request: web.Request) -> web.Response:
        refused = _refused(request)
        if refused is not None:
            return refused
        try:
            scenario = Scenario.from_text((await request.read()).decode(), "body")
        except (UnicodeDecodeError, ConfigError) as error:
            return api_error(Refusal(str(error), code="invalid_value"), status=400)
        server.add_scenario(scenario)
        return web.json_response({"faults": len(scenario.faults)})

    async def break_now(request: web.Request) -> web.Response:
        refused = _refused(request)
        if refused is not None:
            return refused
        try:
            action = action_from_dict(orjson.loads(await request.read()), "body")
        except (orjson.JSONDecodeError, ConfigError) as error:
            return api_error(Refusal(str(error), code="invalid_value"), status=400)
        return web.json_response({"links": server.break_now(action)})

    app.router.add_get("/simulator/sessions", sessions)
    app.router.add_get("/simulator/dials", dials)
    app.router.add_post("/simulator/break", break_now)
    app.router.add_post("/simulator/scenario", add_scenario)


def _refused(request: web.Request) -> web.Response | None:
    key = key_of(request.headers)
    if key is None or not is_test_key(key):
        return api_error(bad_key(key), status=401)
    return None
