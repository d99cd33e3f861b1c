"""Keys: held so that they leave only in the Authorization header."""

from __future__ import annotations

import hmac
import inspect
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn

from trunkline.errors import ConfigError

__all__ = ["Credential", "KeySource", "Secret", "Token", "reveal_credential"]

# A dial takes seconds: a token that ends sooner would be refused when it arrives.
_MARGIN = 15.0


class Secret:
    """A key that shows only its last characters, is not pickled, and compares in constant time."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        value = value.strip()
        if not value:
            raise ConfigError("api_key", "the key is empty")
        if not value.isascii() or not value.isprintable() or " " in value:
            raise ConfigError("api_key", "the key holds characters that no header may carry")
        self._value = value

    def reveal(self) -> str:
        """The key itself; only the header builder asks."""
        return self._value

    def __repr__(self) -> str:
        # A short key would be told by its end.
        tail = self._value[-4:] if len(self._value) >= 12 else ""
        return f"Secret(…{tail})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled or copied: that would write the key down")


@dataclass(frozen=True, slots=True)
class Token:
    """A key that ends: used for every dial until shortly before, then asked for again."""

    secret: Secret
    expires_at: float
    """Unix seconds, as `POST /v1/realtime/client_secrets` tells them."""

    def is_stale(self, now: float) -> bool:
        """Whether it would end within 15 s."""
        return self.expires_at - now < _MARGIN


Key = str | Secret | Token
Credential = Key | Callable[[], Key | Awaitable[Key]]
"""A key, or something that is asked for one (sync or async): at every dial, or when the `Token` it gave ends."""


class KeySource:
    """Where a line's keys come from; keeps the last `Token` for as long as it is fresh."""

    def __init__(self, credential: Credential, *, wall: Callable[[], float] = time.time) -> None:
        self._credential = credential
        self._wall = wall
        self._token: Token | None = None

    async def key(self, *, refresh: bool = False) -> Secret:
        """The key for the next attempt; `refresh` asks for a new one, however fresh the last is.

        Raises ConfigError if what was given is no key, or one that has ended: nothing is dialed with it.
        """
        if self._token is not None and not refresh and not self._token.is_stale(self._wall()):
            return self._token.secret
        self._token = None
        given = await _ask(self._credential)
        if not isinstance(given, Token):
            return given
        if given.is_stale(self._wall()):
            raise ConfigError("api_key", "the token has expired, or will within 15 s")
        self._token = given
        return given.secret


async def reveal_credential(credential: Credential) -> Secret:
    """The key for one attempt. Raises ConfigError if what was given is none."""
    return await KeySource(credential).key()


async def _ask(credential: Credential) -> Secret | Token:
    value = credential() if callable(credential) else credential
    if inspect.isawaitable(value):
        value = await value
    if isinstance(value, Secret | Token):
        return value
    if not isinstance(value, str):
        raise ConfigError("api_key", f"the provider gave a {type(value).__name__}, not a key")
    return Secret(value)
