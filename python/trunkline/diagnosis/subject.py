"""What is examined: the server that is meant, the key if there is one, and what earlier checks learned."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from trunkline.client.config import address, config_of
from trunkline.client.endpoint import Endpoint
from trunkline.errors import ConfigError
from trunkline.transports.base import Target
from trunkline.transports.dialing import Dialer, DialLimits
from trunkline.transports.http import HttpClient
from trunkline.transports.trust import client_context
from trunkline.transports.websocket import WebSocketTransport

if TYPE_CHECKING:
    import ssl

    from trunkline.client.credentials import Secret
    from trunkline.transports.lookup import Address

__all__ = ["LIMITS", "Subject", "subject_at"]

# Shorter than a line's own: name, connection, TLS and upgrade, one behind the other, must fit into the 15 s of all.
LIMITS = DialLimits(name=2.5, tcp=3.0, proxy=3.0, tls=3.0, upgrade=4.0)
_SESSION_PATH = "/realtime"
_MODEL_PARAMETERS = ("model", "deployment")
# The endpoint puts these into every address itself.
_MADE_ANEW = frozenset({*_MODEL_PARAMETERS, "api-version", "intent"})


@dataclass(kw_only=True)
class Subject:
    """One server as this machine would dial it."""

    endpoint: Endpoint
    model: str = ""
    is_told: bool = True
    """Whether it is where a line would dial that nobody names a server to; a key may belong to that one alone."""
    tls: ssl.SSLContext | None = None
    """None: the system's certificates."""
    limits: DialLimits = LIMITS
    addresses: list[Address] = field(default_factory=list)
    """What the name check found, of the host that is dialed first."""
    skew: float | None = None
    """Seconds that the server's clock is ahead of ours, by its last answer."""

    @property
    def url(self) -> str:
        """Where a session is dialed; holds no key."""
        return self.endpoint.url(self.model)

    @property
    def host(self) -> str:
        """The server's."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The server's."""
        return urlsplit(self.url).port or (443 if self.is_secure else 80)

    @property
    def is_secure(self) -> bool:
        """Whether TLS is spoken."""
        return urlsplit(self.url).scheme == "wss"

    @cached_property
    def context(self) -> ssl.SSLContext:
        """Which certificates are trusted; reading the system's takes tens of milliseconds, so it is done once."""
        return self.tls or client_context()

    @property
    def transport(self) -> WebSocketTransport:
        """The library's own, with these deadlines."""
        return WebSocketTransport(tls=self.context, dialer=self.dialer)

    @property
    def http(self) -> HttpClient:
        """The library's own, with these deadlines."""
        return HttpClient(tls=self.context, dialer=self.dialer)

    @property
    def dialer(self) -> Dialer:
        """The library's own, with these deadlines."""
        return Dialer(self.limits)

    def target(self, key: Secret | None) -> Target:
        """What is dialed, and shown if there is a key. Raises ConfigError for a key that its form cannot carry."""
        if key is None:
            return Target(url=self.url)
        config = config_of(endpoint=self.endpoint, model=self.model, api_key=key)
        return config.target(key)


def subject_at(url: str | None, model: str | None) -> Subject:
    """The server at a base URL, or at the address of a session, which may name the model; else where a line dials.

    Raises ConfigError for what cannot be dialed, and where no model is known.
    """
    base_url, named = _taken_apart(url or address())
    endpoint = Endpoint.at(base_url)
    chosen = model or named or endpoint.default_model
    if chosen is None:
        raise ConfigError("--model", "on Azure it is the name of your deployment; give that")
    return Subject(endpoint=endpoint, model=chosen, is_told=not url)


def _taken_apart(url: str) -> tuple[str, str | None]:
    """The base URL, and the model if the address of a session names one."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ConfigError("base_url", f"it is no address: {error}") from error
    if not parts.path.rstrip("/").endswith(_SESSION_PATH):
        return url, None
    path = parts.path.rstrip("/").removesuffix(_SESSION_PATH)
    asked = parse_qsl(parts.query)
    model = next((value for name, value in asked if name in _MODEL_PARAMETERS), None)
    # A key that hides in the rest is refused by the endpoint.
    kept = urlencode([pair for pair in asked if pair[0] not in _MADE_ANEW])
    return urlunsplit(parts._replace(path=path, query=kept, fragment="")), model
