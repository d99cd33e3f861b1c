"""How a server that is not OpenAI's current one speaks: the engine's events and requests, rewritten.

The engine knows the names of the generally available API only; a dialect stands between it and the
wire of one connection. Written from the API's own documents and recordings, not from the client's
table: two readings that disagree show a mistake, one reading used twice hides it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["AzureDialect", "Dialect", "part_of"]

Event = dict[str, Any]


class Dialect(Protocol):
    """One connection's translator; it may remember what passed."""

    def outgoing(self, event: Event) -> Iterable[Event]:
        """What is sent for an event of the engine: nothing, one event, or several."""

    def incoming(self, event: Event) -> Event:
        """A client's event in GA names; raises a Refusal for what this server does not know."""


class AzureDialect:
    """Azure OpenAI's GA endpoint: recorded differences only (tests/realtime of pydantic-ai)."""

    def outgoing(self, event: Event) -> Iterable[Event]:
        """A second copy of a part under `content`; its own code for rate limits."""
        if event["type"].startswith("response.content_part."):
            return [event | {"content": event["part"]}]
        if event["type"] == "response.done":
            return [_with_own_code(event)]
        return [event]

    def incoming(self, event: Event) -> Event:
        """As it is."""
        return event


def part_of(value: Any, key: str) -> dict[str, Any]:
    """The object under `key`, or an empty one if there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _with_own_code(event: Event) -> Event:
    details = part_of(event["response"], "status_details")
    error = part_of(details, "error")
    if error.get("code") != "rate_limit_exceeded":
        return event
    renamed = details | {"error": error | {"code": "inference_rate_limit_exceeded"}}
    return event | {"response": event["response"] | {"status_details": renamed}}
