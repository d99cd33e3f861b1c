"""docs/playout.md does what it says: its code holds a call in virtual time, between a line and files."""

from __future__ import annotations

import asyncio
import re
import wave
from pathlib import Path

import numpy as np
import pytest

from trunkline.client.client import Line
from trunkline.client.clocks import Clocks
from trunkline.client.config import LineConfig
from trunkline.devices.echo import HalfDuplex, NoEcho
from trunkline.devices.files import WavSink, pcm_source
from trunkline.devices.player import Player
from trunkline.protocol import observations as seen
from trunkline.protocol.policy import LinePolicy
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing
from trunkline.transports.websocket import WebSocketTransport
from virtual.world import Network, VirtualDialer, VirtualLoop

ROOT = Path(__file__).parents[1]
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


class Loop(VirtualLoop):
    """What sources load in a thread is loaded at once."""

    def run_in_executor(self, _executor, func, *args):
        done = self.create_future()
        done.set_result(func(*args))
        return done


class Conversation:
    """One call by the page: what is said, what is played into a file, and what became known of it."""

    def __init__(self, path: Path, said: bytes, echo, *, pace: float = 5.0) -> None:
        self.path, self.said, self.echo, self.pace = path, said, echo, pace
        self.facts: list[seen.Observation] = []
        self.stats = None
        self.truncations: list = []
        self.heard_ms = 0

    def hold(self) -> None:
        with asyncio.Runner(loop_factory=lambda: Loop(Network(1))) as runner:
            runner.run(asyncio.wait_for(self._hold(), 60))

    async def _hold(self) -> None:
        loop, names = asyncio.get_running_loop(), page()
        timing = Timing(pace=self.pace, response_delay=0.1)
        async with SimulatorServer(timing=timing, wall=loop.wall) as server:
            async with self._line(loop, server) as line:
                player = Player()
                player.on_played = self.echo.played
                playing = names["play"](line, WavSink(self.path), player)
                tasks = [asyncio.ensure_future(playing)]
                await names["speak"](line, pcm_source(self.said), self.echo)
                await line.aclose()
                await asyncio.gather(*tasks)
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
            observers=(self.facts.append,),
            clocks=Clocks(wall=loop.wall, slept=lambda: 0.0),
        )

    def played(self) -> np.ndarray:
        with wave.open(str(self.path)) as file:
            return np.frombuffer(file.readframes(file.getnframes()), "<i2")

    def heard(self) -> dict[str, int]:
        return {
            fact.item_id: fact.samples for fact in self.facts if isinstance(fact, seen.AudioHeard)
        }


def position(played: np.ndarray, answer: np.ndarray) -> int:
    """Where the answer begins in what was played."""
    head = answer[np.flatnonzero(answer)[0] :][:480].tobytes()
    return played.tobytes().index(head) // 2 - int(np.flatnonzero(answer)[0])


@pytest.mark.parametrize("echo", [NoEcho(), HalfDuplex()], ids=["headphones", "loudspeaker"])
def test_an_answer_is_heard_bit_for_bit_and_the_line_knows_it(tmp_path, echo):
    call = Conversation(tmp_path / "out.wav", recording("caller_3") + bytes(48_000 * 5), echo)
    call.hold()
    answer = np.frombuffer(recording("interpreter_3"), "<i2")
    played = call.played()
    start = position(played, answer)
    assert np.array_equal(played[start : start + len(answer)], answer)
    assert len(answer) in call.heard().values()
    assert (call.stats.underruns, call.stats.faded_samples) == (0, 0)


def test_an_interrupted_answer_is_cut_where_the_user_stopped_hearing_it(tmp_path):
    said = recording("caller_3") + bytes(48_000 * 2) + recording("caller_4") + bytes(48_000 * 5)
    call = Conversation(tmp_path / "out.wav", said, NoEcho())
    call.hold()
    (cut,) = call.truncations
    answer = np.frombuffer(recording("interpreter_3"), "<i2")
    played = call.played()
    start = position(played, answer)
    assert np.array_equal(played[start:][: cut.audio_end_ms * 24], answer[: cut.audio_end_ms * 24])
    # What was heard and not told is a block and a report, and the fade.
    heard = cut.audio_end_ms * 24 + 2 * 480 + 120
    assert not played[start + heard :][:4800].any()
    assert call.stats.flushed_samples > 0


def test_an_answer_that_comes_slower_than_it_plays_has_holes_and_loses_nothing(tmp_path):
    call = Conversation(
        tmp_path / "out.wav", recording("caller_3") + bytes(48_000 * 9), NoEcho(), pace=0.7
    )
    call.hold()
    stats = call.stats
    assert stats.underruns > 1
    assert stats.target_ms > 100
    assert stats.received_samples == stats.played_samples
    assert stats.received_samples in call.heard().values()


def test_the_names_on_the_page_are_there():
    from trunkline.devices import echo, files, silence, tone

    for module in (echo, files, silence, tone):
        for name in module.__all__:
            assert name in PAGE or name == "Echo"
    for name in re.findall(r"`player\.(\w+)", PAGE):
        assert hasattr(Player(), name)
    for name in re.findall(r"`stats\.(\w+)", PAGE):
        assert hasattr(Player().stats, name)
