"""Keeps a realtime voice session alive.

`connect` gives a `Line`: it outlives the links it runs over. Public names are resolved on first use, so that
importing the package costs nothing that is not needed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trunkline.client.client import Line, connect
    from trunkline.client.config import LineConfig
    from trunkline.client.credentials import KeySource, Secret, Token
    from trunkline.client.endpoint import Endpoint
    from trunkline.client.keyform import KeyForm
    from trunkline.client.keystore import key_file, keyring_key
    from trunkline.client.pool import Pool
    from trunkline.client.redaction import RedactingFilter
    from trunkline.client.session import Session
    from trunkline.client.translation import TranslationLine, translate
    from trunkline.errors import (
        CodecError,
        ConfigError,
        LineFailed,
        LinkClosed,
        LocalError,
        MediaError,
        OutboxFull,
        ProtocolError,
        RemoteError,
        RetriesExhausted,
        RotationAbandoned,
        StreamError,
        TrunklineError,
    )
    from trunkline.fleet.flight import FlightRecorder
    from trunkline.fleet.logbook import Logbook
    from trunkline.fleet.metrics_server import MetricsServer
    from trunkline.fleet.opentelemetry import OpenTelemetry
    from trunkline.fleet.prometheus import PrometheusCollector
    from trunkline.fleet.publisher import Publisher
    from trunkline.fleet.recorder import Recorder
    from trunkline.fleet.telemetry import Telemetry
    from trunkline.protocol.outage import Outage

__all__ = [
    "CodecError",
    "ConfigError",
    "Endpoint",
    "FlightRecorder",
    "KeyForm",
    "KeySource",
    "Line",
    "LineConfig",
    "LineFailed",
    "LinkClosed",
    "LocalError",
    "Logbook",
    "MediaError",
    "MetricsServer",
    "OpenTelemetry",
    "Outage",
    "OutboxFull",
    "Pool",
    "PrometheusCollector",
    "ProtocolError",
    "Publisher",
    "Recorder",
    "RedactingFilter",
    "RemoteError",
    "RetriesExhausted",
    "RotationAbandoned",
    "Secret",
    "Session",
    "StreamError",
    "Telemetry",
    "Token",
    "TranslationLine",
    "TrunklineError",
    "__version__",
    "connect",
    "key_file",
    "keyring_key",
    "translate",
]

_HOMES = {
    "Line": "trunkline.client.client",
    "connect": "trunkline.client.client",
    "Endpoint": "trunkline.client.endpoint",
    "FlightRecorder": "trunkline.fleet.flight",
    "KeyForm": "trunkline.client.keyform",
    "KeySource": "trunkline.client.credentials",
    "LineConfig": "trunkline.client.config",
    "Session": "trunkline.client.session",
    "Pool": "trunkline.client.pool",
    "key_file": "trunkline.client.keystore",
    "keyring_key": "trunkline.client.keystore",
    "Logbook": "trunkline.fleet.logbook",
    "MetricsServer": "trunkline.fleet.metrics_server",
    "OpenTelemetry": "trunkline.fleet.opentelemetry",
    "Outage": "trunkline.protocol.outage",
    "PrometheusCollector": "trunkline.fleet.prometheus",
    "Publisher": "trunkline.fleet.publisher",
    "Recorder": "trunkline.fleet.recorder",
    "RedactingFilter": "trunkline.client.redaction",
    "Secret": "trunkline.client.credentials",
    "Telemetry": "trunkline.fleet.telemetry",
    "Token": "trunkline.client.credentials",
    "TranslationLine": "trunkline.client.translation",
    "translate": "trunkline.client.translation",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - 20 ms that only this name needs

        return version("trunkline")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "trunkline.errors")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
