"""What can be typed after `:` and found in the palette: one table for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.tui.controls import Action

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.tui.app import ConsoleApp

__all__ = ["COMMANDS", "Command", "command_named", "obey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command."""

    name: str
    words: str
    """What it does, for the palette."""
    run: Callable[[ConsoleApp, str], None]
    """Gets the rest of the line. ValueError says what is wrong with it."""
    argument: str = ""
    """What may follow, as help shows it; the palette has only commands that need nothing."""
    optional: bool = False
    """Whether the argument may be left out."""


def _act(action: Action, words: str) -> Command:
    return Command(name=action.value, words=words, run=lambda app, _: app.ask_for(action))


def _press(name: str, words: str, action: str) -> Command:
    async def press(app: ConsoleApp) -> None:
        await app.run_action(action)

    return Command(name=name, words=words, run=lambda app, _: _later(app, press))


def _later(app: ConsoleApp, press: Callable[[ConsoleApp], object]) -> None:
    app.call_later(press, app)


COMMANDS: tuple[Command, ...] = (
    Command(name="open", argument="NAME", words="Open the session of a line",
            run=lambda app, name: app.open_line(name)),
    _press("fleet", "All lines", "fleet"),
    _press("events", "The event inspector of the line", "events"),
    _press("alerts", "What was raised and what cleared", "alerts"),
    Command(name="filter", argument="EXPRESSION", optional=True, words="Show what matches; nothing shows all",
            run=lambda app, text: app.filter_by(text)),
    Command(name="sort", argument="COLUMN", words="Sort the fleet by a column; the same again turns it around",
            run=lambda app, name: app.sort_by(name)),
    Command(name="window", argument="30s|1m|5m|15m|1h", words="Percentiles and shares over this time",
            run=lambda app, text: app.window_of(text)),
    _press("freeze", "Hold the display, or let it go on; data goes on", "freeze"),
    Command(name="mark", argument="NOTE", optional=True, words="Mark this moment of the line",
            run=lambda app, note: app.mark(note)),
    _act(Action.RECONNECT, "Leave the link and dial again; asks first"),
    _act(Action.ROTATE, "Change to a new session without a break; asks first"),
    _act(Action.DRAIN, "Let the answer end, then close; asks first"),
    _act(Action.CLOSE, "Say goodbye and end the line; asks first"),
    _act(Action.MUTE, "Send silence in place of the microphone; asks first"),
    _act(Action.UNMUTE, "Send the microphone again; asks first"),
    Command(name="fault", argument="NAME", optional=True, words="Make the simulator do something to the line",
            run=lambda app, name: app.make_fault(name)),
    Command(name="speed", argument="FACTOR", words="Play the recording so many times faster; 0 pauses",
            run=lambda app, text: app.play_at(text)),
    Command(name="seek", argument="[+-]SECONDS|HH:MM:SS", words="Go to a moment of the recording",
            run=lambda app, text: app.seek_to(text)),
    Command(name="theme", argument="NAME", optional=True, words="Change the colours; nothing takes the next",
            run=lambda app, name: app.use_theme(name)),
    _press("record", "Begin a recording of all that this console sees, or end it", "record"),
    _press("export", "Write what is shown to a file", "export"),
    _press("copy", "Put what is selected on the clipboard", "copy"),
    _press("keys", "Every key of this screen", "keys"),
    _press("quit", "Leave", "quit"),
)  # fmt: skip
"""In the order of the palette."""


def command_named(name: str) -> Command:
    """The command of a name, or the only one that begins so. ValueError says what there is."""
    found = [command for command in COMMANDS if command.name == name]
    found = found or [command for command in COMMANDS if name and command.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"{name} may be {', '.join(command.name for command in found)}")
    raise ValueError(f"no command {name!r}; there are {', '.join(c.name for c in COMMANDS)}")


def obey(app: ConsoleApp, line: str) -> None:
    """Carry out what was typed. ValueError says what is wrong with it."""
    name, _, rest = line.strip().partition(" ")
    if not name:
        return
    command = command_named(name)
    rest = rest.strip()
    if command.argument and not command.optional and not rest:
        raise ValueError(f"{command.name} wants {command.argument}")
    if rest and not command.argument:
        raise ValueError(f"{command.name} takes nothing")
    command.run(app, rest)
