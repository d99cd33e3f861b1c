"""The demo in the console: the call in a thread of its own, the screen on the main one.

The screen must not share the network's event loop (a table of 1000 rows made a 20 ms pacer 134 ms late), and it
must own the main thread, where signals are. The two share one reference: the newest snapshot.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from trunkline.cli.rehearsal import RATE_HZ, Rehearsal, Result
from trunkline.telemetry.handover import Handover
from trunkline.telemetry.metrics import LineMetrics
from trunkline.tui.app import run_console

if TYPE_CHECKING:
    from trunkline.protocol.observations import Observation

__all__ = ["show"]

_SNAPSHOT_SECONDS = 0.1


class _Controls:
    """What the operator may do during the demo."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal

    @property
    def can_break(self) -> bool:
        """Whether there is a simulator to ask."""
        return self._rehearsal.server is not None

    def break_link(self) -> None:
        """Asks the simulator to reset the link; a thread, since it waits for the answer."""
        server = self._rehearsal.server
        if server is not None:
            threading.Thread(target=server.break_link, daemon=True).start()

    def close(self) -> None:
        """Ends the call early."""
        self._rehearsal.stop()


class _Publisher:
    """Folds observations and hands over a snapshot ten times a second."""

    def __init__(self, handover: Handover, metrics: LineMetrics) -> None:
        self._handover = handover
        self._metrics = metrics
        self._next_at = 0.0

    def observe(self, observation: Observation) -> None:
        """Takes one fact; a live line brings many of them a second, so no timer is needed."""
        self._metrics.observe(observation)
        now = time.monotonic()
        if now >= self._next_at:
            self._next_at = now + _SNAPSHOT_SECONDS
            self._handover.publish(self._metrics.snapshot(now))


def show(rehearsal: Rehearsal) -> Result:
    """Runs the demo under the console until the operator leaves; gives what came of it."""
    handover = Handover()
    publisher = _Publisher(handover, LineMetrics("demo", RATE_HZ, server="simulator"))
    results: list[Result] = []
    errors: list[BaseException] = []

    def perform() -> None:
        try:
            results.append(rehearsal.run((publisher.observe,)))
            handover.finish(_last_word(results[0]))
        except BaseException as error:  # noqa: BLE001 - a thread's root: it is raised again below
            errors.append(error)
            handover.finish(f"failed: {error}")

    thread = threading.Thread(target=perform, name="network")
    thread.start()
    run_console(handover, _Controls(rehearsal), title="demo")
    if not results:
        rehearsal.stop()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _last_word(result: Result) -> str:
    turns = f"{result.outcome.answered} of {result.outcome.turns} turns answered"
    return f"{turns}, {'no audio lost' if result.ok else result.complaint()}"
