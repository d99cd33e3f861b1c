"""Alerts of one line: raised with a reason, and cleared with one.

House rule: a single bad sample is no alert. One is raised when three of the last five samples were bad, and cleared
after five good ones in a row; in between it stays what it was, so it does not flicker. Most metrics have a sample each
second; those of a turn have one for each turn, so it takes three slow turns of five. What is unknown is no sample. An
outage is raised at once: nobody needs five seconds to know that there is no session.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trunkline.telemetry.levels import THRESHOLDS, Level, Threshold
from trunkline.telemetry.snapshot import Alert
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "CLEAR_AFTER",
    "OUTAGE",
    "RAISE_AFTER",
    "RULES",
    "SAMPLES",
    "Alerts",
    "Rule",
    "Watch",
    "rules_of",
]

SAMPLES = 5
RAISE_AFTER = 3
"""Bad ones among the last `SAMPLES`."""
CLEAR_AFTER = 5
"""Good ones in a row."""

OUTAGE = "outage"
"""The metric of an alert that needs no samples."""

_KEPT_NEWS = 64
_MOST_PLACES = 10
_OK = Level.OK
_ORDER = {Level.BAD: 0, Level.WARNING: 1, Level.OK: 2, Level.UNKNOWN: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is watched, and how it is said."""

    metric: str
    label: str
    unit: str
    threshold: Threshold
    scale: float = 1.0
    """From the metric's unit to the one that is shown."""

    limit: float = 0.0
    """Of the threshold: where a value turns doubtful."""
    falling: bool = False
    """Of the threshold: whether small values are the bad ones."""

    def is_good(self, value: float) -> bool:
        """Whether a value needs no look; the quick way to `Level.OK`."""
        return (value < self.limit) is not self.falling

    def crossed(self, level: Level) -> float:
        """The threshold that a level is beyond."""
        return self.threshold.bad if level is Level.BAD else self.threshold.warning

    def shown(self, value: float, places: int | None = None) -> str:
        """A value with its unit, with so many places after the point, or as many as read well."""
        scaled = value * self.scale
        if places is None:
            places = 0 if abs(scaled) >= 100 else 2
        digits = f"{scaled:.{places}f}"
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
        return f"{digits} {self.unit}".rstrip()

    def compared(self, value: float, level: Level) -> str:
        """A value beside the threshold it is beyond, by the sign that `Threshold.level` judges by."""
        limit = self.crossed(level)
        if not self.threshold.falling and level is Level.WARNING:
            # What reaches this one is doubtful already; in ASCII, since a terminal may have nothing else.
            return f"{self.shown(value)} >= {self.shown(limit)}"
        sign = "<" if self.threshold.falling else ">"
        said, beyond = self.shown(value), self.shown(limit)
        if said == beyond:
            # Rounded they are one number, and nobody believes that it is above itself.
            tries = (self.shown(value, places) for places in range(1, _MOST_PLACES))
            said = next((each for each in tries if each != beyond), said)
        return f"{said} {sign} {beyond}"


# Metric, name in the table of thresholds, what it is called, unit, scale.
_WATCHED = (
    ("rtt", "rtt_ms", "RTT", "ms", 1.0),
    ("jitter", "jitter_ms", "jitter", "ms", 1.0),
    ("score", "score", "score", "", 1.0),
    ("lateness", "late_ms", "sending late by", "ms", 1.0),
    ("queue", "queue_ms", "send queue", "ms", 1.0),
    ("unsent", "unsent_ms", "unsent in the kernel", "ms", 1.0),
    ("buffer", "buffer_percent", "playout buffer", "% of its target", 1.0),
    ("silence", "silent_percent", "speech silenced by underruns", "%", 1.0),
    ("input_low", "input_low_dbfs", "input level", "dBFS", 1.0),
    ("input_high", "input_high_dbfs", "input level", "dBFS", 1.0),
    ("input_silent", "input_silent_s", "input silent for", "s", 1.0),
    ("clipping", "clipped_percent", "input clipping", "% of samples", 1.0),
    ("availability", "availability", "availability", "%", 100.0),
    ("reconnects", "reconnects", "reconnects in 10 min", "", 1.0),
    ("loop_lag", "loop_lag_ms", "event loop lag", "ms", 1.0),
    ("first_audio", "first_audio_ms", "first audio", "ms", 1.0),
    ("turn_gap", "turn_gap_ms", "turn gap", "ms", 1.0),
    ("barge_in", "barge_in_ms", "barge-in to silence", "ms", 1.0),
)


def rules_of(thresholds: Mapping[str, Threshold]) -> dict[str, Rule]:
    """The rules by metric, with these thresholds."""
    return {
        metric: Rule(
            metric=metric,
            label=label,
            unit=unit,
            threshold=thresholds[name],
            scale=scale,
            limit=thresholds[name].warning,
            falling=thresholds[name].falling,
        )
        for metric, name, label, unit, scale in _WATCHED
    }


RULES = rules_of(THRESHOLDS)
"""Those of the table as it is."""


@dataclass(slots=True)
class Watch:
    """One metric that was not good lately."""

    levels: list[Level] = field(default_factory=list)
    """The last samples, at most `SAMPLES`."""
    good: int = 0
    """Good ones in a row."""
    raised: Alert | None = None


