"""What one line was told about itself: its session, its limits and its patience."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trunkline.protocol.backoff import BackoffPolicy
from trunkline.protocol.ledger import ReplayBudget
from trunkline.protocol.window import RotationPolicy

__all__ = ["Deadlines", "LinePolicy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long each phase of a link may take, in seconds."""

    dial: float = 20.0
    """DNS 3, TCP 5, TLS 5, upgrade 5, and a little for a loop that is busy; the transport holds the parts."""
    ready: float = 10.0
    """From the open link to `session.created`, and again to each confirmation; 0.8 to 2.1 s were seen from afar."""
    goodbye: float = 2.0
    """For the close handshake; a server that is gone must not hold up the end of the application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePolicy:
    """Everything the core is told when a line is made."""

    session: dict[str, Any] = field(default_factory=dict)
    """Desired settings of the session, as in `session.update`."""
    rate_hz: int = 24_000
    """Of the audio that is accepted."""
    retention_ms: int = 60_000
    """How much audio is kept until there is evidence for it: 2.9 MB at 24 kHz."""
    replay_limit_ms: int = 15_000
    """How much of it a new session is given; staler speech would confuse the dialogue."""
    chunk_limit_ms: int = 1_000
    """The longest append; the server takes 15 MiB, but a long one delays what stands behind it."""
    replay_budget: ReplayBudget = field(default_factory=ReplayBudget)
    backoff: BackoffPolicy = field(default_factory=BackoffPolicy)
    deadlines: Deadlines = field(default_factory=Deadlines)
    rotation: RotationPolicy = field(default_factory=RotationPolicy)

    def samples(self, milliseconds: int) -> int:
        """How many samples that many milliseconds are."""
        return milliseconds * self.rate_hz // 1000

    def milliseconds(self, samples: int) -> float:
        """How long that many samples are."""
        return samples * 1000 / self.rate_hz
