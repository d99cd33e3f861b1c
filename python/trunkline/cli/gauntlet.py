"""`trunkline gauntlet`: any Realtime client through the fire, judged by what the server saw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from trunkline.cli.aside import tell
from trunkline.cli.outcome import ExitCode, error_of
from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from trunkline.gauntlet.trial import TrialResult

__all__ = ["gauntlet"]


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of the table.")
@click.option("--only", multiple=True, metavar="NAME", help="This trial alone; may be repeated.")
@click.option("--list", "as_list", is_flag=True, help="Say what trials there are, and exit.")
@click.option("--jobs", default=4, show_default=True, help="Trials at a time.")
@click.option("--seed", default=0, show_default=True, help="Seed of ids and of the speech's noise.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def gauntlet(
    *,
    as_json: bool,
    only: tuple[str, ...],
    as_list: bool,
    jobs: int,
    seed: int,
    command: tuple[str, ...],
) -> None:
    """Put any Realtime client through the fire; the server judges.

    COMMAND is started once for each trial, with OPENAI_BASE_URL, OPENAI_API_KEY and TRUNKLINE_GAUNTLET_WAV (24 kHz
    mono) in its environment. It streams the WAV in real time, over and over, and keeps the conversation until it gets
    SIGTERM and its standard input ends. Exit code 0 if every trial was passed, 1 if not. docs/gauntlet.md has the rest.
    """
    import asyncio

    from trunkline.gauntlet.report import describe, listing
    from trunkline.gauntlet.runner import run_gauntlet
    from trunkline.gauntlet.trials import chosen

    trials = chosen(only)
    if as_list:
        click.echo("\n".join(listing(trials)))
        return
    if not command:
        raise ConfigError("COMMAND", "say what to run, after --, as in: gauntlet -- python mine.py")
    if jobs < 1:
        raise ConfigError("--jobs", "it must be above 0")
    outcome = asyncio.run(run_gauntlet(trials, command, seed=seed, jobs=jobs, told=_tell))
    failed = {} if outcome.is_passed else {"error": error_of(ExitCode.FAILED)}
    document = outcome.to_dict() | failed
    click.echo(json.dumps(document) if as_json else "\n".join(describe(outcome)))
    if not outcome.is_passed:
        raise click.exceptions.Exit(1)


def _tell(result: TrialResult) -> None:
    """Progress, for whoever waits; the result itself goes to standard output at the end."""
    tell(f"{result.trial.name}: {result.verdict.value} ({result.took:.1f} s)")
