"""Transcripts of what the user said: another model's work, so they come when they come.

A transcription has a delay of its own and runs beside the response; the transcripts of two turns
are in no order. Only `item_id` tells which is which.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from trunkline.simulator.tokens import transcription_usage

if TYPE_CHECKING:
    from trunkline.simulator.emitter import Emitter
    from trunkline.simulator.items import Item

__all__ = ["Transcriptions", "words"]

_PREFIX = "conversation.item.input_audio_transcription."
_WORD_DELAY = 0.02
"""Between two pieces; five in 40 ms were recorded for text."""


def words(text: str) -> list[str]:
    """The text in pieces of one word with the space before it; joined they are the text."""
    return re.findall(r"\s*\S+\s*$|\s*\S+", text) or ([text] if text else [])


class Transcriptions:
    """The transcriptions in progress."""

    def __init__(self, emitter: Emitter) -> None:
        self._emitter = emitter
        self._steps: deque[tuple[float, Item, str | None]] = deque()

    def start(self, item: Item, at: float) -> None:
        """Begin to write down an item's audio at `at`."""
        steps = list(self._steps)
        pieces = words(item.heard)
        steps += [(at + index * _WORD_DELAY, item, piece) for index, piece in enumerate(pieces)]
        steps.append((at + len(pieces) * _WORD_DELAY, item, None))
        # Stable: the pieces of one item stay in order, those of two items mix by time.
        self._steps = deque(sorted(steps, key=lambda step: step[0]))

    def deadline(self) -> float | None:
        """When the next piece is due."""
        return self._steps[0][0] if self._steps else None

    def advance(self) -> None:
        """Emit the next piece."""
        _, item, piece = self._steps.popleft()
        if piece is not None:
            kind = f"{_PREFIX}delta"
            self._emitter.emit_padded(kind, delta=piece, item_id=item.id, content_index=0)
            return
        item.body["content"][0]["transcript"] = item.heard
        self._emitter.emit(
            f"{_PREFIX}completed",
            item_id=item.id,
            content_index=0,
            transcript=item.heard,
            usage=transcription_usage(item.audio_samples(), item.heard),
        )
