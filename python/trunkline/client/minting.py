"""Ephemeral keys: minted with the key that must stay at home, shown in its place, and gone within minutes.

`POST …/realtime/client_secrets` takes the whole configuration of the session and says when the key ends, by the
server's clock: the answer's `Date` tells how far ours is off. `KeySource` keeps the token, asks again before it ends,
and makes one question of many.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from trunkline.client.credentials import TOKEN_MARGIN, KeySource, Secret, Token
from trunkline.client.keyform import KeyForm
from trunkline.errors import ConfigError, LinkClosed
from trunkline.protocol.closure import Closure, Fault, Phase
from trunkline.protocol.dialect import Dialect
from trunkline.text import clean
from trunkline.transports.gate import KEPT_CHARS, date_of, first_words, retry_after_of
from trunkline.transports.http import HttpClient
from trunkline.transports.websocket import WebSocketTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.client.config import LineConfig
    from trunkline.transports.base import Transport
    from trunkline.transports.http import Answer

__all__ = ["DEFAULT_TTL", "LONGEST_TTL", "SHORTEST_TTL", "Mint", "Minted", "minting"]

# The API's own limits and default (openai 3.54.0, client_secret_create_params).
SHORTEST_TTL, LONGEST_TTL = 10, 7200
DEFAULT_TTL = 600
_PATH = "/realtime/client_secrets"
_TRANSLATION_PATH = "/realtime/translations/client_secrets"
_HEADER_FORMS = (KeyForm.BEARER, KeyForm.API_KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A fresh key, and the session it opens."""

    token: Token
    session: dict[str, Any]
    """With the server's defaults; empty if it did not say."""


class Mint:
    """Mints ephemeral keys for the sessions of one configuration; a credential for `connect` and `LineConfig`.

    Give lines a `KeySource(mint)` in common, and they share one key while it is fresh.
    """

    def __init__(
        self,
        config: LineConfig,
        *,
        ttl: int = DEFAULT_TTL,
        http: HttpClient | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """The key of `config` does the minting. Raises ConfigError for what no server would mint."""
        if not SHORTEST_TTL <= ttl <= LONGEST_TTL:
            raise ConfigError(
                "ephemeral", f"{ttl} s is not between {SHORTEST_TTL} and {LONGEST_TTL} s"
            )
        if config.server().dialect is not Dialect.GA:
            reason = "only the GA API of OpenAI and Azure is known to mint keys"
            raise ConfigError("ephemeral", f"{reason}; give this server its key itself")
        if config.call_id is not None:
            raise ConfigError("ephemeral", "a call that is under way is joined with the key itself")
        self._config = config
        self._keys = KeySource.of(config.credential)
        self._ttl = ttl
        self._http = http or HttpClient()
        self._wall = wall

    async def __call__(self) -> Token:
        """A new key. Raises LinkClosed, with the evidence, if the server gives none."""
        return (await self.mint()).token

    async def mint(self) -> Minted:
        """A new key and its session. Raises LinkClosed, with the evidence, if the server gives none."""
        secret = await self._keys.key()
        path = _TRANSLATION_PATH if self._config.translates else _PATH
        answer = await self._http.post(
            self._config.server().http_url(path), headers=self._headers(secret), body=self._body()
        )
        if answer.status != 200:
            raise LinkClosed(_refused(answer, secret))
        return self._read(answer)

    def _headers(self, secret: Secret) -> tuple[tuple[str, str], ...]:
        if secret.is_ephemeral:
            raise ConfigError("api_key", "an ephemeral key cannot mint another; give the API key")
        form = self._config.key_form
        # The other forms are the WebSocket's: an HTTP request always has headers.
        form = form if form in _HEADER_FORMS else KeyForm.AUTO
        return self._config.server().show(secret, form, names=tuple(self._config.headers())).headers

    def _body(self) -> bytes:
        session = self._config.policy.session
        if self._config.translates:
            # Its type is said by the address, and is no field here.
            session = {"model": self._config.model, "audio": session.get("audio", {})}
        elif session.get("type") != "transcription":
            # Of one that only transcribes, the settings name the model.
            session = {"type": "realtime", "model": self._config.model} | session
        expiry = {"anchor": "created_at", "seconds": self._ttl}
        return orjson.dumps({"expires_after": expiry, "session": session})

    def _read(self, answer: Answer) -> Minted:
        body = _json(answer.body)
        value, expires_at = body.get("value"), body.get("expires_at")
        if not isinstance(value, str) or not isinstance(expires_at, int | float):
            detail = "the server's answer holds no client secret"
            raise LinkClosed(Closure(fault=Fault.CREDENTIAL, phase=Phase.CREDENTIAL, detail=detail))
        said = date_of(answer.headers)
        skew = 0.0 if said is None else said - self._wall()
        session = body.get("session")
        return Minted(
            token=Token(Secret(value), float(expires_at), skew),
            session=session if isinstance(session, dict) else {},
        )


def _json(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _refused(answer: Answer, secret: Secret) -> Closure:
    error = _json(answer.body).get("error")
    error = error if isinstance(error, dict) else {}
    words = error.get("message")
    words = words if isinstance(words, str) else first_words(answer.body)
    moved = 300 <= answer.status < 400
    return Closure(
        error_type=_text_or_none(error.get("type")),
        error_code=_text_or_none(error.get("code")),
        status=answer.status,
        retry_after=retry_after_of(answer.headers),
        fault=Fault.REDIRECT if moved else None,
        phase=Phase.CREDENTIAL,
        detail=clean(secret.blot(words), limit_chars=KEPT_CHARS),
    )


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def minting(config: LineConfig, ttl: int, transport: Transport) -> LineConfig:
    """The same with keys that are minted for it. Raises ConfigError for keys that end too soon."""
    if ttl <= TOKEN_MARGIN:
        raise ConfigError(
            "ephemeral", f"a line needs keys that live longer than {TOKEN_MARGIN:g} s"
        )
    http = transport.http() if isinstance(transport, WebSocketTransport) else HttpClient()
    return replace(config, credential=Mint(config, ttl=ttl, http=http))
