"""Where a command dials and with which key: by its options, the environment and files, in this order.

With one exception. A key that stands beside an address in a file belongs to that address: it is shown to no other
server, and no key of the environment is shown to that one.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trunkline.cli.settings.values import Origin, Settings, Value
from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from trunkline.client.credentials import Credential
    from trunkline.client.standing import Standing

__all__ = ["dial_options", "standing_of"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FLAGS = "trunkline.dialing"
_MOST_CHARS = 16_384


def _remember(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Options that no command reads itself: what they say is asked for when a line is dialed."""
    if value is not None and param.name is not None:
        given = _key_of_stdin() if (param.name, value) == ("api_key_file", "-") else value
        ctx.meta.setdefault(_FLAGS, {})[param.name] = given


_OPTIONS = (
    click.option(
        "--base-url",
        expose_value=False,
        callback=_remember,
        metavar="URL",
        help="The server.  [env var: OPENAI_BASE_URL]",
    ),
    click.option(
        "--api-key-file",
        type=click.Path(dir_okay=False, allow_dash=True),
        expose_value=False,
        callback=_remember,
        help="A file that holds the key, and that only you may read; - reads stdin.  [env var: OPENAI_API_KEY_FILE]",
    ),
)


def dial_options(command: _Command) -> _Command:
    """The command with `--base-url` and `--api-key-file`. There is none for a key itself, which a shell would keep."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def standing_of(ctx: click.Context, settings: Settings) -> Standing:
    """What lines of this command are told; nothing is looked at before one is dialed."""
    from trunkline.client.standing import Standing

    dialing = _Dialing(settings, ctx.meta.setdefault(_FLAGS, {}))
    organization, project = settings.kept("organization"), settings.kept("project")
    return Standing(
        base_url=dialing.base_url,
        credential=dialing.credential,
        organization=None if organization is None else organization.value,
        project=None if project is None else project.value,
    )


class _Dialing:
    """The answers to a `Standing`'s questions."""

    def __init__(self, settings: Settings, flags: dict[str, Any]) -> None:
        self._settings = settings
        self._flags = flags
        self._sources: dict[str, Callable[[], Any]] = {}
        self._answers: dict[int, Any] = {}

    def base_url(self) -> str | None:
        """The address. Raises ConfigError for a project's that the user has not said to trust."""
        address = self._address()
        if address.origin.kind == "default":
            return None
        doubt = self._settings.untrusted_address(address)
        if doubt:
            raise ConfigError(f"{address.origin.where}: base_url", doubt)
        return str(address.value)

    def credential(self, variable: str, is_ours: bool) -> Credential | None:
        """The key, unless the environment holds it. Raises ConfigError if it cannot be had."""
        source = self._source(variable, is_ours)
        return _AskedOnce(source, self._answers) if callable(source) else source

    def _source(self, variable: str, is_ours: bool) -> Credential | None:
        from trunkline.client.keystore import key_file

        flagged = self._flags.get("api_key_file")
        if flagged is not None:
            return key_file(flagged) if isinstance(flagged, str) else flagged
        address = self._address() if is_ours else None
        key = self._settings.key(address)
        if key is not None and address is not None and self._settings.is_beside(key, address):
            return self._kept(key)
        if _is_in_environment(variable):
            return None
        return None if key is None else self._kept(key)

    def _kept(self, key: Value) -> Callable[[], Any]:
        """One source for one place in a file, however many lines ask."""
        place = str(key.origin)
        if place not in self._sources:
            self._sources[place] = _credential(key)
        return self._sources[place]

    def _address(self) -> Value:
        flagged = self._flags.get("base_url")
        found = self._settings.value("base_url")
        if flagged is None:
            return found
        return Value(found.setting, flagged, Origin(kind="flag", where="--base-url"))


def _is_in_environment(variable: str) -> bool:
    """Whether it says a key. Raises ConfigError for a file that holds none: a line would dial for it in vain."""
    from trunkline.client.keystore import key_file

    if any(os.environ.get(name, "").strip() for name in (variable, f"{variable}_KEYRING")):
        return True
    path = os.environ.get(f"{variable}_FILE", "").strip()
    try:
        return bool(path and key_file(path)())
    except ConfigError as error:
        raise ConfigError(f"{variable}_FILE", error.reason) from None


def _credential(key: Value) -> Callable[[], Any]:
    from trunkline.client.keystore import key_command, key_file

    if key.setting.name == "api_key_file":
        return key_file(key.value)
    assert key.origin.file is not None
    # Not where the command was started: a tool that reads the folder it runs in would obey a stranger's.
    return key_command(key.value, folder=key.origin.file.place.path.absolute().parent)


class _AskedOnce:
    """A source that was asked already: a line would dial again and again for a key that nobody has.

    It is asked at once, too, since whoever types a password for it has the terminal still. The answer serves all who
    ask for the first time; a line asks again when its key is refused, and then the source does.
    """

    def __init__(self, source: Callable[[], Any], answers: dict[int, Any]) -> None:
        self._source = source
        if id(source) not in answers:
            answers[id(source)] = _answer(source())
        self._first = [answers[id(source)]]

    def __call__(self) -> Any:
        return self._first.pop() if self._first else self._source()


def _answer(given: Any) -> Any:
    if not inspect.iscoroutine(given):
        return given
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(given)
    # A loop cannot be waited for in itself.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, given).result()


def _key_of_stdin() -> Credential:
    from getpass import getpass

    from trunkline.client.credentials import Secret

    if sys.stdin.isatty():
        return Secret(getpass("key: "))
    return Secret(sys.stdin.read(_MOST_CHARS))
