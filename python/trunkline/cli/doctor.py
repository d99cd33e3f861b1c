"""`trunkline doctor`: checks this machine, the way to the server and the server, and says what to do."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from trunkline.diagnosis.examination import Examined
    from trunkline.diagnosis.finding import Outcome
    from trunkline.diagnosis.subject import Subject

__all__ = ["SCHEMA", "doctor"]

SCHEMA = "trunkline.doctor/1"
_RESULT_CELLS = 15
_NAME_CELLS = 13


@click.command()
@click.option("--base-url", help="The server.  [env: OPENAI_BASE_URL; default: OpenAI]")
@click.option("--model", help="What a session is asked of; on Azure the deployment.")
@click.option("--offline", is_flag=True, help="Leave out what leaves this machine.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def doctor(*, base_url: str | None, model: str | None, offline: bool, as_json: bool) -> None:
    """Find out what is wrong with this machine, its network or a server.

    Looks at the interpreter, the package, the event loop, sound, key and proxy; then looks the server's name up,
    connects, checks the certificate, asks over HTTP, compares clocks and opens a session, which is left at once: no
    audio is sent and no answer asked for, so nothing is billed. Beside that a short call runs through the simulator, in
    this process. All of it takes 15 seconds at most.

    The key is looked for where the other commands do: OPENAI_API_KEY, or the file OPENAI_API_KEY_FILE. It is shown to
    the server only, and never printed. Without one, a server that asks for it counts as reached.

    Exit code 0 if nothing failed, 4 if all that failed is the key, 6 if the server cannot be reached, 7 if what is
    there does not speak the protocol; 1 if the server turns the session away, or something else failed.
    """
    from trunkline.cli.outcome import cause_code
    from trunkline.diagnosis.examination import ruling_cause
    from trunkline.diagnosis.subject import subject_at

    subject = subject_at(base_url, model)
    began_at = time.monotonic()
    examined = asyncio.run(_examine(subject, offline=offline, is_shown=not as_json))
    seconds = time.monotonic() - began_at
    if as_json:
        document = _document(subject, examined, offline=offline, seconds=seconds)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        click.echo(_summary(examined, offline=offline, seconds=seconds))
    sys.exit(cause_code(ruling_cause(examined)))


async def _examine(subject: Subject, *, offline: bool, is_shown: bool) -> list[Examined]:
    from trunkline.diagnosis.checks import CHECKS
    from trunkline.diagnosis.examination import examine

    examined = []
    async for one in examine(CHECKS, subject, offline=offline):
        examined.append(one)
        if is_shown:
            click.echo(_row(one))
    return examined


def _row(one: Examined) -> str:
    finding = one.finding
    margin = " " * (_RESULT_CELLS + _NAME_CELLS)
    row = f"{finding.outcome.value:<{_RESULT_CELLS}}{one.name:<{_NAME_CELLS}}{finding.fact}"
    return f"{row}\n{margin}> {finding.advice}" if finding.advice else row


def _summary(examined: list[Examined], *, offline: bool, seconds: float) -> str:
    counts = Counter(one.finding.outcome for one in examined)
    said = ", ".join(f"{count} {_counted(outcome, count)}" for outcome, count in counts.items())
    left_out = "; the network was left out (--offline)" if offline else ""
    return f"{said} in {seconds:.1f} s{left_out}"


def _counted(outcome: Outcome, count: int) -> str:
    is_noun = outcome.value in ("warning", "failure")
    return f"{outcome.value}s" if is_noun and count > 1 else outcome.value


def _document(
    subject: Subject, examined: list[Examined], *, offline: bool, seconds: float
) -> dict[str, Any]:
    from trunkline.diagnosis.examination import ruling_cause
    from trunkline.text import clean

    cause = ruling_cause(examined)
    return {
        "schema": SCHEMA,
        "ok": cause is None,
        "cause": None if cause is None else cause.name.lower(),
        "base_url": clean(subject.endpoint.base_url),
        "model": clean(subject.model),
        "offline": offline,
        "seconds": round(seconds, 3),
        "checks": [
            {
                "name": one.name,
                "result": one.finding.outcome.value,
                "fact": one.finding.fact,
                "advice": one.finding.advice or None,
                "took_ms": round(one.took * 1000, 1),
                "details": one.finding.details,
            }
            for one in examined
        ],
    }
