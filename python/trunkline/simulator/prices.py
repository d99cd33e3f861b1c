"""What the tokens of a bill cost, at the list prices of a day.

Prices change: these are those of the models' own pages (developers.openai.com/api/docs/models/MODEL), read on
2026-11-22, in US dollars for a million tokens. A model that is not here has no price, and is not guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.simulator.bill import Bill

__all__ = ["PRICES", "Price", "dollars"]

_MILLION = 1_000_000
_WHISPER_MINUTE = 0.017
"""gpt-realtime-whisper, the only transcription that is paid by its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Of one model, in dollars for a million tokens: input that is new, input from the cache, output."""

    text: tuple[float, float, float]
    audio: tuple[float, float, float]
    image: tuple[float, float]


_LARGE = Price(text=(4.0, 0.4, 24.0), audio=(32.0, 0.4, 64.0), image=(5.0, 0.5))
PRICES: dict[str, Price] = {
    "gpt-realtime-2.1": _LARGE,
    "gpt-realtime-2": _LARGE,
    "gpt-realtime-2.1-mini": Price(
        text=(0.6, 0.06, 2.4), audio=(10.0, 0.3, 20.0), image=(0.8, 0.08)
    ),
    "gpt-realtime-1.5": Price(text=(4.0, 0.4, 16.0), audio=(32.0, 0.4, 64.0), image=(5.0, 0.5)),
}
"""By model, as its page states them."""


def dollars(bill: Bill, model: str) -> float | None:
    """What a session of the model would have cost; None if its price is not known.

    Without transcriptions that are paid by tokens, whose model is another one and not on the bill.
    """
    price = PRICES.get(model)
    if price is None:
        return None
    tokens = (
        (bill.text_in - bill.cached_text_in, price.text[0]),
        (bill.cached_text_in, price.text[1]),
        (bill.text_out, price.text[2]),
        (bill.audio_in - bill.cached_audio_in, price.audio[0]),
        (bill.cached_audio_in, price.audio[1]),
        (bill.audio_out, price.audio[2]),
        (bill.image_in - bill.cached_image_in, price.image[0]),
        (bill.cached_image_in, price.image[1]),
    )
    spoken = bill.transcription_seconds / 60 * _WHISPER_MINUTE
    return sum(count * each for count, each in tokens) / _MILLION + spoken
