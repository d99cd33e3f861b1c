"""What is on the screen beside the snapshot itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.text import Clean

__all__ = ["View"]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A snapshot and how it is looked at."""

    title: Clean
    snapshot: LineSnapshot | None = None
    frozen: bool = False
    """Whether the operator holds this snapshot while newer ones come."""
    silent_s: float = 0.0
    """For how long no newer snapshot came."""
    message: Clean | None = None
    """How the run ended."""
