"""What each session of the server has seen so far, for the judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.soak.spans import Cover

if TYPE_CHECKING:
    from trunkline.soak.session import Session

__all__ = ["Ledger", "Ledgers"]


class Ledger:
    """Of one session."""

    def __init__(self, session: Session, version: int, position: int) -> None:
        self.opened_at = position
        """Capture position when it was opened."""
        self.frontier = 0
        """Behind the last sample that was appended."""
        self.appended = Cover()
        self.restored = Cover()
        self.wanted = version
        """Of the settings, when it was opened."""
        self.began = False
        """Whether audio came."""
        self.late_until: int | None = None
        """Capture position before which audio was late when the session became live after an outage."""
        self.items = self.responses = self.truncations = 0
        """How much of the session's record was read."""
        self.session = session


class Ledgers:
    """Of all sessions that a line may still have something to do with, oldest first."""

    def __init__(self) -> None:
        self._all: list[Ledger] = []

    def opened(self, session: Session, version: int, position: int) -> None:
        """A session begins."""
        self._all = [one for one in self._all if not one.session.is_gone]
        self._all.append(Ledger(session, version, position))

    def of(self, session: Session) -> Ledger | None:
        """That of the session; nothing of one that is long gone."""
        for one in self._all:
            if one.session is session:
                return one
        return None

    def others(self, ledger: Ledger) -> list[Ledger]:
        """All the others."""
        return [one for one in self._all if one is not ledger]

    def is_succeeded(self, ledger: Ledger) -> bool:
        """Whether a later session carries audio, or the line has left this one for a later."""
        later = self._all[self._all.index(ledger) + 1 :]
        return any(one.began for one in later) or (bool(later) and not ledger.session.link.is_ours)

    def serving(self) -> Ledger | None:
        """That of the oldest session that the line has not left: a later one is the second of a rotation."""
        ours = (one for one in self._all if one.session.link.is_ours)
        return next(ours, None)
