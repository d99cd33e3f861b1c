"""What the server consumed: the engine's own record, told to the judge as it is written and not kept twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.simulator.history import SessionHistory

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Consumed"]


def _ignore(_pcm: bytes, _at: float) -> None:
    """Nobody listens yet."""


@dataclass(slots=True, kw_only=True)
class Consumed(SessionHistory):
    """A session's record that keeps no audio."""

    heard: Callable[[bytes, float], None] = field(default=_ignore)
    """Told of every append."""
    appended_total: int = 0
    messages: int = 0

    def note_append(self, start: int, pcm: bytes, at: float) -> None:
        """Tells of an append."""
        self.appended_total = start + len(pcm) // 2
        self.heard(pcm, at)

    def note_received(self, kind: str, at: float) -> None:
        """Counts a client's event."""
        del at
        self.messages += 1
        self.passed[kind] += 1
