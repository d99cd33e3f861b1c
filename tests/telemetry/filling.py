"""Snapshots in which every field holds something, and every string from outside whatever a test wants it to be.

Made from the types, so a field that is new is filled, too.
"""

from __future__ import annotations

import itertools
import types
import typing
from dataclasses import fields, is_dataclass, replace
from enum import Enum

from trunkline.telemetry import entry, fleet_snapshot, levels, snapshot, views
from trunkline.telemetry.entry import Entry
from trunkline.telemetry.fleet_snapshot import FleetSnapshot, LineRow
from trunkline.telemetry.levels import Level
from trunkline.telemetry.snapshot import LineSnapshot
from trunkline.telemetry.views import TimelineView
from trunkline.text import Clean, clean

NAMES = {
    name: value
    for module in (entry, fleet_snapshot, levels, snapshot, views)
    for name, value in vars(module).items()
}
GRADES = ("excellent", "good", "fair", "poor", "lost")
STATES = ("live", "connecting", "reconnecting", "restoring", "waiting", "failed")
# Fields whose strings are words of ours and nobody else's.
OURS = {
    "grade": GRADES,
    "grades": GRADES,
    "state": STATES,
    "states": STATES,
    "state_shares": STATES,
    "state_seconds": STATES,
    "metric": ("rtt", "jitter", "underruns"),
    "speaker": ("user", "assistant"),
    "deductions": ("rtt+jitter", "stalls", "late"),
}


class Filler:
    """Makes values of any annotated type, each different from the one before."""

    def __init__(self, texts=("text",), *, length=3, names=NAMES, ours=OURS):
        self._texts = itertools.cycle(texts)
        self._names, self._ours = names, ours
        self._count = itertools.count(1)
        self._length = length

    def make(self, kind, **given):
        hints = typing.get_type_hints(kind, localns=self._names)
        values = {
            field.name: given[field.name]
            if field.name in given
            else self._of(hints[field.name], field.name)
            for field in fields(kind)
        }
        return kind(**values)

    def _of(self, hint, name):
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (types.UnionType, typing.Union):
            return self._of(next(one for one in arguments if one is not type(None)), name)
        if origin is tuple and arguments[-1] is Ellipsis:
            return tuple(self._of(arguments[0], name) for _ in range(self._length))
        if origin is tuple:
            return tuple(self._of(one, name) for one in arguments)
        return self._plain(hint, name)

    def _plain(self, hint, name):
        if is_dataclass(hint):
            return self.make(hint)
        if isinstance(hint, type) and issubclass(hint, Enum):
            members = [one for one in hint if one is not Level.UNKNOWN]
            return members[next(self._count) % len(members)]
        if hint in (Clean, str) and name in self._ours:
            return Clean(self._ours[name][next(self._count) % len(self._ours[name])])
        if hint is Clean:
            return clean(next(self._texts))
        if hint is str:
            return next(self._texts)
        return {int: int, float: float, bool: bool, bytes: bytes}[hint](next(self._count))


def filled_row(texts=("text",), **given):
    return Filler(texts).make(LineRow, **given)


def filled_line(texts=("text",), *, length=3, **given):
    line = Filler(texts, length=length).make(LineSnapshot)
    timeline = replace(
        line.timeline,
        cell_s=5.0,
        state=("live", "reconnecting", "live"),
        user=(0.5, 0.0, 1.0),
        model=(0.0, 0.5, 0.0),
    )
    return replace(line, **({"timeline": timeline, "at": 1100.0, "started_at": 1000.0} | given))


def filled_fleet(texts=("text",), *, rows=None, length=3, **given):
    fleet = Filler(texts, length=length).make(FleetSnapshot, **given)
    return fleet if rows is None else replace(fleet, rows=rows)


def filled_entries(texts=("text",), *, count=20):
    filler = Filler(texts)
    return [
        replace(filler.make(Entry), number=number, wave=(0.1, 0.9))
        for number in range(1, count + 1)
    ]


__all__ = ["TimelineView", "filled_entries", "filled_fleet", "filled_line", "filled_row"]
