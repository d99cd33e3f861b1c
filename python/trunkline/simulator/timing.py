"""How fast the simulated server is."""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.errors import ConfigError

__all__ = ["Timing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The delays of a session, in seconds unless named otherwise.

    The defaults are in the range that was recorded; none is documented by the API.
    """

    pace: float = 5.0
    """Reply audio per real time; below 1 it comes slower than it plays, `inf` sends it in a burst."""
    delta_ms: int = 200
    """Length of one audio delta; the last of a reply is what is left."""
    response_delay: float = 0.25
    """From the request to the first item of a response."""
    transcription_delay: float = 0.4
    """From the commit to the first piece of an input transcript."""
    transcription_spread: float = 0.0
    """A transcription takes up to so much longer, at random: transcripts then come out of order."""
    leak_ms: int = 0
    """Audio already on its way that still comes after a cancellation, at once."""
    cancel_delay: float = 0.0
    """From a cancellation to the response's end; what falls due in between is still sent."""
    lifetime: float = 3600.0
    """A session's age at its end."""

    def __post_init__(self) -> None:
        if not self.pace > 0:
            raise ConfigError("pace", "must be above 0")
        if self.delta_ms <= 0:
            raise ConfigError("delta_ms", "must be above 0")
        if self.transcription_spread < 0:
            raise ConfigError("transcription_spread", "must be 0 or more")
        if self.cancel_delay < 0:
            raise ConfigError("cancel_delay", "must not be below 0")
