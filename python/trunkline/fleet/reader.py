"""Reads the streams of all processes of this user that publish, and feeds them to parts as one fleet.

Processes come and go: one that goes leaves its lines marked as gone, and they leave the fleet after a while.
"""

from __future__ import annotations

import itertools
import logging
import selectors
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from trunkline.errors import StreamError
from trunkline.fleet.block import Stamped
from trunkline.fleet.part import Hearing
from trunkline.fleet.state import Keyframe
from trunkline.fleet.worker import Worker
from trunkline.telemetry.frames import Began, Ended
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from pathlib import Path

    from trunkline.fleet.attachment import Attachment, Note
    from trunkline.fleet.finder import Finder
    from trunkline.fleet.part import Part

__all__ = ["FleetReader"]

_LOOK_SECONDS = 1.0
_MOST_NEWS = 100
_log = logging.getLogger("trunkline")


class FleetReader(Worker):
    """Attached to whatever the finder finds."""

    def __init__(self, finder: Finder, *parts: Part) -> None:
        super().__init__(*parts, thread="trunkline reader")
        self._finder = finder
        self._attached: dict[Path, Attachment] = {}
        self._look_at = 0.0
        self._watched: frozenset[str] = frozenset()
        self._numbers = itertools.count(1)
        self._asked: dict[int, str] = {}
        self._requests: deque[tuple[str, dict[str, Any]]] = deque()
        self._news: deque[Clean] = deque(maxlen=_MOST_NEWS)

    @property
    def processes(self) -> int:
        """How many it is attached to."""
        return len(self._attached)

    # From any thread.

    def ask(self, line: str, request: dict[str, Any]) -> None:
        """Sends a request to the process of a line; what it answers is among the news."""
        self._requests.append((line, request))
        self.wake()

    def news(self) -> Clean | None:
        """The oldest thing to tell an operator that was not told yet."""
        return self._news.popleft() if self._news else None

    def attachment(self, line: str) -> Attachment | None:
        """Who has this line."""
        return next((one for one in tuple(self._attached.values()) if line in one.offsets), None)

    # The thread.

    def gather(self) -> None:
        """Looks for processes once a second, and passes on what is wished."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOK_SECONDS
            for found in self._finder.look(self._attached):
                self._attached[found.address.path] = found
                if self._hears is Hearing.ALL:
                    self._tell_watched(found)
                self._wait(found)
        watched = self.watched()
        if watched != self._watched:
            self._watched = watched
            for one in self._attached.values():
                self._tell_watched(one)
        while self._requests:
            self._send(*self._requests.popleft())

    def _shut(self) -> None:
        for one in self._attached.values():
            one.connection.close()
        self._attached.clear()
        super()._shut()

    def _tell_watched(self, attached: Attachment) -> None:
        line = next((key for key in self._watched if key in attached.offsets), None)
        attached.ask({"ask": "watch", "line": line, "hear": self._hears.name.lower()})
        self._wait(attached)

    @property
    def _hears(self) -> Hearing:
        """What its parts want, all together; a process that keeps no audio has none to give."""
        return max((part.hears for part in self._parts), default=Hearing.NOTHING)

    def _send(self, line: str, request: dict[str, Any]) -> None:
        attached, number = self.attachment(line), next(self._numbers)
        if attached is None:
            self._news.append(clean(f"{request['ask']}: its process is gone"))
        elif attached.ask(request | {"id": number, "line": line}):
            self._wait(attached)
        else:
            self._news.append(clean(f"{request['ask']}: its process does not answer"))

    def _wait(self, attached: Attachment) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if attached.write() else 0)
        self.listen(attached.connection, events, partial(self._ready, attached))

    def _ready(self, attached: Attachment, events: int) -> None:
        try:
            if events & selectors.EVENT_READ:
                for came in attached.read():
                    self._take(attached, came)
            self._wait(attached)
        except BlockingIOError:
            return
        except (OSError, StreamError) as error:
            self._lose(attached, error)

    def _take(self, attached: Attachment, came: list[Stamped] | Keyframe | Note) -> None:
        if isinstance(came, list):
            self.give(came)
            if self._watched and any(isinstance(one.frame, Began) for one in came):
                self._tell_watched(attached)
        elif isinstance(came, Keyframe):
            self.each(lambda part: part.adopt(came))
            if came.line in self._watched:
                self._tell_watched(attached)
        elif "answer" in came:
            self._news.append(clean(came.get("text", ""), limit_chars=200))
        elif "lost" in came:
            where = attached.address.name
            self._news.append(
                clean(f"{where}: {came['lost']} facts were lost, this console was too slow")
            )

    def _lose(self, attached: Attachment, error: Exception) -> None:
        """The process went, or speaks nonsense."""
        if isinstance(error, StreamError):
            _log.warning("%s is not understood: %s", attached.address.name, error)
            self._news.append(clean(f"{attached.address.name} is not understood: {error}"))
        self.listen(attached.connection, 0, lambda _events: None)
        attached.connection.close()
        del self._attached[attached.address.path]
        now = self.now()
        ended = [
            Stamped(now, Ended(line=key, at=now - offset, gone=True))
            for key, offset in attached.offsets.items()
        ]
        self.give(ended)
