"""The demo in the console: the call in a thread of its own, the screen on the main one.

The screen must not share the network's event loop (a table of 1000 rows made a 20 ms pacer 134 ms late), and it
must own the main thread, where signals are. The two share one reference: the newest snapshot.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from trunkline.cli.fault_menu import FAULTS
from trunkline.cli.rehearsal import RATE_HZ, Rehearsal, Result
from trunkline.cli.solo import SoloDesk
from trunkline.telemetry.metrics import LineMetrics
from trunkline.tui.app import run_console
from trunkline.tui.controls import Action

if TYPE_CHECKING:
    from trunkline.protocol.observations import Observation

__all__ = ["show"]

_SNAPSHOT_SECONDS = 0.1
# How long the network's thread may wait for the interpreter while the screen is drawn: with the usual 5 ms a pacer of
# 20 ms was 29 ms late at p99, with this 1.3 ms.
_SWITCH_SECONDS = 0.0005


class _Controls:
    """What the operator may do during the demo: end it, and let the simulator break things."""

    read_only = False

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal
        self._news: deque[str] = deque()

    def allowed(self, key: str) -> frozenset[Action]:
        """The demo's call can be ended."""
        del key
        return frozenset({Action.CLOSE}) if self._rehearsal.server is not None else frozenset()

    def act(self, key: str, action: Action) -> None:
        """Ends the call."""
        del key, action
        self._rehearsal.stop()

    def faults(self, key: str) -> tuple[str, ...]:
        """What the simulator can do, while it runs."""
        del key
        return tuple(FAULTS) if self._rehearsal.server is not None else ()

    def fault(self, key: str, name: str) -> None:
        """Asks the simulator; in a thread, since it waits for the answer."""
        del key
        threading.Thread(target=self._ask, args=(name,), daemon=True).start()

    def answer(self) -> str | None:
        """What the simulator said."""
        return self._news.popleft() if self._news else None

    def close(self) -> None:
        """Ends the call early."""
        self._rehearsal.stop()

    def _ask(self, name: str) -> None:
        server = self._rehearsal.server
        if server is None:
            self._news.append("the simulator has ended")
            return
        try:
            server.break_link(FAULTS[name])
        except OSError as error:
            self._news.append(f"the simulator refused: {error}")


class _Publisher:
    """Folds observations and hands over a snapshot ten times a second."""

    def __init__(self, desk: SoloDesk, metrics: LineMetrics) -> None:
        self._desk = desk
        self._metrics = metrics
        self._next_at = 0.0

    def observe(self, observation: Observation) -> None:
        """Takes one fact; a live line brings many of them a second, so no timer is needed."""
        self._metrics.observe(observation)
        now = time.monotonic()
        if now >= self._next_at:
            self._next_at = now + _SNAPSHOT_SECONDS
            self._desk.publish(self._metrics.snapshot(now), time.time())


def show(rehearsal: Rehearsal) -> Result:
    """Runs the demo under the console until the operator leaves; gives what came of it."""
    desk = SoloDesk()
    publisher = _Publisher(desk, LineMetrics("demo", RATE_HZ, server="simulator"))
    results: list[Result] = []
    errors: list[BaseException] = []

    def perform() -> None:
        try:
            results.append(rehearsal.run((publisher.observe,)))
            desk.finish(_last_word(results[0]))
        except BaseException as error:  # noqa: BLE001 - a thread's root: it is raised again below
            errors.append(error)
            desk.finish(f"failed: {error}")

    thread = threading.Thread(target=perform, name="network")
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        thread.start()
        run_console(desk, _Controls(rehearsal), title="demo")
        if not results:
            rehearsal.stop()
        thread.join()
    finally:
        sys.setswitchinterval(interval)
    if errors:
        raise errors[0]
    return results[0]


def _last_word(result: Result) -> str:
    turns = f"{result.outcome.answered} of {result.outcome.turns} turns answered"
    return f"{turns}, {'no audio lost' if result.ok else result.complaint()}"
