"""How a link ended, without what nobody may see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.errors import TrunklineError
from trunkline.protocol.closure import Closure, Fault, Phase

if TYPE_CHECKING:
    from trunkline.client.credentials import Secret

__all__ = ["no_credential", "shown"]


def no_credential(error: Exception) -> Closure:
    """There was no key to dial with."""
    # The provider's own words may hold what it was asked with; ours do not.
    ours = isinstance(error, TrunklineError)
    detail = str(error) if ours else f"{type(error).__name__} in the credential provider"
    return Closure(fault=Fault.CREDENTIAL, phase=Phase.CREDENTIAL, detail=detail)


def shown(closure: Closure, secret: Secret | None) -> Closure:
    """The evidence with the kind of the key, and without the key, which a server may repeat in any form."""
    if secret is None:
        return closure
    reason, detail = secret.blot(closure.reason), secret.blot(closure.detail)
    return replace(closure, reason=reason, detail=detail, ephemeral_key=secret.is_ephemeral)
