"""Files: read, refused with the line, and none where there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.conftest import write
from trunkline.cli.settings.file import read_file
from trunkline.cli.settings.places import Place, Rank
from trunkline.errors import ConfigError


def _read(path: Path, rank: Rank = Rank.USER):
    return read_file(Place(rank, path))


def test_a_file_that_is_not_there_says_nothing_unless_it_was_named(tmp_path):
    assert _read(tmp_path / "a.toml") is None
    assert _read(tmp_path / "a.toml", Rank.PROJECT) is None
    with pytest.raises(ConfigError, match=r"a.toml: there is no such file of settings"):
        _read(tmp_path / "a.toml", Rank.NAMED)


def test_a_file_is_read_with_its_place(tmp_path):
    path = write(tmp_path / "a.toml", "# first\r\nmodel = 'a'\r\n")
    found = _read(path)
    assert found.checked.values == {("", "model"): "a"}
    assert found.doubt == ""
    assert found.where(("model",)) == f"{path}:2"
    # What is not there is told by what stands above it, at last by the file.
    assert found.where(("model", "x")) == f"{path}:2"
    assert found.where(("theme",)) == f"{path}"
    found.refuse()


def test_the_first_mistake_is_told_with_its_line_and_how_many_there_are(tmp_path):
    path = write(tmp_path / "a.toml", "\n\nmodle = 'a'\n")
    with pytest.raises(ConfigError) as caught:
        _read(path).refuse()
    assert str(caught.value) == (f"{path}:3: modle: there is no such setting; did you mean model?")
    write(path, "\n\nmodle = 'a'\nmodel = 1\n")
    with pytest.raises(ConfigError, match=r"\(and 1 more, which `trunkline config check` lists\)"):
        _read(path).refuse()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"a = \n", ":1: it is no TOML: Invalid value"),
        (b"\n\n[x\n", ":3: it is no TOML: "),
        (b"a = '\x1b[2J'\n", ":1: it is no TOML: "),
        (b"\xff\xfe", ": is no text in UTF-8"),
        (b"#" * 70_000, ": is longer than 65536 bytes"),
        (b"a = " + b"[" * 5000, ": it is "),
    ],
)
def test_what_is_no_file_of_settings_is_told_with_the_line(tmp_path, raw, words):
    path = tmp_path / "a.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        _read(path)
    assert str(caught.value).startswith(f"{path}{words}")
    assert "\x1b" not in str(caught.value)


def test_what_cannot_be_read_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        _read(tmp_path)


def test_a_pipe_that_nobody_writes_to_holds_nothing_up(tmp_path):
    os.mkfifo(tmp_path / "trunkline.toml")
    found = _read(tmp_path / "trunkline.toml", Rank.PROJECT)
    assert found.checked.values == {}


def test_a_file_that_others_may_write_may_not_run_a_command(tmp_path):
    path = write(tmp_path / "a.toml", "api_key_cmd = 'pass'\nmodel = 'a'\n", mode=0o666)
    with pytest.raises(ConfigError) as caught:
        _read(path).refuse()
    assert str(caught.value) == (
        f"{path}:1: api_key_cmd: only your own file may say this, and others may write {path} (chmod go-w)"
    )
    # All else it may say: only what harms is refused.
    write(path, "model = 'a'\n", mode=0o666)
    _read(path).refuse()
