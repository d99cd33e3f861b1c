"""`trunkline demo` in a terminal: a real pty, read as a person reads it."""

from __future__ import annotations

import pytest

from cli.terminal import Terminal


@pytest.mark.timeout(150)
@pytest.mark.parametrize(("columns", "rows"), [(120, 36), (80, 24)])
def test_the_console_shows_a_call_with_a_break_and_obeys_its_keys(columns: int, rows: int):
    terminal = Terminal("demo", "--seconds", "1", columns=columns, rows=rows)
    screen = terminal.wait_for("live")
    for panel in ("Connection", "Round trip", "Uplink", "Downlink", "Reconnects", "Transcript"):
        assert panel in screen
    terminal.type("?")
    terminal.wait_for("command palette: themes")
    terminal.type("?")
    terminal.wait_until_gone("command palette: themes")
    terminal.type(" ")
    terminal.wait_for("FROZEN")
    terminal.type(" ")
    # The scripted reset, told with its code and in words.
    screen = terminal.wait_for("1006")
    assert "connection re" in screen
    terminal.wait_for("epoch 2")
    terminal.type("d")
    terminal.wait_for("epoch 3", seconds=30)
    screen = terminal.wait_for("finished", seconds=60)
    assert "1 of 1 turns answered" in screen
    assert "accepted" in screen
    terminal.type("q")
    assert terminal.end() == 0
    # The cursor is shown again and the alternate screen left, as a terminal wants it back.
    assert b"\x1b[?1049l" in terminal.output
    assert b"\x1b[?25h" in terminal.output
    assert "result           ok" in terminal.text()


def test_leaving_early_ends_the_call_with_1():
    terminal = Terminal("demo", columns=80, rows=24)
    terminal.wait_for("live")
    terminal.type("q")
    assert terminal.end() == 1
    assert "stopped before the end" in terminal.text()
