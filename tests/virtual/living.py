"""A call in virtual time: an application with its line, a server, a network that fails, and a judge."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from random import Random

from trunkline.client.client import Line
from trunkline.client.clocks import Clocks
from trunkline.client.config import LineConfig
from trunkline.errors import LocalError, RotationAbandoned
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.lifecycle import FLOWING, State
from trunkline.protocol.policy import LinePolicy
from trunkline.simulator.faults import CloseLink, ResetLink, SendError, Stall
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing
from trunkline.soak.spans import Cover, without
from trunkline.soak.tape import RATE_HZ, Microphone
from trunkline.soak.voice import Witness, spans_of
from trunkline.transports.websocket import WebSocketTransport
from virtual.world import Network, VirtualDialer, VirtualLoop

CHUNK = RATE_HZ // 10
# Seconds that a link which the line has left may stay open: its goodbye, and the library's close handshake.
GOODBYE = 3.0
# Mean seconds between the application's wishes for one; those of a session's age come beside.
BETWEEN_ROTATIONS = 120.0
SESSION = {
    "audio": {
        "input": {
            "transcription": {"model": "gpt-realtime-whisper"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500, "prefix_padding_ms": 300},
        }
    }
}  # fmt: skip


@dataclass
class Life:
    """What came of it."""

    hours: float
    faults: int = 0
    turns: int = 0
    restores: int = 0
    rotations: int = 0
    broken: list[str] = field(default_factory=list)
    trace: str = ""


@dataclass
class Heard:
    """How far one session's record was read, and what was in it."""

    appends: int = 0
    items: int = 0
    frontier: int = 0
    appended: Cover = field(default_factory=Cover)
    restored: Cover = field(default_factory=Cover)


