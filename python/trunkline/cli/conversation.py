"""A live conversation in a thread of its own: a line, a headset, and what a terminal wants to know of both.

The terminal is on the main thread and never waits for the network, nor the network for the terminal: what is to be seen
is a reference that is replaced, or lies in a queue; what keys ask for goes to the event loop as calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trunkline.cli.button import Button
from trunkline.cli.debt import Debt
from trunkline.cli.glance import Glance, Onlooker
from trunkline.cli.news import News, Tidings, Weight, of_device
from trunkline.devices.headset import Headset
from trunkline.devices.player import Player
from trunkline.errors import MediaError
from trunkline.protocol import events

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.cli.answer_tape import AnswerTape
    from trunkline.client.client import Line
    from trunkline.client.observers import Observer
    from trunkline.devices.base import Notice, Sink, Source, Tell
    from trunkline.devices.echo import Echo

__all__ = ["Conversation", "Sound"]

# As often as a status line is drawn.
_LOOK_SECONDS = 0.1
# What is said for goodbye after that is not waited for: whoever leaves wants to be gone within a second.
_GOODBYE_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What is on this side of a line; devices are made in the event loop that uses them."""

    source: Callable[[Tell], Source]
    sink: Callable[[Tell], Sink]
    echo: Callable[[], Echo]


@dataclass(slots=True)
class _Live:
    """What there is while the line is live."""

    line: Line
    headset: Headset
    button: Button | None


def _nobody_waits() -> None:
    """Who waits for the end by `wait` needs no call."""


