"""Where the console's data comes from: a live line, or a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.text import Clean

__all__ = ["Feed"]


class Feed(Protocol):
    """The newest snapshot, for asking ten times a second.

    Both methods are called on the main thread while the network runs in another: they neither block
    nor take a lock the network may hold. `telemetry.handover.Handover` is the usual one.
    """

    def latest(self) -> LineSnapshot | None:
        """The newest snapshot; the same object as before if nothing came; None before the first."""

    def finished(self) -> Clean | None:
        """How the run ended, in one line; None while it goes on. The last snapshot came before."""
