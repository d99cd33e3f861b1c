"""`trunkline console`: the screens of the operator, on running processes or on a recording."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["console"]

_FILE = click.Path(dir_okay=False, path_type=Path)


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
@click.option("--process", help="Attach to processes of this name or number only.")
@click.option(
    "--allow-control",
    is_flag=True,
    help="Let keys reconnect, rotate, close, drain and mute lines that take it. Each asks first.",
)
@click.option("--theme", help="Name of a colour theme.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw with ASCII characters only.")
def console(
    *,
    replay: Path | None,
    speed: float,
    record: Path | None,
    process: str | None,
    allow_control: bool,
    theme: str | None,
    ascii_only: bool,
) -> None:
    """Look at running lines, or at a recording of them.

    Shows all lines of all processes of this user that publish: those with TRUNKLINE_PUBLISH=1, and programs that use
    connect(telemetry=trunkline.Publisher()). They may come and go meanwhile.
    """
    from trunkline.cli.desks import opened
    from trunkline.tui.app import run_console

    with opened(
        replay=replay, record=record, allow_control=allow_control, speed=speed, process=process
    ) as found:
        run_console(
            found.desk,
            found.controls,
            title=found.title,
            ascii_only=ascii_only,
            theme=theme,
            recorded_s=found.recorded_s,
        )
