"""Which thresholds hold here: the table of `levels`, with what a configuration says instead.

An override names the metric as the table does and gives one or both of its values:

    [thresholds.rtt_ms]
    warning = 100
    bad = 300
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from trunkline.errors import ConfigError
from trunkline.telemetry.levels import THRESHOLDS, Threshold

__all__ = ["overridden"]

_VALUES = ("warning", "bad")


def overridden(changes: Mapping[str, object]) -> dict[str, Threshold]:
    """The table with these changes. Raises ConfigError for what is no metric, no number, or the wrong way round."""
    table = dict(THRESHOLDS)
    for metric, change in changes.items():
        setting = f"thresholds.{metric}"
        known = THRESHOLDS.get(metric)
        if known is None:
            raise ConfigError(setting, f"is no metric; there are {', '.join(THRESHOLDS)}")
        if not isinstance(change, Mapping):
            raise ConfigError(setting, "is a table of `warning`, `bad` or both")
        table[metric] = _changed(setting, known, change)
    return table


def _changed(setting: str, known: Threshold, change: Mapping[object, object]) -> Threshold:
    values = {"warning": known.warning, "bad": known.bad}
    for name, value in change.items():
        if name not in _VALUES:
            raise ConfigError(f"{setting}.{name}", "is neither `warning` nor `bad`")
        values[str(name)] = _number(f"{setting}.{name}", value)
    wrong = (
        values["warning"] < values["bad"] if known.falling else values["warning"] > values["bad"]
    )
    if wrong:
        first, second = ("least", "below") if known.falling else ("most", "above")
        raise ConfigError(
            setting, f"`warning` must be at {first} `bad`: what is {second} it is worse"
        )
    return replace(known, warning=values["warning"], bad=values["bad"])


def _number(setting: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ConfigError(setting, "is no number")
    return float(value)
