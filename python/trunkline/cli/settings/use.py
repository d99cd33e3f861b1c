"""Settings in force: what files say becomes the default of a command's options, by click's own order.

A command gets one more parameter, which takes nothing from the command line. It is processed before all options but
after `--help`, so that a file with a mistake keeps nobody from reading that; it reads the files and gives click what
they say as the command's defaults, below options and variables.
"""

from __future__ import annotations

import contextlib
import copy
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from trunkline.cli.settings.table import SETTINGS, settings_for
from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trunkline.cli.settings.values import Settings, Value

__all__ = [
    "Asked",
    "ask",
    "asked",
    "equipped",
    "kept_thresholds",
    "said_now",
    "saying",
    "validated",
]

_ASKED = "trunkline.asked"
_SETTINGS = "trunkline.settings"
# These must work where a file has a mistake, and use nothing that one says.
_WITHOUT_FILES = frozenset({"completion", "config", "version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the group's options say of files."""

    profile: str | None = None
    config: str | None = None
    no_config: bool = False

    def read(self) -> Settings:
        """The settings of these files. Raises ConfigError for one that is wrong."""
        from trunkline.cli.settings.values import Settings

        if self.no_config:
            return Settings(())
        return Settings.read(profile=self.profile, named=self.config)


def ask(ctx: click.Context, wish: Asked) -> None:
    """Remembers what the group was asked, for the command that comes."""
    ctx.meta[_ASKED] = wish


def asked(ctx: click.Context) -> Asked:
    """What the group was asked."""
    found = ctx.meta.get(_ASKED)
    return found if isinstance(found, Asked) else Asked()


def equipped(name: str, command: click.Command) -> click.Command:
    """The command with its settings: a copy, as a command that is called alone knows of no files."""
    takes = settings_for(name)
    equipped_one = copy.copy(command)
    equipped_one.params = [_with_variable(each, takes) for each in command.params]
    equipped_one.params.append(_Files())
    return equipped_one


def _with_variable(param: click.Parameter, takes: Mapping[str, Any]) -> click.Parameter:
    setting = takes.get(param.name or "")
    if setting is None or param.envvar is not None or not isinstance(param, click.Option):
        return param
    param = copy.copy(param)
    param.envvar, param.show_envvar = setting.env, True
    return param


class _Files(click.Parameter):
    """Takes nothing from the command line and gives nothing to the command; see the module."""

    param_type_name = "files"

    def __init__(self) -> None:
        super().__init__(["files"], is_eager=True, expose_value=False, callback=_put_in_force)

    def _parse_decls(
        self,
        decls: Sequence[str],
        expose_value: bool,  # noqa: ARG002 - click's signature
    ) -> tuple[str, list[str], list[str]]:
        return f"_{decls[0]}", [], []

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Nothing of it is parsed."""

    def get_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Nobody sees it."""
        return []


def _put_in_force(ctx: click.Context, _param: click.Parameter, _value: object) -> None:
    wish = ctx.meta.get(_ASKED)
    if ctx.resilient_parsing or not isinstance(wish, Asked):
        return
    from trunkline.cli.colour import obeying_colour
    from trunkline.cli.dialing import standing_of
    from trunkline.client.standing import standing_by

    without = ctx.info_name in _WITHOUT_FILES
    settings = Asked(no_config=True).read() if without else wish.read()
    ctx.meta[_SETTINGS] = settings
    ctx.default_map = dict(ctx.default_map or {}) | _defaults(ctx, settings)
    ctx.with_resource(saying(_variables(ctx, settings)))
    ctx.with_resource(obeying_colour())
    ctx.with_resource(standing_by(standing_of(ctx, settings)))
    if os.environ.get("TRUNKLINE_LOG"):
        from trunkline.cli.logs import begin_logs

        begin_logs()


def _defaults(ctx: click.Context, settings: Settings) -> dict[str, Any]:
    takes = settings_for(ctx.info_name or "")
    params = {param.name: param for param in ctx.command.params}
    return {
        parameter: validated(ctx, params[parameter], kept)
        for parameter, setting in takes.items()
        if (kept := settings.kept(setting.name)) is not None
    }


def validated(ctx: click.Context, param: click.Parameter, kept: Value) -> Any:
    """The value, if the option would take it. Raises ConfigError with the place in the file."""
    try:
        param.type_cast_value(ctx, kept.value)
    except click.BadParameter as error:
        where = f"{kept.origin.where}: {kept.name}"
        raise ConfigError(where, f"{error.message}{_hint(param, kept.value)}") from None
    return kept.value


def _hint(param: click.Parameter, value: Any) -> str:
    from difflib import get_close_matches

    choices = param.type.choices if isinstance(param.type, click.Choice) else ()
    near = get_close_matches(str(value), map(str, choices), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


_WORDS = {True: "1", False: "0", "on": "1", "off": "0"}


def _variables(ctx: click.Context, settings: Settings) -> dict[str, str]:
    """What is read as a variable wherever it is needed, and is none yet: logs, colour, telemetry."""
    from trunkline.cli.colour import is_colour_said

    group = {param.name: param for param in ctx.find_root().command.params}
    found: dict[str, str] = {}
    for setting in SETTINGS:
        is_groups = any(command == "" for command, _ in setting.options)
        if not (is_groups or setting.table == "telemetry") or os.environ.get(setting.env):
            continue
        kept = settings.kept(setting.name)
        if kept is None or (setting.name == "color" and is_colour_said()):
            continue
        for _, parameter in setting.options:
            validated(ctx, group[parameter], kept)
        found[setting.env] = str(_WORDS.get(kept.value, kept.value))
    return found


@contextlib.contextmanager
def saying(variables: Mapping[str, str]) -> Iterator[None]:
    """Variables for as long as the command runs."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def said_now(values: Mapping[str, Any]) -> dict[str, Any]:
    """Of a command's parameters what was said in this call; the rest is None, or False.

    What is kept in files must not contradict what is said now: who keeps a microphone may still say a file.
    """
    ctx = click.get_current_context(silent=True)
    if ctx is None:
        return dict(values)
    spoken = click.core.ParameterSource.COMMANDLINE
    return {
        name: value
        if ctx.get_parameter_source(name) is spoken
        else (False if isinstance(value, bool) else None)
        for name, value in values.items()
    }


def kept_thresholds() -> dict[str, Any]:
    """The thresholds of the files that are in force; none where a command was called alone."""
    ctx = click.get_current_context(silent=True)
    settings = None if ctx is None else ctx.meta.get(_SETTINGS)
    return {} if settings is None else settings.thresholds()
