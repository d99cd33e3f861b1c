"""Which server a line speaks to: its address, the dialect it speaks, and what it calls a key and a model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from trunkline.client.keyform import KeyForm, Shown, show_key
from trunkline.client.models import DEFAULT_MODEL, XAI_DEFAULT_MODEL
from trunkline.errors import ConfigError
from trunkline.protocol.dialect import Dialect
from trunkline.text import redact
from trunkline.transports.loopback import is_link_local, is_loopback

if TYPE_CHECKING:
    from trunkline.client.credentials import Secret

__all__ = ["AZURE_PREVIEW_VERSION", "DEFAULT_BASE_URL", "Endpoint", "check_call_id"]

DEFAULT_BASE_URL = "https://api.openai.com/v1"
XAI_BASE_URL = "https://api.x.ai/v1"
AZURE_PREVIEW_VERSION = "2025-04-01-preview"
"""The last one of the preview API, which ended on 2026-04-30 (MS Learn, migration from preview to GA)."""
_AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
# As they stand, and as a part: x-api-key, subscription-key, auth_token.
_CREDENTIAL_NAME = re.compile(
    r"(?:^|[-_.])(?:api-?_?key|key|token|secret|password|passwd|pwd|sig|signature|auth|authorization|credential)s?$",
    re.IGNORECASE,
)
_CARRIES = "it holds a credential; give the key as api_key instead (and KeyForm.QUERY, if it must be there)"
_CALL_ID = re.compile(r"[\w-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One kind of server at one address; made by `openai`, `azure`, `azure_preview`, `xai`, `compatible` or `at`."""

    base_url: str = DEFAULT_BASE_URL
    """`https://host/v1`; what stands behind it is `/realtime`."""
    dialect: Dialect = Dialect.GA
    is_azure: bool = False
    """Whether a key goes into the `api-key` header."""
    model_parameter: str = "model"
    query: tuple[tuple[str, str], ...] = ()
    """Further parameters of the address."""
    key_variable: str = "OPENAI_API_KEY"
    """The environment variable with the key."""
    default_model: str | None = DEFAULT_MODEL
    """None where a model is a deployment of one's own."""
    takes_subprotocol: bool = True
    """Whether an ephemeral key may go into the subprotocol."""
    link_local: bool = False
    """Whether a link-local address may be dialed: a cloud tells machines their own keys at such ones."""

    def __post_init__(self) -> None:
        self._split()
        if _holds_key(self.query):
            raise ConfigError("query", _CARRIES)

    # The kinds.

    @classmethod
    def openai(cls, base_url: str = DEFAULT_BASE_URL) -> Endpoint:
        """OpenAI, or a server that is compatible with it."""
        return cls(base_url=base_url)

    @classmethod
    def azure(cls, resource: str) -> Endpoint:
        """Azure OpenAI, generally available API; `resource` is `https://NAME.openai.azure.com`.

        The model is the name of a deployment. A string goes into the `api-key` header, an Entra token (from a
        function that is asked for one; scope `https://ai.azure.com/.default`) into `Authorization`.
        """
        return cls(
            base_url=_with_path(resource, "/openai/v1"),
            is_azure=True,
            key_variable="AZURE_OPENAI_API_KEY",
            default_model=None,
            takes_subprotocol=False,
        )

    @classmethod
    def azure_preview(cls, resource: str, *, api_version: str = AZURE_PREVIEW_VERSION) -> Endpoint:
        """Azure's preview API, with its beta names; the model is the name of a deployment."""
        return cls(
            base_url=_with_path(resource, "/openai"),
            dialect=Dialect.BETA,
            is_azure=True,
            model_parameter="deployment",
            query=(("api-version", api_version),),
            key_variable="AZURE_OPENAI_API_KEY",
            default_model=None,
            takes_subprotocol=False,
        )

    @classmethod
    def xai(cls, base_url: str = XAI_BASE_URL) -> Endpoint:
        """XAI's Grok voice: a link that comes back resumes the conversation at the server."""
        return cls(
            base_url=base_url,
            dialect=Dialect.XAI,
            key_variable="XAI_API_KEY",
            default_model=XAI_DEFAULT_MODEL,
            takes_subprotocol=False,
        )

    @classmethod
    def compatible(cls, base_url: str, *, beta: bool = False) -> Endpoint:
        """Any server of the protocol; `beta` for one that still takes the settings of the preview API."""
        return cls(base_url=base_url, dialect=Dialect.BETA if beta else Dialect.GA)

    @classmethod
    def at(cls, base_url: str) -> Endpoint:
        """The server at an address, known by its host: Azure and xAI by theirs, any other as compatible with OpenAI."""
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        if host == "api.x.ai":
            return cls.xai(base_url)
        if not host.endswith(_AZURE_HOSTS):
            return cls.openai(base_url)
        is_ga = parts.path.rstrip("/") in ("", "/openai/v1")
        return cls.azure(base_url) if is_ga else cls.azure_preview(base_url)

    # The addresses.

    def url(
        self,
        model: str,
        *,
        call_id: str | None = None,
        conversation_id: str = "",
        transcribes: bool = False,
        translates: bool = False,
    ) -> str:
        """The address of a session; with `call_id`, of a call that is under way; or of an interpreter's session.

        OpenAI is told of a session that only transcribes by an `intent` instead of a model, which the settings name.

        Raises ConfigError for anything but https and wss (http and ws to a literal loopback address), and
        for an address that carries a credential: addresses end up in logs, errors and process lists.
        """
        asked = [(self.model_parameter, model)] if call_id is None else [("call_id", call_id)]
        if transcribes and call_id is None and not self.is_azure:
            asked = [("intent", "transcription")]
        if conversation_id:
            asked.append(("conversation_id", conversation_id))
        path = "/realtime/translations" if translates else "/realtime"
        return self._address(path, asked, {"https": "wss", "http": "ws"})

    def http_url(self, path: str) -> str:
        """The address of an HTTP request, such as `/realtime/client_secrets`."""
        return self._address(path, [], {"wss": "https", "ws": "http"})

    def show(
        self, secret: Secret, form: KeyForm, *, names: tuple[tuple[str, str], ...] = ()
    ) -> Shown:
        """The key where this server looks for it, beside headers that hold no secret."""
        return show_key(
            secret,
            form,
            names=names,
            is_azure=self.is_azure,
            takes_subprotocol=self.takes_subprotocol,
        )

    def _split(self) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
        return _split(self.base_url, link_local=self.link_local)

    def _address(self, path: str, asked: list[tuple[str, str]], schemes: dict[str, str]) -> str:
        scheme, netloc, base, query = self._split()
        scheme = schemes.get(scheme, scheme)
        return urlunsplit(
            (scheme, netloc, base + path, urlencode([*query, *self.query, *asked]), "")
        )


