"""`trunkline metrics`: the metrics of running processes, for Prometheus."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import click

from trunkline.cli.aside import tell

__all__ = ["metrics"]

# A process that is found says at once what its lines are.
_LISTEN_SECONDS = 2.0


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="Where to listen; 0 is a free one.  [default: 9464]",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Holds the token that a reader must show as Authorization: Bearer.",
)
@click.option(
    "--remote", is_flag=True, help="Let other machines read; needs --host and --token-file."
)
@click.option("--names", is_flag=True, help="Make the names of lines a label, for at most 100.")
@click.option("--process", help="Attach to processes of this name or number only.")
@click.option("--once", is_flag=True, help="Listen for two seconds, print the metrics, and leave.")
def metrics(
    *,
    port: int | None,
    host: str,
    token_file: Path | None,
    remote: bool,
    names: bool,
    process: str | None,
    once: bool,
) -> None:
    """Serve the metrics of all lines of all running processes of this user to Prometheus.

    Shows processes with TRUNKLINE_PUBLISH=1, and programs that use connect(telemetry=trunkline.Publisher()). Counters
    count what happens while the command runs. Ends by Ctrl+C or SIGTERM, with 0.
    """
    from trunkline.cli.desks import chosen
    from trunkline.fleet.finder import Finder
    from trunkline.fleet.metrics_server import PORT, MetricsServer
    from trunkline.fleet.reader import FleetReader

    token = None if token_file is None else _token(token_file)
    wanted = 0 if once else PORT if port is None else port
    server = MetricsServer(port=wanted, host=host, token=token, remote=remote, names=names)
    with FleetReader(Finder(wanted=chosen(process)), server):
        if once:
            _print(server)
        else:
            tell(f"http://{_shown(host)}:{server.port}/metrics; Ctrl+C ends it")
            _wait()


def _token(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise click.UsageError(f"--token-file {path}: {reason}") from None


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _print(server: Any) -> None:
    from trunkline.telemetry.exposition import exposition

    time.sleep(_LISTEN_SECONDS)
    sys.stdout.buffer.write(exposition(server.reading()))
    sys.stdout.flush()


def _wait() -> None:
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: over.set())
    over.wait()
