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
from trunkline.simulator.actions import Freeze, HostAction, RefuseDials, Stall
from trunkline.simulator.admission import Admitted, admit, admit_translation, record_of
from trunkline.simulator.assembly import Assembly
from trunkline.simulator.calls import add_api_routes
from trunkline.simulator.certificate import Certificate
from trunkline.simulator.clock import Clock, LoopClock
from trunkline.simulator.control import add_control_routes
from trunkline.simulator.ephemeral import Mint
from trunkline.simulator.faults import Facts, FaultBook
from trunkline.simulator.framing import Framing
from trunkline.simulator.gate import Gate
from trunkline.simulator.guard import LOOPBACK_NAMES, api_error, guard
from trunkline.simulator.handshake import (
    SUBPROTOCOL,
    Rejection,
    offered_protocols,
    rejection_of,
)
from trunkline.simulator.history import AUDIO_LIMIT_BYTES, DialRecord, SessionHistory
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.link import Link
from trunkline.simulator.parts import EXPIRIES, PING_INTERVAL, LinkSettings
from trunkline.simulator.profiles import Profile, profile_named
from trunkline.simulator.timing import Timing
from trunkline.simulator.voice import voice_named

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from trunkline.simulator.actions import Action
    from trunkline.simulator.admission import Judge
    from trunkline.simulator.faults import Fault
    from trunkline.simulator.scenario import Scenario
    from trunkline.simulator.voice import Voice

__all__ = ["SimulatorServer", "serve"]

