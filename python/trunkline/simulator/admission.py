"""A dial judged: the key, the model, and what its session begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from trunkline.simulator.handshake import (
    Rejection,
    bad_key,
    check_key,
    check_model,
    check_translation_model,
    is_test_key,
    key_of,
    kind_of,
    mask,
    offered_protocols,
)
from trunkline.simulator.history import DialRecord
from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from aiohttp import web

    from trunkline.simulator.ephemeral import Mint, Secret
    from trunkline.simulator.profiles import Profile

__all__ = ["Admitted", "Judge", "admit", "admit_translation", "record_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A dial that may stay."""

    key: str
    """Masked."""
    model: str
    """Empty for a transcription session."""
    kind: str
    """`realtime`, `transcription` or `translation`."""
    session: dict[str, Any] | None
    """What a client secret brought along, without its model."""
    conversation_id: str | None
    """The conversation to go on with, on servers that can."""


class Judge(Protocol):
    """Says of a dial what it asks for, or raises Rejection."""

    def __call__(
        self, request: web.Request, *, mint: Mint, profile: Profile, wall: float
    ) -> Admitted:
        """`wall` is Unix time, which client secrets expire by."""


def admit(request: web.Request, *, mint: Mint, profile: Profile, wall: float) -> Admitted:
    """What a dial asks for that wants a session; raises Rejection if it may not stay."""
    key, secret = _identified(request, mint, profile, wall)
    if secret is not None and secret.is_translation:
        raise _wrong_model(secret, "in realtime mode")
    session = secret.session if secret is not None else None
    kind = kind_of(request.query, session)
    model = check_model(
        query=request.query,
        headers=request.headers,
        default=secret.model if secret is not None else None,
        profile=profile,
        kind=kind,
    )
    check_key(key, model)
    return Admitted(
        key=mask(key),
        model=model,
        kind=kind,
        session=session,
        conversation_id=request.query.get("conversation_id"),
    )


def admit_translation(
    request: web.Request, *, mint: Mint, profile: Profile, wall: float
) -> Admitted:
    """What a dial asks for that wants a translation; raises Rejection if it may not stay."""
    key, secret = _identified(request, mint, profile, wall)
    if secret is not None and not secret.is_translation:
        raise _wrong_model(secret, "for translation")
    model = check_translation_model(
        query=request.query,
        headers=request.headers,
        default=secret.model if secret is not None else None,
        profile=profile,
    )
    check_key(key, model)
    return Admitted(
        key=mask(key),
        model=model,
        kind="translation",
        session=secret.session if secret is not None else None,
        conversation_id=None,
    )


def record_of(request: web.Request, profile: Profile, *, number: int, at: float) -> DialRecord:
    """The dial as it is kept; its key masked."""
    key = _key(request, profile)
    return DialRecord(
        number=number,
        at=at,
        key="" if key is None else mask(key),
        model=request.query.get(profile.model_parameter, ""),
    )


def _identified(
    request: web.Request, mint: Mint, profile: Profile, wall: float
) -> tuple[str, Secret | None]:
    """The key, and the client secret that it is if it is one; raises Rejection for a bad one."""
    key = _key(request, profile)
    secret = mint.find(key, wall) if key is not None else None
    if key is None or (secret is None and not is_test_key(key)):
        raise Rejection(bad_key(key), close_code=3000)
    return key, secret


def _wrong_model(secret: Secret, where: str) -> Rejection:
    message = f'Model "{secret.model}" is not supported {where}.'
    return Rejection(Refusal(message, code="invalid_model"), close_code=4000)


def _key(request: web.Request, profile: Profile) -> str | None:
    protocols = offered_protocols(request.headers)
    return key_of(request.headers, protocols) or profile.key_in(request.headers, request.query)
