from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from trunkline.cli.console import console
from trunkline.cli.demo import demo
from trunkline.cli.looks import look_options


@click.command()
@look_options
def _shown(*, theme: str | None, ascii_only: bool) -> None:
    click.echo(f"{theme} {ascii_only}")


@pytest.mark.parametrize(
    ("options", "told"),
    [((), "None False"), (("--ascii", "--theme", "textual-light"), "textual-light True")],
)
def test_a_command_is_told_how_its_screens_look(options, told):
    assert CliRunner().invoke(_shown, options).output == f"{told}\n"


@pytest.mark.parametrize("command", [console, demo])
def test_every_command_with_screens_takes_the_same_looks(command):
    options = {name for param in command.params for name in param.opts}
    assert {"--theme", "--ascii"} <= options
