"""The metrics of one line in its own process: a digester and a fold in one.

`observe` and `snapshot` belong to one thread, the network's, and take no lock: `snapshot` is called
there about ten times a second and its result, which never changes, is handed over as one reference
(`handover.Handover`). So the console may read at any time and costs the network nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trunkline.telemetry.digester import Digester
from trunkline.telemetry.fold import LineFold
from trunkline.telemetry.frames import Began
from trunkline.telemetry.line_view import snapshot_of

if TYPE_CHECKING:
    from trunkline.protocol.observations import Observation
    from trunkline.telemetry.frames import Frame
    from trunkline.telemetry.snapshot import LineSnapshot

__all__ = ["LineMetrics"]

_WINDOW_SECONDS = 60


class LineMetrics:
    """Everything that is counted of one line; constant in size however long it lives.

    `name` and `server` (a host, never a URL with a query) are shown as they are, cleaned. `rate_hz`
    turns samples into time. `started_at` is when the line began; without it the first observation
    says so.
    """

    def __init__(
        self, name: str, rate_hz: int, *, server: str = "", started_at: float | None = None
    ) -> None:
        self._name = name
        self._rate_hz = rate_hz
        self._server = server
        self._fold: LineFold | None = None
        self._digester: Digester | None = None
        if started_at is not None:
            self._begin(started_at)

    def observe(self, observation: Observation) -> None:
        """Take one fact; facts come in the order of `at`."""
        digester = self._digester or self._begin(observation.at)
        digester.observe(observation)

    def snapshot(self, now: float) -> LineSnapshot:
        """What is known at `now`, which is not before the last fact."""
        (self._digester or self._begin(now)).flush(now)
        assert self._fold is not None
        self._fold.settle(math.floor(now))
        return snapshot_of(self._fold, now, _WINDOW_SECONDS)

    def _begin(self, at: float) -> Digester:
        began = Began(
            line=self._name,
            at=at,
            wall_offset=0.0,
            name=self._name,
            server=self._server,
            rate_hz=self._rate_hz,
        )
        self._digester = Digester(began, self._take)
        return self._digester

    def _take(self, frame: Frame) -> None:
        if self._fold is None:
            assert isinstance(frame, Began)
            self._fold = LineFold.begun(frame)
        else:
            self._fold.apply(frame)
