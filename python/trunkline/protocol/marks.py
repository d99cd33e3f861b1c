"""Requests whose place among the samples matters: each stands at one position of the capture axis."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Mark", "Marks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A request that stands at one place of the capture axis."""

    position: int
    type: str
    event_id: str
    message: bytes = field(repr=False)
    lasting: bool
    """Whether a new session must be told it too."""
    foreign: bool
    """Whether nothing but this request says what it means: if it is lost, that must be told."""


class Marks:
    """The requests that wait for their place, and those that were sent and not yet carried out."""

    def __init__(self) -> None:
        # Lists: there are hardly ever two, and an empty deque takes as much as ninety.
        self.waiting: list[Mark] = []
        """Those that were not sent."""
        self._unanswered: list[Mark] = []

    def add(self, mark: Mark) -> None:
        """Puts a request behind the others."""
        self.waiting.append(mark)

    def next_position(self) -> int | None:
        """Where the next request stands."""
        return self.waiting[0].position if self.waiting else None

    def take(self, cursor: int) -> Mark | None:
        """The next request, if all audio before it was sent."""
        if not self.waiting or self.waiting[0].position > cursor:
            return None
        mark = self.waiting.pop(0)
        if mark.lasting:
            self._unanswered.append(mark)
        return mark

    def answered(self) -> Mark | None:
        """The oldest lasting request was carried out."""
        return self._unanswered.pop(0) if self._unanswered else None

    def withdraw(self, event_id: str) -> None:
        """A request was refused: it is not told to a new session."""
        self._unanswered = [mark for mark in self._unanswered if mark.event_id != event_id]

    def lasting(self) -> list[Mark]:
        """What a new session must be told, in order."""
        return [mark for mark in (*self._unanswered, *self.waiting) if mark.lasting]

    def dropped(self) -> list[Mark]:
        """The session is gone; gives the requests that are lost with it and say something no one else does."""
        lost = [mark for mark in self.waiting if mark.foreign]
        self.replace(self.lasting())
        return lost

    def replace(self, marks: list[Mark]) -> None:
        """These wait now, and nothing else."""
        self.waiting = list(marks)
        self._unanswered.clear()

    def remove(self, event_ids: set[str]) -> list[Mark]:
        """Takes requests out that wait; gives them."""
        removed = [mark for mark in self.waiting if mark.event_id in event_ids]
        self.waiting = [mark for mark in self.waiting if mark.event_id not in event_ids]
        return removed

    def waiting_lasting(self) -> list[Mark]:
        """The lasting requests that wait."""
        return [mark for mark in self.waiting if mark.lasting]
