"""A simultaneous interpreter: as many samples out as in, in frames of 200 ms, silence included.

The real one begins to speak while it still listens. This one waits for the end of each utterance,
asks a voice what it heard and what it answers, and speaks that from the next frame on. An answer
that is not over when the next utterance ends is spoken to its end first.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.simulator.buffer import BYTES_PER_SAMPLE, ms_of
from trunkline.simulator.ear import Ear
from trunkline.simulator.reply import Reply, parts_of
from trunkline.simulator.transcription import words
from trunkline.simulator.vad import SpeechStarted
from trunkline.simulator.voice import Utterance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.simulator.voice import Voice

__all__ = ["FRAME_MS", "Frame", "Heard", "Interpreting"]

FRAME_MS = 200
"""Of a translation session, as the SDK's docstrings have it."""
_FRAME_BYTES = FRAME_MS * 24 * BYTES_PER_SAMPLE
_DETECTION = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
}
"""The API's defaults; a translation session has no settings for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One utterance of the speaker."""

    text: str
    """Its words, with the space that parts them from the ones before."""
    pcm: bytes
    samples: tuple[int, int]
    """Session samples from (inclusive) and to (exclusive)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What 200 ms of input led to."""

    elapsed_ms: int
    """Where the frame begins in the session."""
    pcm: bytes
    """200 ms of output."""
    spoken: str
    """The words of the output that begin in it."""
    heard: tuple[Heard, ...]
    """The utterances that ended in it."""


class Interpreting:
    """Takes audio in pieces of any size and gives a frame for every 200 ms of it."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._ear = Ear(_DETECTION)
        self._rest = bytearray()
        self._said: list[Utterance] = []
        self._speech: deque[tuple[bytes, str]] = deque()
        self._elapsed_ms = 0
        self._speech_start = 0

    @property
    def position(self) -> int:
        """Session samples that came."""
        return self._ear.position + len(self._rest) // BYTES_PER_SAMPLE

    @property
    def utterance_ms(self) -> float | None:
        """Audio since the speech in progress began, if one is."""
        speech = self._ear.speech
        return None if speech is None else float(ms_of(self._ear.position - speech.onset))

    def hear(self, pcm: bytes) -> Iterator[Frame]:
        """Take audio; the frames it completes."""
        self._rest += pcm
        while len(self._rest) >= _FRAME_BYTES:
            piece = bytes(self._rest[:_FRAME_BYTES])
            del self._rest[:_FRAME_BYTES]
            yield self._frame(tuple(self._listen(piece)))

    def finish(self) -> Iterator[Frame]:
        """The frames that are left: what is buffered, what is being said, and all of its answer."""
        if self._rest:
            missing = _FRAME_BYTES - len(self._rest)
            yield from self.hear(bytes(missing))
        if self._ear.speech is not None:
            pcm, samples = self._ear.take(self._speech_start, self._ear.position)
            self._ear.clear()
            yield self._frame((self._understand(pcm, samples),))
        while self._speech:
            yield self._frame(())

    def _listen(self, pcm: bytes) -> Iterator[Heard]:
        for signal in self._ear.hear(pcm):
            if isinstance(signal, SpeechStarted):
                self._speech_start = signal.sample
            else:
                yield self._understand(*self._ear.take(self._speech_start, signal.sample))

    def _understand(self, pcm: bytes, samples: tuple[int, int]) -> Heard:
        # Clients put the pieces together as they come, so the space between two sentences is ours.
        space = " " if self._said else ""
        text = self._voice.hear(pcm)
        heard = Heard(text=space + text, pcm=pcm, samples=samples)
        self._said.append(Utterance(role="user", text=text, pcm=pcm))
        for reply in parts_of(self._voice.reply(self._said)):
            # A translation has no tools: of what a voice answers only speech can come.
            if isinstance(reply, Reply):
                self._said.append(Utterance(role="assistant", text=reply.text))
                self._speech.extend(_cut(space + reply.text, reply.pcm))
                space = " "
        return heard

    def _frame(self, heard: tuple[Heard, ...]) -> Frame:
        pcm, spoken = self._speech.popleft() if self._speech else (b"", "")
        frame = Frame(
            elapsed_ms=self._elapsed_ms,
            pcm=pcm.ljust(_FRAME_BYTES, b"\x00"),
            spoken=spoken,
            heard=heard,
        )
        self._elapsed_ms += FRAME_MS
        return frame


def _cut(text: str, pcm: bytes) -> list[tuple[bytes, str]]:
    """A reply in frames, each with the words that begin in it if all are equally long."""
    blocks = [pcm[start : start + _FRAME_BYTES] for start in range(0, len(pcm), _FRAME_BYTES)]
    pieces = words(text)
    texts = [""] * len(blocks)
    for index, piece in enumerate(pieces):
        texts[index * len(blocks) // len(pieces)] += piece
    return list(zip(blocks, texts, strict=True))
