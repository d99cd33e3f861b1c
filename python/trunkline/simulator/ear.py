"""What a session hears: the buffer, the format on its way in, and the detector on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.simulator.buffer import SAMPLES_PER_MS, InputBuffer
from trunkline.simulator.formats import WireFormat
from trunkline.simulator.pause import completeness, pause_ms
from trunkline.simulator.refusals import commit_too_small
from trunkline.simulator.vad import SpeechStarted, SpeechStopped, VadSettings, VoiceActivity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Ear"]

_LEAST_SAMPLES = 100 * SAMPLES_PER_MS
_QUIET_SAMPLES = 30_000 * SAMPLES_PER_MS
"""Silence kept while nobody speaks in VAD mode. Less than the longest prefix padding would cut
speech; without a bound an idle microphone would fill the memory."""


class Ear:
    """Takes appends, says who spoke when, and gives out what is committed."""

    def __init__(
        self,
        turn_detection: Mapping[str, Any] | None,
        *,
        understand: Callable[[bytes], str] | None = None,
    ) -> None:
        """`understand` gives the words of audio, by which `semantic_vad` judges a pause."""
        self._buffer = InputBuffer()
        self._activity: VoiceActivity | None = None
        self._understand = understand
        self._format = WireFormat(name="audio/pcm")
        self._last_sample: int | None = None
        self.configure(turn_detection)

    @property
    def position(self) -> int:
        """Samples appended in the session."""
        return self._buffer.position

    @property
    def speech(self) -> SpeechStarted | None:
        """The utterance in progress, if the detector is on and hears one."""
        return self._activity.speech if self._activity else None

    def configure(self, turn_detection: Mapping[str, Any] | None) -> None:
        """Use these settings; only switching the detector off ends an utterance."""
        if turn_detection is None:
            self._activity = None
        elif self._activity is None:
            settings = VadSettings.of(turn_detection)
            self._activity = VoiceActivity(settings, self.position, judge=self._judge)
        else:
            self._activity.retune(VadSettings.of(turn_detection))

    def tune(self, settings: Mapping[str, Any]) -> None:
        """Take audio in this format from now on; what is buffered stays."""
        given = WireFormat.of(settings)
        if given != self._format:
            self._format, self._last_sample = given, None

    def decode(self, encoded: str, path: str) -> bytes:
        """The 24 kHz pcm of an append; raises a Refusal for what is no audio of the format."""
        pcm = self._format.read(encoded, path)
        wide = self._format.widen(pcm, before=self._last_sample)
        if pcm:
            self._last_sample = int.from_bytes(pcm[-2:], "little", signed=True)
        return wide

    def hear(self, pcm: bytes) -> Iterator[SpeechStarted | SpeechStopped]:
        """Add audio and give back what the detector makes of it, in order."""
        self._buffer.append(pcm)
        if self._activity is None:
            return
        yield from self._activity.feed(pcm)
        if self.speech is None:
            self._buffer.drop(self.position - _QUIET_SAMPLES)

    def take(self, start: int, end: int) -> tuple[bytes, tuple[int, int]]:
        """The audio of an utterance and the session samples it spans.

        Everything before it is dropped.
        """
        first = max(start, self._buffer.start)
        return self._buffer.take(first, end), (first, end)

    def commit(self) -> tuple[bytes, tuple[int, int]]:
        """What a client's commit takes: the utterance in progress, else the whole buffer.

        Raises a Refusal below 100 ms; the buffer is left as it was.
        """
        start = self.speech.sample if self.speech else self._buffer.start
        if self.position - start < _LEAST_SAMPLES:
            raise commit_too_small((self.position - start) / SAMPLES_PER_MS)
        taken = self.take(start, self.position)
        self._forget()
        return taken

    def clear(self) -> None:
        """Drop what is buffered, an utterance in progress included."""
        self._buffer.clear()
        self._forget()

    def idle(self, start: int) -> tuple[bytes, tuple[int, int]]:
        """What came since `start` without being speech, and the session samples it spans."""
        taken = self.take(start, self.position)
        self._forget()
        return taken

    def _judge(self, eagerness: str, start: int, end: int) -> int:
        said = self._understand(self._buffer.peek(start, end)) if self._understand else ""
        return pause_ms(eagerness, completeness(said))

    def _forget(self) -> None:
        if self._activity is not None:
            self._activity.forget(self.position)
