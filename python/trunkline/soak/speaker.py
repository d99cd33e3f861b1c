"""The speaker and its log: what came for it of each answer, what was played, and what had been told to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.soak.tape import RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.soak.agenda import Agenda

__all__ = ["Playing", "Speaker"]

_BLOCK = 0.5
"""Seconds between two reports of the playout."""


@dataclass(slots=True)
class Playing:
    """One answer."""

    received: int = 0
    played: int = 0
    start: int = 0
    """Where on the tape its sound begins."""
    is_stopped: bool = False


class Speaker:
    """Plays answers one after another, in real time."""

    def __init__(self, agenda: Agenda, report: Callable[[str, int], None]) -> None:
        self.answers: dict[str, Playing] = {}
        self._agenda = agenda
        self._report = report
        self._queue: list[str] = []
        self._ticks = False

    @property
    def is_silent(self) -> bool:
        """Whether nothing is left to play."""
        return not self._queue

    def take(self, item_id: str, samples: int, place: int) -> Playing:
        """Some more of an answer came; gives how the answer stood before."""
        answer = self.answers.get(item_id)
        if answer is None:
            answer = self.answers[item_id] = Playing(start=place)
        before = Playing(answer.received, answer.played, answer.start, answer.is_stopped)
        answer.received += samples
        if item_id not in self._queue:
            self._queue.append(item_id)
        if not self._ticks:
            self._ticks = True
            self._agenda.after(_BLOCK, self._tick)
        return before

    def stop(self, item_id: str) -> None:
        """The answer is to be heard no further."""
        answer = self.answers.setdefault(item_id, Playing())
        answer.is_stopped = True
        self._queue = [one for one in self._queue if one != item_id]

    def _tick(self) -> None:
        room = int(_BLOCK * RATE_HZ)
        while room > 0 and self._queue:
            item_id = self._queue[0]
            answer = self.answers[item_id]
            part = min(room, answer.received - answer.played)
            answer.played += part
            room -= part
            if answer.played == answer.received:
                self._queue.pop(0)
            if part:
                self._report(item_id, answer.played)
        self._ticks = bool(self._queue)
        if self._ticks:
            self._agenda.after(_BLOCK, self._tick)
