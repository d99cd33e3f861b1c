from __future__ import annotations

import pytest

from trunkline.tui.commands import COMMANDS, command_named, obey
from trunkline.tui.controls import Action


class App:
    """Writes down what a command asks of it."""

    def __init__(self):
        self.asked = []

    def __getattr__(self, name):
        return lambda *arguments: self.asked.append((name, *arguments))


def _asked(line):
    app = App()
    obey(app, line)
    return app.asked


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("open kiosk-12", [("open_line", "kiosk-12")]),
        ("  filter   score<60 !model:mini ", [("filter_by", "score<60 !model:mini")]),
        ("filter", [("filter_by", "")]),
        ("sort rtt", [("sort_by", "rtt")]),
        ("window 5m", [("window_of", "5m")]),
        ("mark it was loud", [("mark", "it was loud")]),
        ("reconnect", [("ask_for", Action.RECONNECT)]),
        ("rotate", [("ask_for", Action.ROTATE)]),
        ("drain", [("ask_for", Action.DRAIN)]),
        ("close", [("ask_for", Action.CLOSE)]),
        ("mute", [("ask_for", Action.MUTE)]),
        ("unmute", [("ask_for", Action.UNMUTE)]),
        ("fault", [("make_fault", "")]),
        ("fault stall for 2 s", [("make_fault", "stall for 2 s")]),
        ("speed 8", [("play_at", "8")]),
        ("seek -30", [("seek_to", "-30")]),
        ("theme nord", [("use_theme", "nord")]),
        ("", []),
        ("   ", []),
    ],
)
def test_a_line_is_obeyed(line, asked):
    assert _asked(line) == asked


@pytest.mark.parametrize(
    "name", ["fleet", "events", "alerts", "freeze", "record", "export", "copy", "keys", "quit"]
)
def test_keys_have_a_command_too(name):
    assert [what for what, *_ in _asked(name)] == ["call_later"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("nonsense", "no command 'nonsense'; there are open, fleet"),
        ("open", "open wants NAME"),
        ("quit now", "quit takes nothing"),
        ("re", "re may be reconnect, record"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(line, complaint):
    with pytest.raises(ValueError, match=complaint):
        _asked(line)


def test_a_name_may_be_begun():
    assert command_named("recon").name == "reconnect"
    assert command_named("mute").name == "mute"


def test_every_action_is_a_command_and_all_names_differ():
    names = [command.name for command in COMMANDS]
    assert {action.value for action in Action} <= set(names)
    assert len(names) == len(set(names))
    assert all(command.words for command in COMMANDS)
