"""The newest snapshot, passed from the network's thread to the console's as one reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot

__all__ = ["Handover"]


class Handover:
    """What a console reads as its feed, without a lock.

    Binding an attribute is one step of the interpreter, and snapshots never change, so a reader
    sees the old one or the new one and never half of either. One thread writes; any may read.
    """

    def __init__(self) -> None:
        self._snapshot: LineSnapshot | None = None
        self._message: Clean | None = None

    def publish(self, snapshot: LineSnapshot) -> None:
        """Replace the newest snapshot; what nobody read is forgotten."""
        self._snapshot = snapshot

    def latest(self) -> LineSnapshot | None:
        """The newest snapshot; None before the first."""
        return self._snapshot

    def finish(self, message: str) -> None:
        """Say that the run is over, in one line; the last snapshot is published before."""
        self._message = clean(message, limit_chars=300)

    def finished(self) -> Clean | None:
        """How the run ended; None while it goes on."""
        return self._message
