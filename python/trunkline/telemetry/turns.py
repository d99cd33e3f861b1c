"""Turns of the caller, each with its answer, from the facts of a line.

A turn begins with speech, or where nobody detects speech with its commit, or with a response that nothing of this
asked for. Sessions come and go under it: speech that is replayed to a new session, and a response that is asked for
again, belong to the turn that was not yet answered, which is then marked as taken up again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.protocol.observations import MilestoneKind
from trunkline.telemetry.snapshot import Turn
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import (
        AudioTruncated,
        FunctionAnswered,
        FunctionCalled,
        Milestone,
        PlayStarted,
        PlayStopped,
        ResponseFailed,
        ResponseUsage,
        SpeechEnded,
        TruncateConfirmed,
    )

__all__ = ["BARGE_IN", "FIRST_AUDIO", "KEPT_TURNS", "RESPONSE", "TURN_GAP", "TurnState", "Turns"]

KEPT_TURNS = 50
"""How many are kept for showing; the totals count all."""

FIRST_AUDIO = "first_audio"
"""Seconds from the end of speech, as the server told it, to the first audio of the reply."""
TURN_GAP = "turn_gap"
"""Seconds from the user's last voiced sample, or the commit of a turn by hand, to the first sample that was played."""
BARGE_IN = "barge_in"
"""Seconds from the server's word that the user spoke to the silence of the speaker, where one made the other."""
RESPONSE = "response"
"""Seconds from a response's creation to its end, of those that were completed."""

_COMPLETED = "completed"
_MOST_TOOLS = 8
# A conversation answers each call; one that is never answered must not stay for ever.
_MOST_CALLS = 32


@dataclass(slots=True)
class TurnState:
    """A turn as far as it has come."""

    number: int
    at: float
    epoch: int
    started_at: float | None = None
    stopped_at: float | None = None
    voiced_until: float | None = None
    """When the last voiced sample was captured."""
    committed_at: float | None = None
    """When the server told that it was committed by hand."""
    created_at: float | None = None
    first_audio_at: float | None = None
    first_audio_ms: float | None = None
    gap_ms: float | None = None
    gap_from_commit: bool = False
    done_at: float | None = None
    user_s: float | None = None
    response_s: float | None = None
    received_samples: float = 0.0
    status: str = ""
    interrupted: bool = False
    answered: bool = False
    restarts: int = 0
    responses: list[str] = field(default_factory=list)
    input_tokens: int | None = None
    output_tokens: int | None = None
    cut_ms: float | None = None
    playing: str = ""
    """The item of the answer that is being played."""
    interrupted_at: float | None = None
    """When the server told that the user spoke into what is being played; None once anything else may stop it."""
    barge_in_ms: float | None = None
    truncate_ms: float | None = None
    tools: list[str] = field(default_factory=list)
    tool_ms: float | None = None
    error: str = ""

    def view(self, rate_hz: int) -> Turn:
        """The turn for a reader."""
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
            gap_ms=self.gap_ms,
            gap_from_commit=self.gap_from_commit,
            audio_s=self.received_samples / rate_hz if self.received_samples else None,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cut_ms=self.cut_ms,
            barge_in_ms=self.barge_in_ms,
            truncate_ms=self.truncate_ms,
            tools=tuple(clean(name, limit_chars=64) for name in self.tools),
            tool_ms=self.tool_ms,
            error=clean(self.error, limit_chars=80),
            first_audio_at=self.first_audio_at,
            done_at=self.done_at,
        )


