"""What the service would bill for a session, in tokens; `prices.py` knows what they cost.

Cached tokens are among the input tokens, and cheaper.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Bill"]


@dataclass(slots=True, kw_only=True)
class Bill:
    """Of one session: everything whose end was handed to the connection."""

    responses: int = 0
    """Those that were paid for; a failed one costs nothing."""
    text_in: int = 0
    audio_in: int = 0
    image_in: int = 0
    cached_text_in: int = 0
    cached_audio_in: int = 0
    cached_image_in: int = 0
    text_out: int = 0
    audio_out: int = 0
    transcriptions: int = 0
    transcription_audio_in: int = 0
    transcription_text_out: int = 0
    transcription_seconds: float = 0.0
    """Of models that are paid by the time."""

    @property
    def total_tokens(self) -> int:
        """Of all responses; transcriptions are another model's."""
        return self.text_in + self.audio_in + self.image_in + self.text_out + self.audio_out

    def note_response(self, usage: Mapping[str, Any] | None) -> None:
        """Add the `usage` of a response.done."""
        if not usage or not usage["total_tokens"]:
            return
        self.responses += 1
        read, made = usage["input_token_details"], usage["output_token_details"]
        cached = read["cached_tokens_details"]
        for kind in ("text", "audio", "image"):
            self._add(f"{kind}_in", read[f"{kind}_tokens"])
            self._add(f"cached_{kind}_in", cached[f"{kind}_tokens"])
        self.text_out += made["text_tokens"]
        self.audio_out += made["audio_tokens"]

    def note_transcription(self, usage: Mapping[str, Any]) -> None:
        """Add the `usage` of a finished input transcription."""
        self.transcriptions += 1
        if usage["type"] == "duration":
            self.transcription_seconds += usage["seconds"]
            return
        self.transcription_audio_in += usage["input_tokens"]
        self.transcription_text_out += usage["output_tokens"]

    def to_dict(self) -> dict[str, Any]:
        """The bill as JSON."""
        return asdict(self) | {"total_tokens": self.total_tokens}

    def _add(self, name: str, tokens: int) -> None:
        setattr(self, name, getattr(self, name) + tokens)
