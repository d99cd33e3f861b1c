"""`trunkline tail`: what running lines tell, as lines of text or JSON."""

from __future__ import annotations

import queue
import time

import click

__all__ = ["tail"]

# Ctrl+C is looked for in between.
_WAIT_SECONDS = 0.2


@click.command()
@click.option("--process", help="Of processes of this name or number only.")
@click.option("--line", "line_name", help="Of the line of this name or key only.")
@click.option(
    "--types", help="Only these observations, by name and with commas: LinkEnded,Restored."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document a line.")
@click.option("--seconds", type=click.FloatRange(min=0.0, min_open=True), help="End by itself.")
def tail(
    *,
    process: str | None,
    line_name: str | None,
    types: str | None,
    as_json: bool,
    seconds: float | None,
) -> None:
    """Print what all running lines of this user tell, as it comes.

    Facts that come for every chunk (messages, audio, queues) are summed in the line's process, and not told one by one.
    """
    from trunkline.cli.desks import chosen
    from trunkline.fleet.finder import Finder
    from trunkline.fleet.reader import FleetReader
    from trunkline.fleet.tail import Tail

    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    part = Tail(lines.put, as_json=as_json, line=line_name, types=_names(types))
    ends_at = None if seconds is None else time.monotonic() + seconds
    with FleetReader(Finder(wanted=chosen(process)), part):
        while ends_at is None or time.monotonic() < ends_at:
            try:
                click.echo(lines.get(timeout=_WAIT_SECONDS))
            except queue.Empty:
                continue


def _names(types: str | None) -> frozenset[str]:
    from trunkline.telemetry.recordform import facts

    wanted = frozenset(name.strip() for name in (types or "").split(",") if name.strip())
    unknown = sorted(wanted - facts().keys())
    if unknown:
        known = ", ".join(sorted(facts()))
        raise click.UsageError(f"--types: {unknown[0]!r} is none of {known}")
    return wanted
