"""What a connection is made of, and what all connections of a server have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.simulator.actions import Freeze, RefuseDials
    from trunkline.simulator.clock import Clock
    from trunkline.simulator.dialect import Dialect
    from trunkline.simulator.faults import FaultBook
    from trunkline.simulator.framing import Framing
    from trunkline.simulator.identity import Chance, Identity
    from trunkline.simulator.intake import Intake
    from trunkline.simulator.prompted import Prompted

__all__ = ["EXPIRIES", "PING_INTERVAL", "LinkSettings", "Parts"]

PING_INTERVAL = 20.26
"""Seconds between the server's pings: as measured on the live endpoint."""
EXPIRIES = ("both", "error", "close")
"""How a session of age ends: an error event and 1001, or one of the two. Observers of the live
endpoint saw each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """What all connections of a server have in common."""

    clock: Clock
    book: FaultBook
    on_host_action: Callable[[Freeze | RefuseDials], None]
    """Does what concerns the whole server."""
    ping_interval: float = PING_INTERVAL
    expiry: str = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one connection is made of."""

    engine: Intake
    prompted: Prompted
    framing: Framing
    dialect: Dialect | None
    identity: Identity
    chance: Chance
    dial: int
