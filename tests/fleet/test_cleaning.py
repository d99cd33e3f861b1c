"""What leaves a process holds no control character and no key, whatever a server said."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given

from fleet.hand import WALL, began, said
from telemetry.strategies import any_frame
from trunkline.fleet.block import Stamped, encoded
from trunkline.fleet.breath import Breath
from trunkline.fleet.cleaning import cleaned
from trunkline.protocol.closure import Closure
from trunkline.protocol.observations import LinkEnded
from trunkline.protocol.verdicts import UNKNOWN
from trunkline.telemetry import wireform
from trunkline.telemetry.frames import Beat, Told
from trunkline.text import clean

EVIL = "\x1b]52;c;aGk=\x07 sk-CANARY0123456789 \x9b2J \u202e"


def strings(value):
    """All strings in a record, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from strings(pair)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from strings(one)
    elif hasattr(value, "__dataclass_fields__"):
        for one in fields(value):
            yield from strings(getattr(value, one.name))


@given(any_frame())
def test_every_string_of_every_frame_is_clean_and_a_clean_frame_stays_as_it_is(frame):
    once = cleaned(frame)
    assert all(clean(text, limit_chars=65_536) == text for text in strings(_server_side(once)))
    assert cleaned(once) == once


def _server_side(frame):
    return frame.fact if isinstance(frame, Told) else getattr(frame, "types", ())


@pytest.mark.parametrize(
    "frame", [said("a", 1.0, EVIL), Beat(line="a", at=1.0, epoch=1, types={EVIL: 1})]
)
def test_what_is_evil_does_not_reach_a_block(frame):
    ((_, document),) = encoded([Stamped(WALL, frame)], Breath())
    assert b"CANARY" not in document
    assert b"\\u001b" not in document
    assert wireform.decode(document) == cleaned(frame)


def test_evidence_in_a_fact_is_cleaned_too():
    closure = Closure(code=1011, reason=EVIL, detail=EVIL)
    fact = LinkEnded(at=1.0, epoch=1, closure=closure, verdict=UNKNOWN.verdict(), lived=1.0)
    found = cleaned(Told(line="a", fact=fact)).fact
    assert found.closure.code == 1011
    assert found.closure.reason == clean(EVIL)
    assert found.closure.detail == clean(EVIL)


def test_what_is_clean_is_not_copied():
    frame = said("a", 1.0, "hello")
    assert cleaned(frame).fact is frame.fact
    assert cleaned(began("a")) == began("a")
