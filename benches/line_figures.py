"""What `lines.py` makes of its runs: whether one counts, where to look next, medians, slopes, one file of results."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "LATE_MS",
    "Run",
    "Search",
    "carries",
    "cheaper",
    "is_quiet",
    "is_saturated",
    "median",
    "merged",
    "slope",
    "together",
]

Run = dict[str, Any]
"""The figures of one run, as a worker prints them."""

LATE_MS = 10.0
DISTURBED = 0.02
"""So much of a run without a core, or with a core that the host took, is a disturbance."""
SATURATED = 0.9
MOST_SESSIONS = 4000
FEWEST_SESSIONS = 4
PROBES = 12


def is_quiet(run: Run) -> bool:
    """Whether client and server had their cores."""
    return all(run.get(name, 0.0) < DISTURBED for name in ("waited", "server_waited", "stolen"))


def is_saturated(run: Run) -> bool:
    """Whether the client had all of its core to do: then what it did not do, it cannot."""
    return run.get("util", 0.0) > SATURATED


def carries(run: Run) -> bool:
    """Whether the sends were in time, and what was sent came back."""
    return bool(run) and (
        run["late_p99"] < LATE_MS and run["sent_ratio"] > 0.99 and run["got_ratio"] > 0.985
    )


@dataclass
class Search:
    """Looks for the most sessions that are carried, to 5 %: up by the load of what was carried, then by halving.

    A failure bounds what follows, so one that a disturbance may have made is not taken for one at once: `wants_again`
    asks for the same number up to twice more, unless the client's core was full. At most `PROBES` numbers are tried.
    """

    sessions: int
    most: int = MOST_SESSIONS
    low: int = 0
    high: int = 0
    again: int = 2
    best: Run = field(default_factory=dict)
    doubt: str = ""
    """Why the bound may not be the client's own: it was disturbed each time, or the server's core was full."""
    probes: list[tuple[int, bool]] = field(default_factory=list)
    _repeats: int = 0

    @classmethod
    def begun_by(cls, run: Run, sessions: int, most: int = MOST_SESSIONS) -> Search:
        """Begins where a light load's cost would fill 80 % of the core; sessions that share wake-ups cost less."""
        load = run.get("util") or 1.0
        first = int(0.8 * sessions / load)
        return cls(max(FEWEST_SESSIONS, min(most, first)), most)

    @property
    def is_over(self) -> bool:
        """Whether `low` is the answer."""
        if len(self.probes) >= PROBES or self.low >= self.most:
            return True
        if self.high and self.high <= FEWEST_SESSIONS:
            return True
        return bool(self.low and self.high) and self.high - self.low <= max(1, 0.05 * self.high)

    def take(self, run: Run) -> None:
        """What became of `sessions`."""
        is_carried = carries(run)
        if not is_carried and self._wants_again(run):
            self._repeats += 1
            return
        self._repeats = 0
        self.probes.append((self.sessions, is_carried))
        if is_carried:
            self.low, self.best = self.sessions, run
        else:
            self.high = self.sessions
            self.doubt = _doubt(run)
        self.sessions = self._next(run)

    def _wants_again(self, run: Run) -> bool:
        is_certain = bool(run) and is_quiet(run) and is_saturated(run)
        return not is_certain and self._repeats < self.again

    def _next(self, run: Run) -> int:
        if self.low and self.high:
            return (self.low + self.high) // 2
        if self.high:
            return max(FEWEST_SESSIONS, int(self.high * 0.65))
        growth = min(2.5, max(1.2, 0.95 / max(run.get("util", 1.0), 0.01)))
        return min(self.most, math.ceil(self.low * growth))


def _doubt(run: Run) -> str:
    if run.get("server_util", 0.0) > SATURATED and not is_saturated(run):
        return "the server is full"
    return "" if not run or is_quiet(run) else "disturbed"


def median(rounds: list[dict[str, Run]], spec: str, figure: str) -> float:
    """Of the rounds in which a contestant has the figure; not a number if it has it in none."""
    found = [round_[spec][figure] for round_ in rounds if figure in round_.get(spec, {})]
    return statistics.median(found) if found else math.nan


def cheaper(rounds: list[dict[str, Run]], spec: str, base: str) -> float:
    """How many times cheaper than the base a pair of frames is: the median of the rounds' ratios."""
    ratios = [
        round_[base]["us_per_pair"] / round_[spec]["us_per_pair"]
        for round_ in rounds
        if round_.get(spec) and round_.get(base)
    ]
    return statistics.median(ratios) if ratios else math.nan


def slope(samples: list[tuple[float, float]]) -> float:
    """Least squares: how much the second grows for each one of the first; 0 for fewer than two."""
    if len(samples) < 2:
        return 0.0
    return statistics.linear_regression(*zip(*samples, strict=True)).slope


def together(runs: list[Run]) -> Run:
    """Client processes beside each other, as one: sums of what they did, the worst of how they did it."""
    pairs = sum(run["util"] / run["us_per_pair"] for run in runs)
    load = sum(run["util"] for run in runs)
    worst = {
        name: max(run[name] for run in runs)
        for name in ("late_p50", "late_p99", "waited", "stolen", "server_util", "server_waited")
        if all(name in run for run in runs)
    }
    least = {name: min(run[name] for run in runs) for name in ("sent_ratio", "got_ratio")}
    return {"us_per_pair": load / pairs, "util": load, **worst, **least}


def merged(old: dict[str, Any], machine: dict[str, Any], tables: dict[str, Any]) -> dict[str, Any]:
    """Results with these tables in the place of older ones of the same names; others stay, each with its own date.

    Raises ValueError if the old ones are of another machine: their ratios must not stand beside these.
    """
    if old and old.get("machine") != machine:
        raise ValueError(f"it holds results of another machine: {old.get('machine')}")
    return {"machine": machine, "tables": {**old.get("tables", {}), **tables}}
