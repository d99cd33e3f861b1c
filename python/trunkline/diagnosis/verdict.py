"""How good a probed link is, by the console's thresholds, and the document of a probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.diagnosis.finding import Cause, advice_on, blame
from trunkline.diagnosis.pings import figures_of
from trunkline.protocol.closure import judge
from trunkline.telemetry.levels import Level
from trunkline.telemetry.quality import QualityInputs, deductions, grade_of
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trunkline.diagnosis.pings import Figures
    from trunkline.diagnosis.probe import Probe
    from trunkline.protocol.closure import Closure
    from trunkline.telemetry.levels import Threshold
    from trunkline.transports.base import Kernel

__all__ = ["SCHEMA", "Graded", "document", "evidence", "grade_probe", "level_name", "phase_figures"]

SCHEMA = "trunkline.probe/1"
# As a line's own score: of fewer pings nothing is known.
_LEAST_PINGS = 3
_RANKS = (Level.UNKNOWN, Level.OK, Level.WARNING, Level.BAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """What the pings come to."""

    level: Level
    """The worst of `levels`; bad if there was no link, or it did not last."""
    levels: dict[str, Level]
    """By the names of the table of thresholds."""
    score: float | None = None
    """0 to 100, as a line's; None under three answered pings."""
    taken: tuple[tuple[str, float], ...] = ()
    """What was taken off it, by name."""

    @property
    def word(self) -> str:
        """`excellent` to `poor`, or `unknown`."""
        return "unknown" if self.score is None else grade_of(round(self.score))

    def is_worse_than(self, least: Level) -> bool:
        """Whether it is worse than the least that will do; what is unknown is not."""
        return _RANKS.index(self.level) > _RANKS.index(least)


def grade_probe(probe: Probe, thresholds: Mapping[str, Threshold]) -> Graded:
    """What the pings so far come to."""
    pings = probe.pings
    figures, jitter = pings.figures, pings.jitter_ms
    p95 = None if figures is None else figures.p95
    score, taken = _score(p95, jitter, len(pings.took))
    values = {
        "rtt_ms": p95,
        "jitter_ms": jitter,
        "ping_loss_percent": pings.loss_percent,
        "score": score,
    }
    levels = {name: thresholds[name].level(value) for name, value in values.items()}
    if probe.failure is not None:
        return Graded(level=Level.BAD, levels=levels, score=score, taken=taken)
    worst = max(levels.values(), key=_RANKS.index)
    return Graded(level=worst, levels=levels, score=score, taken=taken)


def _score(
    p95: float | None, jitter: float | None, answered: int
) -> tuple[float | None, tuple[tuple[str, float], ...]]:
    if answered < _LEAST_PINGS:
        return None, ()
    points = deductions(QualityInputs(rtt_p95_ms=p95, jitter_ms=jitter, pings=answered))
    named = tuple((name, round(value, 1)) for name, value in points.items() if value >= 0.5)
    return round(min(max(100 - sum(points.values()), 0.0), 100.0), 1), named


def phase_figures(probe: Probe) -> dict[str, Figures]:
    """The figures of each phase over all dials, as far as they came, in the order of a dial."""
    took: dict[str, list[float]] = {}
    for dialed in probe.dials:
        for name, seconds in dialed.phases:
            took.setdefault(name, []).append(seconds)
    return {name: figures for name, all_ in took.items() if (figures := figures_of(all_))}


def evidence(closure: Closure, *, is_keyless: bool = False) -> dict[str, Any]:
    """Why a dial came to nothing or a link ended, as `trunkline explain` says it; or that there was no key to show."""
    verdict = judge(closure, renewable=False)
    cause, advice = verdict.cause, advice_on(closure)
    if is_keyless and blame(closure) is Cause.KEY:
        cause, advice = "the server wants a key, and there is none here", _NO_KEY
    return {"cause": cause, "advice": advice, "evidence": closure.describe()}


_NO_KEY = "set OPENAI_API_KEY, or the variable of that server; `trunkline doctor` names it"


def document(
    probe: Probe,
    thresholds: Mapping[str, Threshold],
    *,
    ok: bool,
    interrupted: bool = False,
) -> dict[str, Any]:
    """All of it for a program; durations in milliseconds."""
    graded, pings = grade_probe(probe, thresholds), probe.pings
    figures, failure = pings.figures, probe.failure
    return {
        "schema": SCHEMA,
        "ok": ok,
        "url": clean(probe.target.url),
        "interrupted": interrupted,
        "dials": [
            {
                "number": dialed.number,
                "model": dialed.model or None,
                "phases_ms": {name: round(took * 1000, 3) for name, took in dialed.phases},
                "error": None
                if dialed.closure is None
                else evidence(dialed.closure, is_keyless=probe.key is None),
            }
            for dialed in probe.dials
        ],
        "phases_ms": {name: each.as_dict() for name, each in phase_figures(probe).items()},
        "ping_ms": None if figures is None else figures.as_dict() | {"jitter": pings.jitter_ms},
        "pings": {
            "sent": pings.sent,
            "answered": len(pings.took),
            "lost": pings.lost,
            "loss_percent": pings.loss_percent,
        },
        "kernel": _kernel(probe.kernel),
        "grade": level_name(graded.level),
        "levels": {name: level_name(level) for name, level in graded.levels.items()},
        "score": graded.score,
        "score_grade": graded.word,
        "deductions": dict(graded.taken),
        "error": None if failure is None else evidence(failure, is_keyless=probe.key is None),
    }


def level_name(level: Level) -> str:
    """`ok`, `warning`, `bad` or `unknown`."""
    return level.name.lower()


def _kernel(kernel: Kernel | None) -> dict[str, Any] | None:
    if kernel is None:
        return None
    return {
        "rtt_ms": _ms(kernel.rtt),
        "rtt_min_ms": _ms(kernel.rtt_min),
        "retransmits": kernel.retransmits,
    }


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
