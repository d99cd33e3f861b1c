"""Whoever waits for a rotation: learns how it ended from the same facts as everybody else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trunkline.errors import RotationAbandoned
from trunkline.protocol.observations import Rotated, RotationFailed

if TYPE_CHECKING:
    from trunkline.protocol.observations import Observation

__all__ = ["Rotations"]


class Rotations:
    """The waiting of one line; an observer of it."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[Rotated]] = []

    def wait(self) -> asyncio.Future[Rotated]:
        """Done when the rotation that was asked for is; need not be awaited."""
        future: asyncio.Future[Rotated] = asyncio.get_running_loop().create_future()
        # Whoever does not wait for it wants no warning about it either.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._waiting.append(future)
        return future

    def observe(self, observation: Observation) -> None:
        """Take one fact."""
        if isinstance(observation, Rotated):
            for future in self._take():
                future.set_result(observation)
        elif isinstance(observation, RotationFailed) and observation.final:
            for future in self._take():
                error = RotationAbandoned(
                    observation.cause, observation.advice, observation.closure
                )
                future.set_exception(error)

    def _take(self) -> list[asyncio.Future[Rotated]]:
        waiting, self._waiting = self._waiting, []
        return [future for future in waiting if not future.done()]
