"""The realtime connection of the official SDK, over a line.

    async with client.realtime.connect(model="gpt-realtime-2.1") as connection:
    async with trunkline.adapters.openai.connect(client, model="gpt-realtime-2.1") as connection:

The second line instead of the first is all that changes: what is given is the SDK's own connection class with its
own resources, handlers and types, over a line in the place of its socket. docs/adapters.md says what is different.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

try:
    from openai import AsyncOpenAI, OpenAIError
    from openai._models import FinalRequestOptions
    from openai.lib.azure import AsyncAzureOpenAI
    from openai.resources.realtime.realtime import (
        AsyncRealtimeConnection,
        AsyncRealtimeConnectionManager,
    )
    from openai.types.websocket_reconnection import ReconnectingEvent, ReconnectingOverrides
except ImportError as error:
    raise ImportError(
        "trunkline.adapters.openai needs the SDK, 3.54 or newer: pip install 'trunkline[openai]'"
    ) from error

from trunkline.adapters.address import Address, LineOptions
from trunkline.adapters.line_socket import LineSocket
from trunkline.errors import ConfigError
from trunkline.protocol.link_facts import LinkEnded, RetryScheduled
from trunkline.transports.websocket import WebSocketTransport

if TYPE_CHECKING:
    from ssl import SSLContext
    from typing import Unpack

    from trunkline.client.client import Line
    from trunkline.protocol.events import Event
    from trunkline.protocol.observations import Observation

__all__ = ["Connection", "ConnectionManager", "connect"]

_OF_A_SOCKET = frozenset(
    {
        "close_timeout",
        "compression",
        "max_queue",
        "max_size",
        "open_timeout",
        "ping_interval",
        "ping_timeout",
        "write_limit",
    }
)
"""Options of `websockets.connect` that say how a socket is kept: that is a line's own business."""
OnReconnecting = Callable[[ReconnectingEvent], ReconnectingOverrides | None]


def connect(
    client: AsyncOpenAI,
    *,
    call_id: str | None = None,
    model: str | None = None,
    extra_query: Mapping[str, object] | None = None,
    extra_headers: Mapping[str, Any] | None = None,
    on_reconnecting: OnReconnecting | None = None,
    on_line: Callable[[Event], object] | None = None,
    websocket_connection_options: Mapping[str, Any] | None = None,
    max_retries: int = 5,
    initial_delay: float = 0.5,
    max_delay: float = 8.0,
    max_queue_size: int = 1_048_576,
    **options: Unpack[LineOptions],
) -> ConnectionManager:
    """What `client.realtime.connect` gives, over a line; enter it, or await its `enter()`.

    Address, key (asked for anew before every dial if it is a function), headers and parameters are the client's.
    `on_reconnecting` is told of each attempt and may change parameters and headers of the next, or abort. `on_line`
    gets what the line tells by itself: `LineDropped`, `LineLive`, `LineGap`, `Interrupted` and others; it must be
    quick. `options` are those of `trunkline.connect`: `session` (needed for G.711), `outage`, `policy`, `observers`,
    `telemetry`, `name` and others. How often and how soon it dials is the line's to decide, and how large its buffers
    are: `max_retries` and its like, and such `websocket_connection_options`, are taken and not used. Raises
    ConfigError for other options of a socket but `ssl`, and for a client that is not an AsyncOpenAI.
    """
    del max_retries, initial_delay, max_delay
    if not isinstance(client, AsyncOpenAI):
        raise ConfigError("client", f"give an AsyncOpenAI, not a {type(client).__name__}")
    if tls := _tls(websocket_connection_options or {}):
        options.setdefault("transport", WebSocketTransport(tls=tls))
    return ConnectionManager(
        client,
        query={**(extra_query or {}), **({} if call_id is None else {"call_id": call_id})},
        headers=extra_headers or {},
        model=model,
        on_reconnecting=on_reconnecting,
        on_line=on_line,
        max_queue_size=max_queue_size,
        options=options,
    )


class Connection(AsyncRealtimeConnection):
    """The SDK's connection, whose socket is a line."""

    _connection: LineSocket  # type: ignore[assignment]

    @property
    def line(self) -> Line:
        """The line: `books()`, `played()`, `rotate()`, `snapshot()` and all else; do not iterate over it."""
        return self._connection.line


