"""The `trunkline` command: finds the subcommand, and turns what goes wrong into one line and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from trunkline.errors import TrunklineError
from trunkline.text import clean, redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.shell_completion import CompletionItem

    from trunkline.cli.outcome import ExitCode

__all__ = ["COMPLETE", "main"]

COMPLETE = "_TRUNKLINE_COMPLETE"
"""By this variable a shell asks for completions, whatever the program was started as."""

_NO_KEYS = "A key is no option: others see those, and shells keep them. --api-key-file FILE, or the environment."
# Name to module and to the line `--help` shows: a command's module is imported only when it is called.
_COMMANDS = {
    "completion": ("trunkline.cli.completion", "Completion for bash, zsh or fish."),
    "config": ("trunkline.cli.config", "The settings that hold, and where they are from."),
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
    "version": ("trunkline.cli.version", "The version, and what it runs on."),
}


class _UnheardError(Exception):
    """Whoever read our output has left."""


@contextlib.contextmanager
def _speaking() -> Iterator[None]:
    """Takes a pipe that nobody reads out of click's hands, to which it is a failure with 1."""
    try:
        yield
    except BrokenPipeError as error:
        raise _UnheardError from error


class _Commands(click.Group):
    """Subcommands that are imported when they are called."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        with _speaking():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _speaking():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        from trunkline.cli.settings.use import equipped

        command = getattr(import_module(_COMMANDS[cmd_name][0]), cmd_name)
        assert isinstance(command, click.Command)
        return equipped(cmd_name, command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(_COMMANDS.items())])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names without importing what they stand for; options as every command."""
        from click.shell_completion import CompletionItem

        names = [
            CompletionItem(name, help=text)
            for name, (_, text) in sorted(_COMMANDS.items())
            if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]


def _show_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        from trunkline import __version__

        click.echo(f"trunkline {__version__}")
        ctx.exit()


def _complete_profile(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from trunkline.cli.completion import profiles

    return profiles(incomplete)


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
    "--profile",
    metavar="NAME",
    shell_complete=_complete_profile,
    help="Settings of [profile.NAME].  [env: TRUNKLINE_PROFILE]",
)
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    help="Read this file instead of ./trunkline.toml.  [env: TRUNKLINE_CONFIG]",
)
@click.option("--no-config", is_flag=True, help="Read no file of settings.")
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
@click.option("-v", "--verbose", is_flag=True, help="As --log-format text.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    envvar="TRUNKLINE_COLOR",
    help="Before NO_COLOR and FORCE_COLOR.  [env: TRUNKLINE_COLOR; default: auto]",
)
@click.pass_context
def trunkline(
    ctx: click.Context,
    *,
    profile: str | None,
    config: str | None,
    no_config: bool,
    log_format: str | None,
    log_file: str | None,
    verbose: bool,
    quiet: bool,
    color: str | None,
) -> None:
    """Keeps a realtime voice session alive.

    Exit codes: 0 done, 1 not all that was asked for, 2 wrong usage or settings, 3 a line is not as good as asked for,
    4 key refused, 5 rate limit or quota, 6 server not reached, 7 protocol broken, 8 sound file or device, 9 recording
    not readable, 130 interrupted, 143 terminated. With --json they are words, too (error.code).

    What is said each time can be kept in files: docs/configuration.md, `trunkline config show --origin`.

    TRUNKLINE_CODEC_BACKEND names the codec's kernels (scalar, avx2, avx512, neon) instead of the fastest.
    """
    from trunkline.cli.settings.use import Asked, ask, saying

    if no_config and (profile is not None or config is not None):
        raise click.UsageError("--no-config reads no file, so neither --profile nor --config")
    if wanted := os.environ.get("TRUNKLINE_CODEC_BACKEND"):
        _use_backend(wanted)
    ask(ctx, Asked(profile=profile, config=config, no_config=no_config))
    told = {
        # Processes of ours shall hear of it, too.
        "TRUNKLINE_PROFILE": profile,
        "TRUNKLINE_CONFIG": config and os.path.abspath(config),  # noqa: PTH100 - a link stays one
        "TRUNKLINE_LOG": log_format or ("text" if verbose else None),
        "TRUNKLINE_LOG_FILE": log_file,
        "TRUNKLINE_COLOR": color,
    }
    ctx.with_resource(saying({name: value for name, value in told.items() if value is not None}))
    if quiet:
        from trunkline.cli.aside import saying_nothing

        ctx.with_resource(saying_nothing())


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
    from trunkline.cli.interrupts import impatient

    with impatient():
        code = _ended()
    sys.exit(code)


def _ended() -> int:
    """The exit code of the command, when it has ended in whatever way."""
    try:
        # click gives the code of a command that exits, and what the others return, which is nothing.
        code = trunkline.main(standalone_mode=False, complete_var=COMPLETE) or 0
        # What is left in the buffer is written here, where a reader that has left is no surprise.
        sys.stdout.flush()
    except click.ClickException as error:
        return _told(error)
    except (click.Abort, KeyboardInterrupt):
        return 130
    except (_UnheardError, BrokenPipeError):
        return _unheard()
    except ModuleNotFoundError as error:
        return _without_extra(error)
    except TrunklineError as error:
        from trunkline.cli.outcome import outcome_of

        code = outcome_of(error)
        click.echo(f"error: {error}", err=True)
        _print_document(code, str(error))
    return int(code)


def _told(error: click.ClickException) -> int:
    """Says what is wrong with how the command was called; somebody may have written a key there."""
    from io import StringIO

    from trunkline.cli.outcome import ExitCode

    shown = StringIO()
    error.show(file=shown)
    click.echo(redact(shown.getvalue()), err=True, nl=False)
    if isinstance(error, click.NoSuchOption) and "key" in error.option_name:
        click.echo(_NO_KEYS, err=True)
    is_usage = isinstance(error, click.UsageError)
    _print_document(ExitCode.USAGE if is_usage else ExitCode.FAILED, error.format_message())
    return error.exit_code


def _without_extra(error: ModuleNotFoundError) -> int:
    """Says which extra has what is not installed; a module that none has is a mistake of ours."""
    from trunkline.cli.extras import missing_extra
    from trunkline.cli.outcome import ExitCode

    advice = missing_extra(error)
    if advice is None:
        raise error
    click.echo(f"error: {advice}", err=True)
    _print_document(ExitCode.USAGE, advice)
    return int(ExitCode.USAGE)


def _print_document(code: ExitCode, message: str) -> None:
    """Whoever asked for JSON gets the end of the command as JSON, too."""
    ours = sys.argv[1:]
    if "--json" not in ours[: ours.index("--") if "--" in ours else None]:
        return
    import json

    from trunkline.cli.outcome import error_of

    document = {"schema": "trunkline.error/1", "ok": False, "error": error_of(code, clean(message))}
    click.echo(json.dumps(document, ensure_ascii=False))


def _unheard() -> int:
    """Whoever read our output has left; Python would complain again at its own flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
