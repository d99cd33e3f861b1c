"""Wishes of the operator for lines of the same process: the demo's console."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from trunkline.errors import TrunklineError
from trunkline.fleet.wishes import Wish
from trunkline.tui.controls import Action

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.fleet.telemetry import Telemetry
    from trunkline.fleet.wishes import Faults
    from trunkline.telemetry.desk import Desk

__all__ = ["OwnControls"]

_OVER = frozenset({"closed", "failed", "gone"})


class OwnControls:
    """Hands wishes over to the lines' event loops; what comes of them is told by `answer`."""

    read_only = False

    def __init__(
        self, desk: Desk, telemetry: Telemetry, faults: Faults, *, leave: Callable[[], None]
    ) -> None:
        self._desk = desk
        self._telemetry = telemetry
        self._faults = faults
        self._leave = leave
        # Appending is one step of the interpreter, so whoever answers needs no lock.
        self._news: deque[str] = deque()

    def allowed(self, key: str) -> frozenset[Action]:
        """Everything, while the line lives."""
        return frozenset(Action) if self._lives(key) else frozenset()

    def act(self, key: str, action: Action) -> None:
        """Hands it over."""
        self._telemetry.wish(Wish(line=key, action=action.value, answer=self._news.append))

    def faults(self, key: str) -> tuple[str, ...]:
        """What the simulator can do, while it runs."""
        return self._faults.names() if self._lives(key) else ()

    def fault(self, key: str, name: str) -> None:
        """Asks the simulator; in a thread, since it waits for the answer."""
        del key
        threading.Thread(target=self._make, args=(name,), daemon=True, name="fault").start()

    def answer(self) -> str | None:
        """News, oldest first."""
        return self._news.popleft() if self._news else None

    def close(self) -> None:
        """Whatever the lines do is over."""
        self._leave()

    def _make(self, name: str) -> None:
        try:
            self._news.append(self._faults.make(name))
        except TrunklineError as error:
            self._news.append(str(error))

    def _lives(self, key: str) -> bool:
        fleet = self._desk.fleet()
        rows = () if fleet is None else fleet.rows
        return any(row.key == key and row.state not in _OVER for row in rows)
