"""What the commands with a line of their own do for consoles and recordings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trunkline.cli.logs import wants_logs
from trunkline.errors import ConfigError
from trunkline.text import clean

if TYPE_CHECKING:
    from pathlib import Path

    from trunkline.fleet.part import Part
    from trunkline.fleet.recorder import Recorder
    from trunkline.fleet.telemetry import Telemetry
    from trunkline.fleet.wishes import Faults

__all__ = [
    "AUDIO",
    "ENVIRONMENT",
    "METRICS",
    "check_audio",
    "keeps_audio",
    "metrics_port",
    "recorder_for",
    "telemetry_for",
]

ENVIRONMENT = "TRUNKLINE_PUBLISH"
"""1 shows the lines of a command to consoles of this user; `control` lets them be controlled, too."""


AUDIO = "TRUNKLINE_KEEP_AUDIO"
"""1 lets consoles and recorders that ask for it have what is said on the lines of a command, and keeps it in its own
recording, too. Off without it, since it is what people said."""

METRICS = "TRUNKLINE_METRICS"
"""The port of this machine at which the metrics of a command's lines are served to Prometheus."""


def metrics_port() -> int | None:
    """The port that the environment asks for; None if it does not. Raises ConfigError for what is no port."""
    wanted = os.environ.get(METRICS, "").strip()
    if not wanted:
        return None
    if not (wanted.isascii() and wanted.isdecimal() and int(wanted) <= 65_535):
        raise ConfigError(METRICS, f"it is a port, not {clean(wanted, limit_chars=20)!r}")
    return int(wanted)


def keeps_audio() -> bool:
    """Whether the environment asks for audio to be kept. Raises ConfigError for another value than 0 and 1."""
    wanted = os.environ.get(AUDIO, "").strip()
    if wanted not in ("", "0", "1"):
        raise ConfigError(AUDIO, f"it is 1 or 0, not {clean(wanted, limit_chars=20)!r}")
    return wanted == "1"


def check_audio(audio: bool, record: object | None) -> None:
    """Raises ConfigError if audio is to be in a recording that there is none of."""
    if audio and record is None:
        raise ConfigError("--audio", "it belongs to --record FILE")


def recorder_for(record: str | Path | None, *, audio: bool) -> Recorder | None:
    """What records a command's own lines; None without a file. Raises ConfigError as `telemetry_for`."""
    check_audio(audio, record)
    keep = keeps_audio()
    if record is None:
        return None
    from trunkline.fleet.recorder import Recorder

    return Recorder(record, messages=True, audio=audio or keep)


def telemetry_for(
    command: str,
    *parts: Part,
    record: str | Path | None = None,
    audio: bool = False,
    faults: Faults | None = None,
) -> Telemetry | None:
    """Telemetry of a command's lines, begun; None if nobody wants any. With `audio` it is in the recording, too.

    Raises ConfigError if the recording or the socket cannot be made, or a variable has another value.
    """
    recorder = recorder_for(record, audio=audio)
    wanted = os.environ.get(ENVIRONMENT, "").strip()
    if wanted not in ("", "0", "1", "control"):
        raise ConfigError(ENVIRONMENT, f"it is 1 or control, not {clean(wanted, limit_chars=20)!r}")
    found = [*parts, *_exporters()]
    if recorder is not None:
        found.append(recorder)
    if wanted in ("", "0") and not found:
        return None
    from trunkline.fleet.publisher import Publisher
    from trunkline.fleet.telemetry import Telemetry

    if wanted in ("1", "control"):
        found.append(
            Publisher(controllable=wanted == "control", faults=faults, audio=keeps_audio())
        )
    telemetry = Telemetry(*found, name=command)
    telemetry.start()
    return telemetry


def _exporters() -> list[Part]:
    """What the environment wants told elsewhere."""
    found: list[Part] = []
    port = metrics_port()
    if port is not None:
        from trunkline.fleet.metrics_server import MetricsServer

        found.append(MetricsServer(port=port))
    if wants_logs():
        from trunkline.fleet.logbook import Logbook

        found.append(Logbook())
    return found
