"""What the demo's console lets the simulator do to a line, each with the words of the menu."""

from __future__ import annotations

from typing import Any

__all__ = ["FAULTS"]

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
"""By the words of the menu, the simulator's own form of it."""
