"""What happens to lines, as records of `logging`, written from telemetry's thread."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from trunkline.fleet.part import Part
from trunkline.telemetry.frames import Began, Told
from trunkline.telemetry.log import LogFold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.fleet.block import Stamped
    from trunkline.fleet.breath import Breath

__all__ = ["Logbook"]


class Logbook(Part):
    """Logs what happens to lines: `connect(telemetry=Logbook())`.

    The logger is `trunkline`, unless another is given; levels, handlers and forms are the application's. A handler that
    waits for a disk holds up telemetry's thread and no line. Records have the fields of `telemetry.log.FIELDS`; each
    kind has its share of a minute, the rest is counted. Lines of which nothing is known yet are passed over.
    """

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger("trunkline")
        self._folds: dict[str, LogFold] = {}

    def take(self, stamped: Sequence[Stamped], breath: Breath) -> None:
        """Frames to log."""
        for one in stamped:
            frame = one.frame
            if isinstance(frame, Began) and frame.line not in self._folds:
                self._folds[frame.line] = LogFold(
                    frame.name,
                    frame.rate_hz,
                    logger=self._logger,
                    wall_offset=frame.wall_offset,
                )
            elif isinstance(frame, Told) and frame.line in self._folds:
                self._folds[frame.line].observe(frame.fact)
                breath.take()

    def forget(self, key: str) -> None:
        """A line leaves the fleet."""
        self._folds.pop(key, None)
