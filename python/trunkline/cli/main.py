"""The `trunkline` command: finds the subcommand, and turns what goes wrong into one line and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from trunkline.errors import TrunklineError
from trunkline.text import clean

__all__ = ["main"]

# Name to module and to the line `--help` shows: a command's module is imported only when it is called.
_COMMANDS = {
    "console": (
        "trunkline.cli.console",
        "The operator's screens, on running lines or a recording.",
    ),
    "demo": ("trunkline.cli.demo", "A call through a simulator that breaks its link twice."),
    "devices": ("trunkline.cli.devices", "The microphones and loudspeakers of this machine."),
    "doctor": ("trunkline.cli.doctor", "What is wrong with this machine, its network or a server."),
    "explain": (
        "trunkline.cli.explain",
        "What the end of a link means, and what is done about it.",
    ),
    "metrics": ("trunkline.cli.metrics", "The metrics of all running lines, for Prometheus."),
    "probe": ("trunkline.cli.probe", "Test a link: its phases, its round trips, its grade."),
    "record": ("trunkline.cli.record", "Record all running lines to a file."),
    "report": ("trunkline.cli.report", "A recording as a page or a picture."),
    "secret": ("trunkline.cli.secret", "An ephemeral key for a browser or a device."),
    "gauntlet": (
        "trunkline.cli.gauntlet",
        "Any Realtime client through the fire, judged by the server.",
    ),
    "simulate": ("trunkline.cli.simulate", "A Realtime server for tests, on this machine."),
    "soak": ("trunkline.cli.soak", "Hours of a line's life in seconds, judged from the outside."),
    "tail": ("trunkline.cli.tail", "Print what running lines tell, as it comes."),
    "talk": ("trunkline.cli.talk", "Talk to a model, live or with a sound file."),
    "translate": ("trunkline.cli.translate", "An interpreter, live or for a sound file."),
}


class _Commands(click.Group):
    """Subcommands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(_COMMANDS[cmd_name][0]), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(_COMMANDS.items())])


def _show_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        from trunkline import __version__

        click.echo(f"trunkline {__version__}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.option(
    "--log-format",
    type=click.Choice(["json", "text"]),
    help="Log what happens to lines, one line a record, on stderr.  [env: TRUNKLINE_LOG]",
)
@click.option(
    "--log-file",
    type=click.Path(dir_okay=False),
    help="Log to the end of this file instead.  [env: TRUNKLINE_LOG_FILE]",
)
def trunkline(log_format: str | None, log_file: str | None) -> None:
    """Keeps a realtime voice session alive.

    Exit codes: 0 done, 1 not all that was asked for, 2 wrong usage or settings, 3 a line is not as good as asked for,
    4 key refused, 6 server not reached, 7 protocol broken, 8 sound file or device, 9 recording not readable,
    130 interrupted.

    TRUNKLINE_CODEC_BACKEND names the codec's kernels (scalar, avx2, avx512, neon) instead of the fastest.
    """
    if wanted := os.environ.get("TRUNKLINE_CODEC_BACKEND"):
        _use_backend(wanted)
    for variable, told in (("TRUNKLINE_LOG", log_format), ("TRUNKLINE_LOG_FILE", log_file)):
        if told is not None:
            os.environ[variable] = told
    if os.environ.get("TRUNKLINE_LOG"):
        from trunkline.cli.logs import begin_logs

        begin_logs()


def _use_backend(name: str) -> None:
    from trunkline.audio import codec

    if name not in codec.backends():
        here = ", ".join(codec.backends())
        raise click.UsageError(
            f"TRUNKLINE_CODEC_BACKEND is {clean(name)!r}, but this machine has {here}"
        )
    codec.use_backend(name)


def main() -> None:
    """Runs the command and exits; no traceback reaches the user."""
    try:
        # click gives the code of a command that exits, and what the others return, which is nothing.
        sys.exit(trunkline.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has left; Python would complain again at its own flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except ModuleNotFoundError as error:
        from trunkline.cli.extras import missing_extra

        if (advice := missing_extra(error)) is None:
            raise
        click.echo(f"error: {advice}", err=True)
        sys.exit(2)
    except TrunklineError as error:
        from trunkline.cli.outcome import exit_code

        click.echo(f"error: {error}", err=True)
        sys.exit(exit_code(error))
