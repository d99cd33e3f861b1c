"""Who hears and answers in a soak: what it writes down is the place of the sound, and what it answers names the turn.

So every text in a conversation says which samples it stands for, through any number of restores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.simulator.voice import Reply
from trunkline.soak.tape import PERIOD, RATE_HZ, tape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.simulator.voice import Utterance
    from trunkline.soak.spans import Span
    from trunkline.soak.tape import Microphone

__all__ = ["REPLY_STRIDE", "Witness", "spans_of", "written"]

REPLY_STRIDE = 20 * RATE_HZ
"""Where the sound of one answer begins on the tape after that of the one before; none is longer."""


def written(spans: list[Span]) -> str:
    """A transcript that says which samples it stands for."""
    return "+".join(f"{start}-{end}" for start, end in spans)


def spans_of(text: str) -> list[Span] | None:
    """The samples that a transcript stands for; None for any other text."""
    found: list[Span] = []
    for piece in text.split("+"):
        start, dash, end = piece.partition("-")
        if not (dash and start.isdigit() and end.isdigit()):
            return None
        found.append((int(start), int(end)))
    return found


class Witness:
    """A voice of the simulator."""

    def __init__(self, microphone: Microphone, *, least_ms: int, most_ms: int) -> None:
        self._microphone = microphone
        self._least = least_ms
        self._span = max(1, most_ms - least_ms)
        self._count = 0
        self.asked = ""
        """What the latest answer is to."""

    def hear(self, pcm: bytes) -> str:
        """Where the sound was captured."""
        return written(self._microphone.spans(pcm) or []) if pcm else ""

    def reply(self, context: Sequence[Utterance]) -> Reply:
        """A sound of its own for every answer, and words that name the last thing the user said."""
        self._count += 1
        asked = next((line.text for line in reversed(context) if line.role == "user"), "nothing")
        self.asked = asked
        samples = (self._least + self._count * 911 % self._span) * RATE_HZ // 1000
        start = self._count * REPLY_STRIDE % PERIOD
        return Reply(
            text=f"re:{asked} and so forth until done",
            pcm=tape(loud=False)[2 * start : 2 * (start + samples)],
        )
