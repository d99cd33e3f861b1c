"""The answers of a conversation as they were heard, one after the other: what `--save` writes."""

from __future__ import annotations

from trunkline.devices.player import INTERPRETER
from trunkline.protocol import events

__all__ = ["AnswerTape"]


class AnswerTape:
    """Takes a line's events and how much was heard of each item; keeps what was, and of that every sample once."""

    def __init__(self) -> None:
        self._waiting: dict[str, bytearray] = {}
        """What came of each item and was not yet heard."""
        self._heard: dict[str, bytearray] = {}
        """What was, in the order in which the items began to sound."""

    def receive(self, event: events.Event) -> None:
        """Takes one event."""
        if isinstance(event, events.AudioDelta):
            self._waiting.setdefault(event.item_id, bytearray()).extend(event.pcm)
        elif isinstance(event, events.TranslatedAudio):
            self._waiting.setdefault(INTERPRETER, bytearray()).extend(event.pcm)
        elif isinstance(event, events.Interrupted):
            self._waiting.pop(event.item_id, None)

    def heard(self, item_id: str, samples: int) -> None:
        """So much of the item was heard, in all."""
        waiting = self._waiting.get(item_id)
        if waiting is None:
            return
        kept = self._heard.setdefault(item_id, bytearray())
        new = max(0, 2 * samples - len(kept))
        kept += waiting[:new]
        del waiting[:new]

    @property
    def pcm(self) -> bytes:
        """Little-endian int16, mono, at the line's rate."""
        return b"".join(self._heard.values())