def check_call_id(call_id: str) -> str:
    """The id of a call, if it is one. Raises ConfigError otherwise."""
    if not _CALL_ID.fullmatch(call_id):
        raise ConfigError("call_id", "it is the id of a call, such as rtc_…")
    return call_id


@lru_cache(maxsize=16)
def _split(address: str, *, link_local: bool) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    # Each line asks for its address three times before it is live.
    parts = urlsplit(address)
    if parts.scheme not in ("https", "wss", "http", "ws") or not parts.hostname:
        raise ConfigError("base_url", "it must look like https://host/v1")
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    texts = (unquote(parts.path), unquote(parts.fragment))
    # Not the host, which may well be called sk-west.
    if parts.username or parts.password or _holds_key(query, texts):
        raise ConfigError("base_url", _CARRIES)
    if parts.scheme in ("http", "ws") and not is_loopback(parts.hostname):
        raise ConfigError(
            "base_url", "without TLS only a loopback address may be dialed; use https"
        )
    if not link_local and is_link_local(parts.hostname):
        reason = "it is link-local, where clouds answer machines with their keys"
        raise ConfigError("base_url", f"{reason}; Endpoint(…, link_local=True) if you mean it")
    return parts.scheme, parts.netloc, parts.path.rstrip("/"), query


def _with_path(resource: str, path: str) -> str:
    """The resource's address with the API's path, unless it has one already."""
    parts = urlsplit(resource)
    return urlunsplit(parts._replace(path=path)) if parts.path in ("", "/") else resource


def _holds_key(query: tuple[tuple[str, str], ...], texts: tuple[str, ...] = ()) -> bool:
    """Whether a parameter is called what keys are called, or something looks like one."""
    values = (*texts, *(value for _, value in query))
    return any(_CREDENTIAL_NAME.search(name) for name, _ in query) or any(
        redact(text) != text for text in values
    )
