from __future__ import annotations

from pathlib import Path

import pytest

from trunkline.telemetry.levels import Level
from trunkline.text import Clean
from trunkline.tui.filter.grammar import parse
from trunkline.tui.filter.rows import ROWS
from tui.filter.things import row

FULL = row(
    server=Clean("api.openai.com"),
    process=Clean("worker-4"),
    state=Clean("live"),
    age_s=1102.0,
    grade="fair",
    score=61.0,
    rtt_ms=391.0,
    rtt_p95_ms=402.0,
    jitter_ms=33.0,
    first_audio_ms=1420.0,
    late_p95_ms=38.0,
    buffer_ms=95.0,
    underruns=4,
    reconnects=2,
    lost_ms=310.0,
    input_dbfs=-17.0,
    output_dbfs=-21.0,
    input_clips=True,
    availability=0.982,
    turns=31,
    turns_answered=30,
    up_bytes_per_s=66_400.0,
    down_bytes_per_s=88_100.0,
    level=Level.BAD,
    alerts=2,
)


@pytest.mark.parametrize(
    "text",
    [
        "state:open", "state:live", "score<80 !model:mini", "score:61", "rtt>300ms", "lost>0", "age>5m", "age<1h",
        "kiosk", "kiosk-*", "name=kiosk-12", "gpt", "server:openai", "process:worker", "grade:f", "grade:fair,poor",
        "q:fair", "jit>30", "jitter>30", "ttfa>1s", "late>20", "buf<100", "und:4", "rc>=2", "lost:0.3s", "in>-20dBFS",
        "out<-20", "avail<99%", "turns>30", "answered:30", "up>60kB/s", "down>80k", "alerts>1", "attention", "err",
        "warn", "clip", "state!=closed", "rtt95>400", "/pi\\.open/",
    ],
)  # fmt: skip
def test_what_fits(text):
    assert parse(text, ROWS).predicate()(FULL)


@pytest.mark.parametrize(
    "text", ["state:reconnecting", "!kiosk", "score>61", "grade:e", "mini", "attempt>0"]
)
def test_what_does_not(text):
    assert not parse(text, ROWS).predicate()(FULL)


@pytest.mark.parametrize(
    ("fields", "common"),
    [
        ({"state": "rotating"}, "open"),
        ({"state": "waiting"}, "reconnecting"),
        ({"state": "dialing"}, "connecting"),
        ({"state": "dialing", "attempt": 2}, "reconnecting"),
        ({"state": "restoring", "reconnects": 1}, "reconnecting"),
        ({"state": "failed"}, "failed"),
        ({"state": "gone"}, "gone"),
    ],
)
def test_states_go_by_the_names_that_people_use(fields, common):
    assert parse(f"state={common}", ROWS).predicate()(row(**fields))


def test_unknown_values_are_asked_for_by_none():
    assert parse("score:none rtt:none avail:none", ROWS).predicate()(row())


def test_every_field_is_in_the_documentation():
    page = (Path(__file__).parents[3] / "docs" / "filter.md").read_text(encoding="utf-8")
    half = page.partition("## Fields of a line")[2].partition("## Fields of an event")[0]
    names = {field.name for field in ROWS.fields} | set(ROWS.aliases)
    assert {name for name in names if f"`{name}`" not in half} == set()
