"""Turns of the caller, each with its answer, from the milestones of a line.

A turn begins with speech, or with a response that nobody's speech asked for. Sessions come and go
under it: speech that is replayed to a new session, and a response that is asked for again, belong
to the turn that was not yet answered, which is then marked as taken up again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.protocol.observations import MilestoneKind
from trunkline.telemetry.snapshot import Turn
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import Milestone

__all__ = ["KEPT_TURNS", "Turns"]

KEPT_TURNS = 50
"""How many are kept for showing; the totals count all."""

_COMPLETED = "completed"


@dataclass(slots=True)
class _Turn:
    number: int
    at: float
    epoch: int
    started_at: float | None = None
    stopped_at: float | None = None
    created_at: float | None = None
    first_audio_ms: float | None = None
    user_s: float | None = None
    response_s: float | None = None
    status: str = ""
    interrupted: bool = False
    answered: bool = False
    restarts: int = 0
    responses: set[str] = field(default_factory=set)

    def view(self) -> Turn:
        return Turn(
            number=self.number,
            at=self.at,
            user_s=self.user_s,
            first_audio_ms=self.first_audio_ms,
            response_s=self.response_s,
            status=clean(self.status, limit_chars=40),
            interrupted=self.interrupted,
            answered=self.answered,
            restarts=self.restarts,
        )


class Turns:
    """Folds milestones into turns."""

    def __init__(self) -> None:
        self._kept: deque[_Turn] = deque(maxlen=KEPT_TURNS)
        self._view: tuple[Turn, ...] | None = ()
        self.total = 0
        self.answered = 0
        self._steps: dict[MilestoneKind, Callable[[Milestone], None]] = {
            MilestoneKind.SPEECH_STARTED: self._speech_started,
            MilestoneKind.SPEECH_STOPPED: self._speech_stopped,
            MilestoneKind.RESPONSE_CREATED: self._response_created,
            MilestoneKind.FIRST_AUDIO: self._first_audio,
            MilestoneKind.RESPONSE_DONE: self._response_done,
            MilestoneKind.BARGE_IN: self._barge_in,
        }

    def milestone(self, fact: Milestone) -> None:
        """Take one moment of a turn; kinds that say nothing new are passed over."""
        step = self._steps.get(fact.kind)
        if step is not None:
            step(fact)
            self._view = None

    def view(self) -> tuple[Turn, ...]:
        """The kept turns, oldest first."""
        if self._view is None:
            self._view = tuple(turn.view() for turn in self._kept)
        return self._view

    def _speech_started(self, fact: Milestone) -> None:
        turn = self._taken_up_again(fact) or self._begin(fact)
        # What the caller feels counts from the first time, not from the replay.
        turn.started_at = fact.at if turn.started_at is None else turn.started_at
        turn.status = "listening"

    def _speech_stopped(self, fact: Milestone) -> None:
        turn = self._kept[-1] if self._kept else self._begin(fact)
        turn.stopped_at = fact.at if turn.stopped_at is None else turn.stopped_at
        if turn.started_at is not None and turn.user_s is None:
            turn.user_s = fact.at - turn.started_at
        turn.status = "thinking"

    def _response_created(self, fact: Milestone) -> None:
        turn = self._kept[-1] if self._kept else self._begin(fact)
        if turn.answered:
            turn = self._begin(fact)
        if turn.responses and turn.epoch != fact.epoch:
            turn.restarts += 1
        turn.epoch = fact.epoch
        turn.created_at = fact.at
        turn.responses.add(fact.response_id)
        turn.status = "thinking"

    def _first_audio(self, fact: Milestone) -> None:
        turn = self._of_response(fact)
        if turn is None:
            return
        turn.status = "speaking"
        if turn.first_audio_ms is None and turn.stopped_at is not None:
            turn.first_audio_ms = (fact.at - turn.stopped_at) * 1000

    def _response_done(self, fact: Milestone) -> None:
        turn = self._of_response(fact)
        if turn is None:
            return
        if turn.created_at is not None:
            turn.response_s = fact.at - turn.created_at
        turn.status = fact.status or "done"
        if fact.status == _COMPLETED and not turn.answered:
            turn.answered = True
            self.answered += 1

    def _barge_in(self, fact: Milestone) -> None:
        turn = self._of_response(fact)
        if turn is not None:
            turn.interrupted = True

    def _begin(self, fact: Milestone) -> _Turn:
        self.total += 1
        self._kept.append(_Turn(number=self.total, at=fact.at, epoch=fact.epoch))
        return self._kept[-1]

    def _taken_up_again(self, fact: Milestone) -> _Turn | None:
        """The last turn, if a link ended under it before it was answered."""
        if not self._kept or self._kept[-1].answered or self._kept[-1].epoch == fact.epoch:
            return None
        turn = self._kept[-1]
        turn.epoch = fact.epoch
        turn.restarts += 1
        return turn

    def _of_response(self, fact: Milestone) -> _Turn | None:
        known = (turn for turn in reversed(self._kept) if fact.response_id in turn.responses)
        return next(known, self._kept[-1] if self._kept else None)
