from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass, field

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.strategies import FACTS
from trunkline.errors import StreamError
from trunkline.protocol.observations import Observation
from trunkline.telemetry import frames
from trunkline.telemetry.fleet import FleetFold
from trunkline.telemetry.levels import Level
from trunkline.telemetry.recordform import UnknownWordError, _form, facts, read, told, written
from trunkline.text import Clean


@dataclass(slots=True)
class Kept:
    """One of each."""

    name: Clean
    level: Level
    numbers: array[int] = field(default_factory=lambda: array("I"))
    values: array[float] = field(default_factory=lambda: array("d"))
    many: deque[tuple[int, float]] = field(default_factory=deque)
    words: list[str] = field(default_factory=list)
    counts: dict[Clean, int] = field(default_factory=dict)
    inner: Kept | None = None
    _made: int = field(default=7, init=False)


def _again(kept):
    return read(Kept, orjson.loads(written(told(kept))))


@given(
    st.lists(st.integers(0, 2**32 - 1), max_size=5),
    st.lists(st.floats(-1e6, 1e6), max_size=5),
    st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 9)),
)
def test_what_was_written_is_what_is_read(numbers, values, counts):
    inner = Kept(name=Clean("i"), level=Level.BAD, many=deque([(1, 0.5)]), words=["x"])
    kept = Kept(name=Clean("n"), level=Level.OK, numbers=array("I", numbers),
                values=array("d", values), counts=counts, inner=inner)  # fmt: skip
    assert _again(kept) == kept


def test_what_is_unknown_comes_back_unknown():
    kept = Kept(name=Clean("n"), level=Level.OK, values=array("f", [float("nan"), 2.0, 0.5]))
    again = _again(kept)
    assert again.values.typecode == "f"
    assert again.values[0] != again.values[0]
    assert list(again.values[1:]) == [2.0, 0.5]


def test_what_can_be_made_anew_is_not_written():
    kept = Kept(name=Clean("n"), level=Level.OK)
    kept._made = 9
    assert "_made" not in told(kept)
    assert _again(kept)._made == 7


def test_words_from_a_file_are_cleaned():
    again = read(Kept, {"name": "a\x1b", "level": Level.OK.value, "counts": {"b\x1b": 1}})
    assert (again.name, again.counts) == ("a\u241b", {"b\u241b": 1})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": None}, "Kept.name: no string"),
        ({"numbers": [1]}, "Kept.numbers: no string"),
        ({"numbers": "f:AAAA"}, "Kept.numbers: no numbers of a known type"),
        ({"numbers": ":AAAA"}, "Kept.numbers: no numbers of a known type"),
        ({"numbers": "I:AAAA"}, "Kept.numbers: no numbers"),
        ({"numbers": "I:A*AA"}, "Kept.numbers: no numbers"),
        ({"values": "d:AAAAAAAA8H8="}, "Kept.values: a number is too large"),
        ({"many": [[1]]}, "Kept.many: no list of 2"),
        ({"inner": {"name": "x"}}, "Kept.inner: Kept has no level"),
        ({"counts": {"a": 1.5}}, "Kept.counts: no whole number"),
    ],
)
def test_a_refusal_says_where(changes, words):
    with pytest.raises(StreamError, match=words):
        read(Kept, {"name": "n", "level": "●", **changes})


def test_a_word_of_a_later_version_is_told_apart_from_nonsense():
    with pytest.raises(UnknownWordError):
        read(Kept, {"name": "n", "level": "?"})


def test_what_has_no_form_is_a_mistake_of_ours():
    with pytest.raises(TypeError):
        written({"a": object()})


@pytest.mark.parametrize(
    "kind",
    [
        *FACTS,
        frames.Began,
        frames.Beat,
        frames.Told,
        frames.Inspected,
        frames.Marked,
        frames.Ended,
        FleetFold,
    ],
)
def test_every_annotation_that_is_met_has_a_reader(kind):
    assert _form(kind)


def test_the_table_of_facts_is_all_of_them():
    assert set(facts().values()) == set(FACTS)
    assert Observation not in facts().values()
