"""The console over a conversation of this process; tests/cli/test_talk_live.py looks at it on a pty."""

from __future__ import annotations

import sys

import pytest

from trunkline.cli.live_console import LiveConsole
from trunkline.errors import ConfigError
from trunkline.fleet.part import Hearing
from trunkline.fleet.telemetry import Telemetry


def test_it_hears_nobody_unless_it_may():
    assert LiveConsole("talk", hears=False).desk.hears is Hearing.NOTHING
    assert LiveConsole("talk", hears=True).desk.hears is Hearing.ALL


def test_without_the_extra_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "trunkline.tui.app", None)
    console = LiveConsole("talk", hears=False)
    telemetry = Telemetry(console.desk, name="talk")
    with pytest.raises(ConfigError, match=r"pip install 'trunkline\[tui\]'"):
        console.show(telemetry)
    assert not console.is_shown


def test_while_it_is_shown_it_says_so_and_it_leaves_with_the_conversation(monkeypatch):
    console = LiveConsole("talk", hears=False)
    seen: dict = {}

    def run_console(desk, controls, **options) -> None:
        seen.update(options, shown=console.is_shown, desk=desk)
        controls.close()

    monkeypatch.setattr("trunkline.tui.app.run_console", run_console)
    console.show(Telemetry(console.desk, name="talk"), ascii_only=True)
    assert seen["shown"]
    assert not console.is_shown
    assert seen["desk"] is console.desk
    assert (seen["title"], seen["ascii_only"], seen["leave_when_finished"]) == ("talk", True, True)
