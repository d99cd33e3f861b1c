"""A microphone and a loudspeaker on a line: what is said goes up, what is answered is heard.

Three short loops in the event loop, and one call in the sink's thread:

    source ──► echo handler ──► line.send_audio, line.capture_overrun       as blocks are captured
    line   ──► player, and whoever wants the events                         as events come
    player ──► line.playout, and whoever wants to know what was heard       every 20 ms, by the device's clock
    sink   ◄── player.fill ──► echo handler, line.played                    in the sink's thread, and at once

An interruption reaches the player in the step in which it comes from the line, so the sink's next block is silent. What
the sink was given before is heard all the same, some 60 ms later: so that is what the line is told, as it is given, and
an answer is cut where the user stops hearing it. No
loop waits for another, or for the application: a tool that takes its time does not stop the sound.

A headset knows no line of a kind: whatever sends audio, takes these reports and is iterated will do.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

from trunkline.audio.level import Level, Meter
from trunkline.devices.base import BLOCK_SECONDS, RATE_HZ, Change
from trunkline.devices.echo import HalfDuplex
from trunkline.devices.player import Player
from trunkline.errors import LocalError
from trunkline.protocol import events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from trunkline.devices.base import Block, Notice, Sink, Source
    from trunkline.devices.echo import Echo

__all__ = ["Headset", "SoundLine"]

# A level is asked for ten times a second; what nobody asks for is not kept for ever.
_MOST_UNMEASURED = 50
_REPORT_SECONDS = BLOCK_SECONDS
# Longer than any device is late (docs/sound.md).
_MOST_HELD_SECONDS = 2.0
_INTERRUPTED = "the user wants to speak"


class SoundLine(Protocol):
    """What a headset needs of a line; `trunkline.Line` is one."""

    def send_audio(self, samples: bytes) -> None:
        """Takes the user's audio as it is captured."""
        ...

    def send(self, event: dict[str, Any]) -> str:
        """Takes any other request."""
        ...

    def played(self, item_id: str, samples: int) -> None:
        """Learns how much of an item was heard, in all."""
        ...

    def playout(
        self,
        buffered_ms: float,
        underruns: int,
        *,
        target_ms: float | None = None,
        underrun_ms: float = 0.0,
    ) -> None:
        """Learns how the playout stands."""
        ...

    def capture_overrun(self, lost_ms: float) -> None:
        """Learns what the microphone lost."""
        ...

    def __aiter__(self) -> AsyncIterator[events.Event]:
        """Gives its events, until it is closed."""
        ...


