"""Keys that lie somewhere on this machine: in a file, in the desktop's keyring, or with a command that prints them.

Files and keyrings are read again at every dial. A command may ask a person, so its key is kept until it is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import shutil
import stat
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.client.credentials import Secret, Token
from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

__all__ = ["key_command", "key_file", "keyring_key"]

_MAX_BYTES = 16_384
"""No key is as long; a wrong path may lead to a film."""
_LEAVE_SECONDS = 2.0
"""What it has started may hold its output open."""
_COMMAND_SECONDS = 60.0
"""A person may have to touch something, and find it before."""


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
            words, secret = _words(file.read(_MAX_BYTES))
    except OSError as error:
        raise ConfigError("key_file", f"{path}: {error.strerror or 'cannot be read'}") from error
    if words != 1:
        held = "holds more than one word" if words else "is empty"
        raise ConfigError("key_file", f"{path} {held}; it must hold the key and nothing else")
    return secret.checked()


def _words(raw: bytes) -> tuple[int, Secret]:
    """How many words a file has, and its text as no traceback shows it."""
    text = raw.decode("ascii", "replace")
    return len(text.split()), Secret.sealed(text)


def key_command(
    words: Sequence[str], *, folder: str | os.PathLike[str]
) -> Callable[[], Awaitable[Token]]:
    """A credential that runs a command which prints the key and nothing else, without a shell, in a folder.

    Asked, it raises ConfigError if the command is not there, fails, takes longer than a minute, or prints something
    else. What it prints, on either stream, is shown to nobody; it has no input. Its key is kept until it is refused.
    """

    async def ask() -> Token:
        output = await _output(words, folder)
        lines = output.decode("ascii", "replace").split()
        if len(lines) != 1:
            held = "nothing" if not lines else "more than one word"
            reason = f"{_name(words)} printed {held}; it must print the key and nothing else"
            raise ConfigError("api_key_cmd", reason)
        return Token(Secret(lines[0]), math.inf)

    return ask


async def _output(words: Sequence[str], folder: str | os.PathLike[str]) -> bytes:
    """What the command prints, up to more than a key can be."""
    program = _program(words)
    if program is None:
        raise ConfigError("api_key_cmd", f"there is no program {_name(words)}")
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *words[1:],
            stdin=quiet,
            stdout=asyncio.subprocess.PIPE,
            stderr=quiet,
            cwd=folder,
        )
    except OSError as error:
        raise ConfigError("api_key_cmd", f"{_name(words)}: {error.strerror}") from None
    try:
        async with asyncio.timeout(_COMMAND_SECONDS):
            output, status = await _ended(process)
    except TimeoutError:
        reason = f"{_name(words)} did not end within {_COMMAND_SECONDS:.0f} s"
        raise ConfigError("api_key_cmd", reason) from None
    finally:
        if process.returncode is None:
            process.kill()
            # Read to its end: a stream that is full is paused, and the end behind it is never seen.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LEAVE_SECONDS):
                    await process.communicate()
    if status:
        reason = f"{_name(words)} ended with {status}; run it yourself to see what it says"
        raise ConfigError("api_key_cmd", reason)
    return output


async def _ended(process: asyncio.subprocess.Process) -> tuple[bytes, int]:
    """What it printed and its status; of one that prints on and on the beginning, which is no key."""
    assert process.stdout is not None
    try:
        return await process.stdout.readexactly(_MAX_BYTES), 0
    except asyncio.IncompleteReadError as ended:
        return ended.partial, await process.wait()


def _name(words: Sequence[str]) -> str:
    """The program's name: arguments may hold more than is to be shown."""
    return Path(words[0]).name


def _program(words: Sequence[str]) -> str | None:
    """Where the program is; folders of PATH that depend on where somebody stands are passed over."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    whole = os.pathsep.join(each for each in folders if Path(each).is_absolute())
    return shutil.which(words[0], path=whole)


def _check_owner(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError("key_file", f"{path} is no file")
    if found.st_uid not in (os.geteuid(), 0):
        # Who owns it may give it another key at any time, and with it our audio to another account.
        raise ConfigError("key_file", f"{path} belongs to another user (uid {found.st_uid})")
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
        secret = await _in_daemon(lambda: _look_up(service, username))
        if secret is None:
            raise ConfigError("keyring", f"it has no key: keyring set {service} {username}")
        return secret.checked()

    return ask


def _look_up(service: str, username: str) -> Secret | None:
    try:
        keyring = import_module("keyring")
    except ImportError as error:
        reason = "the package is not installed: pip install 'trunkline[keyring]'"
        raise ConfigError("keyring", reason) from error
    try:
        value: str | None = keyring.get_password(service, username)
    except keyring.errors.NoKeyringError:
        # Its own words are a list of packages to install, none of which helps without a desktop.
        reason = "this machine has none, as servers and containers without a desktop do not; put the key into a file"
        raise ConfigError("keyring", f"{reason} (key_file, OPENAI_API_KEY_FILE)") from None
    except keyring.errors.KeyringError as error:
        # Its words may hold what a backend was asked with; its kind says enough.
        reason = f"it does not answer ({type(error).__name__}); a session without a desktop cannot unlock it"
        raise ConfigError("keyring", reason) from None
    return Secret.sealed(value) if value else None


async def _in_daemon(work: Callable[[], Secret | None]) -> Secret | None:
    """Runs what may wait for a person in a thread that the interpreter's end does not wait for."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Secret | None] = loop.create_future()

    def tell(value: Secret | None, error: Exception | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(value)
        else:
            answer.set_exception(error)

    def run() -> None:
        value: Secret | None = None
        failure: Exception | None = None
        try:
            value = work()
        except Exception as error:  # noqa: BLE001 - a thread's root: it is handed to who waits
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, value, failure)

    threading.Thread(target=run, daemon=True, name="trunkline-keyring").start()
    return await answer
