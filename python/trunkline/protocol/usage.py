"""What the responses of a line cost so far, as the server counts it: tokens, by kind, over all its sessions."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.protocol.settings import JsonObject

__all__ = ["Usage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Sums over all responses that are done; a response whose end was lost with its link is not in them."""

    responses: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    input_text_tokens: int = 0
    input_audio_tokens: int = 0
    cached_tokens: int = 0
    """Of the input: what the server had in its cache."""
    cached_text_tokens: int = 0
    cached_audio_tokens: int = 0
    output_text_tokens: int = 0
    output_audio_tokens: int = 0

    def plus(self, usage: object) -> Usage:
        """The sums with one more response; what the server did not count is nothing."""
        told = usage if isinstance(usage, dict) else {}
        inputs, outputs = _part(told, "input_token_details"), _part(told, "output_token_details")
        cached = _part(inputs, "cached_tokens_details")
        return replace(
            self,
            responses=self.responses + 1,
            input_tokens=self.input_tokens + _count(told, "input_tokens"),
            output_tokens=self.output_tokens + _count(told, "output_tokens"),
            input_text_tokens=self.input_text_tokens + _count(inputs, "text_tokens"),
            input_audio_tokens=self.input_audio_tokens + _count(inputs, "audio_tokens"),
            cached_tokens=self.cached_tokens + _count(inputs, "cached_tokens"),
            cached_text_tokens=self.cached_text_tokens + _count(cached, "text_tokens"),
            cached_audio_tokens=self.cached_audio_tokens + _count(cached, "audio_tokens"),
            output_text_tokens=self.output_text_tokens + _count(outputs, "text_tokens"),
            output_audio_tokens=self.output_audio_tokens + _count(outputs, "audio_tokens"),
        )

    def as_dict(self) -> dict[str, int]:
        """The sums by name."""
        return asdict(self)


def _part(told: JsonObject, key: str) -> JsonObject:
    part = told.get(key)
    return part if isinstance(part, dict) else {}


def _count(told: JsonObject, key: str) -> int:
    count = told.get(key)
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 0
