"""Which screen this is, and whether what it shows is of now: all that the first line says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.text import Clean
    from trunkline.tui.context import Context

__all__ = ["Standing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the context looks at things, at one moment."""

    screen: str
    title: Clean
    at: float | None
    frozen: bool
    silent_s: float
    window_s: int
    recorded_s: float | None
    speed: float | None
    """Of a recording that plays; None for live lines."""
    message: Clean | None
    """How the run ended."""

    @classmethod
    def of(cls, context: Context, screen: str) -> Standing:
        """As it is now."""
        playback = context.desk.playback
        return cls(
            screen=screen,
            title=context.title,
            at=context.at,
            frozen=context.frozen,
            silent_s=context.silent_s,
            window_s=context.window_s,
            recorded_s=context.recording.recorded_s(),
            speed=None if playback is None else playback.speed,
            message=context.desk.finished(),
        )
