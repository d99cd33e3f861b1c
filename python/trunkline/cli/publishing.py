"""What the commands with a line of their own do for consoles and recordings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trunkline.errors import ConfigError
from trunkline.text import clean

if TYPE_CHECKING:
    from pathlib import Path

    from trunkline.fleet.part import Part
    from trunkline.fleet.telemetry import Telemetry
    from trunkline.fleet.wishes import Faults

__all__ = ["ENVIRONMENT", "telemetry_for"]

ENVIRONMENT = "TRUNKLINE_PUBLISH"
"""1 shows the lines of a command to consoles of this user; `control` lets them be controlled, too."""


def telemetry_for(
    command: str,
    *parts: Part,
    record: str | Path | None = None,
    faults: Faults | None = None,
) -> Telemetry | None:
    """Telemetry of a command's lines, begun; None if nobody wants any.

    Raises ConfigError if the recording or the socket cannot be made, or the variable has another value.
    """
    wanted = os.environ.get(ENVIRONMENT, "").strip()
    if wanted not in ("", "0", "1", "control"):
        raise ConfigError(ENVIRONMENT, f"it is 1 or control, not {clean(wanted, limit_chars=20)!r}")
    if wanted in ("", "0") and record is None and not parts:
        return None
    from trunkline.fleet.publisher import Publisher
    from trunkline.fleet.recorder import Recorder
    from trunkline.fleet.telemetry import Telemetry

    found = list(parts)
    if record is not None:
        found.append(Recorder(record, messages=True))
    if wanted in ("1", "control"):
        found.append(Publisher(controllable=wanted == "control", faults=faults))
    telemetry = Telemetry(*found, name=command)
    telemetry.start()
    return telemetry
