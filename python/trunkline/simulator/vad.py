"""Who is speaking, judged by loudness on the sample clock.

The API's detector is a trained model; what a client can see of it is its law: when the signals come
and what their milliseconds mean. Ours keeps that law with frames of 20 ms on an absolute grid, so
the result does not depend on how the audio was cut into appends. Two loud frames in a row are
speech; `silence_duration_ms` of quiet frames after the last loud one is its end. The threshold's
0..1 is laid over -60 to -30 dBFS. With `semantic_vad` the silence that ends speech is told by a
judge, who is asked once a pause.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trunkline.simulator.buffer import BYTES_PER_SAMPLE, SAMPLES_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

__all__ = ["FRAME_SAMPLES", "SpeechStarted", "SpeechStopped", "VadSettings", "VoiceActivity"]

FRAME_SAMPLES = 480
_PCM = np.dtype("<i2")
_FRAME_BYTES = FRAME_SAMPLES * BYTES_PER_SAMPLE
_ONSET_FRAMES = 2
"""40 ms: one frame would take a click for speech, three would cut a short first syllable's
onset."""
_JUDGED_AFTER_MS = 200
"""A pause in `semantic_vad`: shorter ones are within words, and the shortest verdict is 250 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VadSettings:
    """What of `turn_detection` decides when the signals come."""

    threshold: float
    prefix_padding_ms: int
    silence_duration_ms: int
    eagerness: str | None = None
    """Of `semantic_vad`, where the silence is only the least."""

    @classmethod
    def of(cls, turn_detection: Mapping[str, Any]) -> VadSettings:
        """The settings in a session's `turn_detection` object.

        `semantic_vad` hears speech as `server_vad` does by default.
        """
        if turn_detection["type"] == "semantic_vad":
            return cls(
                threshold=0.5,
                prefix_padding_ms=300,
                silence_duration_ms=_JUDGED_AFTER_MS,
                eagerness=str(turn_detection["eagerness"]),
            )
        return cls(
            threshold=float(turn_detection["threshold"]),
            prefix_padding_ms=int(turn_detection["prefix_padding_ms"]),
            silence_duration_ms=int(turn_detection["silence_duration_ms"]),
        )

    @property
    def power(self) -> float:
        """The mean square of int16 samples from which on a frame is loud."""
        return float(32768.0**2 * 10 ** ((self.threshold * 30 - 60) / 10))

    @property
    def silence_frames(self) -> int:
        """Quiet frames that end an utterance: whole frames, rounded up, at least one."""
        return max(1, _frames(self.silence_duration_ms))


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted:
    """Speech began."""

    sample: int
    """Session sample it counts from: prefix padding included, never before the last end."""
    onset: int
    """Session sample of the first loud frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStopped:
    """Speech ended."""

    sample: int
    """Session sample at the end of the silence window."""


class VoiceActivity:
    """The detector; fed with every append, it gives back the signals that fall into it."""

    def __init__(
        self,
        settings: VadSettings,
        position: int,
        *,
        judge: Callable[[str, int, int], int] | None = None,
    ) -> None:
        """`judge` gives the silence in ms that ends an utterance of these samples.

        It is told the eagerness and the session samples of the speech and of the pause's end.
        """
        self._settings = settings
        self._power = settings.power
        self._judge_pause = judge
        self._wait_frames: int | None = None
        self._rest = b""
        # A detector switched on in mid-session starts on the next frame of the session's grid.
        self._skip = -position % FRAME_SAMPLES
        self._frame_start = position + self._skip
        self._floor = position
        self._loud_run = 0
        self._quiet_run = 0
        self.speech: SpeechStarted | None = None
        """The utterance in progress."""

    def retune(self, settings: VadSettings) -> None:
        """Use other settings from the next frame on; an utterance in progress goes on."""
        self._settings = settings
        self._power = settings.power
        self._wait_frames = None

    def forget(self, position: int) -> None:
        """Drop the utterance in progress: the buffer was committed or cleared under it."""
        self.speech = None
        self._floor = position
        self._loud_run = 0
        self._quiet_run = 0

    def feed(self, pcm: bytes) -> Iterator[SpeechStarted | SpeechStopped]:
        """Judge the frames that these samples complete."""
        pcm = self._align(pcm)
        count = len(pcm) // _FRAME_BYTES
        self._rest = pcm[count * _FRAME_BYTES :]
        if count == 0:
            return
        samples = np.frombuffer(pcm, _PCM, count * FRAME_SAMPLES).astype(np.float64)
        for power in _powers(samples.reshape(count, FRAME_SAMPLES)):
            self._frame_start += FRAME_SAMPLES
            signal = self._judge(is_loud=power / FRAME_SAMPLES >= self._power)
            if signal is not None:
                yield signal

    def _align(self, pcm: bytes) -> bytes:
        if self._skip:
            skipped = min(self._skip, len(pcm) // BYTES_PER_SAMPLE)
            self._skip -= skipped
            pcm = pcm[skipped * BYTES_PER_SAMPLE :]
        return self._rest + pcm if self._rest else pcm

    def _judge(self, *, is_loud: bool) -> SpeechStarted | SpeechStopped | None:
        """One frame, which ends at `_frame_start`."""
        self._loud_run = self._loud_run + 1 if is_loud else 0
        self._quiet_run = 0 if is_loud else self._quiet_run + 1
        if is_loud:
            self._wait_frames = None
        if self.speech is None:
            return self._start() if self._loud_run >= _ONSET_FRAMES else None
        if self._quiet_run < self._settings.silence_frames:
            return None
        return self._stop() if self._quiet_run >= self._frames_to_wait(self.speech) else None

    def _frames_to_wait(self, speech: SpeechStarted) -> int:
        eagerness = self._settings.eagerness
        if eagerness is None or self._judge_pause is None:
            return self._settings.silence_frames
        if self._wait_frames is None:
            verdict = self._judge_pause(eagerness, speech.sample, self._frame_start)
            self._wait_frames = _frames(verdict)
        return self._wait_frames

    def _start(self) -> SpeechStarted:
        onset = max(self._frame_start - self._loud_run * FRAME_SAMPLES, self._floor)
        padding = self._settings.prefix_padding_ms * SAMPLES_PER_MS
        self.speech = SpeechStarted(sample=max(onset - padding, self._floor), onset=onset)
        return self.speech

    def _stop(self) -> SpeechStopped:
        self.speech = None
        self._floor = self._frame_start
        return SpeechStopped(sample=self._frame_start)


def _powers(frames: NDArray[np.float64]) -> list[float]:
    """The sum of squares of each frame: whole numbers below 2**53, so exact in any order."""
    # A row by a column for each; faster than einsum, for one frame as for many.
    powers: list[float] = np.matmul(frames[:, None, :], frames[:, :, None]).ravel().tolist()
    return powers


def _frames(ms: int) -> int:
    return -(-ms * SAMPLES_PER_MS // FRAME_SAMPLES)
