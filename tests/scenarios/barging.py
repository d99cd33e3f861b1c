"""A caller who speaks into the answer: recorded speech, a headset, the simulator, and what the sink really played.

    python -m scenarios.barging

plays it on a sound card made of PulseAudio (`scenarios.soundcard`) that the environment names, and prints
what came of it; without hardware `barge_in` is called where it is needed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import repeat

import numpy as np

import trunkline
from trunkline.devices.base import BLOCK_SAMPLES, RATE_HZ
from trunkline.devices.echo import NoEcho
from trunkline.devices.headset import Headset
from trunkline.devices.paced import PacedSink, PacedSource
from trunkline.protocol import events
from trunkline.protocol.backoff import RetryBudget
from trunkline.simulator.recordings import recorded_turns
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing

# An answer of four seconds is here in less than one, as with the real API.
TIMING = Timing(pace=5.0, response_delay=0.03, transcription_delay=0.05)
SESSION = {
    "audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 500}}}
}
TURNS = recorded_turns()
BLOCK_BYTES = 2 * BLOCK_SAMPLES
# So much of the answer is heard before the caller speaks again.
PATIENCE_SAMPLES = RATE_HZ
KEY_BYTES = 2_000
FADE_SAMPLES = 120


class Mouth:
    """Speech when it is wanted, silence else: blocks for a source, or samples for what plays to a microphone."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def say(self, pcm: bytes) -> None:
        self._waiting += pcm

    def blocks(self):
        for _ in repeat(None):
            yield self.fill(BLOCK_SAMPLES, 0.0)

    def fill(self, count_samples: int, heard_at: float) -> bytes:
        del heard_at
        piece = bytes(self._waiting[: 2 * count_samples])
        del self._waiting[: 2 * count_samples]
        return piece.ljust(2 * count_samples, b"\0")


class Tape:
    """What was really played, and when each block of it was."""

    def __init__(self) -> None:
        self.blocks: list[tuple[float, bytes]] = []

    def note(self, pcm: bytes, at: float | None = None) -> None:
        self.blocks.append((time.monotonic() if at is None else at, pcm))

    def sounds_after(self, at: float) -> int:
        """How many blocks that begin after that time hold more than the fade of 5 ms."""
        return sum(began > at and any(pcm[2 * FADE_SAMPLES :]) for began, pcm in self.blocks)

    def prefix_of(self, reply: bytes) -> int:
        """How many samples of the reply were played as they are; 0 if there is a hole in its beginning."""
        whole = b"".join(pcm for _, pcm in self.blocks)
        start = whole.find(reply[:KEY_BYTES])
        if start < 0:
            return 0
        size = min(len(reply), len(whole) - start)
        played = np.frombuffer(whole[start : start + size], "<i2")
        given = np.frombuffer(reply[:size], "<i2")
        different = np.nonzero(played != given)[0]
        return int(different[0]) if len(different) else size // 2


@asynccontextmanager
async def imagined():
    """Devices that are the event loop's clock."""
    mouth, tape = Mouth(), Tape()
    yield PacedSource("mouth", mouth.blocks), PacedSink("ear", take=tape.note), mouth, tape


@asynccontextmanager
async def sounding():
    """A microphone that somebody plays to, and a loudspeaker that somebody records."""
    from trunkline.devices.loudspeaker import Loudspeaker
    from trunkline.devices.microphone import Microphone

    mouth, tape = Mouth(), Tape()
    async with AsyncExitStack() as stack:
        feed = await stack.enter_async_context(Loudspeaker("tl_mic_feed, ALSA"))
        tap = await stack.enter_async_context(Microphone("tl_speaker_tap"))

        async def record() -> None:
            async for block in tap:
                tape.note(block.pcm, block.at)

        recording = asyncio.create_task(record())
        stack.callback(recording.cancel)
        feed.start(mouth.fill)
        yield Microphone("tl_mic, ALSA"), Loudspeaker("tl_speaker, ALSA"), mouth, tape


class Ear:
    """What the application hears of: how much was played, and when it was told to stop."""

    def __init__(self) -> None:
        self.heard: dict[str, int] = {}
        self.interrupted: tuple[str, float] | None = None

    def take(self, event) -> None:
        if isinstance(event, events.Interrupted) and self.interrupted is None:
            self.interrupted = (event.item_id, time.monotonic())

    def count(self, item_id: str, samples: int) -> None:
        self.heard[item_id] = samples


async def barge_in(devices) -> dict:
    """The call; times in milliseconds, audio in samples."""
    ear = Ear()
    async with SimulatorServer(timing=TIMING) as server, devices() as (source, sink, mouth, tape):
        line = trunkline.connect(
            model="gpt-realtime-2.1",
            api_key="sk-test-1",
            base_url=server.base_url,
            session=SESSION,
            budget=RetryBudget(),
            seed=2,
        )
        async with line, asyncio.timeout(30):
            headset = Headset(line, source, sink, echo=NoEcho(), heard=ear.count)
            running = asyncio.create_task(headset.run(ear.take))
            mouth.say(TURNS[0].caller_pcm)
            await _until(lambda: max(ear.heard.values(), default=0) > PATIENCE_SAMPLES)
            mouth.say(TURNS[1].caller_pcm)
            await _until(lambda: ear.interrupted is not None)
            # The second answer is behind the second utterance, so this is silence.
            await asyncio.sleep(0.5)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        (truncation,) = server.sessions[0].truncations
    item_id, interrupted_at = ear.interrupted
    return {
        "same_item": truncation.item_id == item_id,
        "truncated_samples": truncation.audio_end_ms * RATE_HZ // 1000,
        "played_samples": tape.prefix_of(TURNS[0].reply_pcm),
        "reply_samples": len(TURNS[0].reply_pcm) // 2,
        "sounding_blocks": tape.sounds_after(interrupted_at),
    }


async def _until(condition) -> None:
    while not condition():
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(barge_in(sounding))))
