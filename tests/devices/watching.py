"""A device under watch in virtual time: the test is its thread, and the clock jumps."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from devices.soundlib import all_left, as_seen, installed, without_threads
from trunkline.devices import portaudio, stream
from virtual.world import VirtualLoop

BLOCK = 0.02


class Stand:
    """The library, the loop, and what was told."""

    def __init__(self, monkeypatch):
        self.library = installed(monkeypatch)
        without_threads(monkeypatch)
        self.loop = VirtualLoop(SimpleNamespace())
        monkeypatch.setattr(stream, "monotonic", self.loop.time)
        monkeypatch.setattr(portaudio, "monotonic", self.loop.time)
        monkeypatch.setattr(portaudio, "_seen_by_a_process", lambda: as_seen(self.library))
        self.notices = []

    def run(self, coroutine):
        async def bounded():
            async with asyncio.timeout(300):
                return await coroutine

        try:
            return self.loop.run_until_complete(bounded())
        finally:
            self.loop.close()
            all_left()

    @property
    def told(self):
        return [(each.device, each.change.value) for each in self.notices]

    @property
    def changes(self):
        return [each.change.value for each in self.notices]

    @property
    def opened(self):
        """The stream that is open now."""
        return self.library.streams[-1]

    def now(self):
        return self.loop.time()

    async def play(self, seconds, pcm=bytes(960)):
        """The device's thread at its real pace, captured or heard without delay."""
        for _ in range(round(seconds / BLOCK)):
            await asyncio.sleep(BLOCK)
            self.beat(pcm)

    def beat(self, pcm=bytes(960), *, at=None):
        return self.beat_of(self.opened, pcm, at=at)

    def beat_of(self, stream, pcm=bytes(960), *, at=None):
        """One call of its thread."""
        now = self.now()
        if stream.kind == "input":
            stream.give(pcm, at=now - BLOCK if at is None else at, now=now)
            return b""
        return stream.ask(480, at=now + 0.04, now=now)