@dataclass(slots=True)
class Alerts:
    """Folds samples; only metrics that were not good lately take memory."""

    line: str
    name: Clean
    watches: dict[str, Watch] = field(default_factory=dict)
    worst_lately: Level = Level.OK
    """Of those that were raised since somebody took it."""
    fresh: list[Alert] = field(default_factory=list, init=False, repr=False, compare=False)
    """What `news` has to tell; empty nearly always, so look before you ask."""

    def judge_all(
        self, samples: Iterable[tuple[str, float]], rules: Mapping[str, Rule], unix: float
    ) -> None:
        """Take metrics and samples; one that is good, and was lately, is passed over."""
        for metric, value in samples:
            rule = rules[metric]
            if (value < rule.limit) is rule.falling or metric in self.watches:
                self.judge(rule, value, unix)

    def judge(self, rule: Rule, value: float, unix: float) -> None:
        """Take one sample, which is no good one or follows one that was not."""
        level = rule.threshold.level(value)
        watch = self.watches.setdefault(rule.metric, Watch())
        watch.levels = [*watch.levels, level][-SAMPLES:]
        watch.good = watch.good + 1 if level is Level.OK else 0
        if watch.good >= CLEAR_AFTER:
            del self.watches[rule.metric]
            if watch.raised is not None:
                way = "over" if rule.threshold.falling else "under"
                limit = rule.shown(rule.crossed(watch.raised.level))
                self._clear(watch.raised, f"recovered, {rule.label} back {way} {limit}", unix)
            return
        self._judge(rule, watch, value, unix)

    def raise_at_once(self, metric: str, level: Level, text: str, unix: float) -> None:
        """Raise what needs no samples, or say it in new words while it lasts."""
        watch = self.watches.setdefault(metric, Watch())
        if watch.raised is None:
            self._raise(watch, metric, level, text, unix)
        elif (watch.raised.level, watch.raised.text) != (level, text):
            watch.raised = replace(watch.raised, level=level, text=clean(text, limit_chars=200))
            self._tell(watch.raised)

    def clear(self, metric: str, text: str, unix: float) -> None:
        """What needed no samples is over; nothing if it was not raised."""
        watch = self.watches.pop(metric, None)
        if watch is not None and watch.raised is not None:
            self._clear(watch.raised, text, unix)

    def close(self, text: str, unix: float) -> None:
        """The line is over: nothing is wrong with it any more."""
        for metric in tuple(self.watches):
            self.clear(metric, text, unix)

    def news(self) -> list[Alert]:
        """What was raised, reworded and cleared since this was last asked."""
        if not self.fresh:
            return _NONE
        news, self.fresh = self.fresh, []
        return news

    def taken_worst(self) -> Level:
        """The worst that was raised since this was last asked."""
        worst, self.worst_lately = self.worst_lately, _OK
        return worst

    def raised(self) -> tuple[Alert, ...]:
        """Those that are raised now, worst first, then newest."""
        lasting = [watch.raised for watch in self.watches.values() if watch.raised is not None]
        return tuple(sorted(lasting, key=lambda alert: (_ORDER[alert.level], -alert.raised_at)))

    @property
    def worst(self) -> Level:
        """The worst level that is raised now; OK if none is."""
        if not self.watches:
            return _OK
        return worst_of(watch.raised.level for watch in self.watches.values() if watch.raised)

    @property
    def count(self) -> int:
        """How many are raised now."""
        return sum(watch.raised is not None for watch in self.watches.values())

    def _judge(self, rule: Rule, watch: Watch, value: float, unix: float) -> None:
        bad = watch.levels.count(Level.BAD)
        poor = bad + watch.levels.count(Level.WARNING)
        level = Level.BAD if bad >= RAISE_AFTER else Level.WARNING
        if poor < RAISE_AFTER:
            return
        if watch.raised is not None and (
            watch.raised.level is level or watch.raised.level is Level.BAD
        ):
            return
        count = bad if level is Level.BAD else poor
        text = f"{rule.label} {rule.compared(value, level)} ({count} of {len(watch.levels)})"
        if watch.raised is None:
            self._raise(watch, rule.metric, level, text, unix)
        else:
            self.raise_at_once(rule.metric, level, text, unix)

    def _raise(self, watch: Watch, metric: str, level: Level, text: str, unix: float) -> None:
        watch.raised = Alert(
            at=unix,
            line=self.line,
            name=self.name,
            metric=metric,
            level=level,
            text=clean(text, limit_chars=200),
            raised_at=unix,
        )
        self._tell(watch.raised)

    def _tell(self, alert: Alert) -> None:
        self.worst_lately = worst_of((self.worst_lately, alert.level))
        self.fresh.append(alert)
        # Where nobody asks, as in a console of one line, they must not pile up.
        del self.fresh[:-_KEPT_NEWS]

    def _clear(self, alert: Alert, text: str, unix: float) -> None:
        self._tell(replace(alert, at=unix, level=Level.OK, text=clean(text, limit_chars=200)))


def worst_of(levels: Iterable[Level]) -> Level:
    """The worst of some levels; OK if there are none."""
    return min(levels, key=lambda level: _ORDER[level], default=Level.OK)


_NONE: list[Alert] = []
