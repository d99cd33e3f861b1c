"""`trunkline config`: which settings hold and why, which files are read, and what is wrong in one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trunkline.cli.settings.use import asked, validated
from trunkline.errors import ConfigError
from trunkline.text import clean

if TYPE_CHECKING:
    from trunkline.cli.settings.file import SettingsFile
    from trunkline.cli.settings.places import Place
    from trunkline.cli.settings.values import Settings, Value

__all__ = ["config"]

_MASK = "********"
_SHOWN_CHARS = 200


@click.group()
def config() -> None:
    """The settings that hold, and where they are from.

    Files are read in this order, and the first that says something is heard: the one of --config or TRUNKLINE_CONFIG,
    else ./trunkline.toml; then your own. docs/configuration.md has every setting.
    """


@config.command()
@click.option("--origin", is_flag=True, help="Say of each where it is from, defaults included.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def show(ctx: click.Context, *, origin: bool, as_json: bool) -> None:
    """Print the settings that hold, keys and commands masked.

    Without --origin in the form of a file, and only what is not the default.
    """
    settings = asked(ctx).read()
    rows = _rows(settings)
    if as_json:
        click.echo(json.dumps(_document(settings, rows), ensure_ascii=False, indent=2))
        return
    chosen = [row for row in rows if origin or row["origin"]["kind"] != "default"]
    width = max((len(_assignment(row)) for row in chosen), default=0)
    for row in chosen:
        if origin:
            click.echo(clean(f"{_assignment(row):<{min(width, 60)}}  # {row['words']}".rstrip()))
        else:
            click.echo(clean(_assignment(row)))


@config.command()
@click.pass_context
def path(ctx: click.Context) -> None:
    """Print which files are read, the first that is heard first, and whether they are there."""
    from trunkline.cli.settings.places import places

    wish = asked(ctx)
    for place in [] if wish.no_config else places(wish.config):
        state = "there" if place.path.exists() else "not there"
        click.echo(clean(f"{place.rank.value:<8} {place.path.absolute()} ({state})"))


@config.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--as-project",
    is_flag=True,
    help="As the file of a project, which may say less.  [default: if it is called trunkline.toml]",
)
@click.pass_context
def check(ctx: click.Context, *, file: Path | None, as_project: bool) -> None:
    """Say all that is wrong in FILE, or in the files that are read; exits with 2 if anything is."""
    from trunkline.cli.settings.file import read_file
    from trunkline.cli.settings.places import places

    wanted = places(asked(ctx).config) if file is None else [_place(file, as_project=as_project)]
    found = [one for place in wanted if (one := read_file(place)) is not None]
    if not found:
        click.echo("there is no file of settings")
    mistakes = [words for one in found for words in _mistakes(ctx, one)]
    for words in mistakes:
        click.echo(words, err=True)
    if mistakes:
        raise ConfigError("config", f"{len(mistakes)} {'mistake' if len(mistakes) == 1 else 'mistakes'}")  # fmt: skip
    for one in found:
        names = f"; profiles: {', '.join(one.checked.profiles)}" if one.checked.profiles else ""
        count = len(one.checked.values) + sum(map(len, one.checked.thresholds.values()))
        click.echo(clean(f"{one.place.path}: well, {count} settings{names}"))


def _place(file: Path, *, as_project: bool) -> Place:
    from trunkline.cli.settings.places import PROJECT_NAME, Place, Rank

    if not file.exists():
        raise ConfigError(clean(file), "there is no such file of settings")
    is_projects = as_project or file.name == PROJECT_NAME
    return Place(Rank.PROJECT if is_projects else Rank.NAMED, file)


def _mistakes(ctx: click.Context, file: SettingsFile) -> list[str]:
    """What the table says, then what the options say of the values, in every profile."""
    from trunkline.cli.settings.values import Settings

    mistakes = [str(file.complaint(problem)) for problem in file.checked.problems]
    for profile in ("", *file.checked.profiles):
        settings = Settings([file], profile)
        for said_in, name in file.checked.values:
            kept = settings.kept(name)
            if said_in == profile and kept is not None:
                mistakes += _refusal(ctx, kept)
    return mistakes


def _refusal(ctx: click.Context, kept: Value) -> list[str]:
    """What the first option that takes it says of a value."""
    root = ctx.find_root()
    assert isinstance(root.command, click.Group)
    for taker, parameter in kept.setting.options[:1]:
        command = root.command.get_command(root, taker) if taker else root.command
        assert command is not None
        param = next(each for each in command.params if each.name == parameter)
        try:
            validated(ctx, param, kept)
        except ConfigError as error:
            return [str(error)]
    return []


def _rows(settings: Settings) -> list[dict[str, Any]]:
    rows = [_row(settings, value) for value in settings.values()]
    rows += _thresholds(settings)
    return [*_keys(), *rows]


def _row(settings: Settings, value: Value) -> dict[str, Any]:
    setting, origin = value.setting, value.origin
    doubt = settings.untrusted_address(value) if setting.name == "base_url" else ""
    return {
        "name": setting.name,
        "value": _shown(value),
        "origin": {"kind": origin.kind, "where": origin.where or None, "profile": origin.profile or None},
        "refused": doubt or None,
        "words": f"{origin}; refused: {doubt}" if doubt else str(origin),
    }  # fmt: skip


def _shown(value: Value) -> Any:
    """The value; of a command its program alone, of an address no user and no password."""
    if value.value is None:
        return None
    if value.setting.is_secret:
        return f"{value.value[0]} {_MASK}" if len(value.value) > 1 else value.value[0]
    if value.setting.name == "base_url":
        return _without_user(value.value)
    if isinstance(value.value, str):
        return clean(value.value, limit_chars=_SHOWN_CHARS)
    return value.value


def _without_user(url: str) -> str:
    """An address of the environment was checked by nobody yet."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    host = f"{_MASK}@{host.rpartition('@')[2]}" if "@" in host else host
    return clean(f"{scheme}{mark}{host}{slash}{path}", limit_chars=_SHOWN_CHARS)


def _keys() -> list[dict[str, Any]]:
    """That there is a key in the environment; which one, nobody is shown."""
    import os

    variables = ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "XAI_API_KEY")
    return [
        {
            "name": "api_key",
            "value": _MASK,
            "origin": {"kind": "env", "where": variable, "profile": None},
            "refused": None,
            "words": f"env {variable}",
        }
        for variable in variables
        if os.environ.get(variable, "").strip()
    ]


def _thresholds(settings: Settings) -> list[dict[str, Any]]:
    return [
        {
            "name": f"thresholds.{metric}.{name}",
            "value": number,
            "origin": {"kind": "file", "where": None, "profile": None},
            "refused": None,
            "words": "a file",
        }
        for metric, change in settings.thresholds().items()
        for name, number in change.items()
    ]


def _assignment(row: dict[str, Any]) -> str:
    """As TOML writes it; what has no value is a comment."""
    if row["value"] is None:
        return f"# {row['name']}"
    return f"{row['name']} = {json.dumps(row['value'], ensure_ascii=False)}"


def _document(settings: Settings, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schema": "trunkline.config/1",
        "ok": True,
        "profile": settings.profile or None,
        "profiles": settings.profiles(),
        "files": [
            {"kind": file.place.rank.value, "path": str(file.place.path.absolute()), "is_own": not file.doubt}
            for file in settings.files
        ],
        "settings": [{key: each for key, each in row.items() if key != "words"} for row in rows],
    }  # fmt: skip
