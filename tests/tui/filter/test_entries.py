from __future__ import annotations

from pathlib import Path

import pytest

from trunkline.telemetry.entry import Way
from trunkline.telemetry.levels import Level
from trunkline.text import Clean
from trunkline.tui.filter.entries import ENTRIES
from trunkline.tui.filter.grammar import parse
from tui.filter.things import entry

FULL = entry(
    way=Way.UP,
    type=Clean("input_audio_buffer.append"),
    count=50,
    size_bytes=66_000,
    audio_ms=1000.0,
    turn=31,
    latency_ms=391.2,
    level=Level.WARNING,
    note=Clean("late p95 38 ms"),
    item_id=Clean("item_9Qx"),
    response_id=Clean("resp_7Ka"),
    detail=Clean('{"type": "x"}'),
    rms_dbfs=-21.3,
    peak_dbfs=-6.0,
    clipped=4,
)


@pytest.mark.parametrize(
    "text",
    [
        "dir:up", "dir:out", "type:append", "type=input_audio_buffer.append", "type:*append", "turn:31", "item:9qx",
        "resp:7Ka", "size>60kB", "size:66kB", "audio>=1s", "lat:391", "lat<0.4s", "count:50", "rms<-20dB", "peak:-6",
        "clipped>0", "note:/p9\\d/", 'detail:"type"', "warn", "!err", "!local", "late", "append", "item_9Qx",
        "resp:any", "turn:30,31", "/^input.*append$/", "turn>=31 turn<=31",
    ],
)  # fmt: skip
def test_what_fits(text):
    assert parse(text, ENTRIES).predicate()(FULL)


@pytest.mark.parametrize(
    "text",
    ["dir:down", "type=append", "type:append*", "turn:3", "size<66", "lat>0.4s", "err", "local", "nothing",
     "turn:30,32", "item:none", "/^append/"],
)  # fmt: skip
def test_what_does_not(text):
    assert not parse(text, ENTRIES).predicate()(FULL)


def test_an_error_is_a_warning_too():
    wrong = entry(level=Level.BAD)
    assert parse("err warn", ENTRIES).predicate()(wrong)


def test_what_happened_here_is_local():
    assert parse("local dir:here", ENTRIES).predicate()(entry(way=Way.LOCAL))


def test_every_field_is_in_the_documentation():
    page = (Path(__file__).parents[3] / "docs" / "filter.md").read_text(encoding="utf-8")
    half = page.partition("## Fields of an event")[2]
    names = {field.name for field in ENTRIES.fields} | set(ENTRIES.aliases)
    assert {name for name in names if f"`{name}`" not in half} == set()