@dataclass(kw_only=True)
class Conversation:
    """One conversation; `start` begins it, `wait` waits for its end, `check` raises what it failed of.

    `line` makes the line with these observers. `push_to_talk` says that turns are begun and ended by the `talk` order.
    """

    line: Callable[[tuple[Observer, ...]], Line]
    sound: Sound
    push_to_talk: bool = False
    observers: tuple[Observer, ...] = ()
    tape: AnswerTape | None = None
    ended: Callable[[], None] = _nobody_waits
    """Called when it is over, in its thread."""
    is_interpreted: bool = False
    """Whether the line is an interpreter's: there are no answers to wait for, and the rest is asked for at the end."""
    glance: Glance = field(default_factory=Glance, init=False)
    """The newest."""
    news: deque[Tidings] = field(default_factory=deque, init=False)
    """What is to be told, oldest first; whoever tells it takes it out."""
    _debt: Debt = field(default_factory=Debt, init=False)
    _onlooker: Onlooker = field(default_factory=Onlooker, init=False)
    _player: Player = field(default_factory=Player, init=False)
    _live: _Live | None = field(default=None, init=False)
    _running: tuple[asyncio.AbstractEventLoop, asyncio.Task[None]] | None = field(
        default=None, init=False
    )
    _thread: threading.Thread | None = field(default=None, init=False)
    _error: BaseException | None = field(default=None, init=False)
    _is_stopped: bool = field(default=False, init=False)
    _answers: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._news = News(self._tell)
        seen: tuple[Observer, ...] = (*self.observers, self._debt, self._onlooker, self._news)
        # Made here, so that settings of no use are told before anything else happens.
        self._line = self.line(seen)

    # What the main thread calls.

    def start(self) -> None:
        """Begins."""
        # Not waited for by the interpreter: a second Ctrl-C ends at once.
        self._thread = threading.Thread(target=self._perform, name="network", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether it has begun and not yet ended."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Ends it, within a second, from any thread; after its end it does nothing."""
        self._is_stopped = True
        self._post(self._leave)

    def order(self, name: str) -> None:
        """Does what a key asks for: `mute` or `talk`."""
        self._post(self._obey, name)

    def say(self, words: str) -> None:
        """Puts words of the main thread's own among the news."""
        self._news.say(Weight.BAD, words)

    def wait(self, seconds: float) -> None:
        """Waits for its end, for so long at most.

        A name that is being looked up holds a thread for longer than anybody who leaves wants to wait.
        """
        if self._thread is not None:
            self._thread.join(seconds)

    def check(self) -> None:
        """Raises what it failed of: LineFailed, or MediaError."""
        if self._error is not None:
            raise self._error

    def is_answered(self) -> bool:
        """Whether everything that was said is answered, and the answer heard to its end; in the event loop."""
        return self.is_interpreted or (self._debt.is_settled and self._player.is_quiet)

    def _post(self, deed: Callable[..., None], *arguments: object) -> None:
        if self._running is not None:
            # The loop may have ended since; then there is nobody left to do it.
            with contextlib.suppress(RuntimeError):
                self._running[0].call_soon_threadsafe(deed, *arguments)

    def _perform(self) -> None:
        try:
            asyncio.run(self._main())
        except asyncio.CancelledError:
            return
        except BaseException as error:  # noqa: BLE001 - a thread's root: `check` raises it again
            self._error = error
        finally:
            self.ended()

    # The event loop.

    async def _main(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running = (asyncio.get_running_loop(), task)
        looking = asyncio.create_task(self._look())
        try:
            if not self._is_stopped:
                await self._talk()
        finally:
            looking.cancel()

    async def _talk(self) -> None:
        async with self._line as line:
            headset = Headset(
                line,
                self.sound.source(self._noticed),
                self.sound.sink(self._noticed),
                player=self._player,
                echo=self.sound.echo(),
                captured=self._captured,
                heard=None if self.tape is None else self.tape.heard,
            )
            button = Button(line, headset) if self.push_to_talk else None
            self._live = _Live(line, headset, button)
            await headset.run(self._take, to_the_end=self.is_interpreted)
        if headset.is_over and not self._answers:
            raise MediaError("--input", "the model gave no answer; is there speech in it?")

    def _leave(self) -> None:
        assert self._running is not None
        loop, task = self._running
        task.cancel()
        # The second time it is the goodbye that is cancelled.
        loop.call_later(_GOODBYE_SECONDS, task.cancel)

    def _obey(self, name: str) -> None:
        live = self._live
        if live is None:
            return
        if name == "mute":
            live.line.mute(not live.line.is_muted)
        elif name == "talk" and live.button is not None and (words := live.button.press()):
            self._news.say(Weight.PLAIN, words)

    def _captured(self, pcm: bytes) -> None:
        if self._live is not None and self._live.button is not None:
            self._live.button.captured(pcm)

    def _take(self, event: events.Event) -> None:
        if self._debt.receive(event) and self._live is not None:
            self._live.line.send({"type": "response.create"})
        if self.tape is not None:
            self.tape.receive(event)
        if isinstance(event, events.ResponseDone):
            self._answers += event.status == "completed"
        elif isinstance(event, events.TargetText):
            self._answers += 1
        elif isinstance(event, events.Refusal):
            self._news.say(Weight.BAD, f"the server refused something: {event.message}")

    async def _look(self) -> None:
        """Ten times a second; ends the conversation when a source has come to its end, and the last answer, too."""
        while not self._is_over():
            self._see()
            await asyncio.sleep(_LOOK_SECONDS)
        if self.is_interpreted:
            # It closes when the rest was said.
            self._line.drain()
        else:
            await self._line.aclose()

    def _is_over(self) -> bool:
        if self._live is None or not self._live.headset.is_over:
            return False
        return self.is_interpreted or self._player.is_quiet

    def _see(self) -> None:
        now = asyncio.get_running_loop().time()
        glance = self._onlooker.glance(now, is_quiet=self._player.is_quiet)
        if (live := self._live) is not None:
            said, heard = live.headset.levels()
            glance = replace(
                glance,
                said_dbfs=said.rms_dbfs,
                heard_dbfs=heard.rms_dbfs,
                is_muted=live.line.is_muted,
                is_pressed=None if live.button is None else live.button.is_pressed,
            )
        self.glance = glance

    def _noticed(self, notice: Notice) -> None:
        if self._live is not None:
            self._live.headset.notice(notice)
        self._tell(of_device(notice))

    def _tell(self, tidings: Tidings) -> None:
        # Who leaves is not told what falls down behind him.
        if not self._is_stopped:
            self.news.append(tidings)
