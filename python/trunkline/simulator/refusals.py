"""The ways the API says no, in its own words.

A refusal is raised where the rule is checked and becomes an `error` event in one place, the engine.
It never leaves the simulator as an exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Refusal",
    "above_maximum",
    "already_active",
    "below_minimum",
    "commit_too_small",
    "invalid_audio",
    "invalid_type",
    "invalid_value",
    "missing_item",
    "missing_parameter",
    "not_built",
    "quoted_list",
    "rate_limited",
    "server_trouble",
    "too_long",
    "unknown_parameter",
]


class Refusal(Exception):
    """One refused request; `code` and `param` may be None, as on the wire."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.kind = kind

    def body(self, event_id: str | None = None) -> dict[str, Any]:
        """The `error` object of an `error` event; `event_id` is the client's, if it gave one."""
        return {
            "type": self.kind,
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "event_id": event_id,
        }


def quoted_list(values: Iterable[str]) -> str:
    """The values as the API lists them: `'a', 'b', and 'c'`."""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 2:
        return "".join(quoted)
    if len(quoted) == 2:
        return f"{quoted[0]} and {quoted[1]}"
    return f"{', '.join(quoted[:-1])}, and {quoted[-1]}"


def unknown_parameter(param: str) -> Refusal:
    """A field the API does not know."""
    return Refusal(f"Unknown parameter: '{param}'.", code="unknown_parameter", param=param)


def missing_parameter(param: str) -> Refusal:
    """A field the API insists on."""
    message = f"Missing required parameter: '{param}'."
    return Refusal(message, code="missing_required_parameter", param=param)


def invalid_value(param: str, value: object, supported: Iterable[str]) -> Refusal:
    """A value that is not among those the API lists."""
    message = f"Invalid value: '{value}'. Supported values are: {quoted_list(supported)}."
    return Refusal(message, code="invalid_value", param=param)


def invalid_type(param: str, expected: str, got: object) -> Refusal:
    """A value of another JSON type than the field's; `expected` has its article."""
    message = f"Invalid type for '{param}': expected {expected}, but got {_json_type(got)} instead."
    return Refusal(message, code="invalid_type", param=param)


def below_minimum(param: str, low: float, got: float) -> Refusal:
    """A number under its range."""
    return _out_of_range(param, got, word="below minimum", sign=">=", bound=low, code="below_min")


def above_maximum(param: str, high: float, got: float) -> Refusal:
    """A number over its range."""
    return _out_of_range(param, got, word="above maximum", sign="<=", bound=high, code="above_max")


def too_long(param: str, limit: int, got: int) -> Refusal:
    """A string longer than its limit in characters."""
    message = (
        f"Invalid '{param}': string too long. Expected a string with maximum length {limit}, "
        f"but got a string with length {got} instead."
    )
    return Refusal(message, code="string_above_max_length", param=param)


def not_built(param: str, what: str) -> Refusal:
    """Something the API can do and this simulator cannot; silence would mislead."""
    message = f"Invalid value for '{param}': this simulator does not imitate {what}."
    return Refusal(message, code="invalid_value", param=param)


def invalid_audio(param: str, reason: str, *, kind: str = "mono PCM16 at 24kHz") -> Refusal:
    """Audio that is not base64 of whole samples; `kind` names the format that was expected."""
    message = (
        f"Invalid '{param}'. Expected base64-encoded audio bytes ({kind}) "
        f"but got an invalid value: {reason}."
    )
    return Refusal(message, code="invalid_value", param=param)


def commit_too_small(buffered_ms: float) -> Refusal:
    """A commit of less than 100 ms."""
    message = (
        "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
        f"but buffer only has {buffered_ms:.2f}ms of audio."
    )
    return Refusal(message, code="input_audio_buffer_commit_empty")


def missing_item(doing: str, item_id: str, *, code: str, param: str) -> Refusal:
    """An item id that is not in the conversation; `doing` is the verb in -ing."""
    message = f"Error {doing} item: the item with id '{item_id}' does not exist."
    return Refusal(message, code=code, param=param)


def already_active(response_id: str) -> Refusal:
    """A second response for the default conversation while one is running."""
    message = (
        f"Conversation already has an active response in progress: {response_id}. "
        "Wait until the response is finished before creating a new one."
    )
    return Refusal(message, code="conversation_already_has_active_response")


def rate_limited(model: str, *, limit: int, used: int, requested: int, wait: float) -> Refusal:
    """Too many tokens a minute; told inside a failed response, with the time to wait in seconds."""
    message = (
        f"Rate limit reached for {model} on tokens per min (TPM): Limit {limit}, Used {used}, "
        f"Requested {requested}. Please try again in {wait:.3f}s."
    )
    return Refusal(message, code="rate_limit_exceeded", kind="rate_limit_exceeded")


def server_trouble(session_id: str) -> Refusal:
    """The server's own fault (livekit/agents#4617)."""
    message = (
        "The server had an error while processing your request. Sorry about that! "
        f"Please include the session ID in your message: {session_id}."
    )
    return Refusal(message, code=None, kind="server_error")


def _out_of_range(
    param: str, got: float, *, word: str, sign: str, bound: float, code: str
) -> Refusal:
    kind = "integer" if isinstance(got, int) else "decimal"
    message = (
        f"Invalid '{param}': {kind} {word} value. Expected a value {sign} {bound:g}, "
        f"but got {got:g} instead."
    )
    return Refusal(message, code=f"{kind}_{code}_value", param=param)


def _json_type(value: object) -> str:
    names: dict[type, str] = {
        bool: "a boolean",
        int: "an integer",
        float: "a decimal",
        str: "a string",
        list: "an array",
        dict: "an object",
        type(None): "null",
    }
    return names.get(type(value), "an unsupported value")
