"""`trunkline simulate`: the simulator alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

import click

from trunkline.errors import ConfigError

__all__ = ["simulate"]


@click.command()
@click.option("--port", default=0, show_default=True, help="Port on loopback; 0 takes a free one.")
@click.option(
    "--voice",
    type=click.Choice(["interpreter", "echo", "tone"]),
    default="interpreter",
    show_default=True,
    help="Who answers: an interpreter with recorded turns, an echo, or a tone.",
)
@click.option(
    "--wav",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of WAV files to answer with, instead of a voice; NAME.txt holds NAME.wav's words.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of ids and chance.")
@click.option("--pace", default=5.0, show_default=True, help="Reply audio per second of time.")
@click.option("--scenario", type=click.File(), help="Faults, as a JSON file; - reads stdin.")
def simulate(
    *, port: int, voice: str, wav: Path | None, seed: int, pace: float, scenario: IO[str] | None
) -> None:
    """A Realtime server for tests, on this machine.

    Prints its base URL on the first line and serves until it is interrupted. Any key that begins with
    sk-test is accepted.
    """
    import asyncio

    from trunkline.simulator.recordings import replies_in
    from trunkline.simulator.scenario import Scenario
    from trunkline.simulator.server import serve
    from trunkline.simulator.voice import Recorded

    if pace <= 0:
        raise ConfigError("--pace", "it must be above 0")
    speaker = voice if wav is None else Recorded(replies_in(wav))
    plan = Scenario.from_dict(_document(scenario)) if scenario else None
    asyncio.run(
        serve(announce=_announce, port=port, voice=speaker, seed=seed, pace=pace, scenario=plan)
    )


def _document(file: IO[str]) -> Any:
    try:
        return json.load(file)
    except ValueError as error:
        raise ConfigError("--scenario", f"not a JSON document: {error}") from error


def _announce(base_url: str) -> None:
    click.echo(base_url)
    click.echo(
        f"try: OPENAI_API_KEY=sk-test-1 OPENAI_BASE_URL={base_url} trunkline talk --wav FILE.wav",
        err=True,
    )
