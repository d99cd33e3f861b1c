from __future__ import annotations

import pytest

from trunkline.telemetry.entry import Way
from trunkline.telemetry.levels import Level
from trunkline.text import Clean
from trunkline.tui.inspector.ladder import ladder
from trunkline.tui.widgets.ladder import LadderLook, LadderPanel, ladder_title, paint_ladder
from tui.inspector.streams import APPEND, audio, entry
from tui.widgets.painting import SIZES, painted

DOWN = {"way": Way.DOWN, "turn": 1}
TURN = (
    entry(1, APPEND, way=Way.UP, turn=1, audio_ms=2100.0, count=105),
    entry(10, "input_audio_buffer.speech_stopped", **DOWN),
    audio(24, latency_ms=1420.0, count=43),
    entry(26, "error", level=Level.BAD, **DOWN),
    entry(30, "playout.underrun", level=Level.WARNING, note=Clean("74 ms")),
    entry(40, "response.done", latency_ms=3000.0, **DOWN),
)
LOOK = LadderLook(1, ladder(TURN, 1))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("look", [LOOK, LadderLook(), LadderLook(7)])
def test_it_fits_any_size(size, look):
    painted(paint_ladder, look, *size)


def test_client_left_server_right_time_down():
    assert painted(paint_ladder, LOOK, 50, 9).split("\n") == [
        "│── append ×105 ─────────▶│   2.10 s audio",
        "│◀─ speech_stopped ───────│      0",
        "│◀─ audio.delta ×43 ──────│  +1400  ▇▇▇▇",
        "│✖─ error ────────────────│  +1600",
        "│· playout.underrun 74 ms │  +2000",
        "│◀─ done ─────────────────│  +3000  ▇▇▇▇▇▇▇▇",
    ]


def test_a_narrow_ladder_has_shorter_rungs():
    assert painted(paint_ladder, LOOK, 38, 9).split("\n")[1] == "│◀─ speech_stop… ─│      0"


def test_what_has_no_ladder_says_why():
    assert painted(paint_ladder, LadderLook(), 50, 9) == "the event belongs to no turn"
    assert painted(paint_ladder, LadderLook(7), 50, 9) == "nothing of the turn is kept"


def test_the_title_names_the_turn():
    assert (ladder_title(LOOK), ladder_title(LadderLook())) == ("Flow  turn 1", "Flow")


def test_a_panel_without_a_turn_has_no_rung():
    assert LadderPanel(paint_ladder, name="ladder").rung is None


def pointed(at):
    panel = LadderPanel(paint_ladder, name="ladder")
    panel._value, panel._lines = LOOK, paint_ladder(LOOK, 50, 9)
    panel.point_at(at)
    return panel.rung.entry.type


def test_the_rung_of_an_event_is_found():
    assert pointed(TURN[3]) == "error"
    assert pointed(audio(25, response_id=TURN[2].response_id)) == TURN[2].type


def test_an_event_that_has_no_rung_is_at_the_one_before_it():
    assert pointed(entry(29, "ping")) == "error"
    assert pointed(entry(0, "ping", at=0.0)) == APPEND


def test_words_in_place_of_rungs_have_no_cursor():
    panel = LadderPanel(paint_ladder, name="ladder")
    panel.point_at(entry(1))
    panel._value, panel._lines = LadderLook(), paint_ladder(LadderLook(), 50, 9)
    assert (panel.cursor_line, panel.rung) == (None, None)
