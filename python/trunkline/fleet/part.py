"""A use of what lines tell: publishing, recording, showing. A `Worker` runs any number of them in one thread."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from trunkline.fleet.intake import one_by_one

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Sequence

    from trunkline.fleet.block import Stamped
    from trunkline.fleet.breath import Breath
    from trunkline.fleet.intake import Held
    from trunkline.fleet.state import Cut, Keyframe
    from trunkline.fleet.telemetry import Telemetry
    from trunkline.fleet.worker import Worker
    from trunkline.protocol.observations import Observation

__all__ = ["Hearing", "Part"]


class Hearing(IntEnum):
    """Whose audio is wanted."""

    NOTHING = 0
    WATCHED = 1
    """That of the lines that are watched."""
    ALL = 2


class Part:
    """The base of them: does nothing.

    One part alone is telemetry enough: `connect(telemetry=Publisher())`. What comes below `start` is called by the
    worker's thread; a part that raises is logged, and asked no more.
    """

    controllable = False
    """Whether it carries an operator's wishes to the lines."""

    inspects = False
    """Whether the messages of all lines are wanted one by one, and not only those of lines that are watched."""

    hears = Hearing.NOTHING
    """Whose audio is wanted; off unless somebody was told to keep it, since it is what people said."""

    _telemetry: Telemetry | None = None

    @property
    def telemetry(self) -> Telemetry:
        """Telemetry of its own, for a part that was given to a line as it is."""
        if self._telemetry is None:
            from trunkline.fleet.telemetry import Telemetry  # noqa: PLC0415 - each names the other

            self._telemetry = Telemetry(self)
        return self._telemetry

    def attach(
        self, line: object, loop: AbstractEventLoop, *, name: str, server: str, rate_hz: int
    ) -> Callable[[Observation], None]:
        """What `connect(telemetry=…)` calls when the line is entered: gives the observer of its facts."""
        return self.telemetry.attach(line, loop, name=name, server=server, rate_hz=rate_hz)

    def close(self) -> None:
        """Ends telemetry of its own, if it has it."""
        if self._telemetry is not None:
            self._telemetry.close()

    def start(self, worker: Worker) -> None:
        """Begins, before there is a thread. Raises TrunklineError if it cannot."""

    def adopt(self, keyframe: Keyframe) -> None:
        """The state of a line that was followed elsewhere, in place of what was known of it."""

    def resume(self, cut: Cut) -> None:
        """The state of a fleet but for its lines, which are adopted next: a recording is entered there."""

    def take(self, stamped: Sequence[Stamped], breath: Breath) -> None:
        """Frames of the lines, in the order in which they came; takes breath between them."""

    def forget(self, key: str) -> None:
        """A line leaves the fleet."""

    def tick(self, now: float) -> None:
        """Time passed: every half second, or ten times a second while somebody looks. Unix seconds."""

    def looks(self) -> bool:
        """Whether somebody looks right now, so that each tenth of a second matters."""
        return False

    def is_patient(self) -> bool:
        """Whether frames may come to it some seconds late, and those of seconds that are alike as one batch."""
        return False

    def take_late(self, told: Sequence[Stamped | Held], breath: Breath) -> None:
        """The same as `take` for a part that is patient; only where all of a worker's are."""
        self.take(list(one_by_one(told)), breath)

    def measures(self) -> bool:
        """Whether lines shall tell what costs something to know (`Line.measure`)."""
        return self.looks()

    def watched(self) -> frozenset[str]:
        """Keys of the lines that somebody looks at closely."""
        return frozenset()

    def heard(self, key: str | None) -> bool:
        """Whether the audio of a line is wanted; None is one that is new."""
        return self.hears is Hearing.ALL or (
            self.hears is Hearing.WATCHED and key in self.watched()
        )

    def stop(self) -> None:
        """The worker ends, or asks this part no more; called once for each start."""
