"""Where sockets are: a directory of this user alone, and no other."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.places import runtime_directory
from trunkline.errors import ConfigError
from trunkline.fleet import runtime
from trunkline.fleet.runtime import Address, addresses, listen, open_directory, remove_stale


@pytest.fixture
def place():
    with runtime_directory() as path:
        yield path


@pytest.fixture
def gone() -> int:
    """The number of a process that was there and is not any more."""
    return int(
        subprocess.run(
            [sys.executable, "-c", "import os; print(os.getpid())"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout
    )


def test_the_runtime_directory_of_the_system_comes_first(place: Path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(place))
    assert runtime.places()[0] == place / "trunkline"
    made = open_directory()
    assert made == place / "trunkline"
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


@pytest.mark.parametrize("given", ["", "relative/path", "/nowhere/at/all"])
def test_without_a_usable_one_it_is_a_directory_of_ours_in_the_temporary_one(
    given: str, place: Path, monkeypatch
):
    monkeypatch.setenv("XDG_RUNTIME_DIR", given)
    monkeypatch.setattr("tempfile.tempdir", str(place))
    assert runtime.places() == (place / f"trunkline-{os.geteuid()}",)
    assert open_directory() == place / f"trunkline-{os.geteuid()}"


def test_a_directory_that_others_may_enter_is_refused(place: Path):
    place.chmod(0o750)
    with pytest.raises(ConfigError, match="others may enter it"):
        open_directory(place)
    assert addresses(place) == ()


def test_a_link_is_refused_even_to_a_safe_directory(place: Path):
    (place / "real").mkdir(mode=0o700)
    (place / "link").symlink_to(place / "real")
    with pytest.raises(ConfigError, match="it is no directory"):
        open_directory(place / "link")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_somebody_else_is_refused(place: Path):
    os.chown(place, 12345, -1)
    with pytest.raises(ConfigError, match="belongs to user 12345"):
        open_directory(place)
    os.chown(place, 0, -1)


def test_a_directory_that_cannot_be_made_is_told(place: Path):
    with pytest.raises(ConfigError, match="cannot be made"):
        open_directory(place / "a" / "b")


def test_a_socket_is_ours_alone_and_its_name_tells_whose_it_is(place: Path):
    listener, path = listen(place, "voice bot/7")
    with listener:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert addresses(place) == (Address(path, os.getpid(), "voice-bot-7"),)
        second, other = listen(place, "voice bot/7")
        with second:
            assert other.name == f"{os.getpid()}-voice-bot-7.2.sock"
            assert [one.pid for one in addresses(place)] == [os.getpid()] * 2


def test_what_is_no_socket_of_ours_is_passed_over(place: Path):
    (place / "notes.txt").touch()
    (place / "x-y.sock").touch()
    assert addresses(place) == ()


def test_a_name_is_cut_to_what_a_socket_may_be_called(place: Path):
    listener, path = listen(place, "n" * 200)
    listener.close()
    assert len(os.fsencode(path)) <= 107
    deep = place / ("d" * 95)
    deep.mkdir(mode=0o700)
    with pytest.raises(ConfigError, match="too long a path"):
        listen(deep, "n")


def test_a_directory_full_of_sockets_and_one_that_takes_none_are_told(place: Path, monkeypatch):
    monkeypatch.setattr(runtime, "_MOST_SOCKETS_OF_A_PROCESS", 1)
    listener, _ = listen(place, "a")
    with listener, pytest.raises(ConfigError, match="full of sockets"):
        listen(place, "a")
    with pytest.raises(ConfigError, match="no socket at"):
        listen(place / "missing", "a")


def test_a_socket_of_a_process_that_is_gone_is_removed_and_of_one_that_runs_is_not(
    place: Path, gone: int
):
    path = place / f"{gone}-old.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    (stale,) = addresses(place)
    assert remove_stale(stale)
    assert not path.exists()
    assert not remove_stale(stale)
    for pid in (os.getpid(), 1):
        assert not remove_stale(Address(path, pid, "here"))