class Living:
    """One line for so many seconds."""

    def __init__(self, seed: int, seconds: float, *, fault_interval: float, pause: float) -> None:
        self.dice, self.whims = Random(f"virtual/{seed}"), Random(f"rotations/{seed}")
        self.network = Network(seed)
        self.seed, self.seconds = seed, seconds
        self.fault_interval, self.pause = fault_interval, pause
        self.life = Life(hours=seconds / 3600)
        self.microphone = Microphone()
        self.gaps = Cover()
        self.ends = 0
        self.given = Cover()
        self.heard: dict[int, Heard] = {}
        self._held_at: float | None = None
        self._rotated_at = 0.0
        self._calm = False

    def run(self) -> Life:
        loop = VirtualLoop(self.network)
        loop.set_exception_handler(self._unhandled)
        try:
            loop.run_until_complete(self._live(loop))
        finally:
            loop.close()
        self.life.trace = self.network.trace.hexdigest()
        return self.life

    def _unhandled(self, _loop, context) -> None:
        self.life.broken.append(
            f"the loop's handler was called: {context.get('message')} {context.get('exception')!r}"
        )

    def _observe(self, fact: seen.Observation) -> None:
        self.network.trace.update(repr(fact).encode())
        if isinstance(fact, seen.Restored):
            self.life.restores += 1
        elif isinstance(fact, seen.Rotated):
            self.life.rotations += 1
        elif isinstance(fact, seen.Transition) and fact.source is State.ROTATING:
            self._rotated_at = fact.at
        elif isinstance(fact, seen.LinkEnded):
            self.ends += 1
        if isinstance(fact, seen.LinkEnded) and self._held_at is not None:
            took, self._held_at = fact.at - self._held_at, None
            if took > 16.0:
                self.life.broken.append(f"I12: a dead link was kept for {took:.1f} s")

    async def _live(self, loop: VirtualLoop) -> None:
        self.answered = asyncio.Event()
        voice = Witness(self.microphone, least_ms=300, most_ms=3000)
        timing = Timing(
            pace=5.0, delta_ms=400, response_delay=0.3, lifetime=self.dice.choice((600.0, 3600.0))
        )
        async with SimulatorServer(
            voice=voice, seed=self.seed, timing=timing, wall=loop.wall
        ) as server:
            self.line = line = self._line(loop, server)
            async with line:
                works = (
                    self._listen(line),
                    self._speak(line),
                    self._rotate(line),
                    self._break(server),
                    self._watch(server),
                )
                tasks = [loop.create_task(work) for work in works]
                await asyncio.sleep(self.seconds - 150.0)
                # A partition that calm ends is no longer one that must be found.
                self._calm, self._held_at = True, None
                self.network.refuses, self.network.rate = False, 1e7
                self.network.release()
                await asyncio.sleep(150.0)
                await self._finish_rotation(line)
                if line.state is not State.LIVE:
                    self.life.broken.append(f"I20: {line.state.value} long after the last fault")
                else:
                    self._judge(server)
                started = loop.time()
            if loop.time() - started > 2.6:
                self.life.broken.append(f"I14: closing took {loop.time() - started:.2f} s")
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if left:
            self.life.broken.append(f"I14: {len(left)} tasks are left: {left[0]}")

    def _line(self, loop: VirtualLoop, server: SimulatorServer) -> Line:
        """One that knows no clock but the loop's."""
        policy = LinePolicy(session=SESSION)
        config = LineConfig(base_url=server.base_url, credential="sk-test-1", policy=policy)
        return Line(
            config,
            transport=WebSocketTransport(dialer=VirtualDialer()),
            observers=(self._observe,),
            budget=RetryBudget(),
            seed=self.seed,
            clocks=Clocks(wall=loop.wall, slept=lambda: 0.0),
        )

    # The application.

    async def _speak(self, line) -> None:
        while not self._calm:
            await asyncio.sleep(self.dice.expovariate(1 / self.pause))
            self.life.turns += 1
            self.answered.clear()
            loud = self.dice.randint(4, 30)
            for number in range(loud + 9):
                pcm = self.microphone.next(CHUNK, loud=number < loud)
                self.microphone.captured(CHUNK, loud=number < loud)
                try:
                    line.send_audio(pcm)
                except LocalError:
                    return
                await asyncio.sleep(0.1)
            for _ in range(20):
                if self.answered.is_set() or self._calm:
                    break
                await asyncio.sleep(2.0)

    async def _listen(self, line) -> None:
        received: dict[str, int] = {}
        async for event in line:
            if isinstance(event, events.AudioDelta):
                received[event.item_id] = received.get(event.item_id, 0) + len(event.pcm) // 2
                line.played(event.item_id, received[event.item_id] // 2)
            elif isinstance(event, events.ResponseDone):
                self.answered.set()
            elif isinstance(event, events.LineGap):
                start = round(event.start_ms * 24)
                self.gaps.add(start, start + round(event.duration_ms * 24))

    async def _rotate(self, line) -> None:
        """Asks for a new link now and then, with dice of its own: the misfortunes stay those of the seed."""
        while not self._calm:
            await asyncio.sleep(self.whims.expovariate(1 / BETWEEN_ROTATIONS))
            if line.state is State.LIVE and not self._calm:
                with contextlib.suppress(RotationAbandoned):
                    await line.rotate(within=self.whims.choice((None, 0.5, 5.0)))

    async def _finish_rotation(self, line) -> None:
        """One that a session's age began just now; a planned one waits two and a half minutes for its moment."""
        begun = self.network.loop.time()
        while line.state is State.ROTATING and self.network.loop.time() < begun + 200.0:
            await asyncio.sleep(1.0)

    # The misfortunes.

    async def _break(self, server: SimulatorServer) -> None:
        while True:
            await asyncio.sleep(self.dice.expovariate(1 / self.fault_interval))
            if self._calm:
                return
            self.life.faults += 1
            deed = self.dice.choice(
                (
                    self._act,
                    self._act,
                    self._hold,
                    self._stall,
                    self._refuse,
                    self._slow,
                    self._reset,
                )
            )
            await deed(server)

    async def _act(self, server: SimulatorServer) -> None:
        action = self.dice.choice((
            ResetLink(), CloseLink(code=1011), CloseLink(code=1012), CloseLink(code=1000), SendError(),
            Stall(seconds=3.0), CloseLink(code=1001, reason="Your session hit the maximum duration of 60 minutes."),
            Stall(seconds=30.0),
        ))  # fmt: skip
        server.break_now(action)

    async def _hold(self, _server) -> None:
        # The link dies, or the partition ends first.
        is_open = self.line.state in FLOWING
        seconds = self.dice.choice((6.0, 25.0, 40.0))
        self.network.hold()
        self._held_at = self.network.loop.time() if is_open and seconds > 20.0 else None
        await asyncio.sleep(seconds)
        if self._held_at is not None and not self._calm:
            # Whatever closed since then told of it; an open one should have been left by now.
            self.life.broken.append("I12: a dead link was not found")
            self._held_at = None
        self.network.release()

    async def _stall(self, _server) -> None:
        self.network.hold()
        await asyncio.sleep(self.dice.uniform(0.2, 2.0))
        self.network.release()

    async def _refuse(self, _server) -> None:
        self.network.refuses = True
        self.network.reset()
        await asyncio.sleep(self.dice.choice((0.5, 3.0, 20.0)))
        self.network.refuses = False

    async def _slow(self, _server) -> None:
        self.network.rate = self.dice.uniform(20e3, 60e3)
        await asyncio.sleep(self.dice.uniform(5.0, 30.0))
        self.network.rate = 1e7

    async def _reset(self, _server) -> None:
        ends, was_open = self.ends, self.line.state in FLOWING
        self.network.reset()
        await asyncio.sleep(1.0)
        if was_open and self.ends == ends:
            self._accuse("I12", "a reset was not noticed")

    # The judge: the microphone's log against what the server consumed.

    def _accuse(self, law: str, what: str) -> None:
        self.life.broken.append(f"{law}: {what}")

    async def _watch(self, server: SimulatorServer) -> None:
        """Places the audio while it is fresh: the tape repeats after some minutes of it."""
        while True:
            await asyncio.sleep(20.0)
            self._place(server)
            self._count()

    def _count(self) -> None:
        has_left = self.network.loop.time() - self._rotated_at < GOODBYE
        may_have_two = self.line.state is State.ROTATING or has_left
        open_ = sum(not near.is_closing() for near, _ in self.network.pairs)
        if open_ > (2 if may_have_two else 1):
            self._accuse("I4", f"{open_} connections are open at once")

    def _place(self, server: SimulatorServer) -> None:
        for session in server.sessions:
            if session.epoch not in self.heard:
                self.heard[session.epoch] = Heard()
            self._session(session, self.heard[session.epoch])

    def _judge(self, server: SimulatorServer) -> None:
        self._place(server)
        restored = self.heard[server.sessions[-1].epoch].restored
        holes = without(without([(0, self.microphone.position)], self.given), self.gaps)
        if holes:
            self._accuse("I1", f"{holes[0]} reached no session")
        last = server.sessions[-1]
        kept = Cover(restored)
        for item in last.items_of("committed"):
            for span in spans_of(item.text) or []:
                kept.add(*span)
        lost = [
            hole
            for hole in without(without(self.microphone.loud(), kept), self.gaps)
            if hole[1] - hole[0] > 1440
        ]
        forgotten = any(item.text == "[inaudible]" for item in last.items)
        old = self.microphone.position - 58 * RATE_HZ
        if [hole for hole in lost if not (forgotten and hole[0] <= old)]:
            self._accuse("I1", f"speech {lost[0]} is in no item")

    def _session(self, session, heard: Heard) -> None:
        for one in session.appends[heard.appends :]:
            for start, end in self.microphone.spans(one.pcm) or [(-1, -1)]:
                if start < heard.frontier:
                    self._accuse(
                        "I3", f"{start} came after {heard.frontier} in session {session.epoch}"
                    )
                heard.appended.add(start, end)
                self.given.add(start, end)
                heard.frontier = end
        created = session.items_of("created")
        for item in created[heard.items :]:
            for start, end in spans_of(item.text) or []:
                if item.role == "user":
                    if heard.restored.overlap(start, end) or heard.appended.overlap(start, end):
                        self._accuse("I2", f"{start}-{end} is in session {session.epoch} twice")
                    heard.restored.add(start, end)
                    self.given.add(start, end)
        heard.appends, heard.items = len(session.appends), len(created)
