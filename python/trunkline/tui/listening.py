"""What an operator listens to: one turn at a time, in a thread beside the screens."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from trunkline.errors import TrunklineError
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Listening", "Play"]


class Play(Protocol):
    """Something to listen with; whoever runs the console gives it."""

    def __call__(self, pcm: bytes, rate_hz: int) -> None:
        """Plays two channels of little-endian int16, and comes back at the end or soon after `stop`.

        Raises MediaError if there is nothing to play it on.
        """

    def stop(self) -> None:
        """Ends what plays; from any thread."""


class Listening:
    """Begins and ends it; at most one thing plays."""

    def __init__(self, play: Play | None = None) -> None:
        self._play = play
        self._thread: threading.Thread | None = None

    @property
    def is_on(self) -> bool:
        """Whether something plays."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, pcm: bytes, rate_hz: int, *, failed: Callable[[str], None]) -> None:
        """Plays two channels of int16; `failed` gets why it could not, in the thread that plays.

        ValueError says that there is no player.
        """
        play = self._play
        if play is None:
            raise ValueError("there is nothing to listen with here; w writes a file")

        def perform() -> None:
            try:
                play(pcm, rate_hz)
            except TrunklineError as error:
                failed(str(error))
            except Exception as error:  # noqa: BLE001 - a thread's root, over a foreign library and a driver
                failed(clean(f"{type(error).__name__}: {error}", limit_chars=200))

        self.end()
        # A daemon: what hangs in a driver must not hold up the console's end.
        self._thread = threading.Thread(target=perform, name="listening", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Ends what plays; without anything that does, nothing."""
        if self._play is not None and self.is_on:
            self._play.stop()
