"""What watches the lines of this process from beside them.

The event loop of a line makes frames of its facts (`fleet.tap`) and appends them to a queue; the thread takes them from
there twice a second, ten times if somebody looks, and more often if there are many. Nothing here can hold a line up or
make it fail.
"""

from __future__ import annotations

import atexit
import logging
import math
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.errors import TrunklineError
from trunkline.fleet.block import Stamped
from trunkline.fleet.intake import Intake, one_by_one
from trunkline.fleet.tap import Look, Tap
from trunkline.fleet.worker import Worker
from trunkline.text import clean

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Sequence

    from trunkline.fleet.intake import Held
    from trunkline.fleet.part import Part
    from trunkline.fleet.wishes import Wish
    from trunkline.protocol.observations import Observation

__all__ = ["Telemetry"]

# Frames that wait are objects which the garbage collector goes through, and the sooner the more there are of them: half
# a second of 600 lines made it stop the process for 24 ms. So many at once are taken often, where they are dropped.
_CROWD = 20
_CROWDED_SECONDS = 0.05
_log = logging.getLogger("trunkline")


class Telemetry(Worker):
    """Runs its parts for all lines that it is given to.

    `connect(telemetry=Telemetry(Publisher(), Recorder("call.tlrec")))`; one part alone needs no Telemetry around it.
    Serves any number of lines, in any number of event loops, and the child after a fork anew. It ends with the process,
    or by `close`.
    """

    def __init__(self, *parts: Part, name: str | None = None) -> None:
        super().__init__(*parts, thread="trunkline telemetry")
        self.name = clean(name or _own_name(), limit_chars=32)
        """Of the process, for people."""
        self._intake = Intake()
        self._taps: dict[str, Tap] = {}
        self._looks_at = 0.0
        self._is_crowded = False
        self._pid = os.getpid()

    def start(self) -> None:
        """Begins; `attach` would, too, but logs what goes wrong. Raises TrunklineError if a part cannot begin."""
        if self._pid != os.getpid():
            # A fork: the thread, its sockets and its lines are the parent's.
            self._pid, self._thread, self._lock = os.getpid(), None, threading.Lock()
            self._intake, self._taps = Intake(), {}
        if self._thread is None:
            super().start()
            atexit.register(self.close)

    def close(self) -> None:
        """Ends: what came is still taken care of, for two seconds at most; a second call does nothing."""
        if self._pid == os.getpid():
            atexit.unregister(self.close)
            super().close()

    def attach(
        self, line: object, loop: AbstractEventLoop, *, name: str, server: str, rate_hz: int
    ) -> Callable[[Observation], None]:
        """The observer of a line that is being entered, for the line's event loop."""
        try:
            self.start()
        except (TrunklineError, OSError) as error:
            _log.warning("telemetry does not run: %s", error)
            return _ignore
        tap = Tap(
            line,
            loop,
            intake=self._intake,
            name=name,
            server=server,
            rate_hz=rate_hz,
            process=f"{self.name} {os.getpid()}",
            controllable=self.is_controllable(),
            look=self._look(),
        )
        self._taps[tap.key] = tap
        return tap

    def wish(self, wish: Wish) -> None:
        """Carries a wish to the event loop of its line; from any thread."""
        tap = self._taps.get(wish.line)
        if tap is None or not tap.wish(wish):
            wish.answer(clean(f"{wish.action}: the line is over"))

    def pause(self) -> float:
        """Short while lines tell much."""
        return min(super().pause(), _CROWDED_SECONDS if self._is_crowded else math.inf)

    def gather(self) -> None:
        """Takes what the lines have told."""
        now = time.monotonic()
        if now >= self._looks_at or not self._is_crowded:
            self._looks_at = now + super().pause()
            self._look_at_lines()
        if lost := self._intake.lost():
            _log.warning("telemetry lost %d facts: what takes care of them was held up", lost)
        told = self._intake.take()
        was_crowded, self._is_crowded = self._is_crowded, len(told) >= _CROWD
        # Once may be half a second of a few lines; twice in a row is a crowd.
        self._breath.gather(is_crowded=was_crowded and self._is_crowded)
        if self._is_patient():
            self._give_late(told)
        else:
            self.give([*one_by_one(told)])

    def _give_late(self, told: Sequence[Stamped | Held]) -> None:
        """Hands on what was held back as it is."""
        now = self.now()
        for one in told:
            if isinstance(one, Stamped):
                self._departures.note(one.frame, now)
        self.each(lambda part: part.take_late(told, self._breath))

    def _is_patient(self) -> bool:
        """Whether what lines tell may come some seconds late."""
        return all(part.is_patient() for part in self._parts)

    def _look_at_lines(self) -> None:
        closely, look = self.watched(), self._look()
        for key, tap in tuple(self._taps.items()):
            tap.look(self._look(key) if key in closely else look)
            tap.nudge()
            self._breath.take()
            if tap.is_over():
                del self._taps[key]

    def _look(self, key: str | None = None) -> Look:
        """How closely all parts together want to see a line; None is one that is new."""
        watched = any(key in part.watched() for part in self._parts)
        return Look(
            looked=any(part.looks() for part in self._parts),
            measured=any(part.measures() for part in self._parts),
            inspected=watched or any(part.inspects for part in self._parts),
            watched=watched,
            heard=any(part.heard(key) for part in self._parts),
            held=self._is_patient(),
        )


def _ignore(_fact: Observation) -> None:
    """Observes a line for nobody."""


def _own_name() -> str:
    name = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] else ""
    return "python" if name in ("", "-c", "-") else name