class Headset:
    """Joins a line with a source and a sink, for as long as `run` runs; all of it belongs to the line's event loop.

    Without headphones `echo` keeps the answers out of the microphone: half duplex unless it is given.
    `captured` is given the user's audio as it goes to the line, `heard` how much of which item was heard so far: for
    recordings.
    """

    def __init__(
        self,
        line: SoundLine,
        source: Source,
        sink: Sink,
        *,
        player: Player | None = None,
        echo: Echo | None = None,
        captured: Callable[[bytes], None] | None = None,
        heard: Callable[[str, int], None] | None = None,
    ) -> None:
        self._line = line
        self._source = source
        self._sink = sink
        self._player = player or Player()
        self._echo = echo or HalfDuplex()
        self._captured = captured
        self._heard = heard
        self._said = Meter()
        self._played = Meter()
        self._unmeasured: deque[bytes] = deque(maxlen=_MOST_UNMEASURED)
        """What the sink's thread played since a level was asked for; a deque needs no lock."""
        self._told: tuple[float, int, float] | None = None
        self._answers: dict[str, int] = {}
        """How much was heard of each item that may still be playing, oldest first."""
        self._response_id = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self.is_open = True
        """Whether the line is given what is captured; a push-to-talk button opens and closes it."""
        self.is_over = False
        """Whether the source came to its end, as a file does."""

    async def run(
        self, take: Callable[[events.Event], None] | None = None, *, to_the_end: bool = False
    ) -> None:
        """Opens both devices and carries sound until the line ends; `take` is given each event, after the player.

        With `to_the_end` what had come by then is still heard. Raises MediaError if a device cannot be had, LineFailed
        if the line ends otherwise than by closing it. However it ends, cancelled too, both devices are closed at once.
        A source that ends is no end: answers go on.
        """
        self._loop = asyncio.get_running_loop()
        async with self._source, self._sink as sink:
            sink.start(self._fill)
            loops = (self._follow(take), self._capture(), self._report())
            tasks = [asyncio.create_task(each) for each in loops]
            try:
                await _until(tasks[0], tasks)
                if to_the_end:
                    await self._play_out()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                self._note_heard()

    def levels(self) -> tuple[Level, Level]:
        """How loud the user and the loudspeaker were since this was last asked."""
        while self._unmeasured:
            self._played.take(self._unmeasured.popleft())
        return self._said.level(), self._played.level()

    @property
    def is_quiet(self) -> bool:
        """Whether everything that came has been heard."""
        return self._player.is_quiet

    def notice(self, notice: Notice) -> None:
        """Takes what becomes of a device, from its `tell`: what a loudspeaker that is gone held is never heard."""
        if notice.device == "speaker" and notice.change in (Change.LOST, Change.STALLED):
            self._player.lose(notice.at)

    def interrupt(self) -> None:
        """Ends the answer that is being given or played, where the server does not listen for it (push-to-talk).

        The sink's next block is silent; the server is told to stop, and how much was heard.
        """
        self._tell_given()
        if self._response_id:
            self._line.send({"type": "response.cancel"})
        if self._player.is_quiet:
            return
        for item_id, samples in list(self._answers.items()):
            self._player.receive(events.Interrupted(item_id=item_id, reason=_INTERRUPTED))
            self._line.send(
                {
                    "type": "conversation.item.truncate",
                    "item_id": item_id,
                    "content_index": 0,
                    "audio_end_ms": samples * 1000 // RATE_HZ,
                }
            )
        self._answers.clear()

    # From the microphone to the line.

    async def _capture(self) -> None:
        try:
            async for block in self._source:
                self._send(self._echo.clean(block))
        except LocalError:
            # The line has ended; whoever follows it learns how.
            return
        self.is_over = True

    def _send(self, block: Block) -> None:
        self._said.take(block.pcm)
        if block.lost_ms:
            self._line.capture_overrun(block.lost_ms)
        if self.is_open:
            self._line.send_audio(block.pcm)
            if self._captured is not None:
                self._captured(block.pcm)

    # From the line to the loudspeaker.

    async def _follow(self, take: Callable[[events.Event], None] | None) -> None:
        async for event in self._line:
            self._player.receive(event)
            self._note(event)
            if take is not None:
                take(event)

    def _note(self, event: events.Event) -> None:
        if isinstance(event, events.AudioDelta):
            self._answers.setdefault(event.item_id, 0)
        elif isinstance(event, events.Interrupted):
            self._answers.pop(event.item_id, None)
        elif isinstance(event, events.ResponseCreated):
            self._response_id = event.response_id
        elif isinstance(event, events.ResponseDone | events.LineDropped):
            self._response_id = ""

    def _fill(self, count_samples: int, heard_at: float) -> bytes:
        """In the sink's thread."""
        pcm = self._player.fill(count_samples, heard_at)
        self._echo.played(pcm, heard_at)
        self._unmeasured.append(pcm)
        if self._player.has_given and self._loop is not None:
            # A loop that is closed wants to know nothing any more.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._told_in_time)
        return pcm

    async def _play_out(self) -> None:
        """The line is over; a loudspeaker that was lost is not waited for."""
        loop = asyncio.get_running_loop()
        self._player.finish_all()
        deadline = loop.time() + self._player.stats.buffered_ms / 1000 + _MOST_HELD_SECONDS
        while not self._player.is_quiet and loop.time() < deadline:
            await asyncio.sleep(_REPORT_SECONDS)
            self._note_heard()

    # What is heard of it.

    async def _report(self) -> None:
        try:
            while True:
                await asyncio.sleep(_REPORT_SECONDS)
                self._note_heard()
                self._tell_given()
                self._tell_stats()
        except LocalError:
            return

    def _told_in_time(self) -> None:
        """An interruption may be the next thing that comes; a line that has ended cuts nothing any more."""
        with contextlib.suppress(LocalError):
            self._tell_given()

    def _tell_given(self) -> None:
        for item_id, samples in self._player.given():
            self._note_given(item_id, samples)
            self._line.played(item_id, samples)

    def _note_given(self, item_id: str, samples: int) -> None:
        """Answers are heard one after the other: what came before one that sounds is heard to its end."""
        if samples and item_id in self._answers:
            for older in list(self._answers)[: list(self._answers).index(item_id)]:
                del self._answers[older]
            self._answers[item_id] = samples

    def _note_heard(self) -> None:
        for item_id, samples in self._player.heard():
            if self._heard is not None:
                self._heard(item_id, samples)

    def _tell_stats(self) -> None:
        stats = self._player.stats
        now = (stats.buffered_ms, stats.underruns, stats.underrun_ms)
        if now != self._told:
            self._told = now
            self._line.playout(
                stats.buffered_ms,
                stats.underruns,
                target_ms=stats.target_ms,
                underrun_ms=stats.underrun_ms,
            )


async def _until(following: asyncio.Task[None], tasks: list[asyncio.Task[None]]) -> None:
    """Until the line ends, or one of the loops fails; raises what it failed of."""
    running = set(tasks)
    while not following.done():
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    following.result()
