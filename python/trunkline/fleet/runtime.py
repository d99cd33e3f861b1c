"""Where processes meet: a directory of this user, and in it one socket for each process that publishes.

`$XDG_RUNTIME_DIR/trunkline` if the system gives such a directory, else `trunkline-UID` in the temporary one. It is made
with mode 0700; one that belongs to somebody else, that others may enter, or that is a link is refused: whoever owns it
could listen to every call, or speak for its lines.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import socket
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from trunkline.errors import ConfigError

__all__ = ["Address", "addresses", "listen", "open_directory", "places", "remove_stale"]

_SETTING = "telemetry"
# sun_path of sockaddr_un(7), without its final zero.
_LONGEST_PATH_BYTES = 107
_LONGEST_NAME = 32
_MOST_SOCKETS_OF_A_PROCESS = 100
_SUFFIX = ".sock"
_NAME = re.compile(r"(\d{1,10})-([\w.-]+)\.sock")
# Between bind and listen a socket refuses, too; no process takes this long.
_BACKLOG = 16


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A socket that a process made."""

    path: Path
    pid: int
    name: str
    """Of the process, as it calls itself."""


def places() -> tuple[Path, ...]:
    """The directories in which processes may meet, best first; they need not exist."""
    temporary = Path(tempfile.gettempdir()) / f"trunkline-{os.geteuid()}"
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and Path(given).is_absolute() and _complaint(Path(given)) is None:
        return Path(given) / "trunkline", temporary
    return (temporary,)


def open_directory(directory: Path | None = None) -> Path:
    """The directory to publish in, made if it is not there. Raises ConfigError if it is not safe."""
    directory = directory or places()[0]
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigError(_SETTING, f"{directory} cannot be made: {error.strerror}") from None
    complaint = _complaint(directory)
    if complaint is not None:
        raise ConfigError(_SETTING, f"{directory} is not safe to publish in: {complaint}")
    return directory


def addresses(directory: Path | None = None) -> tuple[Address, ...]:
    """All sockets in a directory, or in every safe one of `places`; a process need not listen any more."""
    found: list[Address] = []
    for place in (directory,) if directory is not None else places():
        # It may be taken away at any moment.
        with contextlib.suppress(OSError):
            if _complaint(place) is None:
                found += filter(None, map(_address, place.iterdir()))
    return tuple(sorted(found))


def listen(directory: Path, name: str) -> tuple[socket.socket, Path]:
    """A listening socket of this process, mode 0600, and its path. Raises ConfigError if none can be made."""
    for attempt in range(_MOST_SOCKETS_OF_A_PROCESS):
        path = directory / _file_name(directory, name, attempt)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            listener.bind(os.fspath(path))
            path.chmod(0o600)
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE:
                continue
            raise ConfigError(_SETTING, f"no socket at {path}: {error.strerror or error}") from None
        listener.setblocking(False)
        return listener, path
    raise ConfigError(_SETTING, f"{directory} is full of sockets of this process")


def remove_stale(address: Address) -> bool:
    """Removes a socket that refuses connections if its process is gone; gives whether it did."""
    if _is_running(address.pid):
        return False
    with contextlib.suppress(OSError):
        address.path.unlink()
        return True
    return False


def _file_name(directory: Path, name: str, attempt: int) -> str:
    front = f"{os.getpid()}-"
    back = f".{attempt + 1}{_SUFFIX}" if attempt else _SUFFIX
    left = _LONGEST_PATH_BYTES - len(os.fsencode(directory)) - 1 - len(front) - len(back)
    if left < 1:
        raise ConfigError(
            _SETTING, f"{directory} is too long a path for a socket; set XDG_RUNTIME_DIR"
        )
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "process"
    return front + plain[: min(_LONGEST_NAME, left)] + back


def _address(path: Path) -> Address | None:
    match = _NAME.fullmatch(path.name)
    return None if match is None else Address(path, int(match[1]), match[2])


def _complaint(directory: Path) -> str | None:
    """What is wrong with a directory; None if it is ours alone."""
    try:
        facts = directory.lstat()
    except OSError as error:
        return error.strerror
    if not stat.S_ISDIR(facts.st_mode):
        return "it is no directory"
    if facts.st_uid != os.geteuid():
        return f"it belongs to user {facts.st_uid}"
    if facts.st_mode & 0o077:
        return f"others may enter it (mode {stat.S_IMODE(facts.st_mode):04o})"
    return None


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
