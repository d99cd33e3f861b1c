"""What the exporters of metrics have in common: a fold in telemetry's thread, and readings of it for other threads.

A server of metrics asks a few times a minute, so a reading is made when somebody asks, and by the thread that folds:
nothing is locked, and a line's event loop is not part of it.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from trunkline.fleet.part import Part
from trunkline.fleet.state import FleetState
from trunkline.telemetry.figures import Figures, build_info
from trunkline.telemetry.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.fleet.block import Stamped
    from trunkline.fleet.breath import Breath
    from trunkline.fleet.state import Keyframe
    from trunkline.fleet.worker import Worker
    from trunkline.telemetry.frames import Frame
    from trunkline.telemetry.totals import Listener

__all__ = ["Exporter"]

# Whoever scrapes gives up after ten seconds; telemetry's thread answers in milliseconds, or is stuck.
_PATIENCE_SECONDS = 3.0
_log = logging.getLogger("trunkline")


class _Wish:
    """Somebody waits for a reading."""

    def __init__(self) -> None:
        self.is_granted = threading.Event()
        self.reading: Reading | None = None


class Exporter(Part):
    """The base of them; one serves all lines of its telemetry, and counts over the life of the process.

    `measure` has the lines tell what costs something to know: lateness, levels, the loop's lag, turn gaps
    (`Line.measure`). `names` makes the names of lines a label, for at most 100 of them. `listener` hears of each amount
    as it is counted, in telemetry's thread.
    """

    def __init__(
        self, *, measure: bool = True, names: bool = False, listener: Listener | None = None
    ) -> None:
        self._measure = measure
        self._worker: Worker | None = None
        self._wishes: deque[_Wish] = deque()
        self._last = Reading()
        self._misread = 0
        self._pid = os.getpid()
        self.is_forked = False
        """Whether it was begun anew in the child of a fork."""
        self._begin = partial(Figures, names=names, listener=listener, build=build_info())
        self._state = FleetState()
        self._figures = self._begin(self._state.fold)

    def reading(self) -> Reading:
        """The values of now, from any thread but telemetry's own; once telemetry has ended the last ones.

        Waits for telemetry's thread, some milliseconds. Raises TimeoutError if it does not answer in 3 s.
        """
        worker, wish = self._worker, _Wish()
        if worker is None:
            return self._last
        self._wishes.append(wish)
        worker.wake()
        if self._worker is None:
            # It ended between the two, and may not have seen the wish.
            return self._last
        if not wish.is_granted.wait(_PATIENCE_SECONDS) or wish.reading is None:
            raise TimeoutError(f"telemetry's thread did not answer in {_PATIENCE_SECONDS:g} s")
        return wish.reading

    def start(self, worker: Worker) -> None:
        """Begins; what was counted before goes on, unless another process did: its lines are its own."""
        self.is_forked, self._pid = self._pid != os.getpid(), os.getpid()
        if self.is_forked:
            self._wishes, self._last, self._state = deque(), Reading(), FleetState()
            self._figures = self._begin(self._state.fold)
        self._worker = worker

    def measures(self) -> bool:
        """Whether lines tell what costs something to know."""
        return self._measure

    def adopt(self, keyframe: Keyframe) -> None:
        """A line that another process tells of; it is counted from now on."""
        self._state.adopt(keyframe)
        self._figures.adopt(keyframe.line, time.time())

    def take(self, stamped: Sequence[Stamped], breath: Breath) -> None:
        """Counts frames."""
        for one in stamped:
            self.follow(one.frame)
            breath.take()

    def follow(self, frame: Frame) -> None:
        """Counts one frame; one that makes no sense is passed over."""
        self._state.apply(frame)
        try:
            self._figures.take(frame)
            self.followed(frame)
        except Exception:  # noqa: BLE001 - it may be of another process and another version: its line alone suffers
            self._misread += 1
            if self._misread == 1:
                _log.exception("a frame could not be counted; more like it are not logged")

    def followed(self, frame: Frame) -> None:
        """A frame that was folded and counted; for who derives."""

    def forget(self, key: str) -> None:
        """A line leaves the fleet; what it added stays."""
        self._state.forget(key)
        self._figures.forget(key)

    def tick(self, now: float) -> None:
        """Makes a reading, if somebody waits for one."""
        if self._wishes:
            self._last = self._figures.reading(now)
            self._grant(self._last)
        else:
            self._figures.pass_time(now)

    def stop(self) -> None:
        """Ends; the last values stay to be read."""
        self._last = self._figures.reading(time.time())
        self._worker = None
        self._grant(self._last)

    def _grant(self, reading: Reading) -> None:
        while self._wishes:
            wish = self._wishes.popleft()
            wish.reading = reading
            wish.is_granted.set()
