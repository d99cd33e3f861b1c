"""A fold in a worker's thread, and the newest snapshots by reference: what a console's screens read."""

from __future__ import annotations

import threading
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from trunkline.errors import ConfigError
from trunkline.fleet.block import Stamped
from trunkline.fleet.part import Hearing, Part
from trunkline.fleet.state import FleetState
from trunkline.telemetry.frames import Heard, Marked
from trunkline.telemetry.levels import THRESHOLDS
from trunkline.telemetry.sound import SoundKeep
from trunkline.telemetry.views import Mark
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trunkline.fleet.breath import Breath
    from trunkline.fleet.state import Cut, Keyframe
    from trunkline.fleet.worker import Worker
    from trunkline.telemetry.desk import Playback
    from trunkline.telemetry.entry import Entry
    from trunkline.telemetry.fleet_snapshot import FleetSnapshot
    from trunkline.telemetry.levels import Threshold
    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.telemetry.sound import Sound

__all__ = ["FoldingDesk"]

# Rows are drawn twice a second, meters ten times.
_FLEET_SECONDS = 0.5
_LONGEST_NOTE = 120


class FoldingDesk(Part):
    """A `telemetry.desk.Desk`: its methods that screens call return at once, and the thread does the rest.

    As a part of telemetry it shows the lines of its own process; `FleetDesk` shows those of others. Whose audio it
    `hears` is nobody's unless it is told to keep it. Lines are judged by these thresholds (`telemetry.thresholds`).
    """

    def __init__(
        self,
        *,
        hears: Hearing = Hearing.NOTHING,
        thresholds: Mapping[str, Threshold] = THRESHOLDS,
    ) -> None:
        self.hears = hears
        self._thresholds = thresholds
        self._state = FleetState(thresholds)
        self._sounds = SoundKeep()
        self._sounds_lock = threading.Lock()
        """Held for as long as one piece is put, or one turn put together."""
        self._seen: tuple[str | None, LineSnapshot | None, Sequence[Entry]] = (None, None, ())
        self._fleet: FleetSnapshot | None = None
        self._finished: Clean | None = None
        self._wanted: str | None = None
        self._orders: deque[Callable[[], None]] = deque()
        self._worker: Worker | None = None
        self._fleet_due = 0.0
        self._now = 0.0
        self._marks = 0
        self._window_s: int | None = None

    # What screens call, on the main thread.

    @property
    def playback(self) -> Playback | None:
        """Lines are live."""
        return None

    def fleet(self) -> FleetSnapshot | None:
        """The newest of all lines."""
        return self._fleet

    def watch(self, key: str | None) -> None:
        """The details of this line are wanted from now on."""
        if key != self._wanted:
            self._wanted = key
            self._order(self._follow)

    def line(self) -> LineSnapshot | None:
        """The newest of the watched line."""
        key, snapshot, _ = self._seen
        return snapshot if key == self._wanted else None

    def entries(self) -> Sequence[Entry]:
        """The inspector's lines of the watched line."""
        key, _, entries = self._seen
        return entries if key == self._wanted else ()

    def turns_heard(self, key: str) -> tuple[int, ...]:
        """Of which turns of a line there is sound, oldest first."""
        with self._sounds_lock:
            return self._sounds.turns(key)

    def sound(self, key: str, turn: int) -> Sound | None:
        """What was said in a turn of a line; None if there is no sound of it."""
        with self._sounds_lock:
            return self._sounds.sound(key, turn)

    def window(self, seconds: int) -> None:
        """Percentiles and shares are wanted over this time from now on."""
        self._order(partial(self._fold_window, seconds))

    def mark(self, key: str, note: str) -> None:
        """An operator marks this moment of a line."""
        self._order(partial(self._mark, key, clean(note, limit_chars=_LONGEST_NOTE)))

    def finished(self) -> Clean | None:
        """How the run ended, if it did."""
        return self._finished

    def finish(self, word: str) -> None:
        """Says how the run ended; from any thread."""
        self._order(partial(self._finish, clean(word, limit_chars=200)))

    def join(self, part: Part) -> None:
        """Another part gets what this desk knows, and all that it gets. Raises TrunklineError if it cannot begin."""
        if self._worker is None:
            raise ConfigError("recording", "nothing is shown yet")
        part.start(self._worker)
        self._order(partial(self._add, part))

    def leave(self, part: Part) -> None:
        """It ends."""
        self._order(partial(self._remove, part))

    # The worker's thread.

    def start(self, worker: Worker) -> None:
        """Begins, with nothing known."""
        self._worker = worker
        self.rewind()

    def rewind(self) -> None:
        """Forgets all lines."""
        self._state = FleetState(self._thresholds)
        with self._sounds_lock:
            self._sounds.clear()
        self._follow()
        if self._window_s is not None:
            self._state.fold.window(self._window_s)
        self.refresh()

    def adopt(self, keyframe: Keyframe) -> None:
        """A line's state by somebody who has followed it."""
        self._state.adopt(keyframe)

    def resume(self, cut: Cut) -> None:
        """The state of a fleet but for its lines."""
        self._state.resume(cut)

    def take(self, stamped: Sequence[Stamped], breath: Breath) -> None:
        """Folds frames."""
        for one in stamped:
            if isinstance(one.frame, Heard):
                self.hear(one.frame)
            else:
                self._state.apply(one.frame)
            breath.take()

    def hear(self, piece: Heard) -> None:
        """Keeps audio, if it is wanted here."""
        if self.hears is not Hearing.NOTHING:
            with self._sounds_lock:
                self._sounds.take(piece)

    def forget(self, key: str) -> None:
        """A line leaves the fleet."""
        self._state.forget(key)
        with self._sounds_lock:
            self._sounds.forget(key)

    def looks(self) -> bool:
        """A screen always looks."""
        return True

    def watched(self) -> frozenset[str]:
        """The line whose details are wanted."""
        return frozenset() if self._wanted is None else frozenset({self._wanted})

    def tick(self, now: float) -> None:
        """Does what was asked for, and hands over snapshots: of the watched line each time, of all twice a second."""
        self._now = now
        while self._orders:
            self._orders.popleft()()
        self.show(now)

    def show(self, now: float, *, at_once: bool = False) -> None:
        """Makes the snapshots that are due, or all."""
        key = self._wanted
        fold = self._state.fold
        if key is not None and self._state.knows(key):
            self._seen = (key, fold.line(key, now), fold.entries(key))
        tick = time.monotonic()
        if at_once or tick >= self._fleet_due:
            self._fleet_due = tick + _FLEET_SECONDS
            self._fleet = fold.snapshot(now)

    def refresh(self) -> None:
        """The next turn shows all lines, however short ago it did."""
        self._fleet_due = 0.0

    def _order(self, call: Callable[[], Any]) -> None:
        self._orders.append(call)
        if self._worker is not None:
            self._worker.wake()

    def _add(self, part: Part) -> None:
        if self._worker is not None:
            for key in self._state.known():
                part.adopt(self._state.keyframe(key))
            self._worker.add(part)

    def _remove(self, part: Part) -> None:
        if self._worker is not None:
            self._worker.remove(part)

    def _follow(self) -> None:
        self._state.fold.watch(self._wanted)

    def _fold_window(self, seconds: int) -> None:
        self._window_s = seconds
        self._state.fold.window(seconds)
        self._fleet_due = 0.0

    def _finish(self, word: Clean) -> None:
        self.show(self._now, at_once=True)
        self._finished = word

    def _mark(self, key: str, note: Clean) -> None:
        if self._state.knows(key) and self._worker is not None:
            self._marks += 1
            at = self._state.line_time(key, self._now)
            frame = Marked(line=key, mark=Mark(at=at, number=self._marks, note=note))
            self._worker.give([Stamped(self._now, frame)])
