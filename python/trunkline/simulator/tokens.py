"""What a response costs, counted as the API counts.

User audio is one token per 100 ms, assistant audio one per 50 ms; text is taken at four characters
a token, since no tokenizer is worth carrying here. The sums hold exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trunkline.simulator.buffer import SAMPLES_PER_MS

__all__ = [
    "IMAGE_TOKENS",
    "Cost",
    "audio_input_tokens",
    "audio_output_tokens",
    "audio_samples",
    "characters",
    "text_tokens",
    "transcription_usage",
    "usage",
]

_USER_SAMPLES = 100 * SAMPLES_PER_MS
_ASSISTANT_SAMPLES = 50 * SAMPLES_PER_MS
_CHARACTERS = 4
IMAGE_TOKENS = 85
"""Of any image: a small one's, whatever its detail. No source says what this API counts."""


def audio_input_tokens(samples: int) -> int:
    """Tokens of so much user audio, rounded up."""
    return -(-samples // _USER_SAMPLES)


def audio_output_tokens(samples: int) -> int:
    """Tokens of so much assistant audio, rounded up."""
    return -(-samples // _ASSISTANT_SAMPLES)


def audio_samples(tokens: int) -> int:
    """Samples of assistant audio that so many tokens pay for."""
    return max(0, tokens) * _ASSISTANT_SAMPLES


def text_tokens(text: str) -> int:
    """Tokens of the text, rounded up."""
    return -(-len(text) // _CHARACTERS)


def characters(tokens: int) -> int:
    """Characters of text that so many tokens pay for."""
    return tokens * _CHARACTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Tokens of input by what they are of; the cached ones are among them."""

    text: int = 0
    audio: int = 0
    image: int = 0
    cached_text: int = 0
    cached_audio: int = 0
    cached_image: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.text + self.audio + self.image

    @property
    def cached(self) -> int:
        """Those that came from the cache."""
        return self.cached_text + self.cached_audio + self.cached_image


def usage(read: Cost, *, text_out: int, audio_out: int) -> dict[str, Any]:
    """The `usage` of a response."""
    return {
        "total_tokens": read.total + text_out + audio_out,
        "input_tokens": read.total,
        "output_tokens": text_out + audio_out,
        "input_token_details": {
            "text_tokens": read.text,
            "audio_tokens": read.audio,
            "image_tokens": read.image,
            "cached_tokens": read.cached,
            "cached_tokens_details": {
                "text_tokens": read.cached_text,
                "audio_tokens": read.cached_audio,
                "image_tokens": read.cached_image,
            },
        },
        "output_token_details": {"text_tokens": text_out, "audio_tokens": audio_out},
    }


def transcription_usage(samples: int, transcript: str, *, by_time: bool = False) -> dict[str, Any]:
    """The `usage` of a finished input transcription: in tokens, or in seconds of audio."""
    if by_time:
        return {"type": "duration", "seconds": round(samples / (1000 * SAMPLES_PER_MS), 3)}
    heard, written = audio_input_tokens(samples), text_tokens(transcript)
    return {
        "type": "tokens",
        "total_tokens": heard + written,
        "input_tokens": heard,
        "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
        "output_tokens": written,
    }
