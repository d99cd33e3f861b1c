"""Where files of settings are looked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from trunkline.cli.settings.places import CONFIG, Rank, places, user_folder


def _paths(named: str | None = None) -> list[tuple[Rank, Path]]:
    return [(place.rank, place.path) for place in places(named)]


def test_the_project_s_file_is_heard_before_the_user_s(keeper):
    assert _paths() == [
        (Rank.PROJECT, Path("trunkline.toml")),
        (Rank.USER, keeper.user_folder / "config.toml"),
    ]


def test_a_named_file_stands_in_place_of_the_project_s(keeper, monkeypatch):
    monkeypatch.setenv(CONFIG, "mine.toml")
    assert _paths()[0] == (Rank.NAMED, Path("mine.toml"))
    assert _paths("other.toml")[0] == (Rank.NAMED, Path("other.toml"))
    monkeypatch.setenv(CONFIG, " ")
    assert _paths()[0][0] is Rank.PROJECT


def test_a_name_may_begin_at_home(keeper, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert _paths("~/a.toml")[0][1] == tmp_path / "a.toml"
    assert _paths("~nobody-is-called-so/a.toml")[0][1] == Path("~nobody-is-called-so/a.toml")


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {"XDG_CONFIG_HOME": "/x"}, "/x"),
        ("linux", {"XDG_CONFIG_HOME": "relative"}, "/h/.config"),
        ("linux", {}, "/h/.config"),
        ("darwin", {}, "/h/Library/Application Support"),
        ("darwin", {"XDG_CONFIG_HOME": "/x"}, "/x"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l"),
        ("win32", {}, None),
    ],
)
def test_each_system_has_its_own_place(monkeypatch, platform, variables, folder):
    for name in ("XDG_CONFIG_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"HOME": "/h"} | variables).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert user_folder() == (None if folder is None else Path(folder))


def test_who_has_no_home_has_no_file_of_their_own(monkeypatch):
    def unknown() -> Path:
        raise RuntimeError("could not determine home directory")

    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(Path, "home", unknown)
    assert user_folder() is None
    assert len(places()) == 1
