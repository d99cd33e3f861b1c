"""Entries, rows and filters of any kind, for the laws of the filter language."""

from __future__ import annotations

from hypothesis import strategies as st

from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.fleet_snapshot import LineRow
from trunkline.telemetry.levels import Level
from trunkline.text import Clean
from trunkline.tui.filter.entries import ENTRIES
from trunkline.tui.filter.quantity import Quantity
from trunkline.tui.filter.term import (
    Comparison,
    Expression,
    Filter,
    Literal,
    Raised,
    Standing,
    Term,
    Wildcard,
    Word,
)
from trunkline.tui.filter.vocabulary import Chosen, Flag, Number, Text

WORDS = st.sampled_from(
    ["response.done", "error", "input_audio_buffer.append", "", "any", "none", "err", "a b", '"', "\\",
     "-x", "!", "a:b", "a,b", "/", "ping", "Ünïcode", "*", "a=b", "conversation.item.created"]
)  # fmt: skip
TEXTS = WORDS | st.text(max_size=12)


def entry(number=1, **fields):
    given = {"at": 0.0, "until": 0.0, "way": Way.DOWN, "type": Clean("response.done"), **fields}
    return Entry(number=number, **given)


def row(**fields):
    return LineRow(
        **{"key": "a", "name": Clean("kiosk-12"), "model": Clean("gpt-realtime"), **fields}
    )


ENTRY = st.builds(
    Entry,
    number=st.integers(1, 9),
    at=st.just(0.0),
    until=st.just(0.0),
    way=st.sampled_from(Way),
    type=TEXTS,
    count=st.integers(1, 50),
    size_bytes=st.none() | st.integers(0, 300_000),
    audio_ms=st.none() | st.floats(0, 1e5),
    turn=st.none() | st.integers(0, 40),
    latency_ms=st.none() | st.floats(0, 1e5),
    level=st.sampled_from(Level),
    note=TEXTS,
    item_id=TEXTS,
    response_id=TEXTS,
    detail=TEXTS,
    clipped=st.integers(0, 3),
)

_GLOBS = st.text(st.sampled_from("ab*?.é"), min_size=1, max_size=8).filter(
    lambda text: "*" in text or "?" in text
)
_EXPRESSIONS = st.sampled_from(
    [r"a", r"time.?out", r"a/b", r"\\/", r"[a-c]+\d", r"^(x|y)$", r"(?:a{2,3})*", r"\.", r"[^\s]"]
)
_MATCHERS = (
    st.builds(Literal, st.text(max_size=12) | WORDS)
    | st.builds(Wildcard, _GLOBS)
    | st.builds(Expression, _EXPRESSIONS)
)
_STANDINGS = st.sampled_from(Standing)


def _numbers(scale):
    number = st.integers(-999, 10**9).map(float) | st.decimals(-999, 999, places=3).map(
        lambda value: float(value) + 0.0
    )
    return st.builds(Quantity, number, st.sampled_from(list(scale.units)))


def _several(values):
    return st.lists(values, min_size=1, max_size=3).map(tuple)


def _test(known):
    match known:
        case Flag(name):
            return st.just(Raised(name))
        case Number(name, scale=scale):
            numbers = _numbers(scale)
            return st.builds(Comparison, st.just(name), st.just(":"), _several(numbers | _STANDINGS)) | (
                st.builds(Comparison, st.just(name), st.sampled_from(["<", "<=", ">", ">="]),
                          st.tuples(numbers | _STANDINGS))
            )  # fmt: skip
        case Chosen(name, choices=choices):
            values = st.sampled_from(list(choices.values())).map(Literal) | _STANDINGS
            return st.builds(Comparison, st.just(name), st.just(":"), _several(values))
        case Text(name):
            values = _several(_MATCHERS | _STANDINGS)
            return st.builds(Comparison, st.just(name), st.sampled_from(":="), values)


def filters(vocabulary=ENTRIES):
    """Filters of a vocabulary, short enough to be written."""
    tests = st.one_of(st.builds(Word, _MATCHERS), *map(_test, vocabulary.fields))
    terms = st.lists(st.builds(Term, tests, st.booleans()), max_size=4)
    return terms.map(lambda found: Filter(vocabulary, tuple(found))).filter(
        lambda one: len(str(one)) <= 500
    )
