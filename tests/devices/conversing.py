"""A call over docs/playout.md's own code, in virtual time: what is said, a loudspeaker, and what became known of it."""

from __future__ import annotations

import asyncio
import re
import wave
from pathlib import Path

from trunkline.client.client import Line
from trunkline.client.clocks import Clocks
from trunkline.client.config import LineConfig
from trunkline.devices.player import Player
from trunkline.protocol import observations as seen
from trunkline.protocol.policy import LinePolicy
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing
from trunkline.transports.websocket import WebSocketTransport
from virtual.world import Network, VirtualDialer, VirtualLoop

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/playout.md").read_text(encoding="utf-8")
SPEECH = ROOT / "python/trunkline/speech"
SESSION = {
    "audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 500}}}
}


def page() -> dict:
    """What the page's code defines."""
    names: dict = {"asyncio": asyncio}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(block, "playout.md", "exec"), names)
    return names


def recording(name: str) -> bytes:
    with wave.open(str(SPEECH / f"{name}.wav")) as file:
        return file.readframes(file.getnframes())


def silence(seconds: float) -> bytes:
    return bytes(2 * round(24_000 * seconds))


class _Loop(VirtualLoop):
    """What sources load in a thread is loaded at once."""

    def run_in_executor(self, _executor, func, *args):
        done = self.create_future()
        done.set_result(func(*args))
        return done


class Conversation:
    """One call, until the source ends."""

    def __init__(self, source, sink, echo, *, pace: float = 5.0) -> None:
        self._source, self._sink, self._echo, self._pace = source, sink, echo, pace
        self._facts: list[seen.Observation] = []

    def hold(self, *, on_played=None) -> None:
        """`on_played` hears what is played, beside the echo's handler."""
        with asyncio.Runner(loop_factory=lambda: _Loop(Network(1))) as runner:
            runner.run(asyncio.wait_for(self._hold(on_played), 120))

    async def _hold(self, on_played) -> None:
        loop, names = asyncio.get_running_loop(), page()
        timing = Timing(pace=self._pace, response_delay=0.1)
        async with SimulatorServer(timing=timing, wall=loop.wall) as server:
            async with self._line(loop, server) as line:
                player = Player()

                def played(pcm, heard_at):
                    self._echo.played(pcm, heard_at)
                    if on_played is not None:
                        on_played(pcm, heard_at)

                player.on_played = played
                playing = asyncio.ensure_future(names["play"](line, self._sink, player))
                await names["speak"](line, self._source, self._echo)
                await line.aclose()
                await playing
            self.stats = player.stats
            (session,) = server.sessions
            self.truncations, self.responses = session.truncations, session.responses

    def _line(self, loop, server) -> Line:
        config = LineConfig(
            base_url=server.base_url, credential="sk-test-1", policy=LinePolicy(session=SESSION)
        )
        return Line(
            config,
            transport=WebSocketTransport(dialer=VirtualDialer()),
            observers=(self._facts.append,),
            clocks=Clocks(wall=loop.wall, slept=lambda: 0.0),
        )

    def heard(self) -> dict[str, int]:
        """How much of each item the line was told to be heard."""
        return {
            fact.item_id: fact.samples for fact in self._facts if isinstance(fact, seen.AudioHeard)
        }
