"""A second, independent reading of the API: a server for tests, with audio, VAD and faults.

    async with SimulatorServer() as server:
        ...  # connect any client of the API to server.base_url with the key "sk-test"
        server.sessions[0].items  # what it was told

The names are loaded when they are first used: numpy and aiohttp take longer to import than most
tests to run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trunkline.simulator.background import BackgroundServer
    from trunkline.simulator.clock import ManualClock
    from trunkline.simulator.engine import Engine
    from trunkline.simulator.faults import Fault
    from trunkline.simulator.history import DialRecord, SessionHistory
    from trunkline.simulator.reply import ApprovalRequest, Call, McpCall
    from trunkline.simulator.scenario import Scenario
    from trunkline.simulator.server import SimulatorServer, serve
    from trunkline.simulator.timing import Timing
    from trunkline.simulator.voice import Echo, Interpreter, Recorded, Reply, Tone, Utterance, Voice

__all__ = [
    "ApprovalRequest",
    "BackgroundServer",
    "Call",
    "DialRecord",
    "Echo",
    "Engine",
    "Fault",
    "Interpreter",
    "ManualClock",
    "McpCall",
    "Recorded",
    "Reply",
    "Scenario",
    "SessionHistory",
    "SimulatorServer",
    "Timing",
    "Tone",
    "Utterance",
    "Voice",
    "serve",
]

_HOMES = {
    "ApprovalRequest": "reply",
    "BackgroundServer": "background",
    "Call": "reply",
    "DialRecord": "history",
    "ManualClock": "clock",
    "Echo": "voice",
    "Engine": "engine",
    "Fault": "faults",
    "Interpreter": "voice",
    "McpCall": "reply",
    "Recorded": "voice",
    "Reply": "voice",
    "Scenario": "scenario",
    "SessionHistory": "history",
    "SimulatorServer": "server",
    "Timing": "timing",
    "Tone": "voice",
    "Utterance": "voice",
    "Voice": "voice",
    "serve": "server",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
