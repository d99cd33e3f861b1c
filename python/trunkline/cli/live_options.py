"""The options of a live conversation, which `talk` and `translate` share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from trunkline.cli.looks import look_options
from trunkline.cli.settings.use import said_now
from trunkline.errors import ConfigError

__all__ = ["ECHOES", "LiveOptions", "live_options"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

ECHOES = ("gate", "cancel", "none")
"""What keeps the loudspeaker out of the microphone: closing it meanwhile, taking it out by calculation, or nothing."""

_OPTIONS = (
    click.option(
        "--input",
        "input_name",
        help="The microphone, by a part of its name; or wav:FILE, demo (a recorded caller), tone or none.",
    ),
    click.option(
        "--output",
        "output_name",
        help="The loudspeaker, by a part of its name; or wav:FILE or none.",
    ),
    click.option(
        "--echo",
        type=click.Choice(ECHOES),
        help="What keeps the loudspeaker out of a microphone.  [default: gate]",
    ),
    click.option("--headphones", is_flag=True, help="Nothing needs to: --echo none."),
    click.option("--push-to-talk", is_flag=True, help="The space bar begins a turn and ends it."),
    click.option(
        "--simulated",
        is_flag=True,
        help="No key, no network: a simulator on this machine, and --input demo unless another is named.",
    ),
)


def live_options(command: _Command) -> _Command:
    """The command with the options that are the fields of a `LiveOptions`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return look_options(command)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions:
    """What was asked for."""

    input_name: str | None = None
    output_name: str | None = None
    echo: str | None = None
    headphones: bool = False
    push_to_talk: bool = False
    simulated: bool = False
    theme: str | None = None
    ascii_only: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> LiveOptions:
        """Those of a command's parameters; of two that contradict each other the one that was said now holds."""
        spoken = said_now(given)
        kept = dict(given)
        if spoken["echo"] and not spoken["headphones"]:
            kept["headphones"] = False
        elif spoken["headphones"] and not spoken["echo"]:
            kept["echo"] = None
        return cls(**kept)

    def check_file_call(self) -> None:
        """Raises ConfigError for what says nothing where a file is said with `--wav`, and nobody listens."""
        given = {
            "--input": self.input_name,
            "--output": self.output_name,
            "--echo": self.echo,
            "--headphones": self.headphones,
            "--push-to-talk": self.push_to_talk,
            "--simulated": self.simulated,
        }
        for option, value in given.items():
            if value:
                raise ConfigError(option, "--wav has no live call; try --input wav:FILE")

    @property
    def heard_input(self) -> str | None:
        """What is listened to; None is the microphone that the machine prefers."""
        return "demo" if self.simulated and self.input_name is None else self.input_name

    @property
    def chosen_echo(self) -> str:
        """What keeps the loudspeaker out of the microphone; nothing has to where there is none of either."""
        if self.headphones:
            if self.echo not in (None, "none"):
                raise ConfigError("--headphones", f"it means --echo none, not {self.echo}")
            return "none"
        heard = self.heard_input
        is_microphone = heard not in ("demo", "tone", "none") and not (heard or "").startswith(
            "wav:"
        )
        return self.echo or ("gate" if is_microphone else "none")
