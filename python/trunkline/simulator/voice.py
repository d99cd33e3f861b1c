"""Who answers: a voice hears audio, and replies to a conversation with text and speech.

`Interpreter` knows the five recorded turns and translates what it recognises. `Tone` answers
anything with a sine, `Echo` with what it heard, `Recorded` with one's own recordings. All of them
answer the last user message, so a conversation that was restored as text is continued as if it had
been spoken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from trunkline.errors import ConfigError
from trunkline.simulator.buffer import BYTES_PER_SAMPLE, SAMPLES_PER_MS
from trunkline.simulator.recital import asks_for_length, recital
from trunkline.simulator.recognition import Recogniser
from trunkline.simulator.recordings import RecordedTurn, recorded_turns
from trunkline.simulator.reply import Answer, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "VOICES",
    "Answer",
    "Echo",
    "Interpreter",
    "Recorded",
    "Reply",
    "Tone",
    "Utterance",
    "Voice",
    "voice_named",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One item as a voice sees it."""

    role: str
    """`user`, `assistant`, `system` or `tool`."""
    text: str
    """What it says; of user audio, what the voice itself heard."""
    pcm: bytes = b""
    """The user's audio, if it was spoken."""


class Voice(Protocol):
    """Hears and answers; the same input gives the same output."""

    def hear(self, pcm: bytes) -> str:
        """The transcript of a user's audio."""

    def reply(self, context: Sequence[Utterance]) -> Answer:
        """The answer to the conversation, in one part or in several; `context` may be empty.

        A last utterance of the system is what the response alone was told to do.
        """


class Interpreter:
    """Recognises the recorded caller and speaks the recorded translation.

    What it does not know it names by its length, and answers with the recording whose place in the
    script is the user message's place in the conversation.
    """

    def __init__(self, turns: Sequence[RecordedTurn] | None = None) -> None:
        self._turns = tuple(turns) if turns is not None else recorded_turns()
        self._by_text = {_plain(turn.caller_text): turn for turn in self._turns}

    @cached_property
    def _recogniser(self) -> Recogniser:
        return Recogniser([turn.caller_pcm for turn in self._turns])

    def hear(self, pcm: bytes) -> str:
        """The caller's text if the audio is a recorded turn, else a note of its length."""
        index = self._recogniser.recognise(pcm)
        return _length_note(pcm) if index is None else self._turns[index].caller_text

    def reply(self, context: Sequence[Utterance]) -> Reply:
        """The translation of the last user message, or a recital where one is asked for."""
        asked = [line for line in context if line.role == "user"]
        turn = self._known(asked[-1].text) if asked else None
        if turn is None:
            turn = self._turns[max(len(asked) - 1, 0) % len(self._turns)]
        return _at_length(context, Reply(text=turn.reply_text, pcm=turn.reply_pcm))

    def _known(self, text: str) -> RecordedTurn | None:
        said = _plain(text)
        found = [turn for known, turn in self._by_text.items() if known in said]
        return found[-1] if found else None


class Tone:
    """Answers everything with a steady tone; cheap, and easy to find in a recording."""

    def __init__(self, *, tone_ms: int = 1000, frequency_hz: int = 440) -> None:
        time = np.arange(tone_ms * SAMPLES_PER_MS) / (1000 * SAMPLES_PER_MS)
        wave = np.sin(2 * np.pi * frequency_hz * time) * 8000
        self._reply = Reply(
            text=f"A tone of {frequency_hz} hertz.", pcm=wave.astype("<i2").tobytes()
        )

    def hear(self, pcm: bytes) -> str:
        """A note of the audio's length."""
        return _length_note(pcm)

    def reply(self, context: Sequence[Utterance]) -> Reply:
        """The tone, a long one where that is asked for."""
        return _at_length(context, self._reply)


class Echo:
    """Gives back the last thing the user said; a tone where that was not speech."""

    def __init__(self) -> None:
        self._tone = Tone()

    def hear(self, pcm: bytes) -> str:
        """A note of the audio's length."""
        return _length_note(pcm)

    def reply(self, context: Sequence[Utterance]) -> Reply:
        """The last user message, its audio as it came."""
        last = next((line for line in reversed(context) if line.role == "user"), None)
        tone = self._tone.reply(context)
        if last is None:
            return tone
        return Reply(text=last.text or tone.text, pcm=last.pcm or tone.pcm)


class Recorded:
    """Answers with recordings of one's own, one after the other, from the first user message on."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        if not replies:
            raise ConfigError("replies", "there has to be at least one")
        self._replies = tuple(replies)

    def hear(self, pcm: bytes) -> str:
        """A note of the audio's length."""
        return _length_note(pcm)

    def reply(self, context: Sequence[Utterance]) -> Reply:
        """The recording whose place is the last user message's, around and around."""
        asked = sum(line.role == "user" for line in context)
        return self._replies[max(asked - 1, 0) % len(self._replies)]


VOICES: dict[str, Callable[[], Voice]] = {"interpreter": Interpreter, "echo": Echo, "tone": Tone}
"""The voices by the names the command line knows."""


def voice_named(name: str) -> Voice:
    """A new voice of that name; raises ConfigError for an unknown one."""
    make = VOICES.get(name)
    if make is None:
        raise ConfigError("voice", f"{name!r} is none of {', '.join(VOICES)}")
    return make()


def _at_length(context: Sequence[Utterance], reply: Reply) -> Reply:
    """The reply, or a recital in its sound if the last word asks for something long."""
    last = context[-1] if context and context[-1].role == "system" else None
    last = last or next((line for line in reversed(context) if line.role == "user"), None)
    if last is None or not asks_for_length(last.text):
        return reply
    return recital(last.text, reply.pcm)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _length_note(pcm: bytes) -> str:
    seconds = len(pcm) / (BYTES_PER_SAMPLE * SAMPLES_PER_MS * 1000)
    return f"({seconds:.1f} s of speech)"
