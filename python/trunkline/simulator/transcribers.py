"""The models that write down what the user said, and how they differ on the wire.

From the SDK's docstrings and the API's transcription guide: whisper-1 gives its text in one delta,
the diarizing model gives segments with speakers instead of deltas, the others write word by word;
`delay`, `keywords` and `languages`, `prompt` and log probabilities belong to some of them only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.simulator.refusals import Refusal, invalid_value

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DEFAULT_TRANSCRIBER",
    "TRANSCRIBERS",
    "Transcriber",
    "check_transcriber",
    "transcriber_named",
]

DEFAULT_TRANSCRIBER = "gpt-4o-transcribe"
_DELAYS = {"minimal": 0.0, "low": 0.5, "medium": 1.0, "high": 1.5, "xhigh": 2.0}
"""Shares of the usual delay. The API tells the order only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcriber:
    """What one model does."""

    deltas: str = "words"
    """`words`, `whole` (all in one) or `none`."""
    options: frozenset[str] = frozenset({"language", "prompt"})
    """The settings it takes beside `model`."""
    is_billed_by_time: bool = False
    """Whether `usage` counts seconds instead of tokens."""
    has_segments: bool = False
    tells_languages: bool = False
    has_logprobs: bool = False
    is_manual: bool = False
    """Whether a transcription session with it must do without turn detection."""

    @staticmethod
    def delay_share(settings: Mapping[str, Any]) -> float:
        """The part of the usual delay that these settings ask for."""
        return _DELAYS[settings.get("delay") or "medium"]


_GPT_4O = Transcriber(has_logprobs=True)
_GUIDED = frozenset({"language", "languages", "keywords", "prompt"})
TRANSCRIBERS = {
    "whisper-1": Transcriber(deltas="whole", is_billed_by_time=True),
    "gpt-transcribe": Transcriber(options=_GUIDED, tells_languages=True),
    "gpt-live-transcribe": Transcriber(options=_GUIDED),
    "gpt-4o-mini-transcribe": _GPT_4O,
    "gpt-4o-mini-transcribe-2025-12-15": _GPT_4O,
    "gpt-4o-transcribe": _GPT_4O,
    "gpt-4o-transcribe-diarize": Transcriber(
        deltas="none", options=frozenset({"language"}), has_segments=True
    ),
    "gpt-realtime-whisper": Transcriber(
        options=frozenset({"language", "delay"}), is_billed_by_time=True, is_manual=True
    ),
}
"""By name, in the order the SDK lists them."""


def transcriber_named(name: str) -> Transcriber:
    """The model of that name; a name of the customer's choice, a deployment's, means the default."""
    return TRANSCRIBERS.get(name) or TRANSCRIBERS[DEFAULT_TRANSCRIBER]


def check_transcriber(settings: Mapping[str, Any], path: str, *, takes_any: bool) -> None:
    """Raise a Refusal for an unknown model, unless any name will do, or a setting it does not take."""
    if not takes_any and settings["model"] not in TRANSCRIBERS:
        raise invalid_value(f"{path}.model", settings["model"], TRANSCRIBERS)
    model = transcriber_named(settings["model"])
    for name, value in settings.items():
        if name != "model" and value is not None and name not in model.options:
            message = f"Unsupported option for this model: '{path}.{name}'."
            raise Refusal(message, code="invalid_value", param=f"{path}.{name}")
