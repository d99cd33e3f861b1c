"""Client secrets: short-lived keys that carry a session's configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.simulator import schema
from trunkline.simulator.session import SESSION, SessionConfig

if TYPE_CHECKING:
    from trunkline.simulator.identity import Chance, Identity

__all__ = ["DEFAULT_MODEL", "Mint", "Secret"]

DEFAULT_MODEL = "gpt-realtime"
_DEFAULT_TTL = 600
_BODY = schema.record(
    {
        "expires_after": schema.record(
            {"anchor": schema.choice("created_at"), "seconds": schema.integer(10, 7200)}
        ),
        "session": SESSION,
    }
)
_TRANSLATION_INPUT = schema.record(
    {
        "transcription": schema.nullable(schema.anything),
        "noise_reduction": schema.nullable(schema.anything),
    }
)
_TRANSLATION_BODY = schema.record(
    {
        "expires_after": schema.record(
            {"anchor": schema.choice("created_at"), "seconds": schema.integer(10, 7200)}
        ),
        "session": schema.record(
            {
                "model": schema.text(limit=128),
                "audio": schema.record(
                    {
                        "input": _TRANSLATION_INPUT,
                        "output": schema.record({"language": schema.text(limit=64)}),
                    }
                ),
            },
            required=("model",),
        ),
    },
    required=("session",),
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

    def __init__(self, chance: Chance, identity: Identity) -> None:
        self._chance = chance
        self._identity = identity
        self._secrets: dict[str, Secret] = {}

    def mint(self, body: Any, wall: float) -> dict[str, Any]:
        """The reply to POST /v1/realtime/client_secrets; raises a Refusal for a bad body."""
        _BODY(body, "")
        given = dict(body.get("session") or {})
        model = given.pop("model", DEFAULT_MODEL)
        config = SessionConfig(session_id=self._identity.fresh("sess_"), model=model, expires_at=0)
        if given:
            config.update(given, is_voice_locked=False)
        secret = self._issue(body, wall, model=model, session=given or None)
        return {"value": secret.value, "expires_at": secret.expires_at, "session": config.view()}

    def mint_translation(self, body: Any, wall: float) -> dict[str, Any]:
        """The reply to POST /v1/realtime/translations/client_secrets; raises a Refusal."""
        _TRANSLATION_BODY(body, "")
        given = body["session"]
        secret = self._issue(body, wall, model=given["model"], session=given, is_translation=True)
        session = {
            "id": self._identity.fresh("sess_"),
            "object": "realtime.translation_session",
            "type": "translation",
            "expires_at": 0,
            **given,
        }
        return {"value": secret.value, "expires_at": secret.expires_at, "session": session}

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