_MAX_MESSAGE_BYTES = 32 * 1024 * 1024
_CLOSE_WAIT = 1.0
"""Seconds a client has to answer a close frame; a test must not wait for one that never does."""
_SPREAD = 1_000_003
"""Keeps the seeds of two servers' sessions apart."""


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
        profile: Profile | str = "openai-ga",
        gateway: bool | None = None,
        expiry: str = "both",
        fragment_bytes: int | None = None,
        deflate: bool = False,
        tls: bool = False,
        clock: Clock | None = None,
        wall: Callable[[], float] = time.time,
        token_limit: int | None = None,
        audio_limit_bytes: int = AUDIO_LIMIT_BYTES,
    ) -> None:
        """`pace` is reply audio per real time; `timing` sets it and all delays instead.

        `gateway` turns away by HTTP statuses (None: as the profile does). `expiry` is one of both,
        error, close. Messages longer than `fragment_bytes` go out in fragments; `deflate` accepts
        permessage-deflate if it is offered. With `tls` the address is https, and `authority_pem` is
        what clients have to trust. `clock` is the time of the sessions; by default it is the event loop's,
        with `wall` for Unix time. `token_limit` is what each session may use in a minute. A
        session's record keeps `audio_limit_bytes` of audio.
        """
        _check(host, expiry, fragment_bytes, deflate=deflate)
        self.profile = profile_named(profile) if isinstance(profile, str) else profile
        self._is_gateway = self.profile.is_gateway if gateway is None else gateway
        self._host, self._asked_port, self._seed = host, port, seed
        self._fragment_bytes, self._deflate = fragment_bytes, deflate
        self._certificate = Certificate() if tls else None
        self.clock = clock or LoopClock(wall)
        self.gate = Gate(self.clock)
        chance = Chance(seed)
        takes_any = self.profile.takes_any_model
        self.mint = Mint(chance, Identity(chance), takes_any_transcriber=takes_any)
        self._assembly = Assembly(
            profile=self.profile,
            voice=voice_named(voice) if isinstance(voice, str) else voice,
            timing=timing or Timing(pace=pace, lifetime=self.profile.lifetime),
            seed=seed * _SPREAD,
            clock=self.clock,
            token_limit=token_limit,
            audio_limit_bytes=audio_limit_bytes,
        )
        self._settings = self._link_settings(scenario, ping_interval, expiry)
        # In their order, so that what is done to all of them is done alike in every run.
        self._links: dict[Link, None] = {}
        self._runner: web.AppRunner | None = None
        self.dials: list[DialRecord] = []
        """One record per attempt to connect, oldest first, those included that came to nothing."""
        self.port = 0
        """The port it listens on, once it does."""

    @property
    def base_url(self) -> str:
        """What a client takes for the API's address: `http://127.0.0.1:PORT/v1`."""
        name = f"[{self._host}]" if ":" in self._host else self._host
        scheme = "http" if self._certificate is None else "https"
        return f"{scheme}://{name}:{self.port}{self.profile.root}"

    @property
    def sessions(self) -> list[SessionHistory]:
        """One record per accepted connection, oldest first; `epoch` is the index plus one."""
        return self._assembly.sessions

    @property
    def rejections(self) -> list[str]:
        """The close reason of every connection that was turned away, oldest first."""
        return [dial.reason for dial in self.dials if dial.outcome == "rejected"]

    @property
    def authority_pem(self) -> str:
        """The certificate of the authority behind the server's own; empty without TLS."""
        return "" if self._certificate is None else self._certificate.authority_pem

    def write_authority(self, path: Path) -> None:
        """Write the authority's certificate to a file, for clients that want one."""
        path.write_text(self.authority_pem, encoding="ascii")

    @property
    def faults_happened(self) -> tuple[Fault, ...]:
        """The scenario's faults that came to pass, in order."""
        return tuple(self._settings.book.happened)

    def add_scenario(self, scenario: Scenario) -> None:
        """More faults, from now on; they look at the whole life of a connection all the same."""
        self._settings.book.add(scenario.faults)
        for link in self._links:
            link.look()

    def break_now(self, action: Action) -> int:
        """Do this to every live connection; returns how many there were."""
        links = list(self._links)
        if isinstance(action, HostAction):
            self._act(action)
            return len(links)
        for link in links:
            link.act(action)
        return len(links)

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[guard], client_max_size=_MAX_MESSAGE_BYTES)
        app.on_response_prepare.append(_sign)
        app.router.add_get(f"{self.profile.root}/realtime", self._realtime)
        if self.profile.speaks_ga:
            where = f"{self.profile.root}/realtime/translations"
            app.router.add_get(where, self._translations)
        add_api_routes(app, self)
        add_control_routes(app, self)
        runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=_CLOSE_WAIT * 2
        )
        await runner.setup()
        context = None if self._certificate is None else self._certificate.context
        site = web.TCPSite(runner, self._host, self._asked_port, ssl_context=context, backlog=1024)
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

    def _link_settings(
        self, scenario: Scenario | None, ping_interval: float, expiry: str
    ) -> LinkSettings:
        return LinkSettings(
            clock=self.clock,
            book=FaultBook(scenario.faults if scenario else ()),
            on_host_action=self._act,
            ping_interval=ping_interval,
            expiry=expiry,
        )

    # -- dials

    async def _realtime(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, admit)

    async def _translations(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, admit_translation)

    async def _answer(self, request: web.Request, judge: Judge) -> web.StreamResponse:
        await self.gate.thawed()
        now = self.clock.now()
        dial = record_of(request, self.profile, number=len(self.dials) + 1, at=now)
        self.dials.append(dial)
        refusal = self._refusal_of(dial.number)
        if refusal is not None and refusal.status is not None:
            return self._refuse(dial, self.gate.response(refusal))
        if "call_id" in request.query:
            return self._refuse(dial, web.Response(status=404))
        admitted: Admitted | Rejection
        try:
            if refusal is not None:
                raise rejection_of(refusal.code or 1013, refusal.reason)
            admitted = judge(request, mint=self.mint, profile=self.profile, wall=self.clock.wall())
        except Rejection as rejection:
            if self._is_gateway and refusal is None:
                answer = api_error(rejection.refusal, status=rejection.status)
                return self._refuse(dial, answer, rejection.reason)
            admitted = rejection
        return await self._upgrade(request, dial, admitted)

    async def _upgrade(
        self, request: web.Request, dial: DialRecord, admitted: Admitted | Rejection
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
            compress=self._deflate,
            max_msg_size=_MAX_MESSAGE_BYTES,
            protocols=(SUBPROTOCOL,),
        )
        await ws.prepare(request)
        transport = request.transport
        if not isinstance(transport, asyncio.Transport):
            # Gone in the moment between the request and the answer.
            return ws
        framing = Framing(ws, transport, fragment_bytes=self._fragment_bytes)
        if isinstance(admitted, Rejection):
            await self._turn_away(framing, dial, admitted)
        else:
            await self._serve(
                Link(
                    ws,
                    transport,
                    parts=self._assembly.parts(dial, admitted, framing),
                    settings=self._settings,
                )
            )
        return ws

    def _refusal_of(self, dial: int) -> RefuseDials | None:
        facts = Facts(connection=len(self.sessions) + 1, elapsed=0.0, dial=dial)
        begun = self._settings.book.take_refusal(facts)
        if begun is not None:
            self.gate.refuse(begun)
        return self.gate.take_refusal()

    def _refuse(self, dial: DialRecord, answer: web.Response, reason: str = "") -> web.Response:
        dial.outcome, dial.status, dial.reason = "refused", answer.status, reason
        return answer

    async def _turn_away(self, framing: Framing, dial: DialRecord, rejection: Rejection) -> None:
        dial.outcome, dial.code, dial.reason = "rejected", rejection.close_code, rejection.reason
        chance = Chance(self._seed * _SPREAD - dial.number)
        event_id = Identity(chance).fresh("event_")
        event = {"type": "error", "event_id": event_id, "error": rejection.refusal.body()}
        with contextlib.suppress(ConnectionError):
            await framing.turn_away(
                orjson.dumps(event), rejection.close_code, rejection.reason, wait=_CLOSE_WAIT
            )

    async def _serve(self, link: Link) -> None:
        self._links[link] = None
        try:
            await link.run()
            await link.finish()
        finally:
            self._links.pop(link, None)
            link.keep_for(self._assembly.resumptions)

    def _act(self, action: Freeze | RefuseDials) -> None:
        """Do what concerns the whole server."""
        if isinstance(action, RefuseDials):
            self.gate.refuse(action)
            return
        self.gate.freeze(action.seconds)
        for link in list(self._links):
            link.act(Stall(seconds=action.seconds))


