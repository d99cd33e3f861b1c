"""The API's HTTP calls: client secrets, and a clear no to what needs WebRTC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import orjson
from aiohttp import web

from trunkline.simulator.guard import api_error
from trunkline.simulator.handshake import bad_key, is_test_key, key_of
from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from trunkline.simulator.clock import Clock
    from trunkline.simulator.ephemeral import Mint
    from trunkline.simulator.gate import Gate
    from trunkline.simulator.profiles import Profile

__all__ = ["CallServer", "add_api_routes"]

_CALLS = (
    "/realtime/calls",
    "/realtime/translations/calls",
    "/realtime/calls/{call_id}/{verb:accept|reject|hangup|refer}",
)
_NO_CALLS = (
    "This simulator has no WebRTC and no SIP yet, so there are no calls. "
    "Connect by WebSocket instead."
)


class CallServer(Protocol):
    """What the calls need of the server."""

    mint: Mint
    gate: Gate
    clock: Clock
    profile: Profile


def add_api_routes(app: web.Application, server: CallServer) -> None:
    """`client_secrets` of both kinds, and the refusal of `calls`."""
    root = server.profile.root
    mint = server.mint
    app.router.add_post(f"{root}/realtime/client_secrets", _minting(server, mint.mint))
    app.router.add_post(
        f"{root}/realtime/translations/client_secrets", _minting(server, mint.mint_translation)
    )
    for path in _CALLS:
        app.router.add_post(root + path, _refuse_call)


def _minting(
    server: CallServer, make: Callable[[Any, float], dict[str, Any]]
) -> Callable[[web.Request], Any]:
    async def mint(request: web.Request) -> web.Response:
        await server.gate.thawed()
        key = key_of(request.headers) or server.profile.key_in(request.headers, request.query)
        if key is None or not is_test_key(key):
            return api_error(bad_key(key), status=401)
        try:
            body = orjson.loads(await request.read() or b"{}")
            return web.json_response(make(body, server.clock.wall()))
        except orjson.JSONDecodeError as error:
            message = f"We could not parse the JSON body of your request: {error}"
            return api_error(Refusal(message, code="invalid_json"), status=400)
        except Refusal as refusal:
            return api_error(refusal, status=400)

    return mint


async def _refuse_call(request: web.Request) -> web.Response:
    # The body may be large, and a client that is not read to the end may miss the answer.
    await request.read()
    return api_error(Refusal(_NO_CALLS, code="not_supported"), status=501)
