"""The line at the bottom, as a function of a glance and a width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.cli.cellwidth import cells
from trunkline.cli.glance import Glance, Health, Turn
from trunkline.cli.statusline import in_ascii, painted, status_line

LIVE = Glance(health=Health.LIVE, rtt=0.038, live_s=71, said_dbfs=-17.3, turn=Turn.HEARING)

GLANCES = st.builds(
    Glance,
    health=st.sampled_from(Health),
    turn=st.sampled_from(Turn),
    retry_in=st.none() | st.floats(0, 99),
    rtt=st.none() | st.floats(0, 20),
    live_s=st.integers(0, 100_000),
    said_dbfs=st.floats(-96, 3.01),
    heard_dbfs=st.floats(-96, 3.01),
    is_muted=st.booleans(),
    is_pressed=st.none() | st.booleans(),
)


def text(glance: Glance, columns: int) -> str:
    return painted(status_line(glance, columns), coloured=False)


def test_where_there_is_room_everything_is_told():
    assert text(LIVE, 120).rstrip() == (
        "● live 01:11  you ▕████████▌   ▏ -17  model ▕            ▏-inf  rtt  38 ms  hearing"
    )


def test_at_80_columns_the_levels_are_still_numbers():
    line = text(LIVE, 80)
    assert line.startswith("● live 01:11  you ▕████▎ ▏ -17  model ▕      ▏-inf   38 ms  hearing")


def test_at_40_columns_the_state_both_meters_the_round_trip_and_the_turn_are_left():
    assert text(LIVE, 40).rstrip() == "● live  ▕██▏▏▕   ▏  38ms  hearing"


@given(GLANCES, st.integers(0, 200))
def test_no_terminal_wraps_it(glance: Glance, columns: int):
    assert cells(text(glance, columns)) < max(columns, 1)


@given(GLANCES, st.integers(40, 200))
def test_the_state_and_that_one_is_muted_are_never_left_out(glance: Glance, columns: int):
    line = text(glance, columns)
    assert ("MUTED" in line) == glance.is_muted
    assert line[0] in "●▲✖○"


@pytest.mark.parametrize(
    ("glance", "words"),
    [
        (Glance(), "○ dialing"),
        (Glance(health=Health.LOST, retry_in=0.44), "▲ link lost, back in 0.4 s"),
        (Glance(health=Health.RESTORING), "▲ restoring"),
        (Glance(health=Health.FAILED), "✖ failed"),
        (Glance(health=Health.LIVE, live_s=3671), "● live 1:01:11"),
        (Glance(is_muted=True), "MUTED, m unmutes"),
        (Glance(is_pressed=False), "off, space talks"),
        (Glance(is_pressed=True), "ON AIR, space sends"),
        (Glance(), "rtt   - ms"),
        (Glance(said_dbfs=-3.0), " -3!"),
        (Glance(heard_dbfs=-3.0), "  -3  "),
    ],
)
def test_it_says_in_words_what_matters(glance: Glance, words: str):
    assert words in text(glance, 120)


def test_in_a_narrow_window_it_still_says_when_the_line_comes_back():
    assert text(Glance(health=Health.LOST, retry_in=0.44), 40).startswith("▲ back in 0.4 s")


@pytest.mark.parametrize(("rtt", "sgr"), [(0.1, None), (0.15, "33"), (0.2, "33"), (0.5, "31")])
def test_a_slow_round_trip_is_coloured(rtt: float, sgr: str | None):
    line = painted(status_line(Glance(rtt=rtt), 120), coloured=True)
    shown = f"rtt {rtt * 1000:>3.0f} ms"
    assert (f"\x1b[{sgr}m{shown}\x1b[0m" if sgr else f"  {shown}  ") in line


def test_without_colours_nothing_is_sent_that_is_no_text():
    assert "\x1b" not in text(LIVE, 120)


@given(GLANCES, st.integers(0, 200))
def test_in_ascii_it_is_as_wide(glance: Glance, columns: int):
    pieces = status_line(glance, columns)
    plain = painted(pieces, coloured=False, ascii_only=True)
    assert plain.isascii()
    assert len(plain) == cells(painted(pieces, coloured=False))


def test_foreign_words_keep_their_width_in_ascii():
    assert in_ascii("● niño 日本…") == "* ni?o ????~"
