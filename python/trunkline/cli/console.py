"""`trunkline console`: running lines or a recording of them, on screens, in a browser, or as data."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trunkline.cli.aside import tell
from trunkline.cli.looks import look_options
from trunkline.cli.settings.use import asked
from trunkline.cli.thresholds import read_thresholds, threshold_option

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from trunkline.cli.desks import Opened
    from trunkline.telemetry.fleet_snapshot import FleetSnapshot
    from trunkline.telemetry.levels import Threshold

__all__ = ["console"]

_FILE = click.Path(dir_okay=False, path_type=Path)
# A beat comes twice a second, and a process that is found now says at once what its lines are.
_WAIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where the lines are from."""

    replay: Path | None
    speed: float
    record: Path | None
    audio: bool
    process: str | None
    allow_control: bool
    thresholds_file: Path | None
    thresholds: Mapping[str, Threshold]

    def opened(self) -> AbstractContextManager[Opened]:
        from trunkline.cli.desks import opened

        return opened(
            replay=self.replay,
            record=self.record,
            audio=self.audio,
            allow_control=self.allow_control,
            speed=self.speed,
            process=self.process,
            thresholds=self.thresholds,
        )


@click.command()
@click.option("--replay", type=_FILE, help="Play this recording instead of attaching.")
@click.option(
    "--speed",
    type=float,
    default=1.0,
    show_default=True,
    help="Of the recording: 0.25 to 120 times as fast; 0 begins paused.",
)
@click.option("--record", type=_FILE, help="Record to this new file what is shown.")
@click.option(
    "--audio", is_flag=True, help="Record what is said, too, of processes that keep audio."
)
@click.option("--process", help="Attach to processes of this name or number only.")
@click.option(
    "--allow-control",
    is_flag=True,
    help="Let keys reconnect, rotate, close, drain and mute lines that take it. Each asks first.",
)
@threshold_option
@look_options
@click.option("--once", is_flag=True, help="No screen: print a table of all lines, and leave.")
@click.option(
    "--json", "as_json", is_flag=True, help="No screen: print one JSON document, and leave."
)
@click.option("--ndjson", is_flag=True, help="No screen: print a JSON document a line and second.")
@click.option("--count", type=click.IntRange(min=1), help="End --ndjson after so many seconds.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0.0),
    default=_WAIT_SECONDS,
    show_default=True,
    help="Seconds to listen before --once and --json print.",
)
@click.option(
    "--min-score",
    type=click.FloatRange(0, 100),
    help="Without a screen: exit with 3 if a line's score is under it.",
)
@click.option("--serve", is_flag=True, help="In a browser of this machine, to be looked at only.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="Of --serve.  [default: a free one]",
)
def console(
    *,
    replay: Path | None,
    speed: float,
    record: Path | None,
    audio: bool,
    process: str | None,
    allow_control: bool,
    thresholds: Path | None,
    theme: str | None,
    ascii_only: bool,
    once: bool,
    as_json: bool,
    ndjson: bool,
    count: int | None,
    wait: float,
    min_score: float | None,
    serve: bool,
    port: int,
) -> None:
    """Look at running lines, or at a recording of them.

    Shows all lines of all processes of this user that publish: those with TRUNKLINE_PUBLISH=1, and programs that use
    connect(telemetry=trunkline.Publisher()). They may come and go meanwhile.

    Without a screen (--once, --json, --ndjson) the exit code tells how the lines are: 0 well, 1 there was none to look
    at, 3 one is poor, lost, failed or gone, or its score is under --min-score.
    """
    source = _Source(
        replay=replay,
        speed=speed,
        record=record,
        audio=audio,
        process=process,
        allow_control=allow_control,
        thresholds_file=thresholds,
        thresholds=read_thresholds(thresholds),
    )
    _check(once=once or as_json, ndjson=ndjson, serve=serve, count=count, source=source)
    if serve:
        _serve(source, port=port, theme=theme, ascii_only=ascii_only)
    elif once or as_json:
        sys.exit(_once(source, wait=wait, as_json=as_json, min_score=min_score))
    elif ndjson:
        sys.exit(_stream(source, count=count, min_score=min_score))
    else:
        _show(source, theme=theme, ascii_only=ascii_only)


