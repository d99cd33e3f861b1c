"""The simulator's server: HTTP and WebSocket on a loopback port, as thin as it can be.

Everything that is the API's behaviour is in the engine; here are sockets, the clock and the rules
of who may speak to a server that runs on a developer's machine: loopback only, no foreign Host (DNS
rebinding) or Origin, no key that could be real.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from typing import TYPE_CHECKING, Any, Self

import orjson
from aiohttp import web

from trunkline.errors import ConfigError
from trunkline.simulator.control import add_control_routes
from trunkline.simulator.engine import Engine, Tally
from trunkline.simulator.ephemeral import Mint
from trunkline.simulator.faults import FaultBook
from trunkline.simulator.guard import LOOPBACK_NAMES, api_error, guard
from trunkline.simulator.handshake import (
    SUBPROTOCOL,
    Rejection,
    bad_key,
    check_model,
    check_translation_model,
    is_test_key,
    key_of,
    kind_of,
    mask,
    offered_protocols,
)
from trunkline.simulator.history import Ending, SessionHistory
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.link import PING_INTERVAL, Link
from trunkline.simulator.refusals import Refusal
from trunkline.simulator.timing import Timing
from trunkline.simulator.translation import TranslationEngine
from trunkline.simulator.voice import voice_named

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from trunkline.simulator.ephemeral import Secret
    from trunkline.simulator.faults import Action, Fault
    from trunkline.simulator.intake import Intake
    from trunkline.simulator.scenario import Scenario
    from trunkline.simulator.voice import Voice

__all__ = ["SimulatorServer", "serve"]

_MAX_MESSAGE_BYTES = 32 * 1024 * 1024
_CLOSE_WAIT = 1.0
"""Seconds a client has to answer a close frame; a test must not wait for one that never does."""


class SimulatorServer:
    """An async context manager: the server runs inside it."""

    def __init__(
        self,
        *,
        voice: Voice | str = "interpreter",
        scenario: Scenario | None = None,
        seed: int = 0,
        host: str = "127.0.0.1",
        port: int = 0,
        pace: float = 5.0,
        timing: Timing | None = None,
        ping_interval: float = PING_INTERVAL,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`pace` is reply audio per real time; `timing` sets it and all delays instead. `wall` tells Unix time."""
        if host not in LOOPBACK_NAMES:
            raise ConfigError("host", f"{host!r} is not a loopback address")
        self._voice = voice_named(voice) if isinstance(voice, str) else voice
        self._timing = timing or Timing(pace=pace)
        self._book = FaultBook(scenario.faults if scenario else ())
        self._seed = seed
        self._host, self._asked_port = host, port
        self._ping_interval = ping_interval
        self._wall = wall
        chance = Chance(seed)
        self._identity = Identity(chance)
        self._mint = Mint(chance, self._identity)
        self._tally = Tally()
        self._links: dict[Link, None] = {}
        """In order: what is done to all of them comes in the same order in every run of a seed."""
        self._runner: web.AppRunner | None = None
        self.sessions: list[SessionHistory] = []
        """One record per accepted connection, oldest first; `epoch` is the index plus one."""
        self.rejections: list[str] = []
        """The close reason of every connection that was turned away, oldest first."""
        self.port = 0
        """The port it listens on, once it does."""

    @property
    def base_url(self) -> str:
        """What a client takes for the API's address: `http://127.0.0.1:PORT/v1`."""
        name = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{name}:{self.port}/v1"

    @property
    def faults_happened(self) -> tuple[Fault, ...]:
        """The scenario's faults that came to pass, in order."""
        return tuple(self._book.happened)

    def break_now(self, action: Action) -> int:
        """Do this to every live connection; returns how many there were."""
        links = list(self._links)
        for link in links:
            link.act(action)
        return len(links)

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[guard], client_max_size=_MAX_MESSAGE_BYTES)
        app.on_response_prepare.append(_sign)
        app.router.add_get("/v1/realtime", self._realtime)
        app.router.add_get("/v1/realtime/translations", self._translations)
        app.router.add_post("/v1/realtime/client_secrets", self._client_secrets)
        add_control_routes(app, self)
        runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=_CLOSE_WAIT * 2
        )
        await runner.setup()
        site = web.TCPSite(runner, self._host, self._asked_port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            raise ConfigError("port", f"cannot listen on {self._asked_port}: {error}") from error
        self._runner = runner
        self.port = runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for link in list(self._links):
            link.shut_down()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _realtime(self, request: web.Request) -> web.StreamResponse:
        if "call_id" in request.query:
            return web.Response(status=404)
        return await self._welcome(request, self._admit)

    async def _translations(self, request: web.Request) -> web.StreamResponse:
        return await self._welcome(request, self._admit_translation)

    async def _welcome(
        self, request: web.Request, admit: Callable[[web.Request, str | None], Intake]
    ) -> web.StreamResponse:
        protocols = offered_protocols(request.headers)
        if SUBPROTOCOL not in protocols and protocols:
            # aiohttp would log the offered names, and one of them may be a key.
            headers = request.headers.copy()
            del headers["Sec-WebSocket-Protocol"]
            request = request.clone(headers=headers)
        ws = web.WebSocketResponse(
            timeout=_CLOSE_WAIT,
            autoclose=False,
            compress=False,
            max_msg_size=_MAX_MESSAGE_BYTES,
            protocols=(SUBPROTOCOL,),
        )
        await ws.prepare(request)
        try:
            engine = admit(request, key_of(request.headers, protocols))
        except Rejection as rejection:
            self.rejections.append(rejection.reason)
            await self._turn_away(ws, rejection)
        else:
            await self._serve(ws, request, engine)
        return ws

    def _admit(self, request: web.Request, key: str | None) -> Intake:
        """An engine for the connection; raises Rejection."""
        wall = self._wall()
        secret = self._check_key(key, wall)
        session = secret.session if secret else None
        kind = kind_of(request.query, session)
        model = check_model(
            query=request.query,
            headers=request.headers,
            default=secret.model if secret else None,
            kind=kind,
        )
        history = self._record(key)
        return Engine(
            model=model,
            voice=self._voice,
            seed=self._seed * 1_000_003 + history.epoch,
            wall=wall,
            timing=self._timing,
            session=session,
            history=history,
            tally=self._tally,
            kind=kind,
        )

    def _admit_translation(self, request: web.Request, key: str | None) -> Intake:
        """An engine for a translation; raises Rejection."""
        wall = self._wall()
        self._check_key(key, wall)
        model = check_translation_model(query=request.query, headers=request.headers)
        history = self._record(key)
        return TranslationEngine(
            model=model,
            voice=self._voice,
            seed=self._seed * 1_000_003 + history.epoch,
            wall=wall,
            timing=self._timing,
            history=history,
            tally=self._tally,
        )

    def _check_key(self, key: str | None, wall: float) -> Secret | None:
        """The client secret that the key is, if it is one; raises Rejection for a bad key."""
        secret = self._mint.find(key, wall) if key is not None else None
        if key is None or (secret is None and not is_test_key(key)):
            raise Rejection(bad_key(key), close_code=3000)
        return secret

    def _record(self, key: str | None) -> SessionHistory:
        """The record of a connection that is let in."""
        now = asyncio.get_running_loop().time()
        epoch = len(self.sessions) + 1
        history = SessionHistory(epoch=epoch, opened_at=now, key=mask(key or ""))
        self.sessions.append(history)
        return history

    async def _turn_away(self, ws: web.WebSocketResponse, rejection: Rejection) -> None:
        event_id = self._identity.fresh("event_")
        event = {"type": "error", "event_id": event_id, "error": rejection.refusal.body()}
        with contextlib.suppress(ConnectionError):
            await ws.send_str(orjson.dumps(event).decode())
            await ws.close(code=rejection.close_code, message=rejection.reason.encode())

    async def _serve(self, ws: web.WebSocketResponse, request: web.Request, engine: Intake) -> None:
        transport = request.transport
        if not isinstance(transport, asyncio.Transport):
            engine.history.ending = Ending(by="client", code=1006)
            return
        link = Link(
            ws, transport, engine=engine, book=self._book, ping_interval=self._ping_interval
        )
        self._links[link] = None
        try:
            await link.run()
        finally:
            self._links.pop(link, None)
            with contextlib.suppress(ConnectionError):
                await ws.close(code=_answer(ws.close_code))

    async def _client_secrets(self, request: web.Request) -> web.Response:
        key = key_of(request.headers)
        if key is None or not is_test_key(key):
            return api_error(bad_key(key), status=401)
        try:
            body = orjson.loads(await request.read() or b"{}")
            reply = self._mint.mint(body, self._wall())
        except orjson.JSONDecodeError as error:
            message = f"We could not parse the JSON body of your request: {error}"
            return api_error(Refusal(message, code="invalid_json"), status=400)
        except Refusal as refusal:
            return api_error(refusal, status=400)
        return web.json_response(reply)


async def serve(
    *,
    announce: Callable[[str], None],
    port: int = 0,
    voice: Voice | str = "interpreter",
    seed: int = 0,
    scenario: Scenario | None = None,
    **settings: Any,
) -> None:
    """Run a server until cancelled, interrupted or terminated.

    `announce` is told its base URL first. `settings` are those of SimulatorServer: `host`, `pace`,
    `timing`, `ping_interval`.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    server = SimulatorServer(voice=voice, scenario=scenario, seed=seed, port=port, **settings)
    async with server:
        for number in (signal.SIGINT, signal.SIGTERM):
            # Only the main thread's loop can; elsewhere cancelling is the way.
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, stop.set)
        try:
            announce(server.base_url)
            await stop.wait()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.remove_signal_handler(number)


def _answer(code: int | None) -> int:
    """The code that answers a close: the same, unless it may not be sent."""
    is_sendable = code is not None and (code >= 3000 or code in {1000, 1001, 1011})
    return code if code is not None and is_sendable else 1000


async def _sign(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["X-Trunkline-Simulator"] = "1"
