"""What becomes of the audio of an outage; the application chooses one of three.

`replay` is for conversations: what the user said while no session could take it is delivered late, and in full up to
the line's replay limit. `latest` is for commands and captions, where what is old is of no use: only the last moments
are delivered. `drop` is for live monitoring: nothing is delivered late, and an utterance that the break cut is gone.

The policy speaks of audio that no item of the conversation holds yet. What is not delivered is a gap, which is
announced before the audio after it is sent. Turns that were committed are restored with the conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trunkline.errors import ConfigError

__all__ = ["Outage"]


@dataclass(frozen=True, slots=True)
class Outage:
    """A policy; made by `replay()`, `latest(ms)` or `drop()`."""

    kind: Literal["replay", "latest", "drop"]
    limit_ms: int | None = None
    """The most that is delivered late; None leaves it to the line's replay limit."""

    @classmethod
    def replay(cls) -> Outage:
        """Everything up to the line's replay limit (15 s by default), faster than real time."""
        return cls("replay")

    @classmethod
    def latest(cls, ms: int) -> Outage:
        """Only the last `ms` milliseconds. Raises ConfigError if that is nothing."""
        if ms <= 0:
            raise ConfigError("outage", "latest needs more than 0 ms; for nothing at all use drop")
        return cls("latest", ms)

    @classmethod
    def drop(cls) -> Outage:
        """Nothing."""
        return cls("drop", 0)

    @property
    def reason(self) -> str:
        """Why audio becomes a gap under the policy."""
        if self.kind == "latest":
            return f"older than the latest {self.limit_ms} ms"
        return "dropped in an outage" if self.kind == "drop" else "older than the replay limit"

    @property
    def is_late_audio_unwanted(self) -> bool:
        """Whether audio that came up while a session was restored is held to the limit, too."""
        return self.kind != "replay"
