"""What the model reads for a response: instructions, tools and items, and what they cost.

What a response reads in the same words as the one before it, from the beginning on, comes from the
cache. The API counts cached tokens in blocks of its own; here they are counted item by item.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import orjson

from trunkline.simulator.tokens import (
    IMAGE_TOKENS,
    Cost,
    audio_input_tokens,
    audio_output_tokens,
    text_tokens,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.simulator.items import Item

__all__ = ["Prompt"]


@dataclass(frozen=True, slots=True)
class _Section:
    """One piece of the prompt, and how it is told from others."""

    key: tuple[str, ...]
    text: int = 0
    audio: int = 0
    image: int = 0


class Prompt:
    """Of one response, as its sections in the order they are read."""

    def __init__(self, *, instructions: str, tools: Sequence[Any], items: Sequence[Item]) -> None:
        written = orjson.dumps(list(tools)).decode() if tools else ""
        self._sections = [
            _Section(("instructions", instructions), text=text_tokens(instructions)),
            _Section(("tools", written), text=text_tokens(written)),
            *map(_section, items),
        ]

    def cost(self, before: Prompt | None) -> Cost:
        """Its tokens, given the prompt of the response before."""
        cached = _sums(self._sections[: self._shared(before)])
        text, audio, image = _sums(self._sections)
        return Cost(
            text=text,
            audio=audio,
            image=image,
            cached_text=cached[0],
            cached_audio=cached[1],
            cached_image=cached[2],
        )

    def _shared(self, before: Prompt | None) -> int:
        """How many sections are the same, from the first on."""
        pairs = zip(self._sections, before._sections if before else (), strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _sums(sections: Sequence[_Section]) -> tuple[int, int, int]:
    return (
        sum(section.text for section in sections),
        sum(section.audio for section in sections),
        sum(section.image for section in sections),
    )


def _section(item: Item) -> _Section:
    images = sum(part["type"] == "input_image" for part in item.body.get("content", ()))
    audio = audio_output_tokens if item.role == "assistant" else audio_input_tokens
    text = _written(item)
    heard = audio(item.audio_samples())
    # A truncation changes the length, a deletion the neighbour.
    return _Section((item.id, text, str(heard)), text_tokens(text), heard, images * IMAGE_TOKENS)


def _written(item: Item) -> str:
    """What is paid for as text; the transcript of speech is not."""
    if item.body["type"] != "message":
        return item.text()
    return " ".join(part["text"] for part in item.body["content"] if "text" in part)
