"""Keys: held so that they leave only where a `KeyForm` puts them."""

from __future__ import annotations

import asyncio
import hmac
import inspect
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar, Union

from trunkline.client.redaction import live_key
from trunkline.errors import ConfigError

__all__ = [
    "TOKEN_MARGIN",
    "Credential",
    "KeySource",
    "Secret",
    "Token",
    "reveal_credential",
    "seal",
]

T = TypeVar("T")

TOKEN_MARGIN = 15.0
"""Seconds: a dial takes some, and a token that ends sooner would be refused when it arrives."""
# Shorter than any key: to blot out every "x" of a text would tell more than it hides.
_SHORTEST_KEY = 8
# Bytes: errors are shorter, 100 ms of audio are longer.
_LONGEST_COMPLAINT = 4096


class Secret:
    """A key that shows only its last characters, is not pickled, and compares in constant time."""

    __slots__ = ("_live", "_raw", "_value")

    def __init__(self, value: str) -> None:
        self._hold(value)
        # Tracebacks may show the locals of every frame: from here on there is none that holds it.
        del value
        self.checked()

    @classmethod
    def sealed(cls, value: str) -> Secret:
        """The same of what may be no key: `checked` says so, when no frame of the caller's shows it any more."""
        secret = cls.__new__(cls)
        secret._hold(value)
        return secret

    def _hold(self, value: str) -> None:
        self._value = value.strip()
        self._raw = self._value.encode("utf-8", "surrogatepass")
        self._live = live_key(self._value)

    def checked(self) -> Secret:
        """Itself. Raises ConfigError for what no header may carry."""
        if not self._value:
            raise ConfigError("api_key", "the key is empty")
        if not self._value.isascii() or not self._value.isprintable() or " " in self._value:
            raise ConfigError("api_key", "the key holds characters that no header may carry")
        return self

    def reveal(self) -> str:
        """The key itself; only `keyform.py` asks."""
        return self._value

    @property
    def is_ephemeral(self) -> bool:
        """Whether it is a key that ends by itself, as OpenAI names them."""
        return self._value.startswith("ek_")

    def blot(self, text: str) -> str:
        """The text without this key, whatever it looks like, as it is and as a query carries it."""
        return self._live.blot(text)

    def blot_message(self, message: bytes) -> bytes:
        """A message of the server without this key; a long one is audio, and not looked through."""
        key = self._raw
        if len(message) > _LONGEST_COMPLAINT or key not in message or len(key) < _SHORTEST_KEY:
            return message
        return message.replace(key, b"[redacted]")

    def __bool__(self) -> bool:
        return bool(self._value)

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
        return hmac.compare_digest(self._raw, other._raw)

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled or copied: that would write the key down")

    __getstate__ = __reduce__


@dataclass(frozen=True, slots=True)
class Token:
    """A key that ends: used for every dial until shortly before, then asked for again."""

    secret: Secret
    expires_at: float
    """Unix seconds, as `POST /v1/realtime/client_secrets` tells them."""
    skew: float = 0.0
    """How many seconds the clock of whoever wrote `expires_at` is ahead of this machine's."""

    def is_stale(self, now: float) -> bool:
        """Whether it would end within 15 s."""
        return self.expires_at - (now + self.skew) < TOKEN_MARGIN


Key = str | Secret | Token
Credential = Union[Key, Callable[[], Key | Awaitable[Key]], "KeySource"]
"""A key, or something that is asked for one (sync or async): at every dial, or when the `Token` it gave ends."""


class _Outcome:
    """What came of a question. A task shows its exception, and a provider's words may hold what it was asked with."""

    __slots__ = ("_error", "_secret")

    def __init__(self, secret: Secret | None, error: Exception | None = None) -> None:
        self._secret = secret
        self._error = error

    def unpacked(self) -> Secret:
        """The key. Raises what the provider raised."""
        if self._error is not None:
            raise self._error
        assert self._secret is not None
        return self._secret


@dataclass(slots=True)
class _Flight:
    """One question to the provider, and how many wait for its answer."""

    task: asyncio.Task[_Outcome]
    loop: asyncio.AbstractEventLoop
    waiting: int = 0


class KeySource:
    """Where keys come from; keeps the last `Token` for as long as it is fresh.

    Whoever asks while an answer is on its way gets that answer, so lines may share one source. If all of
    them leave, the question is taken back.
    """

    def __init__(self, credential: Credential, *, wall: Callable[[], float] = time.time) -> None:
        self._credential = seal(credential)
        self._wall = wall
        self._token: Token | None = None
        self._flight: _Flight | None = None

    @classmethod
    def of(cls, credential: Credential, *, wall: Callable[[], float] = time.time) -> KeySource:
        """The source of a credential, which may be one already."""
        return credential if isinstance(credential, KeySource) else cls(credential, wall=wall)

    @property
    def is_renewable(self) -> bool:
        """Whether asking again may give another key."""
        return callable(self._credential)

    async def key(self, *, refresh: bool = False) -> Secret:
        """The key for the next attempt; `refresh` asks for a new one, however fresh the last is.

        Raises ConfigError if what was given is no key, or one that has ended: nothing is dialed with it.
        """
        if self._token is not None and not refresh and not self._token.is_stale(self._wall()):
            return self._token.secret
        if not callable(self._credential):
            return await self._fetch()
        loop = asyncio.get_running_loop()
        flight = self._flight
        if flight is None or flight.loop is not loop:
            flight = self._flight = _Flight(loop.create_task(self._outcome()), loop)
        return await self._board(flight)

    async def _board(self, flight: _Flight) -> Secret:
        flight.waiting += 1
        try:
            return (await asyncio.shield(flight.task)).unpacked()
        finally:
            flight.waiting -= 1
            if flight.task.done() or not flight.waiting:
                self._flight = None if self._flight is flight else self._flight
            if not flight.task.done() and not flight.waiting:
                flight.task.cancel()
                await asyncio.wait([flight.task])

    async def _outcome(self) -> _Outcome:
        try:
            return _Outcome(await self._fetch())
        except Exception as error:  # noqa: BLE001 - a task's root: it is raised where somebody waits
            return _Outcome(None, error)

    async def _fetch(self) -> Secret:
        self._token = None
        given = await _ask(self._credential)
        if not isinstance(given, Token):
            return given
        if given.is_stale(self._wall()):
            raise ConfigError("api_key", "the token has expired, or will within 15 s")
        self._token = given
        return given.secret


def seal(credential: T) -> T | Secret:
    """The credential as nothing shows it: a plain string becomes a `Secret`, unchecked as yet."""
    return Secret.sealed(credential) if isinstance(credential, str) else credential


async def reveal_credential(credential: Credential) -> Secret:
    """The key for one attempt. Raises ConfigError if what was given is none."""
    return await KeySource.of(credential).key()


async def _ask(credential: Credential) -> Secret | Token:
    if isinstance(credential, KeySource):
        return await credential.key()
    value = seal(credential() if callable(credential) else credential)
    if inspect.isawaitable(value):
        value = seal(await value)
    if isinstance(value, Token):
        return value
    if not isinstance(value, Secret):
        raise ConfigError("api_key", f"the provider gave a {type(value).__name__}, not a key")
    return value.checked()
