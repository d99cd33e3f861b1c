"""The demo in the console: the call in a thread of its own, the screen on the main one.

The screen must not share the network's event loop (a table of 1000 rows made a 20 ms pacer 134 ms late), and it
must own the main thread, where signals are. Telemetry folds in a third thread; what passes between them are references
to snapshots that never change.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from trunkline.cli.own_controls import OwnControls
from trunkline.cli.switching import switching_quickly
from trunkline.devices.speaker import Speaker
from trunkline.tui.app import run_console

if TYPE_CHECKING:
    from trunkline.cli.rehearsal import Rehearsal, Result
    from trunkline.fleet.desk import FoldingDesk
    from trunkline.fleet.telemetry import Telemetry
    from trunkline.fleet.wishes import Faults
    from trunkline.tui.recording import Recording

__all__ = ["show"]


def show(
    rehearsal: Rehearsal,
    desk: FoldingDesk,
    telemetry: Telemetry,
    faults: Faults,
    *,
    recording: Recording | None = None,
    theme: str | None = None,
    ascii_only: bool = False,
) -> Result:
    """Runs the demo under the console until the operator leaves; gives what came of it."""
    results: list[Result] = []
    errors: list[BaseException] = []

    def perform() -> None:
        try:
            results.append(rehearsal.run())
            desk.finish(_last_word(results[0]))
        except BaseException as error:  # noqa: BLE001 - a thread's root: it is raised again below
            errors.append(error)
            desk.finish(f"failed: {error}")

    thread = threading.Thread(target=perform, name="network")
    with switching_quickly():
        thread.start()
        controls = OwnControls(desk, telemetry, faults, leave=rehearsal.stop)
        run_console(
            desk,
            controls,
            title="demo",
            theme=theme,
            ascii_only=ascii_only,
            recording=recording,
            play=Speaker(),
        )
        if not results:
            rehearsal.stop()
        thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _last_word(result: Result) -> str:
    turns = f"{result.outcome.answered} of {result.outcome.turns} turns answered"
    return f"{turns}, {'no audio lost' if result.ok else result.complaint()}"
