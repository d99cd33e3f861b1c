"""The calls of the canary: all at once, in one process that logs everything and is watched in every way there is.

Each has the key, and some fault; what all of them show goes to one harvest. A call is left as soon as its fault has
happened and the line has dealt with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

import pytest

import trunkline
from scenarios import canary_faults as faults
from scenarios.calling import TIMING
from scenarios.canary import Word
from scenarios.canary_harvest import Harvest
from scenarios.judging import caller_stream
from transports.misbehaving import free_port, keep_silent, server
from trunkline.client.keyform import KeyForm
from trunkline.client.minting import Mint
from trunkline.errors import TrunklineError
from trunkline.gauntlet.arena import Arena
from trunkline.gauntlet.speech import gauntlet_speech
from trunkline.gauntlet.trial import Aim, Trial
from trunkline.gauntlet.trials import TRIALS
from trunkline.protocol import events
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.lifecycle import State
from trunkline.simulator.certificate import Certificate
from trunkline.simulator.scenario import Scenario
from trunkline.simulator.server import SimulatorServer
from trunkline.transports.dialing import Dialer, DialLimits
from trunkline.transports.http import HttpClient
from trunkline.transports.websocket import WebSocketTransport

_CHUNK = 19_200  # bytes: 400 ms
_LOOK = 0.05
# Seconds; not a pace but an end, on a machine that has other things to do.
_PATIENCE = 40.0
# More would starve each other, and what they wait for would not come in time.
_AT_ONCE = 28
_TOOL = {
    "type": "function",
    "name": "look",
    "description": "Looks.",
    "parameters": {"type": "object"},
}
_SESSION = {
    "tools": [_TOOL],
    "audio": {
        "input": {
            "transcription": {"model": "gpt-realtime-whisper"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
        }
    },
}
# Of these all that a live line holds is looked at.
_DEEPLY = ("ephemeral", "rotated", "kill-in-reply", "as query")
_OVER = (State.CLOSED, State.FAILED)


class Calls:
    """All calls, with what they have in common."""

    def __init__(self, key: Word, harvest: Harvest, telemetry) -> None:
        self.key = key
        self.harvest = harvest
        self.telemetry = telemetry
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._speech = caller_stream([3], pause_ms=700)[1]
        two = gauntlet_speech().utterances[2].start
        self._two_turns = gauntlet_speech().pcm[: 2 * two]

    async def make(self, works: Callable[[Calls], Iterator[Coroutine]]) -> None:
        """All of them, many at once, while the frames of all tasks are looked at."""
        looking = asyncio.create_task(self._look_at_frames(), name=self.harvest.decoy.body)
        try:
            async with asyncio.TaskGroup() as group:
                for work in works(self):
                    group.create_task(self._in_turn(work))
        finally:
            looking.cancel()

    async def _in_turn(self, work) -> None:
        async with self._room:
            await work

    def faults(self) -> Iterator[Coroutine]:
        """Whatever a server or a network can do."""
        yield from (
            self._scenario(one) for one in faults.examples(self.key.whole, self.harvest.decoy.body)
        )
        yield from (self._trial(trial) for trial in TRIALS)
        yield from (self._repeated(status) for status in faults.STATUSES)
        odd = (faults.garbling, faults.switching_and_silent, faults.hang_up, keep_silent)
        yield from (self._raw(handler) for handler in odd)
        yield from (self._raw(faults.hang_up, tls=served) for served in (True, False))
        yield self._nobody()

    def deeds(self) -> Iterator[Coroutine]:
        """What the application does with a key, and what goes wrong in it."""
        yield from (self._shown_as(form) for form in KeyForm)
        yield self._behind_a_proxy()
        yield self._ephemeral()
        yield self._rotated_and_taken_over()
        yield self._minted_in_vain()
        yield self._exploding()
        yield self._without_a_credential()
        yield self._misconfigured()

    async def _look_at_frames(self) -> None:
        while True:
            for task in asyncio.all_tasks():
                self.harvest.add("asyncio's tasks", repr(task))
                coroutine = task.get_coro()
                # Of one that runs, this one's own, CPython 3.11 gives what it waits for from beyond its stack.
                while getattr(coroutine, "cr_suspended", False):
                    self.harvest.frame("locals of tasks that wait", coroutine.cr_frame)
                    coroutine = coroutine.cr_await
            for frame in sys._current_frames().values():
                self.harvest.frame("locals of tasks that wait", frame)
            await asyncio.sleep(0.4)

    # One call.

    async def _call(
        self,
        name: str,
        base_url: str,
        is_done: Callable[[trunkline.Line], bool],
        *,
        speech: bytes = b"",
        api_key=None,
        then=None,
        patience: float = _PATIENCE,
        **more,
    ) -> None:
        line = None
        try:
            line = trunkline.connect(
                api_key=api_key or self.key.whole,
                base_url=base_url,
                model=f"gpt-realtime-{self.harvest.decoy.body}",
                session=_SESSION | {"instructions": self.harvest.decoy.body},
                name=f"{self.harvest.decoy.body} {name}",
                telemetry=self.telemetry,
                budget=RetryBudget(size=1000.0),
                seed=1,
                observers=[lambda fact: self.harvest.add("observations", repr(fact))],
                **more,
            )
            self.harvest.add("addresses", line.config.url())
            async with asyncio.timeout(patience), line:
                async with asyncio.timeout(patience):
                    await self._talk(line, speech or self._speech, is_done)
                if then is not None:
                    await then(line)
                with_audio = name in _DEEPLY
                self.harvest.add("session snapshots", repr(line.snapshot(audio=with_audio)))
                self.harvest.show(line, deep=name in _DEEPLY)
        except (TrunklineError, TimeoutError, RuntimeError) as error:
            self.harvest.error(error)
        if line is not None:
            self.harvest.show(line)

    async def _call_in_vain(self, name: str, base_url: str, **more) -> None:
        """One that never comes up: it ends by itself, or is left after two or three dials."""
        await self._call(name, base_url, lambda _: False, patience=1.5, **more)

    async def _talk(self, line: trunkline.Line, speech: bytes, is_done) -> None:
        listening = asyncio.create_task(self._listen(line))
        at = 0
        try:
            while not is_done(line) and line.state not in _OVER:
                piece = speech[at : at + _CHUNK] or bytes(_CHUNK)
                at += len(piece)
                line.send_audio(piece)
                # Fast while somebody speaks, and in time with the answers after that.
                await asyncio.sleep(_LOOK if at < len(speech) else 0.15)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self, line: trunkline.Line) -> None:
        async for event in line:
            self.harvest.add("events", repr(event)[:2000])
            if isinstance(event, events.ToolCall):
                output = {"type": "function_call_output", "call_id": event.call_id, "output": "{}"}
                line.send({"type": "conversation.item.create", "item": output})
                line.send({"type": "response.create"})

    # The kinds of calls.

    async def _scenario(self, example: faults.Example) -> None:
        scenario = Scenario.from_dict({"faults": [example.fault]})
        async with SimulatorServer(scenario=scenario, timing=TIMING) as simulator:
            after = Later(0.4)

            def is_done(line: trunkline.Line) -> bool:
                dealt = line.state in (State.LIVE, *_OVER) or example.fault["action"] == "half_open"
                return after.since(bool(simulator.faults_happened) and dealt)

            await self._call(example.name, simulator.base_url, is_done)
            assert simulator.faults_happened, f"{example.name} did not happen"
            if self.key.whole not in repr(example.fault):
                self._note_server(simulator)

    def _note_server(self, simulator: SimulatorServer) -> None:
        told = [one.to_dict() for one in (*simulator.dials, *simulator.sessions)]
        self.harvest.add("the simulator's records", repr((told, simulator.rejections)))

    async def _trial(self, trial: Trial) -> None:
        async with Arena(trial, key=self.key.whole, wall=1e9) as arena:
            record, after = arena.record, Later(0.4)

            def is_done(line: trunkline.Line) -> bool:
                if trial.aim is Aim.STOP:
                    return False
                happened = len(record.deeds) >= len(trial.steps) and len(record.visits) > 0
                is_back = trial.aim is Aim.HOLD or record.final is not None
                return after.since(happened and is_back and line.state is State.LIVE)

            await self._call(trial.name, arena.base_url, is_done, speech=self._two_turns)
            told = (record.dials, record.deeds, [one.settings for one in record.visits])
            self.harvest.add("the gauntlet's records", repr(told))
            assert record.dials, f"{trial.name} saw no dial"

    async def _repeated(self, status: int) -> None:
        async with server(faults.repeating(status, self.harvest.decoy.body)) as port:
            await self._call_in_vain(f"HTTP {status}", f"http://127.0.0.1:{port}/v1")

    async def _raw(self, handler, *, tls: bool | None = None) -> None:
        """An odd server; or one whose certificate nobody trusts; or none of TLS where some is expected."""
        async with server(handler, Certificate().context if tls else None) as port:
            scheme = "http" if tls is None else "https"
            address = f"{scheme}://127.0.0.1:{port}/v1"
            await self._call_in_vain(f"raw {handler.__name__}", address)

    async def _nobody(self) -> None:
        await self._call_in_vain("nobody", f"http://127.0.0.1:{free_port()}/v1")

    async def _shown_as(self, form: KeyForm) -> None:
        async with SimulatorServer(timing=TIMING) as simulator:
            after = Later(0.3)
            await self._call(
                f"as {form.value}", simulator.base_url, lambda _: after.since(True), key_form=form
            )
            self._note_server(simulator)

    async def _behind_a_proxy(self) -> None:
        """Everything that goes by TLS to a name goes through it: HTTPS_PROXY is set, with a password."""
        await self._call_in_vain("proxied", f"https://{self.harvest.decoy.body}.example/v1")

    async def _ephemeral(self) -> None:
        """Minted, used, and refused: with the key and with what it mints, over a reset."""
        reset = [{"when": {"appended_ms": 600}, "action": "rst"}]
        seed = int(self.key.body[:6], 16)
        scenario = Scenario.from_dict({"faults": reset})
        async with SimulatorServer(timing=TIMING, seed=seed, scenario=scenario) as simulator:
            after = Later(0.6)

            def is_done(line: trunkline.Line) -> bool:
                return after.since(bool(simulator.faults_happened) and line.state is State.LIVE)

            await self._call("ephemeral", simulator.base_url, is_done, ephemeral=60)
            minted = faults.keys_of(simulator.mint, set())
            assert minted
            self.harvest.secrets |= minted
            self._note_server(simulator)
            (first, *_) = minted
            async with server(faults.repeating(401, self.harvest.decoy.body)) as port:
                address = f"http://127.0.0.1:{port}/v1"
                await self._call_in_vain("stale", address, api_key=first.whole)

    async def _rotated_and_taken_over(self) -> None:
        async with SimulatorServer(timing=TIMING) as simulator:

            async def rotate(line: trunkline.Line) -> None:
                await line.rotate(within=0.5)
                snapshots.append(line.snapshot())
                line.reconnect()
                while len(simulator.sessions) < 3 or line.state is not State.LIVE:
                    await asyncio.sleep(_LOOK)

            snapshots: list[dict] = []
            live = Later(0.2)
            await self._call(
                "rotated",
                simulator.base_url,
                lambda one: live.since(one.state is State.LIVE),
                then=rotate,
            )
            again = Later(0.3)
            await self._call(
                "taken over", simulator.base_url, lambda one: again.since(one.state is State.LIVE),
                restore=snapshots[0],
            )  # fmt: skip
            assert len(simulator.sessions) >= 4
            self._note_server(simulator)

    async def _minted_in_vain(self) -> None:
        """What an application gets that asks for a client secret itself."""
        for status in (200, 302, 401, 500):
            async with server(faults.repeating(status, self.harvest.decoy.body)) as port:
                config = trunkline.LineConfig(
                    credential=self.key.whole, base_url=f"http://127.0.0.1:{port}/v1"
                )
                mint = Mint(config)
                try:
                    await mint()
                except TrunklineError as error:
                    self.harvest.error(error)
                self.harvest.show(config, mint)
        # One that says nothing: what waits for its answer has the header in its hands when it gives up.
        impatient = HttpClient(dialer=Dialer(DialLimits(upgrade=0.3)))
        async with server(keep_silent) as port:
            config = trunkline.LineConfig(
                credential=self.key.whole, base_url=f"http://127.0.0.1:{port}/v1"
            )
            with pytest.raises(TrunklineError) as caught:
                await Mint(config, http=impatient)()
            self.harvest.error(caught.value)

    async def _exploding(self) -> None:
        """A transport that breaks in a way nobody foresaw: the task of the link fails, which is logged."""
        await self._call_in_vain("exploding", "http://127.0.0.1:9/v1", transport=_Exploding())

    async def _misconfigured(self) -> None:
        """Settings that cannot work, and what is nearly a key."""
        key, decoy = self.key.whole, self.harvest.decoy.body
        wrong: list[dict] = [
            {"organization": "two\nlines"},
            {"base_url": "http://api.example/v1"},
            {"base_url": "https://169.254.169.254/v1"},
            {"session": {"tools": 7}},
            {"restore": "{"},
            {"ephemeral": 1},
        ]
        for settings in wrong:
            try:
                trunkline.connect(**{"api_key": key, "name": decoy} | settings)
            except TrunklineError as error:
                self.harvest.error(error)
            else:
                raise AssertionError(f"{settings} was taken")
        for address in (f"https://api.example/v1?api-key={key}", f"https://{key}@api.example/v1"):
            # It is in the caller's own frames as it was written; what we say of it does not repeat it.
            with pytest.raises(TrunklineError) as caught:
                trunkline.connect(api_key=key, base_url=address)
            self.harvest.add("exceptions and their chains", f"{caught.value!r} {caught.value}")
        for near in (f"{key} and more", f"Bearer {key}", f"{key}\u00e9"):
            await self._call_in_vain("a key that is none", "http://127.0.0.1:9/v1", api_key=near)
            try:
                trunkline.Secret(near)
            except TrunklineError as error:
                self.harvest.error(error)

    async def _without_a_credential(self) -> None:
        """A provider whose exception has what it was asked with in its words."""

        def provider() -> str:
            raise RuntimeError(f"denied for {self.key}")

        await self._call_in_vain("denied", "http://127.0.0.1:9/v1", api_key=provider)


class _Exploding(WebSocketTransport):
    async def dial(self, target, listener):
        raise RuntimeError(f"boom at {target!r}")


class Later:
    """Whether something has been so for a while."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at: float | None = None

    def since(self, is_so: bool) -> bool:
        now = asyncio.get_running_loop().time()
        if self._at is None and is_so:
            self._at = now
        return self._at is not None and now >= self._at + self._seconds


@contextlib.asynccontextmanager
async def proxy(harvest: Harvest) -> AsyncIterator[int]:
    """Logs what it is asked, as proxies do: not what it is shown for itself."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        kept = [line for line in head if not line.lower().startswith(b"proxy-authorization")]
        assert len(kept) < len(head), "the proxy was shown no password"
        harvest.add("a proxy's log", b"\n".join(kept))
        statuses.append(statuses.pop(0))
        writer.write(b"HTTP/1.1 %d no\r\nContent-Length: 0\r\n\r\n" % statuses[-1])
        await writer.drain()

    # A tunnel first, in which the TLS comes to nothing.
    statuses = [200, 502, 407]
    async with server(handle) as port:
        yield port