def _check(*, once: bool, ndjson: bool, serve: bool, count: int | None, source: _Source) -> None:
    """Refuses options that contradict each other."""
    if once + ndjson + serve > 1:
        raise click.UsageError("--once (or --json), --ndjson and --serve exclude each other")
    if count is not None and not ndjson:
        raise click.UsageError("--count is for --ndjson")
    if serve and source.allow_control:
        raise click.UsageError("--serve is for looking only: --allow-control does not go with it")
    if serve and source.record is not None:
        raise click.UsageError("--serve does not record: use `trunkline record` beside it")
    if (once or ndjson) and source.allow_control:
        raise click.UsageError("--allow-control needs the screens")


def _show(source: _Source, *, theme: str | None, ascii_only: bool) -> None:
    from trunkline.devices.speaker import Speaker
    from trunkline.tui.app import run_console
    from trunkline.tui.grading import judging_by

    with source.opened() as found, judging_by(source.thresholds):
        run_console(
            found.desk,
            found.controls,
            title=found.title,
            ascii_only=ascii_only,
            theme=theme,
            recording=found.recording,
            play=Speaker(),
        )


def _once(source: _Source, *, wait: float, as_json: bool, min_score: float | None) -> int:
    from trunkline.cli.census import gather, table, text_document
    from trunkline.telemetry.fleet_snapshot import FleetSnapshot

    with source.opened() as found:
        fleet = gather(found.desk, wait) or FleetSnapshot(at=time.time())
    if as_json:
        click.echo(text_document(fleet, min_score=min_score))
    elif fleet.rows:
        click.echo(table(fleet, min_score=min_score))
    return _judged(fleet, min_score)


def _stream(source: _Source, *, count: int | None, min_score: float | None) -> int:
    from trunkline.cli.census import stream

    with source.opened() as found:
        fleet = stream(found.desk, click.echo, count=count, min_score=min_score)
    return _judged(fleet, min_score)


def _judged(fleet: FleetSnapshot | None, min_score: float | None) -> int:
    """The exit code; that there was nothing to look at is said in words."""
    from trunkline.cli.census import NOTHING_SEEN, exit_code

    if fleet is None or not fleet.rows:
        click.echo(NOTHING_SEEN, err=True)
    return exit_code(fleet, min_score=min_score)


def _serve(source: _Source, *, port: int, theme: str | None, ascii_only: bool) -> None:
    try:
        from trunkline.cli.browser import serve
    except ImportError:
        words = "a console in a browser needs the extra 'serve': pip install 'trunkline[serve]'"
        raise click.UsageError(words) from None

    with source.opened() as found:
        # What cannot be opened is said here, and not in a browser.
        title = found.title
    options = {
        "--replay": source.replay and str(source.replay.resolve()),
        "--process": source.process,
        "--thresholds": source.thresholds_file and str(source.thresholds_file.resolve()),
    }
    options |= {"--theme": theme, "--speed": f"{source.speed:g}" if source.replay else None}
    arguments = [f"{name}={value}" for name, value in options.items() if value is not None]
    arguments += ["--ascii"] if ascii_only else []
    without = ("--no-config",) if asked(click.get_current_context()).no_config else ()
    # -P: no file of the working directory is taken for a module.
    command = (sys.executable, "-P", "-m", "trunkline", *without, "console", *arguments)
    try:
        serve(command, port=port, title=f"trunkline {title}", tell=_tell)
    except OSError as error:
        raise click.ClickException(f"port {port}: {error.strerror}") from None


def _tell(address: str) -> None:
    click.echo(address)
    tell("open it in a browser of this machine; Ctrl+C ends it")
