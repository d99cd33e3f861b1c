"""What a response costs, counted as the API counts.

User audio is one token per 100 ms, assistant audio one per 50 ms; text is taken at four characters
a token, since no tokenizer is worth carrying here. The sums hold exactly.
"""

from __future__ import annotations

from typing import Any

from trunkline.simulator.buffer import SAMPLES_PER_MS

__all__ = [
    "audio_input_tokens",
    "audio_output_tokens",
    "text_tokens",
    "transcription_usage",
    "usage",
]

_USER_SAMPLES = 100 * SAMPLES_PER_MS
_ASSISTANT_SAMPLES = 50 * SAMPLES_PER_MS


def audio_input_tokens(samples: int) -> int:
    """Tokens of so much user audio, rounded up."""
    return -(-samples // _USER_SAMPLES)


def audio_output_tokens(samples: int) -> int:
    """Tokens of so much assistant audio, rounded up."""
    return -(-samples // _ASSISTANT_SAMPLES)


def text_tokens(text: str) -> int:
    """Tokens of the text, rounded up."""
    return -(-len(text) // 4)


def usage(*, text_in: int, audio_in: int, text_out: int, audio_out: int) -> dict[str, Any]:
    """The `usage` of a response; nothing is ever taken from a cache."""
    return {
        "total_tokens": text_in + audio_in + text_out + audio_out,
        "input_tokens": text_in + audio_in,
        "output_tokens": text_out + audio_out,
        "input_token_details": {
            "text_tokens": text_in,
            "audio_tokens": audio_in,
            "image_tokens": 0,
            "cached_tokens": 0,
            "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0},
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
