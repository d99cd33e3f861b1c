"""Shows the lines of this process to consoles on the same machine, of the same user.

A unix socket of mode 0600, whose name tells the process. Whoever connects is introduced to each line (its folded
state, one packet a line), and gets the stream from there on. Nothing is encoded while nobody looks. A console that
does not read loses what comes, is told how much, and is introduced anew when it reads again: neither a line nor
another console notices. A console may ask for one line to be told closely; wishes are refused unless the publisher
was made controllable.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import selectors
import threading
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from trunkline.errors import StreamError, TrunklineError
from trunkline.fleet import runtime
from trunkline.fleet.block import encoded, pack_block
from trunkline.fleet.breath import Breath
from trunkline.fleet.framing import Kind, pack
from trunkline.fleet.intake import Held
from trunkline.fleet.part import Hearing, Part
from trunkline.fleet.state import FleetState
from trunkline.fleet.visitor import Visitor
from trunkline.fleet.wishes import ACTIONS, Faults, Wish
from trunkline.telemetry.frames import Heard, Inspected
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from pathlib import Path

    from trunkline.fleet.block import Stamped
    from trunkline.fleet.worker import Worker

__all__ = ["Publisher"]

_MOST_VISITORS = 16
_HEARING = {one.name.lower(): one for one in Hearing}
_log = logging.getLogger("trunkline")


class Publisher(Part):
    """Publishes lines on a unix socket: `connect(telemetry=Publisher())`.

    With `controllable`, a console that was allowed to may reconnect, rotate, close, drain and mute lines, and make the
    `faults` of a simulator happen. With `audio`, a console or recorder that asks for it gets what is said on a line,
    too. `directory` is for tests; consoles look in the runtime directory.
    """

    def __init__(
        self,
        *,
        controllable: bool = False,
        faults: Faults | None = None,
        audio: bool = False,
        directory: Path | None = None,
    ) -> None:
        self.controllable = controllable
        self.path: Path | None = None
        """Of the socket, while it publishes."""
        self._audio = audio
        self._faults = faults or Faults()
        self._directory = directory
        self._listener: socket.socket | None = None
        self._visitors: list[Visitor] = []
        self._state = FleetState()
        self._told_faults: tuple[str, ...] = ()
        self._breath = Breath()
        self._answers: deque[tuple[Visitor, Any, Clean]] = deque()

    # The life of the socket.

    def start(self, worker: Worker) -> None:
        """Opens the socket. Raises ConfigError if there is no safe place for one."""
        directory = runtime.open_directory(self._directory)
        for address in runtime.addresses(directory):
            runtime.remove_stale(address)
        self._worker = worker
        self._visitors, self._state = [], FleetState()
        # A console counts the fleet by itself, and from several processes.
        self._state.fold.take_apart()
        self._listener, self.path = runtime.listen(directory, self._worker.name)
        self._worker.listen(self._listener, selectors.EVENT_READ, self._accept)

    def stop(self) -> None:
        """Removes the socket; consoles see that this process went."""
        for visitor in tuple(self._visitors):
            with contextlib.suppress(OSError):
                visitor.write()
            self._dismiss(visitor)
        if self._listener is not None:
            self._worker.listen(self._listener, 0, self._accept)
            self._listener.close()
            self._listener = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            self.path = None

    def looks(self) -> bool:
        """Whether a console is there."""
        return bool(self._visitors)

    def is_patient(self) -> bool:
        """Whether nobody is there to whom anything could be late."""
        return not self._visitors

    def watched(self) -> frozenset[str]:
        """What the consoles look at closely."""
        return frozenset(one.watches for one in self._visitors if one.watches is not None)

    def heard(self, key: str | None) -> bool:
        """Whether a console asked for the audio of a line, and may have it."""
        return self._audio and any(one.hears_line(key) for one in self._visitors)

    def forget(self, key: str) -> None:
        """A line ended a while ago."""
        self._state.forget(key)

    # What lines tell.

    def take(self, stamped: Sequence[Stamped], breath: Breath) -> None:
        """Folds frames, and offers them to whoever is there."""
        for one in stamped:
            self._state.apply(one.frame)
            breath.take()
        if not self._visitors:
            return
        rare = [one for one in stamped if isinstance(one.frame, Inspected | Heard)]
        shared = [one for one in stamped if not isinstance(one.frame, Inspected | Heard)]
        self._offer(shared, self._visitors, breath)
        for key in {one.frame.line for one in rare}:
            of_line = [one for one in rare if one.frame.line == key]
            self._offer_closely(key, of_line, breath)

    def take_late(self, told: Sequence[Stamped | Held], breath: Breath) -> None:
        """Folds frames, and what was held back; nobody is there."""
        for one in told:
            if isinstance(one, Held):
                self._state.apply_batch(one.batch)
            else:
                self._state.apply(one.frame)
            breath.take()

    def _offer_closely(self, key: str, stamped: Sequence[Stamped], breath: Breath) -> None:
        """What only those get who look at the line, or hear it."""
        entries = [one for one in stamped if isinstance(one.frame, Inspected)]
        self._offer(entries, [one for one in self._visitors if one.watches == key], breath)
        listening = [one for one in self._visitors if self._audio and one.hears_line(key)]
        heard = [one for one in stamped if isinstance(one.frame, Heard)]
        if heard and listening:
            at, block = pack_block(encoded(heard, breath))
            packet = pack(Kind.BLOCK, at, block)
            for visitor in listening:
                visitor.offer_spare(packet)

    def tick(self, now: float) -> None:
        """Sends what waits, introduces who is new or was behind, and hands over answers."""
        while self._answers:
            visitor, number, text = self._answers.popleft()
            visitor.send(_note(now, {"answer": number, "text": text}))
        faults = self._fault_names()
        if faults != self._told_faults:
            # A simulator comes and goes.
            self._told_faults = faults
            for visitor in self._visitors:
                visitor.offer(_note(now, {"faults": faults}), 0)
        for visitor in tuple(self._visitors):
            if visitor.is_behind and not visitor.has_waiting:
                lost = visitor.introduce(self._state.known())
                visitor.send(_note(now, {"lost": lost}))
            self._write(visitor)

    def _offer(
        self, stamped: Sequence[Stamped], visitors: Sequence[Visitor], breath: Breath
    ) -> None:
        if not stamped or not visitors:
            return
        at, block = pack_block(encoded(stamped, breath))
        packet = pack(Kind.BLOCK, at, block)
        for visitor in visitors:
            visitor.offer(packet, len(stamped))

    # Who looks.

    def _accept(self, _events: int) -> None:
        assert self._listener is not None
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            if len(self._visitors) >= _MOST_VISITORS:
                connection.close()
                return
            visitor = Visitor(connection)
            self._visitors.append(visitor)
            visitor.send(pack(Kind.INTRODUCTION, time.time(), self._introduction()))
            visitor.introduce(self._state.known())
            self._write(visitor)

    def _introduction(self) -> bytes:
        told = {
            "process": self._worker.name,
            "pid": os.getpid(),
            "controllable": self.controllable,
            "faults": self._fault_names(),
            "audio": self._audio,
        }
        return json.dumps(told).encode()

    def _fault_names(self) -> tuple[str, ...]:
        return self._faults.names() if self.controllable else ()

    def _ready(self, visitor: Visitor, events: int) -> None:
        if events & selectors.EVENT_READ:
            try:
                requests = visitor.read()
            except (OSError, StreamError) as error:
                if isinstance(error, StreamError):
                    _log.info("a console was sent away: %s", error)
                self._dismiss(visitor)
                return
            for request in requests:
                self._serve(visitor, request)
        self._write(visitor)

    def _write(self, visitor: Visitor) -> None:
        try:
            visitor.write()
            while (key := visitor.next_stranger()) is not None:
                if self._state.knows(key):
                    state = self._state.keyframe(key).encode()
                    visitor.send(pack(Kind.KEYFRAME, time.time(), state))
                    visitor.write()
                    self._breath.take()
        except OSError:
            self._dismiss(visitor)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if visitor.has_waiting else 0)
        self._worker.listen(visitor.connection, events, partial(self._ready, visitor))

    def _dismiss(self, visitor: Visitor) -> None:
        if visitor in self._visitors:
            self._visitors.remove(visitor)
            self._worker.listen(visitor.connection, 0, self._accept)
            visitor.connection.close()

    # What they ask for.

    def _serve(self, visitor: Visitor, request: dict[str, Any]) -> None:
        ask, line, number = request.get("ask"), request.get("line"), request.get("id")
        if ask == "watch":
            visitor.watches = line if isinstance(line, str) else None
            visitor.hears = _HEARING.get(str(request.get("hear")), Hearing.NOTHING)
            return
        answer = partial(self._answer, visitor, number)
        if not self.controllable:
            answer(clean("refused: this process takes no wishes"))
        elif ask == "fault":
            self._make_fault(str(request.get("name")), answer)
        elif ask in ACTIONS and isinstance(line, str):
            self._worker.wish(Wish(line, ask, answer))
        else:
            answer(clean(f"refused: {ask!r} is not known here", limit_chars=100))

    def _answer(self, visitor: Visitor, number: Any, text: Clean) -> None:
        """From any thread; told by the next tick."""
        self._answers.append((visitor, number, text))

    def _make_fault(self, name: str, answer: Any) -> None:
        def make() -> None:
            try:
                answer(clean(self._faults.make(name), limit_chars=200))
            except TrunklineError as error:
                answer(clean(error, limit_chars=200))

        # It may wait for a server's answer.
        threading.Thread(target=make, name="fault", daemon=True).start()


def _note(at: float, told: dict[str, Any]) -> bytes:
    return pack(Kind.NOTE, at, json.dumps(told).encode())
