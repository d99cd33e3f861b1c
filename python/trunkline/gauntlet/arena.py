"""The server of one trial: a loopback port, the simulator's engine behind it, and a script.

It lets in, turns away, breaks and remembers; it judges nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Self

import orjson
from aiohttp import web

from trunkline.gauntlet.deeds import Crash, Deed, GoDown, HttpRefusal, Refusing, TurnAway
from trunkline.gauntlet.host import Host
from trunkline.gauntlet.record import Dial, Record, Visit
from trunkline.gauntlet.wire import Wire
from trunkline.simulator.clock import LoopClock
from trunkline.simulator.engine import Engine, Tally
from trunkline.simulator.guard import guard
from trunkline.simulator.handshake import (
    SUBPROTOCOL,
    Rejection,
    bad_key,
    check_model,
    key_of,
    mask,
    offered_protocols,
)
from trunkline.simulator.history import SessionHistory
from trunkline.simulator.timing import Timing
from trunkline.simulator.valve import Valve
from trunkline.simulator.voice import Interpreter

if TYPE_CHECKING:
    from types import TracebackType

    from trunkline.gauntlet.deeds import Step
    from trunkline.gauntlet.trial import Trial
    from trunkline.simulator.faults import Facts

__all__ = ["TIMING", "Arena"]

TIMING = Timing(pace=2.0, transcription_delay=0.3)
"""A reply of 1.5 s takes 0.75 s: long enough to be broken in the middle."""
_MAX_MESSAGE_BYTES = 32 * 1024 * 1024
_CLOSE_WAIT = 1.0


class Arena:
    """An async context manager: the server runs inside it. It is the trial's stage as well."""

    def __init__(self, trial: Trial, *, key: str, seed: int = 0, wall: float = 0.0) -> None:
        """`key` is the only one that is taken; `wall` is Unix time for `expires_at`."""
        self._trial = trial
        self._key = key
        self._seed = seed
        self._wall = wall
        self._steps = list(trial.steps)
        self._tally = Tally()
        self._interpreter = Interpreter()
        self._wires: set[Wire] = set()
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._reopening: asyncio.Task[None] | None = None
        self.port = 0
        self.record = Record()

    @property
    def base_url(self) -> str:
        """What the client takes for the API's address."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[guard], client_max_size=_MAX_MESSAGE_BYTES)
        app.router.add_get("/v1/realtime", self._realtime)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSE_WAIT)
        await self._runner.setup()
        await self._listen()
        self.port = self._runner.addresses[0][1]
        self.record.served_from = self._now()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._reopening is not None:
            self._reopening.cancel()
            await asyncio.gather(self._reopening, return_exceptions=True)
        # What is still open now was left open by the client; its record is closed already.
        for wire in list(self._wires):
            wire.hang_up()
        if self._runner is not None:
            await self._runner.cleanup()

    # -- the stage

    def due(self, facts: Facts) -> Step | None:
        """The next step whose moment has come; it is given once."""
        for step in self._steps:
            if step.visit in {None, facts.connection} and step.when.is_met(facts):
                self._steps.remove(step)
                return step
        return None

    def note(self, deed: Deed) -> None:
        """A deed was done; a dial would be let in from now on, if no gate is in the way."""
        self.record.done(self._now(), type(deed).__name__)
        if not isinstance(deed, GoDown):
            self.record.served_from = self._now()

    def go_down(self, seconds: float) -> None:
        """Reset all connections and listen to nobody for so long."""
        self._reopening = asyncio.create_task(self._restart(seconds))

    async def reopened(self) -> None:
        """Waits until it listens again, if it does not."""
        if self._reopening is not None:
            await self._reopening

    async def _restart(self, seconds: float) -> None:
        assert self._site is not None
        await self._site.stop()
        for wire in list(self._wires):
            wire.reset()
        await asyncio.sleep(seconds)
        await self._listen()
        self.record.served_from = self._now()

    async def _listen(self) -> None:
        assert self._runner is not None
        # The same port again after a restart; the old connections may still linger on it.
        self._site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await self._site.start()

    # -- the dials

    async def _realtime(self, request: web.Request) -> web.StreamResponse:
        gate = self._trial.gate
        refusing = gate.how if gate and gate.refuses(len(self.record.dials)) else None
        if isinstance(refusing, HttpRefusal):
            return self._refuse(refusing)
        protocols = offered_protocols(request.headers)
        key = key_of(request.headers, protocols)
        if protocols and SUBPROTOCOL not in protocols:
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
        if isinstance(refusing, TurnAway):
            await self._turn_away(ws, refusing)
            return ws
        try:
            model = self._model(request, key)
        except Rejection as rejection:
            await self._turn_away(ws, _as_turned_away(rejection))
            return ws
        await self._serve(ws, request, model, refusing)
        return ws

    def _model(self, request: web.Request, key: str | None) -> str:
        if key != self._key:
            raise Rejection(bad_key(key), close_code=3000)
        return check_model(query=request.query, headers=request.headers, default=None)

    def _refuse(self, refusal: HttpRefusal) -> web.Response:
        now = self._now()
        self.record.dials.append(
            Dial(
                at=now,
                outcome=f"HTTP {refusal.status}",
                retry_after=refusal.retry_after,
                is_fatal=refusal.is_fatal,
            )
        )
        self.record.served_from = now + (refusal.retry_after or 0.0)
        headers = {}
        if refusal.retry_after is not None:
            headers["Retry-After"] = f"{refusal.retry_after:.0f}"
        error = {"message": refusal.message, "type": refusal.code, "code": refusal.code}
        return web.json_response(
            {"error": error | {"param": None}}, status=refusal.status, headers=headers
        )

    async def _turn_away(self, ws: web.WebSocketResponse, how: TurnAway) -> None:
        reason = f"{how.type}.{how.code}" if how.code else how.type
        outcome = f"{how.close_code} {reason}"
        self.record.dials.append(Dial(at=self._now(), outcome=outcome, is_fatal=how.is_fatal))
        error = {"type": how.type, "code": how.code or None, "message": how.message}
        event = {
            "type": "error",
            "event_id": f"event_gauntletrefusal{len(self.record.dials):06d}",
            "error": error | {"param": None, "event_id": None},
        }
        with contextlib.suppress(ConnectionError):
            await ws.send_str(orjson.dumps(event).decode())
            await ws.close(code=how.close_code, message=reason.encode())

    async def _serve(
        self,
        ws: web.WebSocketResponse,
        request: web.Request,
        model: str,
        refusing: Refusing | None,
    ) -> None:
        transport = request.transport
        assert isinstance(transport, asyncio.Transport)
        now = self._now()
        outcome = "admitted" if refusing is None else "crash"
        self.record.dials.append(Dial(at=now, outcome=outcome))
        epoch = len(self.record.visits) + 1
        history = SessionHistory(epoch=epoch, opened_at=now, key=mask(self._key))
        engine = self._engine(model, history)
        if isinstance(refusing, Crash):
            await self._crash(ws, transport, engine, now)
            return
        visit = Visit(history=history, opened_at=now, settings_before=engine.session)
        visit.settings = engine.session
        self.record.visits.append(visit)
        wire = Wire(
            ws,
            transport,
            engine=engine,
            visit=visit,
            stage=self,
        )
        self._wires.add(wire)
        try:
            await wire.run()
        finally:
            self._wires.discard(wire)
            with contextlib.suppress(ConnectionError):
                await ws.close(code=1000)

    async def _crash(
        self, ws: web.WebSocketResponse, transport: asyncio.Transport, engine: Engine, now: float
    ) -> None:
        engine.opened(now)
        with contextlib.suppress(ConnectionError):
            await ws.send_str(orjson.dumps(engine.next_event()).decode())
        Valve(transport, LoopClock()).reset()
        self.record.served_from = self._now()

    def _engine(self, model: str, history: SessionHistory) -> Engine:
        # Only the first connection's answer becomes a call: what is lost with it must not be called again.
        host = Host(
            self._interpreter, tool_turn=None if self.record.visits else self._trial.tool_turn
        )
        engine = Engine(
            model=model,
            voice=host,
            seed=self._seed * 1_000_003 + len(self.record.dials),
            wall=self._wall,
            timing=TIMING,
            history=history,
            tally=self._tally,
        )
        host.attend(engine)
        return engine

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _as_turned_away(rejection: Rejection) -> TurnAway:
    refusal = rejection.refusal
    return TurnAway(
        close_code=rejection.close_code,
        type=refusal.kind,
        code=refusal.code or "",
        message=refusal.message,
    )
