"""`trunkline report`: a recording as a page, as a picture, or as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trunkline.cli.aside import tell
from trunkline.cli.thresholds import read_thresholds, threshold_option
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trunkline.fleet.chronicle import Chronicle
    from trunkline.telemetry.levels import Threshold
    from trunkline.telemetry.picture import Picture
    from trunkline.telemetry.story import LineStory

__all__ = ["report"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("-o", "--output", type=_FILE, help="The page's file.  [default: FILE with .html]")
@click.option(
    "--png",
    type=_FILE,
    help="Write the timeline as a PNG, and no page unless --output asks for it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON and write no page.")
@threshold_option
@click.option("--line", help="Only the line of this name or key.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
def report(
    *,
    file: Path,
    output: Path | None,
    png: Path | None,
    as_json: bool,
    thresholds: Path | None,
    line: str | None,
    force: bool,
) -> None:
    """Tell what a recording holds: a page of its own, without scripts and without addresses.

    FILE is what `trunkline record`, `--record` or a flight recorder wrote. The page has the timeline, the round trips,
    the outages, the turns, the alerts and the books of each line.
    """
    from trunkline.fleet.chronicle import chronicle

    judged_by = read_thresholds(thresholds)
    if output is None and png is None and not as_json:
        output = file.with_suffix(".html")
    for path in filter(None, (output, png)):
        _refuse(path, file, force=force)
    try:
        told = chronicle(file, tell=_progress(), thresholds=judged_by)
    except OSError as error:
        raise click.UsageError(f"{clean(file)}: {error.strerror}") from None
    lines = _chosen(told.lines, line)
    _warn(told)
    if as_json:
        click.echo(json.dumps(_document(told, lines), ensure_ascii=False, indent=2))
    if output is not None:
        _write(output, _page(file, lines, judged_by))
    if png is not None:
        _write(png, _picture(lines))


def _progress() -> Callable[[float], None]:
    """A line on a terminal that says how far the reading is; nothing where nobody waits."""
    if not sys.stderr.isatty():
        return lambda _: None

    def say(share: float) -> None:
        tell(f"\rreading {share:4.0%}", nl=False)
        if share >= 1:
            tell("\r             \r", nl=False)

    return say


def _refuse(path: Path, recording: Path, *, force: bool) -> None:
    if path.resolve() == recording.resolve():
        raise click.UsageError("the recording itself is not written over")
    if path.exists() and not force:
        raise click.UsageError(f"{clean(path)} is there; --force writes over it")


def _chosen(lines: Sequence[LineStory], wanted: str | None) -> Sequence[LineStory]:
    if wanted is None:
        return lines
    found = [one for one in lines if wanted in (one.last.name, one.last.key)]
    if not found:
        names = ", ".join(one.last.name for one in lines[:10]) or "none"
        raise click.UsageError(f"no line is called {clean(wanted)!r}; there are {names}")
    return found


def _warn(told: Chronicle) -> None:
    if told.damage is not None:
        click.echo(f"the recording {told.damage.words()}; the rest was read", err=True)


def _document(told: Chronicle, lines: Sequence[LineStory]) -> dict[str, object]:
    from trunkline.telemetry.document import line_document

    return {
        "schema": "trunkline.recording/1",
        "ok": told.damage is None,
        "begins_at": round(told.begins_at, 3),
        "ends_at": round(told.ends_at, 3),
        "lines": [line_document(one.last) for one in lines],
    }


def _page(file: Path, lines: Sequence[LineStory], thresholds: Mapping[str, Threshold]) -> bytes:
    from trunkline import __version__
    from trunkline.telemetry.page import page

    return page(clean(file.name), lines, version=__version__, thresholds=thresholds).encode()


def _picture(lines: Sequence[LineStory]) -> bytes:
    from trunkline.cli.painter import png

    return png(_timeline(lines))


def _timeline(lines: Sequence[LineStory]) -> Picture:
    """Of one line all that is known of its time; of several a row each."""
    from trunkline.telemetry.charts import fleet_timeline, line_timeline

    return line_timeline(lines[0]) if len(lines) == 1 else fleet_timeline(lines)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise click.ClickException(f"{clean(path)}: {error.strerror}") from None
    tell(f"{clean(path)}: {len(data)} bytes")
