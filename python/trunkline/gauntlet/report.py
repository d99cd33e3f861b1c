"""What a person reads of an outcome: a table of marks, and a line of words for each failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.gauntlet.trial import SCORES, Verdict
from trunkline.text import clean

if TYPE_CHECKING:
    from trunkline.gauntlet.trial import Outcome, Score, Trial, TrialResult

__all__ = ["describe", "listing", "summary"]

_NAME_WIDTH = 24
_HEADS = {
    "back": "back",
    "held": "held",
    "settings": "settings",
    "items": "items",
    "tool": "tool",
    "lost": "lost",
    "doubled": "doubled",
    "answered": "answered",
    "storm": "storm",
    "fatal": "fatal",
    "retry_after": "wait",
    "end": "end",
}

_WIDTHS = {"back": 8, "lost": 10, "doubled": 10, "retry_after": 8, "end": 8}
"""Of columns with figures: the figure, a mark and a space."""


def describe(outcome: Outcome) -> list[str]:
    """The table, the failures in words, and the summary."""
    lines = [_head(), *(_row(result) for result in outcome.results), ""]
    lines += [line for result in outcome.results for line in _failures(result)]
    return [*lines, summary(outcome)]


def summary(outcome: Outcome) -> str:
    """One line: how many trials were passed."""
    absent = outcome.count(Verdict.NOT_APPLICABLE)
    passed = outcome.count(Verdict.PASSED)
    more = f", {absent} not applicable" if absent else ""
    return f"{passed} of {len(outcome.results)} trials passed{more}"


def listing(trials: tuple[Trial, ...]) -> list[str]:
    """The trials and what happens in them."""
    return [f"{trial.name:<{_NAME_WIDTH}}{trial.aim.value:<11}{trial.summary}" for trial in trials]


def _head() -> str:
    return f"{'':<{_NAME_WIDTH}}" + "".join(_cell(_HEADS[name], name) for name in SCORES).rstrip()


def _row(result: TrialResult) -> str:
    name = f"{result.trial.name:<{_NAME_WIDTH}}"
    if result.problem:
        return name + clean(result.problem)
    return name + "".join(_cell(_mark(result.scores[one]), one) for one in SCORES).rstrip()


def _cell(text: str, name: str) -> str:
    return f"{text:<{_WIDTHS.get(name, len(_HEADS[name]) + 1)}}"


def _mark(score: Score) -> str:
    """A dash, or the figure with its unit, or a word; a failure has an exclamation mark."""
    if score.verdict is Verdict.NOT_APPLICABLE:
        return "–"
    if score.value is None or not score.unit:
        shown = "ok" if score.verdict is Verdict.PASSED else "no"
    else:
        shown = f"{score.value:.{1 if score.unit == 's' else 0}f} {score.unit}"
    return shown + ("!" if score.verdict is Verdict.FAILED else "")


def _failures(result: TrialResult) -> list[str]:
    failed = [
        f"  {SCORES[name]}: {score.reason}"
        for name, score in result.scores.items()
        if score.verdict is Verdict.FAILED
    ]
    if result.problem:
        last = [line for line in result.output_tail.splitlines() if line.strip()][-1:]
        failed = [f"  {clean(line)}" for line in (result.problem, *last)]
    return [result.trial.name, *failed, ""] if failed else []
