"""What an operator may let the simulator do to a line of the demo, by the words of a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.errors import TrunklineError
from trunkline.fleet.wishes import Faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.cli.simulated_server import SimulatedServer

__all__ = ["FAULTS", "FaultRefused", "SimulatorFaults"]

FAULTS: dict[str, dict[str, Any]] = {
    "reset the connection (RST)": {"action": "rst"},
    "close 1011, internal error": {"action": "close", "code": 1011, "reason": "internal error"},
    "close 1013, try again later": {"action": "close", "code": 1013, "reason": "try again later"},
    "end TCP without a close frame": {"action": "fin"},
    "stall for 2 s": {"action": "stall", "seconds": 2.0},
    "go silent for good (half-open)": {"action": "half_open"},
    "read at 20 kB/s for 10 s": {
        "action": "slow_read",
        "bytes_per_second": 20_000,
        "seconds": 10.0,
    },
    "send an error event": {"action": "error"},
    "fail the next response": {"action": "fail_response"},
    "fail the next transcription": {"action": "fail_transcription"},
    "send an event that nobody knows": {"action": "unknown"},
}
"""The simulator's own form of each."""


class FaultRefused(TrunklineError):
    """The simulator did not take an order."""


class SimulatorFaults(Faults):
    """Those of a simulator that may have ended: then there are none."""

    def __init__(self, server: Callable[[], SimulatedServer | None]) -> None:
        self._server = server

    def names(self) -> tuple[str, ...]:
        """As the menu shows them."""
        return () if self._server() is None else tuple(FAULTS)

    def make(self, name: str) -> str:
        """Orders it and waits for the simulator's word. Raises FaultRefused."""
        server = self._server()
        if server is None or name not in FAULTS:
            raise FaultRefused("the simulator has ended" if server is None else f"no fault {name}")
        try:
            server.break_link(FAULTS[name])
        except OSError as error:
            raise FaultRefused(f"the simulator did not take it: {error}") from error
        return f"the simulator: {name}"
