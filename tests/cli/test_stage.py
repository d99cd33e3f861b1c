"""`trunkline demo` in a terminal: a real pty, read as a person reads it."""

from __future__ import annotations

import pytest

from cli.terminal import Terminal
from trunkline.fleet.chronicle import chronicle

_PANELS = {
    (120, 36): ("Quality", "RTT ms", "Connection", "Uplink", "Downlink", "Turns", "Timeline", "Transcript"),
    (80, 24): ("Link", "Up", "Down", "Turns"),
}  # fmt: skip


@pytest.mark.timeout(150)
@pytest.mark.parametrize(("columns", "rows"), list(_PANELS))
def test_the_console_shows_a_call_with_a_break_and_obeys_its_keys(columns: int, rows: int):
    terminal = Terminal("demo", "--seconds", "1", columns=columns, rows=rows)
    terminal.wait_for("open 00:0")
    for panel in _PANELS[columns, rows]:
        terminal.wait_for(panel)
    terminal.type("?")
    terminal.wait_for("─ Keys")
    terminal.type("?")
    terminal.wait_until_gone("─ Keys")
    terminal.type(" ")
    terminal.wait_for("FROZEN")
    terminal.type(" ")
    terminal.wait_until_gone("FROZEN")
    terminal.type("3")
    # The scripted reset, told with its code and in words.
    terminal.wait_for("1006", seconds=30)
    # A row is painted when it is, and a busy machine may be looked at between two.
    terminal.wait_for("connection re")
    terminal.type("d")
    terminal.wait_for("What happens to demo")
    terminal.type("2")
    terminal.wait_for("1011", seconds=30)
    terminal.wait_for("finished: 1 of 1 turns answered", seconds=60)
    terminal.type("q")
    assert terminal.end() == 0
    # The cursor is shown again and the alternate screen left, as a terminal wants it back.
    assert b"\x1b[?1049l" in terminal.output
    assert b"\x1b[?25h" in terminal.output
    assert "result           ok" in terminal.text()


@pytest.mark.timeout(150)
def test_an_operator_reconnects_the_line_after_a_question():
    terminal = Terminal("demo", columns=120, rows=36)
    terminal.wait_for("epoch 1")
    terminal.type("R")
    terminal.wait_for("reconnect demo?")
    terminal.type("y")
    terminal.wait_for("epoch 2", seconds=30)
    terminal.type("q")
    assert terminal.end() == 1


def test_the_demo_is_drawn_in_the_characters_and_colours_that_were_asked_for():
    terminal = Terminal("demo", "--ascii", "--theme", "textual-light", columns=120, rows=36)
    screen = terminal.wait_for("open 00:0")
    assert screen.isascii()
    # The theme after it by name.
    terminal.type("t")
    terminal.wait_for("theme tokyo-night")
    terminal.type("q")
    assert terminal.end() == 1


def test_r_records_the_call_into_the_folder_of_exports(tmp_path):
    terminal = Terminal("demo", columns=120, rows=36, XDG_DATA_HOME=str(tmp_path))
    terminal.wait_for("open 00:0")
    terminal.type("r")
    terminal.wait_for("REC 00:00:0")
    terminal.wait_for("REC 00:00:02")
    terminal.type("r")
    terminal.wait_until_gone("REC 00:")
    terminal.type("q")
    assert terminal.end() == 1
    (path,) = (tmp_path / "trunkline" / "exports").iterdir()
    told = chronicle(path)
    assert [line.last.name for line in told.lines] == ["demo"]
    assert told.damage is None


def test_leaving_early_ends_the_call_with_1():
    terminal = Terminal("demo", columns=80, rows=24)
    terminal.wait_for("open 00:0")
    terminal.type("q")
    assert terminal.end() == 1
    assert "stopped before the end" in terminal.text()
