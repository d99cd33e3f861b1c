"""When a session is to be exchanged for a new one.

The server ends a session after 60 minutes, without a warning and in mid-word. So it is exchanged before, at a moment
that disturbs nobody: from 55 minutes on, spread by 2 to both sides so that lines that began together do not rotate
together, and at 58 whatever happens. A server that says of a session that it will live shorter (`expires_at`) gets the
same shares of that time.

Left out: any reason but age. A network that changes, or an operator, asks by `line.rotate()`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["RotationPolicy", "Window"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPolicy:
    """When a session is exchanged; seconds of its age unless it says otherwise."""

    planned: bool = True
    """Whether it is done without being asked for."""
    lifetime: float = 3600.0
    """Of a session, where the server does not say less (OpenAI: 60 min, Azure about 30)."""
    after: float = 3300.0
    spread: float = 120.0
    """To both sides of `after`."""
    latest: float = 3480.0
    hurry: float = 30.0
    """Before the end of the window: from then on only an answer that would break off holds the switch up."""
    patience: float = 180.0
    """How long a rotation that was asked for may look for its moment."""
    words_delay: float = 5.0
    """How long the words of a finished turn are waited for, before its audio is told to the new session instead."""
    least_lifetime: float = 300.0
    """A shorter one that the server names is taken for a wrong clock on either side."""


@dataclass(slots=True)
class Window:
    """The window of one session, on the line's clock."""

    policy: RotationPolicy
    opened_at: float
    _scale: float = field(default=1.0, init=False)
    _due_at: float | None = field(default=None, init=False)

    def told(self, lifetime: float) -> None:
        """The server says how many seconds the session will live."""
        if lifetime >= self.policy.least_lifetime:
            self._scale = min(1.0, lifetime / self.policy.lifetime)

    def due_at(self) -> float:
        """When the rotation begins; before it was drawn, the earliest time for that."""
        earliest = self.policy.after - self.policy.spread
        return self._at(earliest) if self._due_at is None else self._due_at

    def is_due(self, now: float, draw: float) -> bool:
        """Whether the rotation begins now; the first question in the window draws when it does."""
        if now < self.due_at():
            return False
        if self._due_at is None:
            self._due_at = self.due_at() + 2 * self.policy.spread * self._scale * draw
        return now >= self._due_at

    def ends_at(self) -> float:
        """When the switch must have come."""
        return self._at(self.policy.latest)

    def _at(self, age: float) -> float:
        return self.opened_at + age * self._scale
