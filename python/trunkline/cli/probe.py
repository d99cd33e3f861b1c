"""`trunkline probe`: a link test that dials as a line does, pings, and grades what it saw."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING

import click

from trunkline.cli.settings.use import said_now
from trunkline.cli.thresholds import read_thresholds, threshold_option

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trunkline.cli.probe_lines import ProbeLines
    from trunkline.diagnosis.probe import Plan, Probe
    from trunkline.diagnosis.subject import Subject
    from trunkline.protocol.closure import Closure
    from trunkline.telemetry.levels import Threshold

__all__ = ["probe"]

_INTERRUPTED = 130
# A server may take many pings a second for an attack.
_LEAST_SECONDS = 0.05


@click.command()
@click.argument("url", required=False)
@click.option("--model", help="What the session is asked of; on Azure the deployment.")
@click.option("--count", default=10, show_default=True, type=click.IntRange(min=1), help="Pings.")
@click.option(
    "--interval",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=_LEAST_SECONDS),
    help="Seconds between pings, and between dials.",
)
@click.option(
    "--dials",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Dial so often; the last link is pinged.",
)
@click.option(
    "--min-grade",
    type=click.Choice(["ok", "warning", "bad"]),
    default="warning",
    show_default=True,
    help="Exit with 3 if the grade is worse.",
)
@threshold_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
@click.option("--ndjson", is_flag=True, help="Print a JSON document for each dial and ping.")
def probe(
    *,
    url: str | None,
    model: str | None,
    count: int,
    interval: float,
    dials: int,
    min_grade: str,
    thresholds: Path | None,
    as_json: bool,
    ndjson: bool,
) -> None:
    """Test the link to a server: the phases of a dial, the round trips of pings, a grade.

    URL is a base URL (https://host/v1) or the address of a session (wss://host/v1/realtime?model=…).  [env:
    OPENAI_BASE_URL; default: OpenAI]. The key is OPENAI_API_KEY, or in the file OPENAI_API_KEY_FILE.

    A session is opened and left again. No audio is sent and no answer asked for: nothing is billed. A ping that is not
    answered in 3 s is lost. The grade is the worst of round trip (95th percentile), jitter, loss and score, by the
    thresholds of the console.

    Exit code 0, 3 if the grade is worse than --min-grade, 4 if the key is refused, 6 if the server is not reached,
    turns the session away or ends it, 7 if what answers does not speak the protocol, 130 after Ctrl-C, which prints the
    report so far.
    """
    from trunkline.cli.probe_lines import ProbeLines
    from trunkline.diagnosis.probe import Plan
    from trunkline.diagnosis.subject import subject_at
    from trunkline.telemetry.levels import Level

    if as_json and ndjson:
        raise click.UsageError("--json and --ndjson exclude each other")
    table = read_thresholds(thresholds)
    if url is not None:
        # An address may name the model itself, and what is kept in files does not speak of this one.
        model = said_now({"model": model})["model"]
    run = _prepared(subject_at(url, model), Plan(count=count, interval=interval, dials=dials))
    form = "json" if as_json else "ndjson" if ndjson else "text"
    lines = ProbeLines(run, table, form=form, is_live=sys.stdout.isatty())
    code = _run(run, lines)
    if code == 0:
        code = _judged(run, table, Level[min_grade.upper()])
    lines.end(ok=code == 0, is_interrupted=code == _INTERRUPTED)
    sys.exit(code)


def _prepared(subject: Subject, plan: Plan) -> Probe:
    from trunkline.diagnosis.key import key_of
    from trunkline.diagnosis.probe import Probe
    from trunkline.transports.websocket import WebSocketTransport

    key = key_of(subject)
    # With the deadlines of a line, not the shorter ones of an examination.
    return Probe(transport=WebSocketTransport(), target=subject.target(key), plan=plan, key=key)


def _run(run: Probe, lines: ProbeLines) -> int:
    """0 if it came to its end without a failure, or the code of what failed."""
    run.tell = lines.tell
    lines.begin()
    # The second Ctrl-C ends it at once, since nothing is caught any more.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run.run())
        return 0 if run.failure is None else _failure_code(run.failure)
    return _INTERRUPTED


def _failure_code(closure: Closure) -> int:
    from trunkline.cli.outcome import cause_code
    from trunkline.diagnosis.finding import Cause, blame

    cause = blame(closure)
    # There is no link to be tested either way, and that is what a line that fails so exits with, too.
    return cause_code(Cause.NETWORK if cause is Cause.SERVER else cause)


def _judged(run: Probe, thresholds: Mapping[str, Threshold], least: object) -> int:
    from trunkline.cli.outcome import QUALITY_MISSED
    from trunkline.diagnosis.verdict import grade_probe
    from trunkline.telemetry.levels import Level

    assert isinstance(least, Level)
    return QUALITY_MISSED if grade_probe(run, thresholds).is_worse_than(least) else 0
