"""A dial judged: the key, the model, and what its session begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.simulator.handshake import (
    Rejection,
    bad_key,
    check_key,
    check_model,
    is_test_key,
    key_of,
    mask,
    offered_protocols,
)
from trunkline.simulator.history import DialRecord
from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from aiohttp import web

    from trunkline.simulator.ephemeral import Mint, Secret
    from trunkline.simulator.profiles import Profile

__all__ = ["Admitted", "admit", "record_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A dial that may stay."""

    key: str
    """Masked."""
    model: str
    secret: Secret | None
    conversation_id: str | None
    """The conversation to go on with, on servers that can."""


def admit(request: web.Request, *, mint: Mint, profile: Profile, wall: float) -> Admitted:
    """What the dial asks for; raises Rejection if it may not stay."""
    key = _key(request, profile)
    secret = mint.find(key, wall) if key is not None else None
    if key is None or (secret is None and not is_test_key(key)):
        raise Rejection(bad_key(key), close_code=3000)
    if secret is not None and secret.is_translation:
        message = f'Model "{secret.model}" is not supported in realtime mode.'
        raise Rejection(Refusal(message, code="invalid_model"), close_code=4000)
    model = check_model(
        query=request.query,
        headers=request.headers,
        default=secret.model if secret else None,
        profile=profile,
    )
    check_key(key, model)
    return Admitted(
        key=mask(key),
        model=model,
        secret=secret,
        conversation_id=request.query.get("conversation_id"),
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


def _key(request: web.Request, profile: Profile) -> str | None:
    protocols = offered_protocols(request.headers)
    return key_of(request.headers, protocols) or profile.key_in(request.headers, request.query)
