from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from rich.cells import cell_len

from telemetry.recorded import END, HOSTILE, RATE_HZ, START, snapshot_at
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.observations import Anomaly, LinkEnded, SessionReady, Speaker, Transcript
from trunkline.telemetry.metrics import LineMetrics
from tui.looking import assert_looks_as_before, look, strips

SIZES = [(120, 36), (80, 24)]
_MOMENTS = {"outage": START + 10.8, "speaking": START + 14.5, "end": END}
_ODD = "\x1b]52;c;aGk=\x07\x9b2J\u202e[red]東京👩\u200d👧e\u0301\r\n\t\ud800" + HOSTILE


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("moment", _MOMENTS)
def test_the_screen_of_a_recording(moment, size):
    shown = look(snapshot_at(_MOMENTS[moment]), size=size)
    assert_looks_as_before(f"session_{moment}_{size[0]}x{size[1]}", shown)


@pytest.mark.parametrize("size", SIZES)
def test_the_screen_before_anything_is_known(size):
    assert_looks_as_before(f"session_nothing_{size[0]}x{size[1]}", look(None, size=size))


def test_the_screen_when_the_run_is_over():
    shown = look(snapshot_at(), finished="3 of 4 turns answered")
    assert_looks_as_before("session_finished_120x36", shown)


def test_the_screen_without_any_sign_beyond_ascii():
    said = replace(snapshot_at(), transcript=())
    shown = look(said, ascii_only=True)
    assert_looks_as_before("session_ascii_120x36", shown)


@pytest.mark.parametrize("size", [*SIZES, (100, 30), (200, 60), (60, 20), (40, 10), (20, 5)])
def test_no_line_is_longer_or_shorter_than_the_terminal(size):
    async def script(app, pilot, feed):
        return [cell_len(strip.text) for strip in strips(app)]

    assert set(look(snapshot_at(), script, size=size)) == {size[0]}


@pytest.mark.parametrize("size", SIZES)
def test_all_panels_are_there_at_both_sizes(size):
    shown = look(snapshot_at(), size=size)
    for title in ("Connection", "Round trip", "Uplink", "Downlink", "Reconnects", "Turns",
                  "Transcript", "Log", "accepted", "replayed", "lost"):  # fmt: skip
        assert title in shown


def _odd_line():
    metrics = LineMetrics(_ODD, RATE_HZ, server=_ODD, started_at=START)
    closure = Closure(code=4999, reason=_ODD, detail=_ODD)
    for fact in (
        SessionReady(at=START, epoch=1, session_id=_ODD, model=_ODD, expires_at=None),
        Transcript(at=START, epoch=1, speaker=Speaker.USER, item_id="1", text=_ODD, final=False),
        Transcript(
            at=START, epoch=1, speaker=Speaker.ASSISTANT, item_id="2", text=_ODD, final=True
        ),
        Anomaly(at=START, epoch=1, kind=_ODD, sample=_ODD),
        LinkEnded(at=START, epoch=1, closure=closure, verdict=judge(closure), lived=1.0),
    ):
        metrics.observe(fact)
    return metrics.snapshot(START + 1)


@pytest.mark.parametrize("size", [*SIZES, (40, 10)])
def test_control_characters_never_reach_a_segment(size):
    async def script(app, pilot, feed):
        return [segment for strip in strips(app) for segment in strip]

    segments = look(_odd_line(), script, size=size, title=_ODD, finished=_ODD)
    controls = {
        character
        for segment in segments
        for character in segment.text
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in ("RLO", "LRO", "RLE", "LRE", "PDF")
    }
    assert controls == set()
    assert not any(segment.control for segment in segments)


def test_markup_in_foreign_words_is_shown_as_it_is():
    shown = look(_odd_line(), size=(200, 60))
    assert "[red]" in shown
    assert re.search(r"\[bold red\]x\[/\]", shown)


def test_a_failed_line_says_what_to_do():
    closure = Closure(code=3000, reason="invalid_request_error.invalid_api_key")
    metrics = LineMetrics("demo", RATE_HZ, started_at=START)
    metrics.observe(
        LinkEnded(at=START + 1, epoch=1, closure=closure, verdict=judge(closure), lived=0.1)
    )
    shown = look(metrics.snapshot(START + 2))
    assert "given up" in shown
    assert "the key was not accepted; check the API key" in shown
