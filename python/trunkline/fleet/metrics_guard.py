"""Who may read metrics over HTTP.

Problem: any page in a browser of this machine can reach a port of it, by its address or by a name of its own that it
points here later (rebinding). Metrics hold no words and no keys, but where a process talks to and how much. So a
request must name us as its host, come from no page at all, and, where one was set, show the token. A port that others
can reach needs a token.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from trunkline.errors import ConfigError
from trunkline.text import clean
from trunkline.transports.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Collection
    from email.message import Message

__all__ = ["HEADERS", "MetricsGuard"]

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer has, a refusal included."""

# What a person types by hand is guessed by a machine.
_LEAST_TOKEN_CHARS = 16


class MetricsGuard:
    """The rules of one endpoint. Raises ConfigError for a place that may not be open as it is.

    `hosts` are names beside our own by which a remote endpoint may be called; without them it may be by any.
    """

    def __init__(
        self, host: str, *, token: str | None, remote: bool, hosts: Collection[str]
    ) -> None:
        if token is not None and len(token) < _LEAST_TOKEN_CHARS:
            raise ConfigError("token", f"it has at least {_LEAST_TOKEN_CHARS} characters")
        self._is_local = is_loopback(host)
        if not self._is_local and not remote:
            raise ConfigError(
                "host", f"{clean(host, limit_chars=80)} is not this machine alone: say remote, too"
            )
        if not self._is_local and token is None:
            raise ConfigError("token", "metrics that other machines can reach need one")
        self._token = None if token is None else f"Bearer {token}".encode()
        self._hosts = frozenset(name.lower() for name in hosts)

    def refusal(self, headers: Message, port: int) -> int | None:
        """The status that a request is refused with; a stranger learns nothing else."""
        if not self._is_called(headers.get_all("Host", []), port):
            return 421
        if headers.get_all("Origin") or headers.get("Sec-Fetch-Site", "none") != "none":
            # A page asks; what reads metrics is none.
            return 403
        if self._token is not None and not self._shows(headers.get_all("Authorization", [])):
            return 401
        return None

    def _is_called(self, told: list[str], port: int) -> bool:
        if len(told) != 1:
            return False
        ours = {f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"}
        if not self._is_local and not self._hosts:
            # Nobody knows its names; the token, which no browser sends by itself, is what counts.
            return True
        return told[0].lower() in ours | self._hosts

    def _shows(self, told: list[str]) -> bool:
        assert self._token is not None
        return len(told) == 1 and hmac.compare_digest(told[0].encode(), self._token)
