"""The shapes of session settings that people write and the server refuses, each told with the right one.

Only what is known to be wrong is refused: a field that is not known here may be one of a compatible server, or newer
than this table. The server discards an update whole for one bad field, and often the application never looks, so
it is told before anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from trunkline.errors import ConfigError
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.policy import G711_RATE_HZ, LAWS

if TYPE_CHECKING:
    from trunkline.audio.codec import Law

__all__ = ["check_session"]

_PCM = '{"type": "audio/pcm", "rate": 24000}'
# Beta setting to what it is now (OpenAI's beta-to-GA migration guide).
_FLAT = {
    "modalities": 'it is output_modalities now: ["audio"] or ["text"], never both (audio brings its transcript)',
    "voice": 'it is audio.output.voice now: {"audio": {"output": {"voice": "marin"}}}',
    "speed": 'it is audio.output.speed now: {"audio": {"output": {"speed": 1.0}}}',
    "input_audio_format": f"it is audio.input.format now, an object: {_PCM}",
    "output_audio_format": f"it is audio.output.format now, an object: {_PCM}",
    "input_audio_transcription": "it is audio.input.transcription now, an object: "
    '{"audio": {"input": {"transcription": {"model": "gpt-realtime-whisper"}}}}',
    "input_audio_noise_reduction": "it is audio.input.noise_reduction now, an object: "
    '{"audio": {"input": {"noise_reduction": {"type": "near_field"}}}}',
    "turn_detection": "it is audio.input.turn_detection now: "
    '{"audio": {"input": {"turn_detection": {"type": "server_vad"}}}}',
    "max_response_output_tokens": "it is max_output_tokens now",
    "client_secret": "it is the server's to give; mint one with connect(ephemeral=…) or `trunkline secret`",
    "model": "it is fixed when the line dials: connect(model=…)",
}
_TEMPERATURE = "the API has none any more; leave it out"
_FORMAT_NAMES = {
    "pcm16": _PCM,
    "pcm": _PCM,
    "g711_ulaw": '{"type": "audio/pcmu"}',
    "g711_alaw": '{"type": "audio/pcma"}',
}
_VAD_FIELDS = {
    "server_vad": "threshold, prefix_padding_ms, silence_duration_ms, idle_timeout_ms",
    "semantic_vad": "eagerness",
}

Check = Callable[[str, Any], None]


def check_session(
    session: Mapping[str, Any],
    *,
    rate_hz: int = 24_000,
    dialect: Dialect = Dialect.GA,
    law: Law | None = None,
) -> None:
    """Raises ConfigError, with the path of the setting and the right shape, for one the server would refuse.

    `rate_hz` and `law` are the line's, for all its life: a format of another kind is refused here.
    """
    if not isinstance(session, Mapping):
        raise ConfigError("session", f"it is an object, not {_kind(session)}")
    for name, advice in _FLAT.items():
        if name in session:
            raise ConfigError(f"session.{name}", advice)
    if "temperature" in session and dialect is Dialect.GA:
        raise ConfigError("session.temperature", _TEMPERATURE)
    _visit("session", session, _CHECKS)
    audio = session.get("audio") or {}
    for direction in ("input", "output"):
        part = audio.get(direction) or {}
        if part.get("format") is not None:
            _check_format(f"session.audio.{direction}.format", part["format"], rate_hz, law)


def _visit(path: str, value: Any, checks: Mapping[str, Any]) -> None:
    """Checks each field that is there; an inner mapping of checks stands for an object."""
    if not isinstance(value, Mapping):
        raise ConfigError(path, f"it is an object, not {_kind(value)}")
    for name, check in checks.items():
        if name not in value:
            continue
        inner = f"{path}.{name}"
        if callable(check):
            check(inner, value[name])
        elif value[name] is not None:
            _visit(inner, value[name], check)


def _kind(value: object) -> str:
    return f"the string {value!r}" if isinstance(value, str) else f"a {type(value).__name__}"


def _one_of(*allowed: str) -> Check:
    def check(path: str, value: Any) -> None:
        if value not in allowed:
            raise ConfigError(path, f"{value!r} is not one of {', '.join(map(repr, allowed))}")

    return check


def _number(low: float, high: float, *, whole: bool = False) -> Check:
    kinds = int if whole else (int, float)

    def check(path: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise ConfigError(path, f"it is a number, not {_kind(value)}")
        if not low <= value <= high:
            raise ConfigError(path, f"{value} is not between {low:g} and {high:g}")

    return check


def _or_none(check: Check) -> Check:
    def checked(path: str, value: Any) -> None:
        if value is not None:
            check(path, value)

    return checked


def _a(kind: type, words: str) -> Check:
    def check(path: str, value: Any) -> None:
        if not isinstance(value, kind):
            raise ConfigError(path, f"it is {words}, not {_kind(value)}")

    return check


def _modalities(path: str, value: Any) -> None:
    if value not in (["audio"], ["text"]):
        reason = 'it is ["audio"] or ["text"], never both: audio brings its transcript along'
        raise ConfigError(path, reason)


def _tokens(path: str, value: Any) -> None:
    if value != "inf":
        _number(1, 4096, whole=True)(path, value)


def _object(example: str) -> Check:
    def check(path: str, value: Any) -> None:
        if value is not None and not isinstance(value, Mapping):
            raise ConfigError(path, f"it is an object such as {example}, not {_kind(value)}")

    return check


def _turn_detection(path: str, value: Any) -> None:
    _object('{"type": "server_vad"}')(path, value)
    if value is None:
        return
    kind = value.get("type")
    if kind == "none":
        raise ConfigError(path, "for turns that are committed by hand it is None")
    _one_of(*_VAD_FIELDS)(f"{path}.type", kind)
    for other, fields in _VAD_FIELDS.items():
        for name in fields.split(", "):
            if other != kind and name in value:
                raise ConfigError(f"{path}.{name}", f"only {other} has it, and this is {kind}")
    _visit(path, value, _VAD_CHECKS)


def _tools(path: str, value: Any) -> None:
    _a(list, "a list")(path, value)
    for index, tool in enumerate(value):
        if isinstance(tool, Mapping) and isinstance(tool.get("function"), Mapping):
            reason = 'name, description and parameters stand beside "type", without "function"'
            raise ConfigError(f"{path}[{index}].function", reason)


def _truncation(path: str, value: Any) -> None:
    if isinstance(value, str):
        _one_of("auto", "disabled")(path, value)


def _check_g711(path: str, kind: str, rate_hz: int) -> None:
    if rate_hz != G711_RATE_HZ:
        reason = f"{kind} has 8000 Hz, the line {rate_hz}: give LinePolicy(rate_hz=8_000)"
        raise ConfigError(path, reason)


def _check_format(path: str, value: Any, rate_hz: int, law: Law | None) -> None:
    if isinstance(value, str):
        right = _FORMAT_NAMES.get(value, _PCM)
        raise ConfigError(path, f"a format is an object: {right}, not the string {value!r}")
    _object(_PCM)(path, value)
    kind = value.get("type", "audio/pcm")
    if kind in _FORMAT_NAMES:
        raise ConfigError(f"{path}.type", f"{kind!r} is the beta's name: {_FORMAT_NAMES[kind]}")
    _one_of("audio/pcm", *LAWS)(f"{path}.type", kind)
    if LAWS.get(kind) != law:
        raise ConfigError(
            path, "a line speaks one format both ways, and the same from its beginning"
        )
    if law is not None:
        _check_g711(path, kind, rate_hz)
        return
    rate = value.get("rate", rate_hz)
    if rate != rate_hz:
        reason = f"the line speaks {rate_hz} Hz, and OpenAI and Azure no other rate than 24000"
        raise ConfigError(
            f"{path}.rate",
            f"{rate} is not possible: {reason}; convert the audio (trunkline.audio.resampler), or give "
            f"LinePolicy(rate_hz={rate}) for a compatible server that takes it",
        )


_FLAG = _a(bool, "True or False")
_MS = _number(0, 60_000, whole=True)
_VAD_CHECKS: dict[str, Check] = {
    "threshold": _number(0, 1),
    "prefix_padding_ms": _MS,
    "silence_duration_ms": _MS,
    "idle_timeout_ms": _or_none(_MS),
    "eagerness": _one_of("low", "medium", "high", "auto"),
    "create_response": _FLAG,
    "interrupt_response": _FLAG,
}
_CHECKS: dict[str, Any] = {
    "type": _one_of("realtime", "transcription", "translation"),
    "output_modalities": _modalities,
    "instructions": _a(str, "a string"),
    "tools": _tools,
    "parallel_tool_calls": _FLAG,
    "max_output_tokens": _tokens,
    "truncation": _truncation,
    "prompt": _object('{"id": "pmpt_…"}'),
    "reasoning": _object('{"effort": "low"}'),
    "include": _or_none(_a(list, "a list")),
    "audio": {
        "input": {
            "transcription": _object('{"model": "gpt-realtime-whisper"}'),
            "noise_reduction": _object('{"type": "near_field"}'),
            "turn_detection": _turn_detection,
        },
        "output": {"speed": _number(0.25, 1.5)},
    },
}
"""By the session object of the API (openai 3.54.0): what it takes, as far as a wrong value is known to be refused."""
