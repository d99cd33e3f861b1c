"""Where a foreign client would dial, and what it would show there: a line dials the same.

The client itself is asked before every dial, so keys that it renews are renewed, and whatever its user set (a proxy
server's address, headers, parameters) holds on every link. The line's own idea of the server serves only
to know its dialect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import parse_qs, urlsplit, urlunsplit

from trunkline.client.client import connect
from trunkline.transports.websocket import WebSocketTransport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.client.client import Line
    from trunkline.client.observers import Observer
    from trunkline.client.telemetry import LineTelemetry
    from trunkline.protocol.backoff import RetryBudget
    from trunkline.protocol.outage import Outage
    from trunkline.protocol.policy import LinePolicy
    from trunkline.transports.base import Link, Listener, Target, Transport

__all__ = ["Address", "AddressedTransport", "Ask", "LineOptions", "line_to"]

_PATH = "/realtime"
_NO_KEY = "none"
"""Stands for the key of a client that shows none; too short to be looked for in messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What one dial of a foreign client comes to."""

    url: str = field(repr=False)
    """`wss://…/realtime?…`; a client's user may have put anything into its query."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """All of them, the credential's among them."""

    @property
    def base_url(self) -> str:
        """The server's address as `connect` takes it: without `/realtime`, and without the query."""
        parts = urlsplit(self.url)
        path = parts.path.rstrip("/").removesuffix(_PATH)
        return urlunsplit(parts._replace(path=path, query="", fragment=""))

    def asked(self, name: str) -> str | None:
        """The first value of a parameter of the query."""
        values = parse_qs(urlsplit(self.url).query).get(name)
        return values[0] if values else None

    @property
    def model(self) -> str | None:
        """The model, or the deployment on Azure's preview API."""
        return self.asked("model") or self.asked("deployment")

    @property
    def key(self) -> str:
        """The key that is shown, so that the line can keep it out of everything it tells."""
        shown = {name.lower(): value for name, value in self.headers}
        key = shown.get("authorization", "").removeprefix("Bearer ") or shown.get("api-key", "")
        return key.strip() or _NO_KEY


Ask = Callable[[], Awaitable[Address]]
"""Asks a client where it would dial now."""


class LineOptions(TypedDict, total=False):
    """What of `trunkline.connect` makes sense where the address and the key are the client's."""

    session: dict[str, Any] | None
    policy: LinePolicy | None
    outage: Outage | None
    observers: Sequence[Observer]
    transport: Transport
    budget: RetryBudget | None
    seed: int | None
    restore: dict[str, Any] | str | bytes | None
    telemetry: LineTelemetry | None
    name: str


class AddressedTransport:
    """Dials what a client says instead of what the line would."""

    def __init__(self, ask: Ask, first: Address, transport: Transport) -> None:
        self._ask = ask
        self._address = first
        self._fresh = True
        """The first dial needs no second question."""
        self._transport = transport

    async def key(self) -> str:
        """The line's key source: what is asked for before every dial."""
        if not self._fresh:
            self._address = await self._ask()
        self._fresh = False
        return self._address.key

    async def dial(self, target: Target, listener: Listener) -> Link:
        """Opens a link to the client's address."""
        address = self._address
        target = replace(
            target, url=address.url, headers=address.headers, subprotocols=(), query=()
        )
        return await self._transport.dial(target, listener)


async def line_to(ask: Ask, observer: Observer, options: LineOptions) -> Line:
    """A line to where the client would dial; not yet entered.

    Raises what the client raises if it cannot say where, and ConfigError for settings that cannot work.
    """
    first = await ask()
    given: dict[str, Any] = {**options}
    transport = AddressedTransport(ask, first, given.get("transport") or WebSocketTransport())
    given["transport"] = transport
    given["observers"] = (*given.get("observers", ()), observer)
    if given.get("session") is None and given.get("policy") is None and first.asked("intent"):
        # A session that only transcribes has a type of its own.
        given["session"] = {"type": first.asked("intent")}
    return connect(
        base_url=first.base_url,
        model=first.model,
        call_id=first.asked("call_id"),
        api_key=transport.key,
        **given,
    )
