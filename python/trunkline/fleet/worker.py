"""A thread that feeds parts: from the lines of this process, from sockets of others, or from a file.

It sleeps in one place, where sockets can wake it. Whatever goes wrong in a part stays there: it is logged, and the
part is asked no more.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

from trunkline.errors import StreamError
from trunkline.fleet.breath import Breath
from trunkline.fleet.departures import Departures
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from trunkline.fleet.block import Stamped
    from trunkline.fleet.part import Part
    from trunkline.fleet.wishes import Wish

__all__ = ["Worker"]

# Somebody looks: the meters of a screen move ten times a second.
_BUSY_SECONDS = 0.1
_IDLE_SECONDS = 0.5
# A disk or a console that is stuck must not hold up the end of a process.
_GOODBYE_SECONDS = 2.0
_log = logging.getLogger("trunkline")


class Worker:
    """The base: runs the parts; who derives from it says where frames come from."""

    name = ""
    """Of the process whose lines it has, for people."""

    def __init__(self, *parts: Part, thread: str, breath: Breath | None = None) -> None:
        self._parts = list(parts)
        self._thread_name = thread
        self._lock = threading.Lock()
        """Of starting and closing only; no line waits for it while it runs."""
        self._thread: threading.Thread | None = None
        self._breath = breath or Breath()
        self._departures = Departures()
        self._closing = False
        self._writer: socket.socket | None = None
        """Its other end wakes the thread; None before there is one."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Begins; a second call does nothing. Raises TrunklineError if a part cannot begin."""
        with self._lock:
            if self._thread is not None:
                return
            self._open()
            self._thread = threading.Thread(target=self._run, name=self._thread_name, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Ends: what came is still taken care of, for two seconds at most; a second call does nothing."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._closing = True
            self.wake()
            if thread is not threading.current_thread():
                thread.join(_GOODBYE_SECONDS)

    def wake(self) -> None:
        """Something waits for the thread; from any thread."""
        if self._writer is not None:
            with contextlib.suppress(OSError):
                self._writer.send(b"\0")

    def listen(self, source: socket.socket, events: int, call: Callable[[int], None]) -> None:
        """Calls it when the socket is ready for these events, in place of what was said before; 0 is never more."""
        known = source in self._selector.get_map()
        if not events:
            if known:
                self._selector.unregister(source)
        elif known:
            self._selector.modify(source, events, call)
        else:
            self._selector.register(source, events, call)

    def wish(self, wish: Wish) -> None:
        """Carries a wish to its line, if the lines are here; from any thread."""
        wish.answer(clean(f"{wish.action}: nobody here can do that"))

    # From the thread.

    def add(self, part: Part) -> None:
        """Another part, which has begun, gets what comes from now on."""
        self._parts.append(part)

    def remove(self, part: Part) -> None:
        """A part is asked no more, and ends."""
        if part in self._parts:
            self._parts.remove(part)
            self._guarded(part, lambda part: part.stop())

    # For those who derive.

    def now(self) -> float:
        """Unix seconds, of what is shown."""
        return time.time()

    def pause(self) -> float:
        """How long to sleep before the next turn, unless a socket has something."""
        return _BUSY_SECONDS if any(part.looks() for part in self._parts) else _IDLE_SECONDS

    def gather(self) -> None:
        """Called in each turn: hands what there is to `give`."""

    def give(self, stamped: Sequence[Stamped]) -> None:
        """Hands frames to all parts."""
        if stamped:
            now = self.now()
            for one in stamped:
                self._departures.note(one.frame, now)
            self.each(lambda part: part.take(stamped, self._breath))

    def refused(self, error: StreamError) -> None:
        """A part could make nothing of what it was given."""
        _log.warning("what was told of a line cannot be read: %s", error.reason)

    def each(self, call: Callable[[Part], None]) -> None:
        """Calls it with each part."""
        for part in tuple(self._parts):
            self._guarded(part, call)

    def watched(self) -> frozenset[str]:
        """What any part watches."""
        return frozenset().union(*(part.watched() for part in self._parts))

    def is_controllable(self) -> bool:
        """Whether any part carries wishes to the lines."""
        return any(part.controllable for part in self._parts)

    # The thread.

    def _open(self) -> None:
        self._closing = False
        self._selector = selectors.DefaultSelector()
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._selector.register(self._reader, selectors.EVENT_READ, self._woken)
        with contextlib.ExitStack() as begun:
            begun.callback(self._shut)
            for part in self._parts:
                part.start(self)
                begun.callback(part.stop)
            begun.pop_all()

    def _shut(self) -> None:
        self._selector.close()
        self._reader.close()
        if self._writer is not None:
            self._writer.close()

    def _run(self) -> None:
        try:
            while not self._closing:
                self._step(self.pause())
            self._turn()
        except Exception:  # noqa: BLE001 - a thread's root: what is left of it must still be ended
            _log.exception("%s ends by a mistake of its own", self._thread_name)
        self.each(lambda part: part.stop())
        self._shut()

    def _step(self, timeout: float) -> None:
        """Sleeps until a socket is ready or the time is over, and does what there is to do."""
        ready = self._selector.select(timeout)
        self._breath.begin()
        for key, events in ready:
            key.data(events)
        self._turn()

    def _turn(self) -> None:
        self.gather()
        now = self.now()
        for key in self._departures.due(now):
            self.each(lambda part, key=key: part.forget(key))  # type: ignore[misc]
        self.each(lambda part: part.tick(now))

    def _woken(self, _events: int) -> None:
        with contextlib.suppress(OSError):
            self._reader.recv(64)

    def _guarded(self, part: Part, call: Callable[[Part], None]) -> None:
        try:
            call(part)
        except StreamError as error:
            # What came makes no sense, which is no mistake of the part: it goes on with what comes next.
            self.refused(error)
        except Exception:  # noqa: BLE001 - a part's mistake must not take the others with it
            _log.exception("%s failed and is asked no more", type(part).__name__)
            if part in self._parts:
                self._parts.remove(part)
                self._guarded(part, lambda part: part.stop())
