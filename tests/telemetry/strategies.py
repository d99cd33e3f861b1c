"""Any frame and any fact, drawn from the annotations of their classes."""

from __future__ import annotations

import types
from dataclasses import fields
from enum import Enum
from typing import Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from trunkline.protocol import closure, lifecycle, observations
from trunkline.protocol.observations import Observation
from trunkline.telemetry import entry, frames, levels, views
from trunkline.telemetry.histogram import BUCKET_LIMIT
from trunkline.text import Clean, clean

NAMES = {
    "Closure": closure.Closure,
    "Verdict": closure.Verdict,
    "State": lifecycle.State,
    "Level": levels.Level,
    "Entry": entry.Entry,
    "Mark": views.Mark,
    "Observation": Observation,
}
FACTS = [
    kind
    for kind in map(vars(observations).get, observations.__all__)
    if isinstance(kind, type) and issubclass(kind, Observation) and kind is not Observation
]
FRAMES = [
    frames.Began, frames.Beat, frames.Told, frames.Inspected, frames.Heard, frames.Marked, frames.Ended,
]  # fmt: skip
RATES = st.integers(1, 1_000_000)
BUCKETS = st.lists(st.integers(0, BUCKET_LIMIT - 1), max_size=5).map(tuple)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SPREADS = st.dictionaries(WORDS, BUCKETS, max_size=3)
PLAIN = {
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(-1e17, 1e17),
    str: WORDS,
    bytes: st.just(b""),
    frames.Pcm: st.binary(max_size=20).map(lambda data: data[: len(data) // 2 * 2]),
    Clean: WORDS.map(clean),
}


def of(hint):
    """Values of an annotation."""
    if hint in PLAIN:
        return PLAIN[hint]
    if hint is Observation:
        return any_fact()
    origin, inner = get_origin(hint), get_args(hint)
    if origin is dict:
        return st.dictionaries(of(inner[0]), of(inner[1]), max_size=3)
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(of(inner[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(of, inner))
    if origin in (Union, types.UnionType):
        return st.none() | st.one_of([of(each) for each in inner if each is not type(None)])
    return st.sampled_from(hint) if issubclass(hint, Enum) else record(hint)


def record(kind):
    """Values of a dataclass."""
    hints = get_type_hints(kind, localns=NAMES)
    if kind in (frames.Began, frames.Heard):
        return st.builds(kind, **{n: of(h) for n, h in hints.items()} | {"rate_hz": RATES})
    if kind is frames.Beat:
        return st.builds(kind, **{n: of(h) for n, h in hints.items()} | {"spreads": SPREADS})
    return st.builds(kind, **{one.name: of(hints[one.name]) for one in fields(kind)})


def any_fact():
    """Facts of all kinds."""
    return st.one_of([st.deferred(lambda kind=kind: record(kind)) for kind in FACTS])


def any_frame():
    """Frames of all kinds."""
    return st.one_of([record(kind) for kind in FRAMES])
