"""Facts about audio: what was captured, sent, heard and played, and how loud it was.

Part of `trunkline.protocol.observations`, from where they are imported.
"""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.protocol.fact import Direction, Observation

__all__ = [
    "AudioAccepted",
    "AudioConsumed",
    "AudioGap",
    "AudioHeard",
    "AudioReceived",
    "AudioSent",
    "AudioTruncated",
    "CaptureOverrun",
    "LevelSampled",
    "Muted",
    "PlayStarted",
    "PlayStopped",
    "PlayoutSampled",
    "SpeechEnded",
    "TruncateConfirmed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioAccepted(Observation):
    """The application gave audio, and the line took it on its books."""

    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSent(Observation):
    """Audio was handed to the link."""

    samples: int
    replayed: bool
    """Whether an earlier session had got it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioConsumed(Observation):
    """There is evidence that the conversation has this audio: it need not be kept any longer."""

    samples: int
    evidence: str
    """What proved it: `transcribed`, `cleared`, `heard`, `committed` where no words came within the retention, or
    `translated`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioGap(Observation):
    """Audio was not and will not be delivered; announced before any audio after it is sent."""

    start_sample: int
    """Position on the capture axis: samples since the line began."""
    samples: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioReceived(Observation):
    """Reply audio arrived."""

    response_id: str
    item_id: str
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioHeard(Observation):
    """The application told how much of an item was played, in all."""

    item_id: str
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTruncated(Observation):
    """An assistant item was cut to what was heard."""

    item_id: str
    heard_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayoutSampled(Observation):
    """How much waits to be played, told by the application's playout."""

    buffered_ms: float
    underruns: int
    target_ms: float | None = None
    """How much the application wants to have buffered; None if it has no such aim."""
    underrun_ms: float = 0.0
    """Silence that was played so far for want of audio, while an answer was unfinished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncateConfirmed(Observation):
    """The server cut an answer as we had asked."""

    item_id: str
    took: float
    """Seconds since it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSampled(Observation):
    """How loud 100 ms of audio were, or more; told only while somebody measures (`Line.measure`).

    Up it is what the line took on its books, silence in its place while the line is muted; down what the server sent,
    when it came.
    """

    direction: Direction
    mean_square: float
    """Linear, 1.0 for a square wave of full scale: 10·log10 of it, and 3.01 dB by AES17, is the level."""
    peak: float
    """Greatest magnitude, 0 to 1."""
    clipped: int
    """Samples at full scale in runs of three and more."""
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayStarted(Observation):
    """The application began to play an answer, as far as it tells (`Line.played`)."""

    item_id: str
    samples: int
    """How much of it had been played when that was told: it began as much earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayStopped(Observation):
    """An answer is not played any more: it came to its end, or the application was told to stop."""

    item_id: str
    cut: bool
    """Whether it was interrupted. Then this is when the application took the event that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureOverrun(Observation):
    """The microphone lost audio before the line got it, told by the application; it is in no books."""

    lost_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted(Observation):
    """From here on silence is sent in place of what the microphone gives, or no longer."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEnded(Observation):
    """Where on the capture axis the user's speech ended; told only while somebody measures.

    The server reports the end of an utterance after a time of silence, which is taken off here: by its settings, so
    it is told only where they name that time (`server_vad`).
    """

    item_id: str
    end_sample: int
    """Position after the last voiced sample."""
    captured_at: float
    """When that sample was given to the line, in seconds of its clock."""
