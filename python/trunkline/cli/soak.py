"""`trunkline soak`: hours of a line's life in seconds, judged from the outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from trunkline.cli.outcome import ExitCode, error_of
from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trunkline.soak.outcome import Outcome
    from trunkline.soak.stage import Segment

__all__ = ["soak"]


@click.command()
@click.option("--hours", default=10.0, show_default=True, help="Simulated hours of a line's life.")
@click.option("--seed", default=1, show_default=True, help="The same seed is the same life.")
@click.option(
    "--profile",
    type=click.Choice(["quiet", "storm", "swarm"]),
    default="swarm",
    show_default=True,
    help="Few faults, many, or a random part of them at a random pace.",
)
@click.option("--jobs", default=1, show_default=True, help="Processes; the result is the same.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of the report.")
def soak(hours: float, seed: int, profile: str, jobs: int, as_json: bool) -> None:
    """Hours of a line's life in seconds, judged from the outside.

    The core and the simulator's engine on one clock, under random faults. What the microphone gave, the
    server consumed and the speaker played is held against the promises; exit code 1 if one was broken.
    """
    from trunkline.soak.campaign import describe, segments
    from trunkline.soak.outcome import total

    if hours <= 0 or jobs < 1:
        raise ConfigError("--hours" if hours <= 0 else "--jobs", "it must be above 0")
    outcome = total(_run(segments(hours, seed, profile), jobs))
    failed = {"error": error_of(ExitCode.FAILED)} if outcome.violations else {}
    document = outcome.to_dict() | failed
    click.echo(json.dumps(document) if as_json else "\n".join(describe(outcome)))
    if outcome.violations:
        raise click.exceptions.Exit(1)


def _run(plan: list[Segment], jobs: int) -> Iterable[Outcome]:
    from trunkline.soak.stage import run_segment

    if jobs == 1:
        yield from map(run_segment, plan)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(run_segment, plan, chunksize=8)
