"""Labels as attributes of OpenTelemetry: in its own words where it has them, else with `trunkline.` before ours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

from trunkline.telemetry import families as of

if TYPE_CHECKING:
    from trunkline.telemetry.families import Family
    from trunkline.telemetry.totals import Labels

__all__ = ["DRAFTS", "Attributes", "attributes_of", "server_attributes", "wants_drafts"]

Attributes: TypeAlias = dict[str, "str | int | float | bool"]

DRAFTS = "gen_ai_latest_experimental"
"""What `OTEL_SEMCONV_STABILITY_OPT_IN` holds where the drafts of the GenAI conventions are wanted, too."""

_NAMES = {
    "model": "gen_ai.response.model",
    "direction": "network.io.direction",
    "error_type": "error.type",
    "kind": "gen_ai.token.type",
}
_VALUES = {("direction", "up"): "transmit", ("direction", "down"): "receive"}
# The attributes that the conventions require of their own metrics.
_REQUIRED: Attributes = {
    "gen_ai.operation.name": "realtime_inference",
    "gen_ai.provider.name": "openai",
}
_OF_GEN_AI = frozenset({of.RESPONSE_DURATION, of.TOKENS})


def wants_drafts() -> bool:
    """Whether the environment opts in to drafts of conventions."""
    wanted = os.environ.get("OTEL_SEMCONV_STABILITY_OPT_IN", "").split(",")
    return DRAFTS in {one.strip() for one in wanted}


def server_attributes(server: str) -> Attributes:
    """Host and port of a line's server."""
    host, _, port = server.rpartition(":")
    if not host or not port.isdecimal():
        return {"server.address": server} if server else {}
    return {"server.address": host, "server.port": int(port)}


def attributes_of(family: Family, names: tuple[str, ...], values: Labels) -> Attributes:
    """The attributes of one series; a label that is empty is not told."""
    found: Attributes = {"network.protocol.name": "websocket"}
    if family in _OF_GEN_AI:
        found |= _REQUIRED
    for name, value in zip(names, values, strict=True):
        if not value:
            continue
        if name == "server_address":
            found |= server_attributes(value)
        else:
            found[_NAMES.get(name, f"trunkline.{name}")] = _VALUES.get((name, value), value)
    return found