@dataclass(slots=True)
class Turns:
    """Folds milestones, and what else is told of a turn, into turns."""

    rate_hz: int = 24_000
    limit: int = KEPT_TURNS
    by_hand: bool = False
    """Whether nobody detects speech, so that a commit is the end of it."""
    kept: list[TurnState] = field(default_factory=list)
    total: int = 0
    answered: int = 0
    calls: dict[str, float] = field(default_factory=dict)
    """Calls of functions that were not answered yet, and when they came."""
    _measured: list[tuple[str, float]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )
    _view: tuple[Turn, ...] | None = field(default=None, init=False, repr=False, compare=False)

    def milestone(self, fact: Milestone) -> None:
        """Take one moment of a turn; kinds that say nothing new are passed over."""
        step = _STEPS.get(fact.kind)
        if step is not None:
            step(self, fact)
            self._view = None

    def shrink(self, limit: int) -> None:
        """Keep only so many, now and from now on."""
        self.limit = limit
        while len(self.kept) > limit:
            del self.kept[0]
            self._view = None

    def measured(self) -> list[tuple[str, float]]:
        """Metric and seconds of what was measured since this was last asked."""
        found, self._measured = self._measured, []
        return found

    def view(self) -> tuple[Turn, ...]:
        """The kept turns, oldest first."""
        if self._view is None:
            self._view = tuple(turn.view(self.rate_hz) for turn in self.kept)
        return self._view

    @property
    def last_first_audio_ms(self) -> float | None:
        """Of the newest turn that has one."""
        known = (turn.first_audio_ms for turn in reversed(self.kept))
        return next((each for each in known if each is not None), None)

    @property
    def is_answering(self) -> bool:
        """Whether the newest response is unfinished."""
        return bool(self.kept) and self.kept[-1].status in ("thinking", "speaking")

    def received(self, samples: float) -> None:
        """Reply audio came; it belongs to the newest turn that has a response."""
        turn = next((turn for turn in reversed(self.kept) if turn.responses), None)
        if turn is not None:
            turn.received_samples += samples
            self._view = None

    def speech_ended(self, fact: SpeechEnded) -> None:
        """Where the user's speech ended on the capture axis; it comes with the end of speech."""
        if self.kept:
            self.kept[-1].voiced_until = fact.captured_at

    def play_started(self, fact: PlayStarted) -> None:
        """The answer is heard."""
        turn = next((turn for turn in reversed(self.kept) if turn.responses), None)
        if turn is None:
            return
        turn.playing = fact.item_id
        is_by_hand = turn.voiced_until is None
        since = turn.committed_at if is_by_hand else turn.voiced_until
        if turn.gap_ms is not None or since is None:
            return
        gap = fact.at - fact.samples / self.rate_hz - since
        turn.gap_ms, turn.gap_from_commit = gap * 1000, is_by_hand
        self._measured.append((TURN_GAP, gap))
        self._view = None

    def play_stopped(self, fact: PlayStopped) -> None:
        """The answer is heard no more."""
        turn = next((turn for turn in reversed(self.kept) if turn.playing == fact.item_id), None)
        if turn is None:
            return
        spoke_at, turn.playing, turn.interrupted_at = turn.interrupted_at, "", None
        if not fact.cut or spoke_at is None or turn.barge_in_ms is not None:
            return
        took = max(fact.at - spoke_at, 0.0)
        turn.barge_in_ms = took * 1000
        self._measured.append((BARGE_IN, took))
        self._view = None

    def link_ended(self) -> None:
        """What is silent from now on may be so for want of a link, whoever spoke before."""
        for turn in self.kept:
            turn.interrupted_at = None

    def truncated(self, fact: AudioTruncated) -> None:
        """The answer was cut to what was heard."""
        turn = self._interrupted()
        if turn is not None:
            turn.cut_ms = float(fact.heard_ms)
            self._view = None

    def truncate_confirmed(self, fact: TruncateConfirmed) -> None:
        """The server cut it, too."""
        turn = self._interrupted()
        if turn is not None:
            turn.truncate_ms = fact.took * 1000
            self._view = None

    def usage(self, fact: ResponseUsage) -> None:
        """What a response cost."""
        turn = self._of_response(fact.response_id)
        if turn is not None:
            turn.input_tokens = (turn.input_tokens or 0) + fact.input_tokens
            turn.output_tokens = (turn.output_tokens or 0) + fact.output_tokens
            self._view = None

    def failed(self, fact: ResponseFailed) -> None:
        """Why a response failed."""
        turn = self._of_response(fact.response_id)
        if turn is not None:
            turn.error = fact.code or "failed"
            self._view = None

    def called(self, fact: FunctionCalled) -> None:
        """The model calls a function."""
        self.calls[fact.call_id] = fact.at
        while len(self.calls) > _MOST_CALLS:
            del self.calls[next(iter(self.calls))]
        if self.kept and len(self.kept[-1].tools) < _MOST_TOOLS:
            self.kept[-1].tools.append(fact.name)
            self._view = None

    def call_answered(self, fact: FunctionAnswered) -> None:
        """The application gave its output."""
        asked_at = self.calls.pop(fact.call_id, None)
        if asked_at is not None and self.kept:
            self.kept[-1].tool_ms = (fact.at - asked_at) * 1000
            self._view = None

    def _speech_started(self, fact: Milestone) -> None:
        turn = self._taken_up_again(fact) or self._begin(fact)
        # What the caller feels counts from the first time, not from the replay.
        turn.started_at = fact.at if turn.started_at is None else turn.started_at
        turn.status = "listening"

    def _speech_stopped(self, fact: Milestone) -> None:
        turn = self.kept[-1] if self.kept else self._begin(fact)
        turn.stopped_at = fact.at if turn.stopped_at is None else turn.stopped_at
        if turn.started_at is not None and turn.user_s is None:
            turn.user_s = fact.at - turn.started_at
        turn.status = "thinking"

    def _committed(self, fact: Milestone) -> None:
        turn = self.kept[-1] if self.kept else None
        if self.by_hand:
            turn = self._taken_up_again(fact) or self._begin(fact)
            turn.status = "thinking"
        elif turn is None or turn.started_at is None or turn.stopped_at is not None:
            # The server committed what it had detected, or silence of its own accord.
            return
        turn.committed_at = fact.at if turn.committed_at is None else turn.committed_at

    def _response_created(self, fact: Milestone) -> None:
        turn = self.kept[-1] if self.kept else self._begin(fact)
        if turn.answered:
            turn = self._begin(fact)
        if turn.responses and turn.epoch != fact.epoch:
            turn.restarts += 1
        turn.epoch = fact.epoch
        turn.created_at = fact.at
        turn.responses.append(fact.response_id)
        turn.status = "thinking"

    def _first_audio(self, fact: Milestone) -> None:
        turn = self._of_response(fact.response_id)
        if turn is None:
            return
        turn.status = "speaking"
        if turn.first_audio_at is None:
            turn.first_audio_at = fact.at
        if turn.first_audio_ms is None and turn.stopped_at is not None:
            took = fact.at - turn.stopped_at
            turn.first_audio_ms = took * 1000
            self._measured.append((FIRST_AUDIO, took))

    def _response_done(self, fact: Milestone) -> None:
        turn = self._of_response(fact.response_id)
        if turn is None:
            return
        turn.done_at = fact.at
        if turn.created_at is not None:
            turn.response_s = fact.at - turn.created_at
        turn.status = fact.status or "done"
        if fact.status == _COMPLETED and turn.response_s is not None:
            self._measured.append((RESPONSE, turn.response_s))
        if fact.status == _COMPLETED and not turn.answered:
            turn.answered = True
            self.answered += 1

    def _barge_in(self, fact: Milestone) -> None:
        """The user spoke into an answer: of an earlier turn, as the speech has begun one of its own already."""
        turn = next((turn for turn in reversed(self.kept) if turn.first_audio_at is not None), None)
        if turn is not None:
            turn.interrupted = True
            turn.interrupted_at = fact.at if turn.playing else None

    def _begin(self, fact: Milestone) -> TurnState:
        self.total += 1
        self.kept.append(TurnState(number=self.total, at=fact.at, epoch=fact.epoch))
        while len(self.kept) > self.limit:
            del self.kept[0]
        return self.kept[-1]

    def _taken_up_again(self, fact: Milestone) -> TurnState | None:
        """The last turn, if a link ended under it before it was answered."""
        if not self.kept or self.kept[-1].answered or self.kept[-1].epoch == fact.epoch:
            return None
        turn = self.kept[-1]
        turn.epoch = fact.epoch
        turn.restarts += 1
        return turn

    def _interrupted(self) -> TurnState | None:
        return next((turn for turn in reversed(self.kept) if turn.interrupted), None)

    def _of_response(self, response_id: str) -> TurnState | None:
        known = (turn for turn in reversed(self.kept) if response_id in turn.responses)
        return next(known, self.kept[-1] if self.kept else None)


_STEPS: dict[MilestoneKind, Callable[[Turns, Milestone], None]] = {
    MilestoneKind.SPEECH_STARTED: Turns._speech_started,
    MilestoneKind.SPEECH_STOPPED: Turns._speech_stopped,
    MilestoneKind.COMMITTED: Turns._committed,
    MilestoneKind.RESPONSE_CREATED: Turns._response_created,
    MilestoneKind.FIRST_AUDIO: Turns._first_audio,
    MilestoneKind.RESPONSE_DONE: Turns._response_done,
    MilestoneKind.BARGE_IN: Turns._barge_in,
}
