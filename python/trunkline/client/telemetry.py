"""The seam for whatever watches lines from beside them: `trunkline.fleet` is what is meant, and is not known here."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from trunkline.text import clean

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from trunkline.client.client import Line
    from trunkline.client.config import LineConfig
    from trunkline.client.observers import Observer

__all__ = ["LineTelemetry", "observers_with", "server_name"]

_log = logging.getLogger("trunkline")


class LineTelemetry(Protocol):
    """What `connect(telemetry=…)` takes: a `Publisher`, `Recorder`, `FlightRecorder`, or `Telemetry` of several."""

    def attach(
        self, line: Line, loop: AbstractEventLoop, *, name: str, server: str, rate_hz: int
    ) -> Observer:
        """The line is being entered in this event loop; gives who observes it from now on.

        It may keep the line, and call its public methods in that loop.
        """


def observers_with(
    telemetry: LineTelemetry | None,
    observers: tuple[Observer, ...],
    line: Line,
    loop: AbstractEventLoop,
) -> tuple[Observer, ...]:
    """The observers and the one of telemetry; one that cannot begin is logged, and the line goes on without."""
    if telemetry is None:
        return observers
    config = line.config
    try:
        observer = telemetry.attach(
            line,
            loop,
            name=clean(config.name, limit_chars=60),
            server=server_name(config),
            rate_hz=config.policy.rate_hz,
        )
    except Exception:  # noqa: BLE001 - foreign code, as an observer is
        _log.exception("telemetry could not begin")
        return observers
    return (*observers, observer)


def server_name(config: LineConfig) -> str:
    """Host and port of where a line goes: nothing of the address that could hold a name or a key."""
    parts = urlsplit(config.url())
    host = parts.hostname or ""
    return clean(host if parts.port is None else f"{host}:{parts.port}", limit_chars=100)
