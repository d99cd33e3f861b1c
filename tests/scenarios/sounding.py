"""Programs that sound on a card made of PulseAudio: each plays, records, harms the card, and prints what came of it.

    python -m scenarios.sounding NAME FOLDER [URL]

A process of its own, since PortAudio and ALSA read their environment once.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import math
import random
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from scenarios.soundcard import SINKS, Soundcard
from trunkline.devices.loudspeaker import Loudspeaker
from trunkline.devices.microphone import Microphone

SPEAKER, TAP, MIC = "tl_speaker, ALSA", "tl_speaker_tap", "tl_mic, ALSA"
BLOCK_BYTES = 960
BYTES_PER_SECOND = 48_000


def noise(seconds):
    return random.Random(7).randbytes(seconds * BYTES_PER_SECOND)


def sine(seconds):
    values = (
        round(20_000 * math.sin(2 * math.pi * 997 * n / 24_000)) or 1
        for n in range(seconds * 24_000)
    )
    return b"".join(value.to_bytes(2, "little", signed=True) for value in values)


class Tape:
    """A `Fill` that plays pcm once, and knows when its first sample is heard."""

    def __init__(self, pcm):
        self._pcm = pcm
        self._position = 0
        self.heard_at = None

    def __call__(self, count_samples, heard_at):
        if self.heard_at is None:
            self.heard_at = heard_at
        piece = self._pcm[self._position : self._position + count_samples * 2]
        self._position += count_samples * 2
        return piece.ljust(count_samples * 2, b"\0")


@dataclass
class Recorded:
    """The blocks of a microphone, each with the time at which it came."""

    blocks: list = field(default_factory=list)
    arrived: list = field(default_factory=list)

    async def listen(self, mic):
        async for block in mic:
            self.blocks.append(block)
            self.arrived.append(time.monotonic())

    def lost_ms(self, since=0):
        return sum(block.lost_ms for block in self.blocks[since:])

    def missing_ms(self, since):
        """By the wall: what did not come of the time that went by, the truth beside `lost_ms`."""
        passed = self.arrived[-1] - self.arrived[since - 1]
        return passed * 1000 - (len(self.blocks) - since) * 20

    def captured_at(self, offset):
        """When the sample at that byte was captured."""
        number, rest = divmod(offset, BLOCK_BYTES)
        return self.blocks[number].at + rest / BYTES_PER_SECOND


class Told:
    """Notices, as a list of strings."""

    def __init__(self):
        self.notices = []

    def __call__(self, notice):
        self.notices.append(notice)

    def of(self, device):
        return [each.change.value for each in self.notices if each.device == device]


async def _until(condition, seconds=20.0):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def loop_back(pcm):
    """What is played comes back; when it was heard is when it was captured."""
    tape, recorded, told = Tape(pcm), Recorded(), Told()
    async with Loudspeaker(SPEAKER, tell=told) as speaker, Microphone(TAP, tell=told) as mic:
        listening = asyncio.create_task(recorded.listen(mic))
        await _until(lambda: len(recorded.blocks) > 50)
        # What happens while the other device is being opened is not heard.
        dry = speaker.underflows
        speaker.start(tape)
        await asyncio.sleep(len(pcm) / BYTES_PER_SECOND + 0.5)
        listening.cancel()
    captured = b"".join(block.pcm for block in recorded.blocks)
    found = captured.find(pcm)
    return {
        "found": found >= 0,
        "error_ms": (tape.heard_at - recorded.captured_at(found)) * 1000 if found >= 0 else None,
        "lost_ms": recorded.lost_ms(),
        "underflows": speaker.underflows - dry,
        "told": [f"{each.device} {each.change.value}" for each in told.notices],
    }


def suspend_all(card, on):
    for sink in SINKS:
        card.suspend(sink, on)


def unplug(card):
    for sink in SINKS:
        card.unload(sink)


def plug(card):
    for sink in SINKS:
        card.load(sink)


TROUBLES = {
    "stall": (0.3, lambda card: suspend_all(card, True), lambda card: suspend_all(card, False)),
    "suspend": (1.5, lambda card: suspend_all(card, True), lambda card: suspend_all(card, False)),
    "unplug": (1.5, unplug, plug),
    "crash": (1.5, Soundcard.kill, Soundcard.start),
}


async def troubled(card, name):
    """Both devices through one trouble; what was told and what is missing."""
    seconds, trouble, mend = TROUBLES[name]
    recorded, told, asked = Recorded(), Told(), []

    def fill(count_samples, heard_at):
        asked.append(heard_at)
        return bytes(count_samples * 2)

    def back(device):
        return told.of(device)[-1] == "returned"

    async with Loudspeaker(SPEAKER, tell=told) as speaker, Microphone(TAP, tell=told) as mic:
        listening = asyncio.create_task(recorded.listen(mic))
        speaker.start(fill)
        await _until(lambda: len(recorded.blocks) > 50)
        # The last that came before may be on its way yet.
        before, asked_before = len(recorded.blocks) - 2, len(asked)
        await asyncio.to_thread(trouble, card)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(mend, card)
        await _until(lambda: back("speaker") and back("microphone"))
        await asyncio.sleep(1.0)
        listening.cancel()
    backwards = [1 for a, b in pairwise(asked) if b <= a]
    return {
        "speaker": told.of("speaker"),
        "microphone": told.of("microphone"),
        "lost_ms": recorded.lost_ms(before),
        "missing_ms": recorded.missing_ms(before),
        "holes": len([block for block in recorded.blocks if block.lost_ms]),
        "asked_after": len(asked) - asked_before,
        "backwards": len(backwards),
    }


async def held_up():
    """The event loop stands still for longer than a stall takes to be told."""
    recorded, told = Recorded(), Told()
    async with Loudspeaker(SPEAKER, tell=told), Microphone(TAP, tell=told) as mic:
        listening = asyncio.create_task(recorded.listen(mic))
        await _until(lambda: len(recorded.blocks) > 25)
        before = len(recorded.blocks) - 1
        time.sleep(0.8)  # noqa: ASYNC251 - as a bad application does
        await asyncio.sleep(1.0)
        # With the interpreter, which PortAudio's threads need.
        ctypes.PyDLL(None).usleep(300_000)
        await asyncio.sleep(1.0)
        listening.cancel()
    return {
        "told": [each.change.value for each in told.notices],
        "lost_ms": recorded.lost_ms(before),
        "blocks": len(recorded.blocks) - before,
    }


async def line_through(card, url, names):
    """A line between a microphone and a loudspeaker that have all these troubles, one after the other."""
    import trunkline
    from trunkline.protocol.lifecycle import State

    told, lost, states = Told(), [], []
    async with (
        trunkline.connect(base_url=url, api_key="sk-test-sound") as line,
        Loudspeaker(SPEAKER, tell=told) as speaker,
        Microphone(MIC, tell=told) as mic,
    ):

        async def speak():
            async for block in mic:
                if block.lost_ms:
                    lost.append(block.lost_ms)
                    line.capture_overrun(block.lost_ms)
                line.send_audio(block.pcm)

        async def hear():
            async for _ in line:
                pass

        speaker.start(Tape(b""))
        tasks = [asyncio.create_task(speak()), asyncio.create_task(hear())]
        await asyncio.sleep(1.0)
        for name in names:
            seconds, trouble, mend = TROUBLES[name]
            count = len(told.of("microphone"))
            await asyncio.to_thread(trouble, card)
            await asyncio.sleep(seconds)
            states.append(line.state is State.LIVE)
            await asyncio.to_thread(mend, card)
            await _until(lambda count=count: told.of("microphone")[count:][-1:] == ["returned"])
            await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        books, epoch, state = line.books(), line.epoch, line.state
    return {
        "live": all(states) and state is State.LIVE,
        "epoch": epoch,
        "told": told.of("microphone"),
        "lost_ms": sum(lost),
        "accepted_ms": books.accepted / 24,
        "balance": books.accepted - books.consumed - books.retained - books.gap,
        "gap": books.gap,
    }


def main(name, folder, url=None):
    card = Soundcard(Path(folder))
    programs = {
        "noise": lambda: loop_back(noise(4)),
        "sine": lambda: loop_back(sine(4)),
        "held_up": held_up,
        "line": lambda: line_through(card, url, ("suspend", "unplug", "crash")),
    } | {each: lambda each=each: troubled(card, each) for each in TROUBLES}
    try:
        print(json.dumps(asyncio.run(programs[name]())))
    finally:
        # A server that was started here is not known to whoever started the first.
        card.forget()


if __name__ == "__main__":
    main(*sys.argv[1:])
