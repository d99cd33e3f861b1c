"""Who answers in a gauntlet: the interpreter, in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.simulator.voice import Interpreter, Reply, Utterance

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["REPLY_MS", "Host"]

REPLY_MS = 1500
"""Played to its end before the next utterance begins, whatever the client does with it."""


class Host:
    """Hears the recorded utterances, and answers each with a phrase of its own."""

    def __init__(self) -> None:
        self._interpreter = Interpreter()

    def hear(self, pcm: bytes) -> str:
        """The text of a recorded utterance, else a note of the audio's length."""
        return self._interpreter.hear(pcm)

    def reply(self, context: Sequence[Utterance]) -> Reply:
        """The beginning of the translation of the last user message."""
        whole = self._interpreter.reply(context)
        return Reply(text=" ".join(whole.text.split()[:4]), pcm=whole.pcm[: REPLY_MS * 48])
