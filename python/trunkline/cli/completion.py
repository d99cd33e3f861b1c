"""`trunkline completion`: what a shell has to read to complete the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["completion", "profiles"]

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(*, shell: str) -> None:
    r"""Print the script that completes commands, options, choices, profiles and file names.

    \b
    bash (4.4)  eval "$(trunkline completion bash)"           in ~/.bashrc
    zsh         eval "$(trunkline completion zsh)"            in ~/.zshrc, after compinit
    fish        trunkline completion fish | source            in ~/.config/fish/config.fish
    """
    from click.shell_completion import ShellComplete, get_completion_class

    from trunkline.cli.main import COMPLETE

    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root()
    # The base's way: bash's own one starts a bash to ask how old it is, and complains to whoever only writes a file.
    click.echo(ShellComplete.source(kind(root.command, {}, "trunkline", COMPLETE)))


def profiles(incomplete: str) -> list[CompletionItem]:
    """The profiles of the files that would be read; a file with a mistake has none, and completes nothing wrong."""
    from click.shell_completion import CompletionItem

    from trunkline.cli.settings.values import Settings
    from trunkline.errors import ConfigError

    try:
        found = Settings.read(profile="").profiles()
    except ConfigError:
        return []
    return [CompletionItem(name) for name in found if name.startswith(incomplete)]
