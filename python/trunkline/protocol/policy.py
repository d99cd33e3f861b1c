"""What one line was told about itself: its session, its limits and its patience."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trunkline.protocol.backoff import BackoffPolicy
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.outage import Outage
from trunkline.protocol.replay import ReplayBudget
from trunkline.protocol.window import RotationPolicy

if TYPE_CHECKING:
    from trunkline.audio.codec import Law

__all__ = ["G711_RATE_HZ", "LAWS", "Deadlines", "LinePolicy", "law_of"]

LAWS: dict[str, Law] = {"audio/pcmu": "ulaw", "audio/pcma": "alaw"}
"""The codings of G.711, by their names in a session."""
G711_RATE_HZ = 8_000


def law_of(session: dict[str, Any], direction: str = "input") -> Law | None:
    """The coding of a session whose audio in that direction is G.711; None for pcm."""
    part: Any = session
    for name in ("audio", direction, "format", "type"):
        part = part.get(name) if isinstance(part, dict) else None
    return LAWS.get(part) if isinstance(part, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long each phase of a link may take, in seconds."""

    dial: float = 35.0
    """Credential 10, DNS 3, TCP 5, proxy 5, TLS 5, upgrade 5, and a little; the parts are held where they happen."""
    ready: float = 10.0
    """From the open link to `session.created`, and again to each confirmation; 0.8 to 2.1 s were seen from afar."""
    goodbye: float = 0.8
    """For the close handshake: twice a long round trip. A server that is gone must not hold up the end."""


# What comes until somebody looks, once a second, and some more; little beside the shortest retention that has any.
_SLACK_MS, _SLACK_FROM_MS = 1_500, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePolicy:
    """Everything the core is told when a line is made."""

    session: dict[str, Any] = field(default_factory=dict)
    """Desired settings of the session, as in `session.update`."""
    dialect: Dialect = Dialect.GA
    """How the server wants to be spoken to."""
    attached: bool = False
    """Whether the session is a call that others hold: we listen and steer, and have no audio of our own."""
    rate_hz: int = 24_000
    """Of the audio that is accepted."""
    retention_ms: int = 60_000
    """How much audio is kept until there is evidence for it: 2.9 MB at 24 kHz; from 10 s on, up to a second more."""
    outage: Outage = field(default_factory=Outage.replay)
    """What becomes of the audio that no session could take."""
    replay_limit_ms: int = 15_000
    """How much of it a new session is given; staler speech would confuse the dialogue."""
    stall_after: float | None = 10.0
    """Seconds without anything of an answer that is due until the model counts as stalled; None: never."""
    chunk_limit_ms: int = 1_000
    """The longest append; the server takes 15 MiB, but a long one delays what stands behind it."""
    replay_pace: float = 8.0
    """How many times faster than real time late audio is sent: faster was never tried on the real server."""
    replay_budget: ReplayBudget = field(default_factory=ReplayBudget)
    backoff: BackoffPolicy = field(default_factory=BackoffPolicy)
    deadlines: Deadlines = field(default_factory=Deadlines)
    rotation: RotationPolicy = field(default_factory=RotationPolicy)

    @classmethod
    def of(cls, session: dict[str, Any]) -> LinePolicy:
        """The default policy of a session, at the rate of its format: G.711 has 8000 Hz."""
        if law_of(session) is None:
            return cls(session=session)
        return cls(session=session, rate_hz=G711_RATE_HZ)

    @property
    def law(self) -> Law | None:
        """How the audio is coded on the wire, if the session is G.711; the application's side is int16 all the same."""
        return law_of(self.session)

    def samples(self, milliseconds: int) -> int:
        """How many samples that many milliseconds are."""
        return milliseconds * self.rate_hz // 1000

    def room(self) -> dict[str, int]:
        """The outbox's memory: what is kept at least, and how much more before the oldest leaves it.

        A line to whose audio nothing happens would else be asked about each chunk of it.
        """
        slack_ms = _SLACK_MS if self.retention_ms >= _SLACK_FROM_MS else 0
        return {
            "retention_samples": self.samples(self.retention_ms),
            "slack_samples": self.samples(slack_ms),
        }

    def late_samples(self) -> int:
        """How much audio that no item holds a new session is given."""
        limit_ms = self.outage.limit_ms
        most_ms = self.replay_limit_ms if limit_ms is None else min(limit_ms, self.replay_limit_ms)
        return self.samples(most_ms)

    def milliseconds(self, samples: int) -> float:
        """How long that many samples are."""
        return samples * 1000 / self.rate_hz
