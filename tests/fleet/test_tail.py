"""Facts as lines of text and of JSON."""

from __future__ import annotations

import json

import pytest

from fleet.hand import BREATH, WALL, began, entered, life, said, stamped
from trunkline.fleet.state import FleetState
from trunkline.fleet.tail import Tail
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Anomaly
from trunkline.telemetry.frames import Beat, Ended, Told


def tailed(*frames, **options) -> list[str]:
    lines: list[str] = []
    Tail(lines.append, **options).take(stamped(*frames), BREATH)
    return lines


def test_a_line_of_text_has_the_time_the_name_and_words():
    lines = tailed(began("a"), entered("a", 101.0, State.LIVE), Ended(line="a", at=102.0))
    clocks, names = zip(*((line[:13], line[15:31]) for line in lines), strict=True)
    assert set(clocks) == {"14:13:20.000Z"}
    assert set(names) == {"line a          "}
    assert lines[0].endswith("began")
    assert "live" in lines[1]
    assert lines[2].endswith("ended")


def test_what_has_no_sentence_is_shown_as_it_is_and_clean():
    (line,) = tailed(said("a", 101.0, "x\x1b[2J"))
    assert "Transcript(" in line
    assert "\x1b" not in line


def test_beats_are_sums_and_told_to_nobody():
    assert tailed(Beat(line="a", at=1.0, epoch=1)) == []


def test_each_line_of_json_is_a_document_with_the_fact_as_it_went_over_the_wire():
    fact = Anomaly(at=101.0, epoch=2, kind="odd", sample="é")
    lines = tailed(began("a"), Told(line="a", fact=fact), as_json=True)
    first, second = map(json.loads, lines)
    assert first == {
        "at": WALL,
        "line": "a",
        "name": "line a",
        "observation": None,
        "life": "began",
    }
    assert second == {
        "at": WALL,
        "line": "a",
        "name": "line a",
        "observation": "Anomaly",
        "fact": {"is": "Anomaly", "at": 101.0, "epoch": 2, "kind": "odd", "sample": "é"},
    }


@pytest.mark.parametrize("line", ["line a", "a"])
def test_one_line_can_be_chosen_by_name_or_key(line: str):
    told = tailed(*life("a"), *life("b"), line=line)
    assert len(told) == len(life("a"))
    assert all("line a" in one for one in told)


def test_kinds_can_be_chosen_by_name():
    told = tailed(*life("a"), Ended(line="a", at=101.0), types=frozenset({"Transcript"}))
    assert len(told) == 1


def test_a_line_that_was_there_before_is_known_by_its_name_until_it_leaves():
    state, lines = FleetState(), []
    for frame in life("a"):
        state.apply(frame)
    tail = Tail(lines.append)
    tail.adopt(state.keyframe("a"))
    tail.take(stamped(Ended(line="a", at=101.0, gone=True)), BREATH)
    tail.forget("a")
    tail.take(stamped(Ended(line="a", at=101.0)), BREATH)
    assert [line[15:] for line in lines] == ["line a           gone", "a                ended"]
