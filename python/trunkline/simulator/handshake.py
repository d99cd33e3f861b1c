"""Who may come in: judged after the upgrade, as the API does it.

The upgrade always succeeds, unless the server plays a gateway. A bad key or model is told by an
`error` event and a close whose reason is `<type>[.<code>]`, at once. The simulator takes only keys
that nobody could mistake for real ones, so that a real one is never put to it by accident and stays
there in a log.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from trunkline.simulator.profiles import PROFILES
from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trunkline.simulator.profiles import Profile

__all__ = [
    "SUBPROTOCOL",
    "Rejection",
    "bad_key",
    "check_key",
    "check_model",
    "check_translation_model",
    "is_test_key",
    "key_of",
    "kind_of",
    "mask",
    "offered_protocols",
    "rejection_of",
]

SUBPROTOCOL = "realtime"
_KEY_PROTOCOL = "openai-insecure-api-key."
_KEY_WORDS = {
    "no-access": ("model_not_found", 4004, 403),
    "no-quota": ("insufficient_quota", 1013, 429),
    "no-credit": ("credit_balance_exhausted", 1013, 429),
}
"""Words in a test key that choose how it is turned away: the error's code, the close code, and the
HTTP status of a gateway."""
_STATUSES = {"invalid_api_key": 401, "invalid_model": 404, None: 401}
"""What a gateway answers instead of an error event, by its code; others are 400."""
_TEST_KEY = re.compile(r"(sk[-_])?(test|sim|fake|dummy|demo|local|mock|canary)", re.IGNORECASE)
_MODELS = ("gpt-realtime", "sim")
_TRANSLATORS = ("gpt-realtime-translate", "sim")
_BETA_MODELS = ("gpt-4o-realtime-preview", "gpt-4o-mini-realtime-preview")
_NOT_CONVERSATIONS = ("gpt-realtime-whisper", "gpt-realtime-translate")


class Rejection(Exception):
    """A connection that is let in only to be told why it cannot stay."""

    def __init__(self, refusal: Refusal, *, close_code: int, status: int | None = None) -> None:
        """`status` is what a gateway answers; that of the refusal's code if not given."""
        super().__init__(refusal.message)
        self.refusal = refusal
        self.close_code = close_code
        self.status = status or _STATUSES.get(refusal.code, 400)
        parts = (refusal.kind, refusal.code)
        self.reason = ".".join(part for part in parts if part)
        """The close reason."""


def offered_protocols(headers: Mapping[str, str]) -> list[str]:
    """The subprotocols a client offers, in its order."""
    offered = headers.get("Sec-WebSocket-Protocol", "")
    return [name.strip() for name in offered.split(",") if name.strip()]


def key_of(headers: Mapping[str, str], protocols: Sequence[str] = ()) -> str | None:
    """The credential, from the Authorization header or from a subprotocol."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    for protocol in protocols:
        if protocol.startswith(_KEY_PROTOCOL):
            return protocol.removeprefix(_KEY_PROTOCOL)
    return None


def is_test_key(key: str) -> bool:
    """Whether the key says of itself that it is none."""
    return _TEST_KEY.match(key) is not None


def mask(key: str) -> str:
    """What may be kept of a key: its kind and its length."""
    kind = re.match(r"(sk|ek)[-_]", key)
    return f"{kind.group() if kind else ''}…({len(key)})"


def bad_key(key: str | None) -> Refusal:
    """The refusal of a missing or unusable key; it never repeats the key."""
    if key is None:
        return Refusal("Missing bearer or basic authentication in header", code=None)
    message = (
        "Incorrect API key provided. This is a simulator: it takes client secrets of its own and "
        "keys that begin with sk-test (or test, sim, fake, dummy, demo, local, mock, canary)."
    )
    return Refusal(message, code="invalid_api_key")


def kind_of(query: Mapping[str, str], session: Mapping[str, Any] | None) -> str:
    """`realtime` or `transcription`: by the client secret's session, else by the intent."""
    if session is not None:
        return str(session["type"])
    return "transcription" if query.get("intent") == "transcription" else "realtime"


def check_key(key: str, model: str) -> None:
    """Raise the Rejection that a test key asks for by its words, if it does."""
    for word, (code, close_code, status) in _KEY_WORDS.items():
        if word in key:
            raise Rejection(_refused_key(code, model), close_code=close_code, status=status)


def rejection_of(close_code: int, reason: str) -> Rejection:
    """The rejection whose reason is `<type>[.<code>]`, as a scenario gives it."""
    kind, _, code = reason.partition(".")
    message = f"The simulator was told to turn this connection away: {reason or close_code}."
    refusal = Refusal(message, code=code or None, kind=kind or "server_error")
    rejection = Rejection(refusal, close_code=close_code)
    rejection.reason = reason
    return rejection


def check_model(
    *,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    default: str | None,
    profile: Profile = PROFILES["openai-ga"],
    kind: str = "realtime",
) -> str:
    """The model of an accepted connection; raises Rejection for what the API closes with 4000.

    `default` is the model a client secret brought along; a transcription session has none.
    """
    _refuse_beta(headers, profile)
    if query.get("intent", "transcription") != "transcription" or (
        "intent" in query and not profile.speaks_ga
    ):
        message = "This simulator knows no intent but 'transcription', and none in other dialects."
        raise _rejection(message, "invalid_intent")
    if kind == "transcription":
        return ""
    model = query.get(profile.model_parameter) or default
    if not model:
        message = f"You must provide a {profile.model_parameter} parameter."
        raise _rejection(message, "missing_model")
    if profile.takes_any_model:
        return model
    if profile.takes_beta_header and model.startswith(_BETA_MODELS):
        return model
    if not model.startswith(_MODELS) or model.startswith(_NOT_CONVERSATIONS):
        raise _rejection(f'Model "{model}" is not supported in realtime mode.', "invalid_model")
    return model


def check_translation_model(
    *,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    default: str | None = None,
    profile: Profile = PROFILES["openai-ga"],
) -> str:
    """The model of an accepted translation; raises Rejection as `check_model` does."""
    _refuse_beta(headers, profile)
    model = query.get(profile.model_parameter) or default
    if not model:
        raise _rejection("You must provide a model parameter.", "missing_model")
    if not model.startswith(_TRANSLATORS):
        raise _rejection(f'Model "{model}" is not supported for translation.', "invalid_model")
    return model


def _refuse_beta(headers: Mapping[str, str], profile: Profile) -> None:
    if "realtime=v1" in headers.get("OpenAI-Beta", "") and not profile.takes_beta_header:
        message = "The beta version of the Realtime API is no longer available."
        raise _rejection(message, "beta_api_shape_disabled")


def _refused_key(code: str, model: str) -> Refusal:
    if code == "model_not_found":
        message = f"The model `{model}` does not exist or you do not have access to it."
        return Refusal(message, code=code)
    message = "You exceeded your current quota, please check your plan and billing details."
    return Refusal(message, code=code, kind="insufficient_quota")


def _rejection(message: str, code: str) -> Rejection:
    return Rejection(Refusal(message, code=code), close_code=4000)
