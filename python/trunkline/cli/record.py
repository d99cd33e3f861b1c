"""`trunkline record`: records running processes, without a screen."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from trunkline.cli.aside import tell

__all__ = ["record"]

# How often it is looked whether the disk still takes it.
_LOOK_SECONDS = 0.5


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where a file without a name goes.  [default: here]",
)
@click.option("--process", help="Record processes of this name or number only.")
@click.option("--seconds", type=click.FloatRange(min=0.0, min_open=True), help="End by itself.")
@click.option("--no-transcripts", is_flag=True, help="Leave out what people and the model said.")
@click.option(
    "--audio", is_flag=True, help="Record what is said, too, of processes that keep audio."
)
def record(
    *,
    file: Path | None,
    directory: Path | None,
    process: str | None,
    seconds: float | None,
    no_transcripts: bool,
    audio: bool,
) -> None:
    """Record all lines of all running processes of this user to a new FILE.

    Without a name it is calls-TIME.tlrec. No audio is recorded, unless --audio asks for it and a process has
    TRUNKLINE_KEEP_AUDIO=1. Ends by Ctrl+C, SIGTERM or --seconds, with 0; with 1 if the disk does not take it.
    `trunkline console --replay FILE` shows it.
    """
    if audio and no_transcripts:
        raise click.UsageError("--audio holds the words that --no-transcripts leaves out")
    from trunkline.cli.desks import chosen
    from trunkline.fleet.finder import Finder
    from trunkline.fleet.reader import FleetReader
    from trunkline.fleet.recorder import Recorder

    # What goes wrong is told by the command itself, once.
    logging.getLogger("trunkline").addHandler(logging.NullHandler())
    name = f"calls-{datetime.now(tz=UTC):%Y%m%dT%H%M%SZ}.tlrec"
    path = file or (directory or Path()) / name
    recorder = Recorder(path, transcripts=not no_transcripts, audio=audio)
    over = threading.Event()

    def end(_number: int, _frame: Any) -> None:
        over.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    ends_at = None if seconds is None else time.monotonic() + seconds
    with FleetReader(Finder(wanted=chosen(process)), recorder) as reader:
        tell(f"recording to {path}; Ctrl+C ends it")
        while recorder.failure is None and not over.wait(_LOOK_SECONDS):
            if ends_at is not None and time.monotonic() >= ends_at:
                break
        processes = reader.processes
    if recorder.failure is not None:
        click.echo(f"error: {recorder.failure}", err=True)
        sys.exit(1)
    tell(f"{path}: {recorder.size_bytes} bytes, {processes} processes at the end")
