"""Push-to-talk: a button that is pressed to speak and pressed again to have it answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.devices.base import RATE_HZ

if TYPE_CHECKING:
    from trunkline.devices.headset import Headset, SoundLine

__all__ = ["LEAST_MS", "Button"]

LEAST_MS = 100
"""Less is refused by the server as an empty turn."""


class Button:
    """Opens and closes a headset's microphone on a line whose server does not listen for turns by itself."""

    def __init__(self, line: SoundLine, headset: Headset) -> None:
        self._line = line
        self._headset = headset
        self._samples = 0
        headset.is_open = False

    @property
    def is_pressed(self) -> bool:
        """Whether the microphone is open."""
        return self._headset.is_open

    def captured(self, pcm: bytes) -> None:
        """Counts what went to the line."""
        self._samples += len(pcm) // 2

    def press(self) -> str:
        """Begins a turn, which ends an answer that is being given, or ends it; gives what there is to say of that."""
        if not self._headset.is_open:
            self._headset.interrupt()
            self._samples, self._headset.is_open = 0, True
            return ""
        self._headset.is_open = False
        if self._samples * 1000 < LEAST_MS * RATE_HZ:
            self._line.send({"type": "input_audio_buffer.clear"})
            return "that was too short to be a turn"
        self._line.send({"type": "input_audio_buffer.commit"})
        self._line.send({"type": "response.create"})
        return ""
