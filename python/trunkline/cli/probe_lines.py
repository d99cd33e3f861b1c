"""What a probe prints: a line for each dial and ping, a status line below on a terminal, and the report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from trunkline.diagnosis.probe import Dialed, Pinged
from trunkline.diagnosis.verdict import (
    document,
    evidence,
    grade_probe,
    level_name,
    phase_figures,
)
from trunkline.telemetry.levels import Level
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trunkline.diagnosis.pings import Figures
    from trunkline.diagnosis.probe import Probe
    from trunkline.diagnosis.verdict import Graded
    from trunkline.telemetry.levels import Threshold

__all__ = ["ProbeLines"]

_NO_BILL = "no audio is sent, no answer asked for, nothing is billed"
_HEAD = f"{'ms':<10}{'min':>9}{'median':>9}{'p95':>9}{'max':>9}"


class ProbeLines:
    """Prints one probe, as `text`, as one `json` document at the end, or as `ndjson` while it goes on."""

    def __init__(
        self,
        run: Probe,
        thresholds: Mapping[str, Threshold],
        *,
        form: str,
        is_live: bool,
    ) -> None:
        self._run = run
        self._thresholds = thresholds
        self._form = form
        self._is_live = is_live and form == "text"
        self._status_chars = 0

    def begin(self) -> None:
        """Says what is done, and what is not."""
        if self._form == "text":
            click.echo(f"{clean(self._run.target.url)}\n{_NO_BILL}")

    def tell(self, fact: Dialed | Pinged) -> None:
        """Takes what is over."""
        if self._form == "ndjson":
            click.echo(json.dumps(_event(fact), ensure_ascii=False))
        elif self._form == "text":
            self._write(_dial_line(fact) if isinstance(fact, Dialed) else _ping_line(fact))
            if self._is_live and self._run.pings.sent:
                self._draw()

    def end(self, *, ok: bool, is_interrupted: bool) -> None:
        """The report of what is known by now."""
        if self._form == "text":
            self._write("\n".join(self._report(is_interrupted=is_interrupted)))
            return
        whole = document(self._run, self._thresholds, ok=ok, interrupted=is_interrupted)
        if self._form == "json":
            click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        else:
            click.echo(json.dumps({"event": "report", **whole}, ensure_ascii=False))

    def _write(self, text: str) -> None:
        """Whole lines, in place of the status line if there is one."""
        if self._status_chars:
            click.echo(f"\r{' ' * self._status_chars}\r", nl=False)
            self._status_chars = 0
        click.echo(text)

    def _draw(self) -> None:
        pings, plan = self._run.pings, self._run.plan
        graded = grade_probe(self._run, self._thresholds)
        figures = pings.figures
        p95 = "-" if figures is None else _number(figures.p95)
        jitter = "-" if pings.jitter_ms is None else _number(pings.jitter_ms)
        status = (
            f"{len(pings.took) + pings.lost}/{plan.count}  p95 {p95}  jitter {jitter}  lost {pings.lost}  "
            f"{graded.level.sign} {level_name(graded.level)}"
        )
        # And what a terminal echoes of Ctrl-C behind it.
        self._status_chars = len(status) + len("^C")
        click.echo(status, nl=False)

    def _report(self, *, is_interrupted: bool) -> list[str]:
        run, pings = self._run, self._run.pings
        rows = [_row(name, figures) for name, figures in phase_figures(run).items()]
        figures = pings.figures
        rows += [] if figures is None else [_row("ping", figures)]
        lines = ["", _HEAD, *rows] if rows else [""]
        if pings.sent:
            jitter = "unknown" if pings.jitter_ms is None else f"{_number(pings.jitter_ms)} ms"
            loss = pings.loss_percent or 0.0
            lines.append(
                f"pings     {pings.sent} sent, {pings.lost} lost ({loss:g} %), jitter {jitter}"
            )
        lines += self._kernel()
        if run.failure is not None:
            told = evidence(run.failure, is_keyless=run.key is None)
            lines.append(clean(f"failed    {told['cause']} ({told['evidence']})"))
            lines.append(clean(f"          > {told['advice']}"))
        lines.append(_grade_line(grade_probe(run, self._thresholds)))
        return [*lines, "interrupted: this is what is known so far"] if is_interrupted else lines

    def _kernel(self) -> list[str]:
        kernel = self._run.kernel
        if kernel is None:
            return ["kernel    tells nothing of TCP here"] if self._run.pings.sent else []
        times = [("rtt", kernel.rtt), ("least", kernel.rtt_min)]
        said = ", ".join(
            f"{name} {_number(seconds * 1000)} ms" for name, seconds in times if seconds is not None
        )
        retransmits = f"{kernel.retransmits} segments sent again"
        return [f"kernel    {', '.join(part for part in (said, retransmits) if part)}"]


def _event(fact: Dialed | Pinged) -> dict[str, Any]:
    if isinstance(fact, Dialed):
        return {
            "event": "dial",
            "number": fact.number,
            "model": fact.model or None,
            "phases_ms": {name: round(took * 1000, 3) for name, took in fact.phases},
            "error": None if fact.closure is None else evidence(fact.closure),
        }
    kernel = fact.kernel
    rtt = None if kernel is None or kernel.rtt is None else round(kernel.rtt * 1000, 3)
    return {
        "event": "ping",
        "number": fact.number,
        "rtt_ms": None if fact.took is None else round(fact.took * 1000, 3),
        "kernel_rtt_ms": rtt,
    }


def _dial_line(dialed: Dialed) -> str:
    if dialed.closure is not None:
        return clean(f"dial {dialed.number:<4} failed: {dialed.closure.describe()}")
    phases = "  ".join(f"{name} {_number(took * 1000)}" for name, took in dialed.phases)
    model = f"  ({dialed.model})" if dialed.model else ""
    return clean(f"dial {dialed.number:<4} {phases}  = {_number(dialed.total * 1000)} ms{model}")


def _ping_line(pinged: Pinged) -> str:
    if pinged.took is None:
        return f"ping {pinged.number:<4} lost: no answer"
    kernel = pinged.kernel
    tcp = "" if kernel is None or kernel.rtt is None else f"  tcp {_number(kernel.rtt * 1000)} ms"
    return f"ping {pinged.number:<4} {_number(pinged.took * 1000)} ms{tcp}"


def _row(name: str, figures: Figures) -> str:
    cells = (figures.least, figures.median, figures.p95, figures.most)
    return f"{name:<10}" + "".join(f"{_number(cell):>9}" for cell in cells)


def _grade_line(graded: Graded) -> str:
    score = "unknown" if graded.score is None else f"{graded.score:.0f} {graded.word}"
    taken = "".join(f", {name} -{points:g}" for name, points in graded.taken)
    known = [item for item in graded.levels.items() if item[1] is not Level.UNKNOWN]
    marks = ", ".join(f"{name} {level.sign} {level_name(level)}" for name, level in known)
    level = graded.level
    grade = f"grade     {level.sign} {level_name(level)}  score {score}{taken}"
    return f"{grade}  [{marks}]" if marks else grade


def _number(milliseconds: float) -> str:
    digits = 2 if milliseconds < 10 else 1 if milliseconds < 100 else 0
    return f"{milliseconds:.{digits}f}"
