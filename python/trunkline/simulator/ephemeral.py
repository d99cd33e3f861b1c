"""Client secrets: short-lived keys that carry a session's configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.simulator import schema
from trunkline.simulator.refusals import missing_parameter
from trunkline.simulator.session import SESSION, SessionConfig
from trunkline.simulator.translation import SESSION as TRANSLATION
from trunkline.simulator.translation import TranslationConfig

if TYPE_CHECKING:
    from trunkline.simulator.identity import Chance, Identity

__all__ = ["DEFAULT_MODEL", "Mint", "Secret"]

DEFAULT_MODEL = "gpt-realtime"
_DEFAULT_TTL = 600
_EXPIRES_AFTER = schema.record(
    {"anchor": schema.choice("created_at"), "seconds": schema.integer(10, 7200)}
)


def _translation(value: Any, path: str) -> None:
    TRANSLATION(value, path)
    if not value.get("model"):
        raise missing_parameter(f"{path}.model")


_BODY = schema.record(
    {
        "expires_after": _EXPIRES_AFTER,
        "session": SESSION,
    }
)
_TRANSLATION_BODY = schema.record(
    {"expires_after": _EXPIRES_AFTER, "session": _translation}, required=("session",)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One client secret; it opens any number of sessions until it expires."""

    value: str
    expires_at: int
    model: str
    session: dict[str, Any] | None
    """What the session starts with, its model left out."""
    is_translation: bool = False
    """Whether it opens translation sessions, and no conversations."""


class Mint:
    """Makes client secrets and knows them again. `wall` is Unix time in seconds."""

    def __init__(
        self, chance: Chance, identity: Identity, *, takes_any_transcriber: bool = False
    ) -> None:
        """`takes_any_transcriber` as sessions have it."""
        self._takes_any_transcriber = takes_any_transcriber
        self._chance = chance
        self._identity = identity
        self._secrets: dict[str, Secret] = {}

    def mint(self, body: Any, wall: float) -> dict[str, Any]:
        """The reply to POST /v1/realtime/client_secrets; raises a Refusal for a bad body."""
        _BODY(body, "")
        given = dict(body.get("session") or {})
        kind = given.get("type", "realtime")
        model = (given.pop("model", None) or DEFAULT_MODEL) if kind == "realtime" else ""
        config = SessionConfig(
            session_id=self._identity.fresh("sess_"),
            model=model,
            expires_at=0,
            kind=kind,
            takes_any_transcriber=self._takes_any_transcriber,
        )
        if given:
            config.update(given, is_voice_locked=False)
        secret = self._issue(body, wall, model=model, session=given or None)
        return {"value": secret.value, "expires_at": secret.expires_at, "session": config.view()}

    def mint_translation(self, body: Any, wall: float) -> dict[str, Any]:
        """The reply to POST /v1/realtime/translations/client_secrets; raises a Refusal."""
        _TRANSLATION_BODY(body, "")
        given = dict(body["session"])
        model = given.pop("model")
        config = TranslationConfig(
            session_id=self._identity.fresh("sess_"), model=model, expires_at=0
        )
        config.update(given)
        secret = self._issue(body, wall, model=model, session=given, is_translation=True)
        return {"value": secret.value, "expires_at": secret.expires_at, "session": config.view()}

    def find(self, value: str, wall: float) -> Secret | None:
        """The secret of that value, unless it is unknown or has expired."""
        secret = self._secrets.get(value)
        return secret if secret is not None and wall < secret.expires_at else None

    def _issue(
        self,
        body: Any,
        wall: float,
        *,
        model: str,
        session: dict[str, Any] | None,
        is_translation: bool = False,
    ) -> Secret:
        seconds = body.get("expires_after", {}).get("seconds", _DEFAULT_TTL)
        secret = Secret(
            value=f"ek_{self._chance.text(32)}",
            expires_at=int(wall) + seconds,
            model=model,
            session=session,
            is_translation=is_translation,
        )
        self._forget_expired(wall)
        self._secrets[secret.value] = secret
        return secret

    def _forget_expired(self, wall: float) -> None:
        expired = [key for key, one in self._secrets.items() if one.expires_at <= wall]
        for key in expired:
            del self._secrets[key]
