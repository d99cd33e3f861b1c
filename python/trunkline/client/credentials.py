"""Keys: held so that they leave only in the Authorization header."""

from __future__ import annotations

import hmac
import inspect
from collections.abc import Awaitable, Callable
from typing import NoReturn

from trunkline.errors import ConfigError

__all__ = ["Credential", "Secret", "reveal_credential"]


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


Credential = str | Secret | Callable[[], "str | Secret | Awaitable[str | Secret]"]
"""A key, or something that is asked for one at every dial (sync or async)."""


async def reveal_credential(credential: Credential) -> Secret:
    """The key for the next attempt. Raises ConfigError if what was given is none."""
    value = credential() if callable(credential) else credential
    if inspect.isawaitable(value):
        value = await value
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise ConfigError("api_key", f"the provider gave a {type(value).__name__}, not a key")
    return Secret(value)
