"""Every string that a fold hands out is clean, whatever the facts said: in this process, and from another one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache

import pytest

from telemetry.filling import NAMES, Filler
from trunkline.protocol import closure, lifecycle, observations
from trunkline.telemetry.document import fleet_document, line_document
from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.fleet import FleetFold
from trunkline.telemetry.frames import Beat, Began, Inspected, Marked, Told
from trunkline.telemetry.recordform import facts
from trunkline.telemetry.views import Mark
from trunkline.telemetry.wireform import decode, encode
from trunkline.text import clean
from tui.hostile import CORPUS

WALL = 1_700_000_000.0
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
FACT_NAMES = NAMES | {
    name: value
    for module in (closure, lifecycle, observations)
    for name, value in vars(module).items()
}


def strings(value, path="snapshot"):
    """Every string in a value, with the way to it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Enum):
        return
    elif is_dataclass(value):
        for field in fields(value):
            yield from strings(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from strings(name, f"{path} key")
            yield from strings(inner, f"{path}[{name!a}]")
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings(inner, f"{path}[]")


def life(number, text):
    """A line of which everything is hostile that can be: each kind of fact, names, types of messages, marks."""
    line = f"line/{number}"
    yield Began(line=line, at=100.0, wall_offset=WALL, name=text, server=text, process=text)
    filler = Filler((text,), names=FACT_NAMES, ours={})
    for place, kind in enumerate(facts().values()):
        yield Told(line=line, fact=filler.make(kind, at=100.0 + place / 10, epoch=1))
    yield Beat(
        line=line, at=107.0, epoch=1, types={f"up {text}": 1, f"down {text}": 2}, gauges={}, sums={}
    )
    yield Marked(line=line, mark=Mark(at=107.5, number=1, note=clean(text)))
    yield Inspected(
        line=line,
        entry=Entry(
            number=1,
            at=107.6,
            until=107.6,
            way=Way.DOWN,
            type=text,
            note=text,
            detail=text,
            item_id=text,
        ),
    )


@cache
def told_here():
    return told(all_frames())


def told(frames):
    """All that a fold hands out of some frames."""
    fold = FleetFold()
    for frame in frames:
        fold.apply(frame)
    keys = tuple(fold.lines)
    now = WALL + 110.0
    lines = [fold.line(key, now) for key in keys]
    return keys, fold.snapshot(now), lines, [fold.entries(key) for key in keys]


def through_the_wire(frames):
    """As a console of another process gets them, where a frame that is refused is passed over."""
    for frame in frames:
        read = decode(encode(frame))
        if read is not None:
            yield read


def all_frames():
    return (frame for number, text in enumerate(CORPUS) for frame in life(number, text))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("attached", [False, True], ids=["here", "attached"])
def test_no_fact_brings_an_order_into_any_string_of_a_snapshot(attached):
    keys, fleet, lines, entries = told(through_the_wire(all_frames())) if attached else told_here()
    assert len(keys) == len(CORPUS)
    found = {
        path for value in (fleet, lines) for path, text in strings(value) if FORBIDDEN.search(text)
    }
    if attached:
        # Here an entry is as the inspector made it, which cleans it; a frame of another process is cleaned on its way.
        found |= {path for path, text in strings(entries) if FORBIDDEN.search(text)}
    assert not found, "\n".join(sorted(found))


def test_the_hostile_words_are_shown_and_not_swallowed():
    _, fleet, lines, _ = told(life(7, CORPUS[7]))
    seen = {
        path.partition("[")[0]
        for value in (fleet, lines[0])
        for path, text in strings(value)
        if "h007" in text
    }
    assert {
        "snapshot.name",
        "snapshot.server",
        "snapshot.transcript",
        "snapshot.log",
        "snapshot.rows",
    } <= seen


def test_documents_of_such_a_line_hold_no_order_either():
    _, fleet, lines, _ = told_here()
    for document in (fleet_document(fleet), *map(line_document, lines)):
        text = json.dumps(document, ensure_ascii=False)
        assert not FORBIDDEN.search(text)
