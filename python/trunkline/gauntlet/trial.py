"""A trial as plain data, and the scores a client can get."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trunkline.gauntlet.deeds import Gate, Step

__all__ = ["SCORES", "Aim", "Outcome", "Score", "Trial", "TrialResult", "Verdict"]


class Aim(StrEnum):
    """What a good client does in a trial."""

    BACK = "come back"
    """The link ends, and the conversation goes on over another one."""
    HOLD = "hold on"
    """The link is troubled but lives: a client that leaves it loses more than it gains."""
    STOP = "give up"
    """Trying again cannot help."""


class Verdict(StrEnum):
    """What came of one score."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


SCORES = {
    "back": "came back in time",
    "held": "kept a link that lived",
    "settings": "session settings restored",
    "items": "conversation restored, nothing twice",
    "tool": "tool result neither lost nor doubled",
    "lost": "no speech lost",
    "doubled": "no speech twice",
    "answered": "the next turn was answered",
    "storm": "retried with manners",
    "fatal": "respected a final refusal",
    "retry_after": "respected Retry-After",
    "end": "ended cleanly",
}
"""All scores by name, in the order they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One score of one trial."""

    verdict: Verdict
    reason: str
    """In words, always."""
    value: float | None = None
    """The measured figure, where there is one."""
    unit: str = ""
    """Of the value: `s`, `ms` or nothing for a count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial."""

    name: str
    summary: str
    aim: Aim
    steps: tuple[Step, ...] = ()
    gate: Gate | None = None
    tool_turn: int | None = None
    """The user turn that the model answers by calling the client's first function."""
    back_within: float = 10.0
    """Seconds from the moment the server would serve again to the first audio it got."""
    patience: float = 40.0
    """Seconds from the first dial after which the trial ends, whatever is missing."""


_ABOUT = {Aim.BACK: "back", Aim.HOLD: "held", Aim.STOP: "fatal"}
"""The score without which a trial says nothing."""


@dataclass(slots=True, kw_only=True)
class TrialResult:
    """What came of a trial."""

    trial: Trial
    scores: dict[str, Score] = field(default_factory=dict)
    took: float = 0.0
    problem: str = ""
    """Why there is nothing to judge, if there is not."""
    output_tail: str = ""
    """The last lines the client printed."""

    @property
    def verdict(self) -> Verdict:
        """Failed if any score is; not applicable if the one the trial is about is not."""
        if self.problem or any(one.verdict is Verdict.FAILED for one in self.scores.values()):
            return Verdict.FAILED
        return self.scores[_ABOUT[self.trial.aim]].verdict

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON; docs/gauntlet.md describes it."""
        return {
            "name": self.trial.name,
            "aim": self.trial.aim.value,
            "verdict": self.verdict.value,
            "took": round(self.took, 3),
            "scores": {
                name: {
                    "verdict": score.verdict.value,
                    "reason": score.reason,
                    "value": score.value,
                    "unit": score.unit,
                }
                for name, score in self.scores.items()
            },
            "problem": self.problem,
            "output_tail": self.output_tail if self.verdict is Verdict.FAILED else "",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All trials of one client."""

    command: tuple[str, ...]
    seed: int
    results: tuple[TrialResult, ...]

    @property
    def is_passed(self) -> bool:
        """Whether no trial was failed."""
        return not self.count(Verdict.FAILED)

    def count(self, verdict: Verdict) -> int:
        """How many trials came out so."""
        return sum(result.verdict is verdict for result in self.results)

    def to_dict(self) -> dict[str, Any]:
        """The outcome as JSON; docs/gauntlet.md describes it."""
        return {
            "schema": 1,
            "command": list(self.command),
            "seed": self.seed,
            "passed": self.is_passed,
            "counts": {verdict.value: self.count(verdict) for verdict in Verdict},
            "trials": [result.to_dict() for result in self.results],
        }
