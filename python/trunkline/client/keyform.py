"""Where a key is put on the wire: a header, a subprotocol or the query."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.client.credentials import Secret

__all__ = ["KeyForm", "Shown", "show_key", "warn_of"]

SUBPROTOCOL = "realtime"
# RFC 6455 §4.1: a subprotocol is a token of RFC 9110 §5.6.2; a comma or a slash would break the header apart.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# An Entra token is a JWT: three parts, the first of which is base64 of `{"`.
_JWT = re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]*")


class KeyForm(Enum):
    """How a key is shown to the server."""

    AUTO = "auto"
    """What the endpoint is known to take: an ephemeral key (`ek_…`) in the subprotocol, any other in its header."""
    BEARER = "bearer"
    """`Authorization: Bearer …`."""
    API_KEY = "api-key"
    """The `api-key` header, as Azure has it."""
    SUBPROTOCOL = "subprotocol"
    """`Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.…`, also for a key that never ends."""
    QUERY = "query"
    """In the address, which proxies and servers write into their logs: for a server that takes nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What goes into the upgrade; in no repr."""

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    subprotocols: tuple[str, ...] = field(default=(), repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def show_key(
    secret: Secret,
    form: KeyForm,
    *,
    names: tuple[tuple[str, str], ...] = (),
    is_azure: bool = False,
    takes_subprotocol: bool = True,
) -> Shown:
    """The key in its form, beside headers that hold no secret (`names`).

    The subprotocol form says organisation and project in subprotocols of their own, as a browser must; what it has no
    form for stays a header. Raises ConfigError for a key that the form cannot carry, without repeating it.
    """
    if form is KeyForm.AUTO:
        form = _chosen(secret, is_azure=is_azure, takes_subprotocol=takes_subprotocol)
    if form is KeyForm.SUBPROTOCOL:
        return _subprotocols(secret, names)
    if form is KeyForm.QUERY:
        return _query(secret, names, is_azure=is_azure)
    return Shown(headers=(*names, _HEADERS[form](secret.reveal())))


def _bearer(key: str) -> tuple[str, str]:
    return "Authorization", f"Bearer {key}"


def _api_key(key: str) -> tuple[str, str]:
    return "api-key", key


_HEADERS: dict[KeyForm, Callable[[str], tuple[str, str]]] = {
    KeyForm.BEARER: _bearer,
    KeyForm.API_KEY: _api_key,
}
# protocol: Sec-WebSocket-Protocol names of OpenAI's browser form (developers.openai.com, realtime-websocket).
_NAMES = {"OpenAI-Organization": "openai-organization", "OpenAI-Project": "openai-project"}


def _chosen(secret: Secret, *, is_azure: bool, takes_subprotocol: bool) -> KeyForm:
    if secret.is_ephemeral:
        return KeyForm.SUBPROTOCOL if takes_subprotocol else KeyForm.BEARER
    is_key = is_azure and not _JWT.fullmatch(secret.reveal())
    return KeyForm.API_KEY if is_key else KeyForm.BEARER


def _subprotocols(secret: Secret, names: tuple[tuple[str, str], ...]) -> Shown:
    key = secret.reveal()
    if not _TOKEN.fullmatch(key):
        raise ConfigError("api_key", "the key holds characters that no subprotocol may carry")
    said = [(name, value) for name, value in names if name in _NAMES]
    for name, value in said:
        if not _TOKEN.fullmatch(value):
            raise ConfigError(name, "it holds characters that no subprotocol may carry")
    offered = [SUBPROTOCOL, f"openai-insecure-api-key.{key}"]
    offered += [f"{_NAMES[name]}.{value}" for name, value in said]
    kept = tuple((name, value) for name, value in names if name not in _NAMES)
    return Shown(headers=kept, subprotocols=tuple(offered))


def _query(secret: Secret, names: tuple[tuple[str, str], ...], *, is_azure: bool) -> Shown:
    parameter = "api-key" if is_azure else "api_key"
    return Shown(headers=names, query=((parameter, secret.reveal()),))


_warned: set[KeyForm] = set()


def warn_of(form: KeyForm) -> None:
    """Says once in a process what a form gives away."""
    if form is KeyForm.QUERY and form not in _warned:
        _warned.add(form)
        warnings.warn(
            "the key goes into the address, which proxies and servers write into their logs; "
            "use KeyForm.BEARER or an ephemeral key wherever the server takes one",
            UserWarning,
            stacklevel=2,
        )
