"""The desk of a recording: the same screens as for live lines, with a playback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from trunkline.fleet.desk import FoldingDesk
from trunkline.fleet.part import Hearing
from trunkline.fleet.recording import Recording
from trunkline.fleet.reel import Reel
from trunkline.telemetry.levels import THRESHOLDS
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from types import TracebackType

    from trunkline.telemetry.levels import Threshold

__all__ = ["Player"]


class Player(FoldingDesk):
    """Plays a recording while it is entered.

    Raises StreamError if the file is no recording, of another version, or empty; OSError as open() does.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        speed: float = 1.0,
        thresholds: Mapping[str, Threshold] = THRESHOLDS,
    ) -> None:
        # What is recorded was allowed to be heard then.
        super().__init__(hears=Hearing.ALL, thresholds=thresholds)
        self.recording = Recording(path)
        self._reel = Reel(
            self.recording, self, rewind=self.rewind, arrived=self.refresh, speed=speed
        )

    def __enter__(self) -> Self:
        self._reel.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._reel.close()
        self.recording.close()

    @property
    def playback(self) -> Reel:
        """Where it is, and how it is told to go on."""
        return self._reel

    def finished(self) -> Clean | None:
        """That it is at its end, and where it could not be read."""
        damage = self._reel.damage
        if not self._reel.has_ended:
            return None
        if damage is None:
            return Clean("end of the recording")
        return clean(f"end of the recording, which {damage.words()}")
