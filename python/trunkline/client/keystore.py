"""Keys that lie somewhere on this machine: in a file, or in the desktop's keyring; read again at every dial."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.client.credentials import Secret
from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["key_file", "keyring_key"]

_MAX_BYTES = 16_384
"""No key is as long; a wrong path may lead to a film."""


def key_file(path: str | os.PathLike[str]) -> Callable[[], Secret]:
    """A credential that reads the key from a file which only its owner may read.

    Asked, it raises ConfigError for a file that is not there, that others may read, or that holds no key.
    """

    def read() -> Secret:
        return _read(Path(path))

    return read


def _read(path: Path) -> Secret:
    try:
        # A pipe that nobody writes to must not hold up the event loop before it is refused.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor, which no Path opens
            # Of the file that is open, not of the path: that may have changed meanwhile.
            _check_owner(path, os.fstat(file.fileno()))
            raw = file.read(_MAX_BYTES)
    except OSError as error:
        raise ConfigError("key_file", f"{path}: {error.strerror or 'cannot be read'}") from error
    lines = raw.decode("ascii", "replace").split()
    if len(lines) != 1:
        held = "is empty" if not lines else "holds more than one word"
        raise ConfigError("key_file", f"{path} {held}; it must hold the key and nothing else")
    return Secret(lines[0])


def _check_owner(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError("key_file", f"{path} is no file")
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(found.st_mode)
        raise ConfigError("key_file", f"others may read {path} (mode {mode:o}): chmod 600 {path}")


def keyring_key(
    service: str = "trunkline", username: str = "api_key"
) -> Callable[[], Awaitable[Secret]]:
    """A credential that asks the desktop's keyring; needs the extra `trunkline[keyring]`.

    Asked, it raises ConfigError if the package or the entry is missing. `keyring set trunkline api_key` puts one there.
    """

    async def ask() -> Secret:
        value = await _in_daemon(lambda: _look_up(service, username))
        if not value:
            raise ConfigError("keyring", f"it has no key: keyring set {service} {username}")
        return Secret(value)

    return ask


def _look_up(service: str, username: str) -> str | None:
    try:
        keyring = import_module("keyring")
    except ImportError as error:
        reason = "the package is not installed: pip install 'trunkline[keyring]'"
        raise ConfigError("keyring", reason) from error
    try:
        value: str | None = keyring.get_password(service, username)
    except keyring.errors.KeyringError as error:
        # Its words may hold what a backend was asked with; its kind says enough.
        raise ConfigError("keyring", f"it does not answer ({type(error).__name__})") from error
    return value


async def _in_daemon(work: Callable[[], str | None]) -> str | None:
    """Runs what may wait for a person in a thread that the interpreter's end does not wait for."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str | None] = loop.create_future()

    def tell(value: str | None, error: Exception | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(value)
        else:
            answer.set_exception(error)

    def run() -> None:
        value: str | None = None
        failure: Exception | None = None
        try:
            value = work()
        except Exception as error:  # noqa: BLE001 - a thread's root: it is handed to who waits
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, value, failure)

    threading.Thread(target=run, daemon=True, name="trunkline-keyring").start()
    return await answer