async def serve(
    *,
    announce: Callable[[str], None],
    port: int = 0,
    voice: Voice | str = "interpreter",
    seed: int = 0,
    scenario: Scenario | None = None,
    authority_file: Path | None = None,
    **settings: Any,
) -> None:
    """Run a server until cancelled, interrupted or terminated.

    With TLS the authority's certificate is written to `authority_file`, then `announce` is told the
    base URL. `settings` are any others of SimulatorServer.
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
            if authority_file is not None:
                server.write_authority(authority_file)
            announce(server.base_url)
            await stop.wait()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.remove_signal_handler(number)


def _check(host: str, expiry: str, fragment_bytes: int | None, *, deflate: bool) -> None:
    """Raise ConfigError for settings that cannot be used."""
    if host not in LOOPBACK_NAMES:
        raise ConfigError("host", f"{host!r} is not a loopback address")
    if expiry not in EXPIRIES:
        raise ConfigError("expiry", f"{expiry!r} is none of {', '.join(EXPIRIES)}")
    if fragment_bytes is not None and fragment_bytes < 1:
        raise ConfigError("fragment_bytes", "must be 1 or more")
    if fragment_bytes is not None and deflate:
        raise ConfigError("fragment_bytes", "cannot go together with deflate; choose one")


async def _sign(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["X-Trunkline-Simulator"] = "1"
