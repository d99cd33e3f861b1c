"""Whose word a file is."""

from __future__ import annotations

import os

import pytest

from trunkline.cli.settings.places import Place, Rank
from trunkline.cli.settings.trust import doubt_about, is_trusted


def _doubt(path, rank: Rank = Rank.USER) -> str:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return doubt_about(Place(rank, path), descriptor)
    finally:
        os.close(descriptor)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("")
    path.chmod(0o644)
    return path


def test_a_file_that_only_its_owner_may_write_is_one_s_own(file):
    assert _doubt(file) == ""
    assert _doubt(file, Rank.NAMED) == ""


def test_a_project_s_never_is(file):
    assert _doubt(file, Rank.PROJECT) == "a project's file may be anybody's"


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666, 0o620])
def test_one_that_others_may_write_is_not_and_the_cure_is_told(file, mode):
    file.chmod(mode)
    assert _doubt(file) == f"others may write {file} (chmod go-w)"


def test_one_in_a_folder_where_all_may_exchange_it_is_not(file):
    file.parent.chmod(0o777)
    assert _doubt(file) == f"others may write {file.parent.resolve()} (chmod o-w)"
    # As in /tmp: only its owner can take it away.
    file.parent.chmod(0o1777)
    assert _doubt(file) == ""


def test_a_link_does_not_hide_the_folder_of_what_it_leads_to(file, tmp_path):
    loose = tmp_path / "loose"
    loose.mkdir()
    real = loose / "real.toml"
    real.write_text("")
    real.chmod(0o600)
    loose.chmod(0o777)
    link = tmp_path / "link.toml"
    link.symlink_to(real)
    assert "others may write" in _doubt(link)


def test_one_of_another_user_is_not(file, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    if file.stat().st_uid == 0:
        # Root's files are as good as one's own.
        assert _doubt(file) == ""
        os.chown(file, 12_345, -1)
    assert _doubt(file) == f"{file} belongs to another user"


def test_a_pipe_of_the_user_s_shell_is_one_s_own():
    reader, writer = os.pipe()
    try:
        assert doubt_about(Place(Rank.NAMED, os.devnull), reader) == ""
    finally:
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://a.example/v1", True),
        ("https://A.example/v1/", True),
        ("HTTPS://a.example/v1", True),
        ("https://a.example/v2", False),
        ("http://a.example/v1", False),
        ("https://a.example:444/v1", False),
        ("https://a.example.evil/v1", False),
        ("https://evil@a.example/v1", False),
        ("https://a.example/v1?to=evil", False),
        ("https://a.example/V1", False),
    ],
)
def test_an_address_is_trusted_if_it_is_that_very_one(url, trusted):
    assert is_trusted(url, ["https://b.example", "https://a.example/v1"]) is trusted
