"""`trunkline demo`: a call with an interpreter over a link that breaks twice."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from trunkline.cli.looks import look_options

if TYPE_CHECKING:
    from trunkline.cli.rehearsal import Rehearsal, Result

__all__ = ["demo"]


@click.command()
@click.option("--headless", is_flag=True, help="No console; print a short report.")
@click.option("--json", "as_json", is_flag=True, help="No console; print one JSON document.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.0, min_open=True),
    help="Begin turns for so long, over and over; without it each recorded turn is said once.",
)
@click.option("--seed", default=1, show_default=True, help="Seed of the breaks and the backoff.")
@click.option(
    "--wav",
    type=click.Path(dir_okay=False),
    help="Say this sound file instead of the recorded turns.",
)
@click.option("--record", type=click.Path(dir_okay=False), help="Record the line to this new file.")
@click.option("--audio", is_flag=True, help="Keep what is said in the recording, too.")
@look_options
def demo(
    *,
    headless: bool,
    as_json: bool,
    seconds: float | None,
    seed: int,
    wav: str | None,
    record: str | None,
    audio: bool,
    theme: str | None,
    ascii_only: bool,
) -> None:
    """A call through a simulator that breaks its link twice.

    A caller speaks English in real time, an interpreter answers in Spanish. The link is reset in the middle of
    an utterance and closed with 1011 in the middle of a reply; every turn must be answered all the same.
    Exits with 0 only if they were, and no audio was lost. With TRUNKLINE_PUBLISH=1 `trunkline console` shows
    the line, too.
    """
    from trunkline.cli.rehearsal import Rehearsal

    rehearsal = Rehearsal(seconds=seconds, seed=seed, wav=wav)
    if headless or as_json or not sys.stdout.isatty():
        result = _heard(rehearsal, record, audio)
    else:
        result = _seen(rehearsal, record, audio, theme=theme, ascii_only=ascii_only)
    if as_json:
        click.echo(json.dumps(result.as_dict(), ensure_ascii=False, indent=2))
    else:
        click.echo(_report(result))
    sys.exit(0 if result.ok else 1)


def _heard(rehearsal: Rehearsal, record: str | None, audio: bool) -> Result:
    """The run without a console."""
    from trunkline.cli.fault_menu import SimulatorFaults
    from trunkline.cli.publishing import telemetry_for

    faults = SimulatorFaults(lambda: rehearsal.server)
    telemetry = telemetry_for("demo", record=record, audio=audio, faults=faults)
    rehearsal.telemetry = telemetry
    try:
        return rehearsal.run()
    finally:
        if telemetry is not None:
            telemetry.close()


def _seen(
    rehearsal: Rehearsal,
    record: str | None,
    audio: bool,
    *,
    theme: str | None,
    ascii_only: bool,
) -> Result:
    """The run in the console."""
    from trunkline.cli.fault_menu import SimulatorFaults
    from trunkline.cli.publishing import keeps_audio, recorder_for, telemetry_for
    from trunkline.cli.recording import DeskRecording
    from trunkline.cli.stage import show
    from trunkline.fleet.desk import FoldingDesk
    from trunkline.fleet.part import Hearing

    # The recorded turns and the interpreter are nobody's voices; a file of one's own may be somebody's.
    kept = rehearsal.wav is None or keeps_audio()
    desk = FoldingDesk(hears=Hearing.ALL if kept else Hearing.NOTHING)
    faults = SimulatorFaults(lambda: rehearsal.server)
    recorder = recorder_for(record, audio=audio)
    recording = DeskRecording(desk, "demo", lasting=recorder, messages=True)
    parts = (desk,) if recorder is None else (desk, recorder)
    telemetry = telemetry_for("demo", *parts, faults=faults)
    assert telemetry is not None
    rehearsal.telemetry = telemetry
    try:
        return show(
            rehearsal,
            desk,
            telemetry,
            faults,
            recording=recording,
            theme=theme,
            ascii_only=ascii_only,
        )
    finally:
        telemetry.close()


def _report(result: Result) -> str:
    facts = result.as_dict()
    audio, rtt = facts["audio"], facts["rtt_ms"]
    lines = [
        f"turns answered   {facts['turns_answered']} of {facts['turns']}",
        f"reconnects       {facts['reconnects']}",
        *(
            f"  link ended     {end['code'] or '-'}  {end['reason'] or '-'}: {end['cause']}"
            for end in facts["closures"]
        ),
        *(
            f"  restored       epoch {one['epoch']}: {one['items']} items in {one['took_ms']:.0f} ms"
            for one in facts["restore"]
        ),
        f"audio accepted   {audio['accepted_ms']:.0f} ms",
        f"  = consumed     {audio['consumed_ms']:.0f} ms",
        f"  + retained     {audio['retained_ms']:.0f} ms",
        f"  + lost         {audio['gap_ms']:.0f} ms",
        f"audio replayed   {audio['replayed_ms']:.0f} ms",
        f"round trip       p50 {_ms(rtt['p50'])}, p95 {_ms(rtt['p95'])}",
        f"seconds          {facts['seconds']:.1f}",
        f"result           {'ok' if result.ok else 'NOT ok: ' + result.complaint()}",
    ]
    return "\n".join(lines)


def _ms(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} ms"