class ConnectionManager(AsyncRealtimeConnectionManager):
    """What `connect` gives; handlers and messages may be registered before it is entered, as with the SDK's."""

    def __init__(
        self,
        client: AsyncOpenAI,
        *,
        query: Mapping[str, object],
        headers: Mapping[str, Any],
        model: str | None,
        on_reconnecting: OnReconnecting | None,
        on_line: Callable[[Event], object] | None,
        max_queue_size: int,
        options: LineOptions,
    ) -> None:
        super().__init__(
            client=client,
            extra_query=query,
            extra_headers=headers,
            websocket_connection_options={},
            max_queue_size=max_queue_size,
        )
        self._client = client
        self._query: Mapping[str, object] = query
        self._headers: Mapping[str, Any] = headers
        self._model = model
        self._on_reconnecting = on_reconnecting
        self._on_line = on_line
        self._options = options
        self._socket: LineSocket | None = None
        self._last_code = 1006

    async def __aenter__(self) -> Connection:
        """A live line. Raises what the SDK would raise if there is none, with the LineFailed as its cause."""
        inner = await super().__aenter__()
        assert self._socket is not None
        connection = Connection(self._socket, send_queue=inner._send_queue)  # type: ignore[arg-type]
        inner._event_handler_registry.merge_into(connection._event_handler_registry)
        return connection

    enter = __aenter__

    async def _connect_ws(self, extra_query: Any, extra_headers: Any) -> Any:
        """What the SDK opens its connection with."""
        del extra_query, extra_headers
        self._socket = None
        options: LineOptions = {**self._options}
        options["observers"] = (*options.get("observers", ()), self._observe)
        self._socket = await LineSocket.open(self._address, self._tell, options)
        return self._socket

    async def _address(self) -> Address:
        """Where the SDK would dial now, made by the client's own methods, key included."""
        client, headers = self._client, self._headers
        auth: Mapping[str, str]
        if isinstance(client, AsyncAzureOpenAI):
            url, auth = await self._azure(client)
        else:
            url, options = await self._prepared(client)
            auth, headers = client.auth_headers, cast("Mapping[str, Any]", options.headers or {})
        shown = {
            name.lower(): (name, value)
            for part in (auth, client.default_headers, headers)
            for name, value in part.items()
        }
        # A header that was taken away is there as a mark of the SDK.
        told = tuple(pair for pair in shown.values() if isinstance(pair[1], str))
        return Address(url=url, headers=cast("tuple[tuple[str, str], ...]", told))

    async def _azure(self, client: AsyncAzureOpenAI) -> tuple[str, Mapping[str, str]]:
        if not self._model:
            raise OpenAIError("`model` is required for Azure Realtime API")
        key = await client._refresh_api_key()
        configure = getattr(client, "_configure_realtime_with_api_key", None)
        if configure is None:
            url, headers = await client._configure_realtime(self._model, self._query)
        else:
            url, headers = await configure(self._model, self._query, api_key=key)
        return str(url), headers

    async def _prepared(self, client: AsyncOpenAI) -> tuple[str, FinalRequestOptions]:
        url = self._prepare_url()
        with_query = getattr(client, "_websocket_query_params", None)
        with_query = with_query or client._websocket_query_params_fallback
        model = {} if self._model is None else {"model": self._model}
        url = url.copy_with(params=with_query(url, {**model, **self._query}))
        url = url.copy_with(scheme=_web_socket(url.scheme))
        options = await client._prepare_options(
            FinalRequestOptions.construct(
                method="get",
                url=str(url),
                headers=dict(self._headers),
                security={"bearer_auth": True},
            )
        )
        url = client._prepare_url(options.url)
        url = url.copy_merge_params(client.qs.stringify(cast("Any", options.params)))
        return str(url.copy_with(scheme=_web_socket(url.scheme))), options

    # What the line tells.

    def _tell(self, event: Event) -> None:
        if self._on_line is not None:
            self._on_line(event)

    def _observe(self, fact: Observation) -> None:
        if isinstance(fact, LinkEnded):
            self._last_code = fact.closure.code or 1006
        elif isinstance(fact, RetryScheduled) and self._on_reconnecting is not None:
            self._reconnecting(fact, self._on_reconnecting)

    def _reconnecting(self, fact: RetryScheduled, ask: OnReconnecting) -> None:
        if self._socket is None:
            # As in the SDK, the first connection is no reconnection.
            return
        overrides = ask(
            ReconnectingEvent(
                attempt=fact.attempt,
                # As many as fit into the line's patience.
                max_attempts=0,
                delay=fact.delay,
                close_code=self._last_code,
                extra_query=self._query,
                extra_headers=self._headers,
            )
        )
        overrides = overrides or {}
        self._query = overrides.get("extra_query", self._query)
        self._headers = overrides.get("extra_headers", self._headers)
        if overrides.get("abort"):
            self._socket.give_up(self._last_code)


def _tls(given: Mapping[str, Any]) -> SSLContext | None:
    """The certificates that a socket was to be opened with."""
    for name in given:
        if name != "ssl" and name not in _OF_A_SOCKET:
            setting = f"websocket_connection_options.{name}"
            raise ConfigError(setting, "a line has no such option; it knows `ssl` alone")
    return given.get("ssl")


def _web_socket(scheme: str) -> str:
    return {"http": "ws", "https": "wss"}.get(scheme, scheme)
