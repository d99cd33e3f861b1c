"""Snapshots as documents: names that stay, seconds, and nothing that is forgotten."""

from __future__ import annotations

import json
import re
from dataclasses import fields

import pytest

from telemetry.filling import filled_fleet, filled_line, filled_row
from trunkline.telemetry.document import fleet_document, line_document, sample_documents
from trunkline.telemetry.fleet_snapshot import FleetSnapshot, LineRow
from trunkline.telemetry.snapshot import LineSnapshot, Outage, Turn
from trunkline.text import Clean


def leaves(value, path=()):
    """Every value that is no container, by the way to it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    else:
        yield path, value


def bare_line():
    return LineSnapshot(at=5.0, started_at=0.0, name=Clean("x"), server=Clean("y"))


def bare_fleet():
    return FleetSnapshot(at=1.0, rows=(LineRow(key="k", name=Clean("n")),))


def test_the_names_at_the_top_are_those_that_were_promised():
    assert list(fleet_document(bare_fleet())) == [
        "schema", "ok", "at", "window_seconds", "shortfalls", "totals", "derived", "lines", "alerts",
    ]  # fmt: skip
    assert list(line_document(bare_line())) == [
        "schema", "at", "line", "name", "model", "server_address", "session_id", "state", "epoch", "totals",
        "derived", "outages", "turns", "alerts",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        fleet_document(filled_fleet()),
        fleet_document(bare_fleet()),
        *sample_documents(filled_fleet()),
        line_document(filled_line()),
        line_document(bare_line()),
    ],
)
def test_a_document_is_json_in_names_of_one_style_and_strict_about_numbers(document):
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document
    data = {"text", "live", "connecting"}  # names that are data: states, grades, codes
    names = {name for path, _ in leaves(document) for name in path} - data
    assert all(re.fullmatch(r"[a-z0-9_+]+", name) for name in names)
    assert not [name for name in names if name.endswith("_ms")]


def test_each_figure_of_a_row_shows_in_its_document():
    """A field that is new must be told, or be named here with its reason."""
    untold = {"rtt_series"}  # a drawing; a stream of samples has it by itself
    row = filled_row()
    for field in fields(LineRow):
        value = getattr(row, field.name)
        if field.name in untold:
            continue
        numbers = (
            {value} if isinstance(value, (int, float)) and not isinstance(value, bool) else set()
        )
        told = {leaf for _, leaf in leaves(fleet_document(FleetSnapshot(at=0.0, rows=(row,))))}
        assert not numbers or (numbers | {round(one / 1000, 6) for one in numbers}) & told, (
            field.name
        )


def test_milliseconds_become_seconds_and_unknown_stays_unknown():
    row = filled_row(rtt_ms=38.25, jitter_ms=None, lost_ms=640.0)
    (sample,) = sample_documents(FleetSnapshot(at=12.3456, rows=(row,)))
    assert sample["at"] == 12.346
    assert sample["derived"]["websocket_ping_rtt_seconds"] == 0.03825
    assert sample["derived"]["websocket_rtt_jitter_seconds"] is None
    assert sample["totals"]["audio_lost_seconds_total"] == 0.64


def test_moments_of_a_line_are_told_by_the_clock_on_the_wall():
    line = filled_line(
        at=1100.0,
        wall_offset=500.0,
        outages=(
            Outage(
                at=1050.0,
                epoch=1,
                code=1006,
                reason=Clean("r"),
                cause=Clean("c"),
                advice=Clean("a"),
            ),
        ),
        turns=(Turn(number=1, at=1060.0),),
    )
    told = line_document(line)
    assert (told["at"], told["outages"][0]["at"], told["turns"][0]["at"]) == (
        1600.0,
        1550.0,
        1560.0,
    )


def test_it_is_ok_unless_a_line_falls_short_and_then_it_says_which_and_why():
    good, bad = (
        filled_row(key=key, score=score, grade=grade, state=Clean("live"), name=Clean(key))
        for key, score, grade in (("a", 90.0, "excellent"), ("b", 40.0, "poor"))
    )
    assert fleet_document(FleetSnapshot(at=0.0))["ok"] is False
    assert fleet_document(FleetSnapshot(at=0.0, rows=(good,)))["ok"] is True
    told = fleet_document(FleetSnapshot(at=0.0, rows=(good, bad)))
    assert told["ok"] is False
    assert told["shortfalls"] == [{"line": "b", "name": "b", "reason": "its link is poor"}]
    samples = sample_documents(FleetSnapshot(at=0.0, rows=(good,)), min_score=95)
    assert [one["shortfall"] for one in samples] == ["its score 90.0 is under 95"]


def test_no_control_character_of_any_string_gets_into_a_document():
    hostile = ("\x1b]52;c;aGk=\x07", "\x9b31m", "\u202eabc", "a\x00b")
    for document in (fleet_document(filled_fleet(hostile)), line_document(filled_line(hostile))):
        for path, value in leaves(document):
            clean_names = {"line", "metric"}  # ours, and never from outside
            if isinstance(value, str) and path[-1] not in clean_names:
                assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", value), path


@pytest.mark.parametrize(
    ("gap_ms", "from_commit", "told"),
    [(None, False, None), (640.0, False, "voice"), (640.0, True, "commit")],
)
def test_a_turn_gap_says_what_it_counts_from(gap_ms, from_commit, told):
    turn = Turn(number=1, at=1.0, gap_ms=gap_ms, gap_from_commit=from_commit)
    nameless = Clean("")
    line = LineSnapshot(at=2.0, started_at=0.0, name=nameless, server=nameless, turns=(turn,))
    document = line_document(line)
    (found,) = document["turns"]
    assert found["turn_gap_from"] == told
