"""A voice that can be told what to say next."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from trunkline.simulator.reply import Reply
from trunkline.simulator.voice import Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.simulator.reply import Answer
    from trunkline.simulator.voice import Utterance, Voice

__all__ = ["Prompted"]

_MS_PER_CHARACTER = 65
"""A usual tempo: 150 words of six characters in a minute."""
_LEAST_MS = 300


class Prompted:
    """Answers with the lines it was given, in order, and else with the voice behind it."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._lines: deque[str] = deque()

    def say(self, text: str) -> None:
        """The text of the next answer that is not spoken for."""
        self._lines.append(text)

    def hear(self, pcm: bytes) -> str:
        """What the voice behind it hears."""
        return self._voice.hear(pcm)

    def reply(self, context: Sequence[Utterance]) -> Answer:
        """The next line as a tone of its length, or the voice's own answer."""
        if not self._lines:
            return self._voice.reply(context)
        text = self._lines.popleft()
        tone = Tone(tone_ms=max(_LEAST_MS, len(text) * _MS_PER_CHARACTER))
        return Reply(text=text, pcm=tone.reply(()).pcm)
