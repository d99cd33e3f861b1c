"""One call over a line in real time: somebody speaks, the answer is played, and both take as long as they take."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.audio.playout import Playout
from trunkline.protocol import events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trunkline.cli.debt import Debt
    from trunkline.client.client import Line
    from trunkline.protocol.events import Event

__all__ = ["Call", "Outcome"]

CHUNK_SECONDS = 0.02
CHUNK_SAMPLES = 480
_SILENCE = bytes(2 * CHUNK_SAMPLES)
# A person waits a moment before speaking again.
_PAUSE_SECONDS = 0.4
# Longer than any outage of the demo and its restore; so long a time with nothing to play counts as no answer.
_PATIENCE_SECONDS = 30.0


@dataclass(slots=True)
class Outcome:
    """What came of the turns."""

    turns: int = 0
    answered: int = 0
    played: bytearray = field(default_factory=bytearray)
    """The answers, as they were played one after the other."""


class Speaker:
    """Plays what the line gives, without a sound card: real time takes it away sample by sample."""

    def __init__(self, line: Line, played: bytearray) -> None:
        self._line = line
        self._playout = Playout()
        self._heard: dict[str, int] = {}
        """How much of each item the line was told to be heard, oldest first; those that are over are left out."""
        self.completed = 0
        """Responses that were given to their end."""
        self._played = played
        self._told_ms = -1

    @property
    def is_quiet(self) -> bool:
        """Whether everything that came has been played."""
        return not self._playout.buffered_ms and not self._playout.is_open

    def receive(self, event: Event) -> None:
        """Takes one event of the line."""
        if isinstance(event, events.AudioDelta):
            self._heard.setdefault(event.item_id, 0)
            self._playout.push(event.item_id, event.content_index, event.pcm)
        elif isinstance(event, events.AudioDone):
            self._playout.finish(event.item_id)
        elif isinstance(event, events.Interrupted):
            self._playout.flush(event.item_id)
        elif isinstance(event, events.ResponseDone) and event.status == "completed":
            self.completed += 1

    def tick(self) -> None:
        """Plays one chunk, and tells the line how much of each item was heard."""
        buffered = self._playout.stats.buffered_samples
        pcm = self._playout.pull(CHUNK_SAMPLES)
        if buffered:
            self._played += pcm[: 2 * min(buffered, CHUNK_SAMPLES)]
            self._tell_heard()
        stats = self._playout.stats
        if stats.buffered_ms != self._told_ms:
            self._told_ms = stats.buffered_ms
            silent_ms = stats.underrun_samples * 1000 * CHUNK_SECONDS / CHUNK_SAMPLES
            self._line.playout(stats.buffered_ms, stats.underruns, underrun_ms=silent_ms)

    def _tell_heard(self) -> None:
        """An answer may have come in full while the one before it is still being played."""
        for item_id, before in list(self._heard.items()):
            heard = self._playout.played_samples(item_id)
            if heard > before:
                for older in list(self._heard)[: list(self._heard).index(item_id)]:
                    del self._heard[older]
                self._heard[item_id] = heard
                self._line.played(item_id, heard)


class Call:
    """Says turns one after the other, each when the one before is answered.

    With `debt` a turn may hold several utterances, and is answered when each of them is.
    """

    def __init__(self, line: Line, outcome: Outcome, *, debt: Debt | None = None) -> None:
        self._line = line
        self._debt = debt
        self._speaker = Speaker(line, outcome.played)
        self._next_at = 0.0
        self._listener: asyncio.Task[None] | None = None
        self._outcome = outcome

    async def run(self, turns: Iterable[bytes]) -> None:
        """Says all turns, PCM at 24 kHz, and waits for each answer. Raises LineFailed if the line ends."""
        loop = asyncio.get_running_loop()
        self._next_at = loop.time()
        self._listener = loop.create_task(self._listen())
        try:
            for pcm in turns:
                await self._turn(pcm)
        finally:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)

    async def _listen(self) -> None:
        async for event in self._line:
            self._speaker.receive(event)
            if self._debt is not None and self._debt.receive(event):
                self._line.send({"type": "response.create"})

    async def _turn(self, pcm: bytes) -> None:
        self._outcome.turns += 1
        before = self._speaker.completed
        for start in range(0, len(pcm), len(_SILENCE)):
            await self._tick(pcm[start : start + len(_SILENCE)])
        if await self._wait_for_answer(before):
            self._outcome.answered += 1
        await self._be_silent(_PAUSE_SECONDS)

    async def _wait_for_answer(self, before: int) -> bool:
        waited = 0.0
        while waited < _PATIENCE_SECONDS:
            if self._speaker.completed > before and self._speaker.is_quiet and self._is_settled():
                return True
            heard = len(self._outcome.played)
            await self._tick(_SILENCE)
            waited = 0.0 if len(self._outcome.played) > heard else waited + CHUNK_SECONDS
        return False

    def _is_settled(self) -> bool:
        return self._debt is None or self._debt.is_settled

    async def _be_silent(self, seconds: float) -> None:
        for _ in range(round(seconds / CHUNK_SECONDS)):
            await self._tick(_SILENCE)

    async def _tick(self, chunk: bytes) -> None:
        """One chunk of time: due times are absolute, so that lateness does not add up."""
        loop = asyncio.get_running_loop()
        self._next_at += CHUNK_SECONDS
        await asyncio.sleep(max(0.0, self._next_at - loop.time()))
        if self._listener is not None and self._listener.done():
            self._listener.result()
        # A part of a chunk at the end of a file is filled up: a microphone gives whole ones.
        self._line.send_audio(chunk.ljust(len(_SILENCE), b"\0"))
        self._speaker.tick()
