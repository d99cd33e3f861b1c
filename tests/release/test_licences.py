"""Licences are read from what packages say in any of three places, and judged as SPDX reads."""

from __future__ import annotations

from email.message import Message
from importlib.metadata import PackageNotFoundError

import pytest

from release.loading import load

licences = load("licences")


def metadata(**fields: str) -> Message:
    message = Message()
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    return message


@pytest.mark.parametrize(
    ("fields", "expression"),
    [
        ({"License_Expression": "MIT OR Apache-2.0"}, "MIT OR Apache-2.0"),
        ({"License_Expression": "MIT", "License": "GPL"}, "MIT"),
        ({"License": "Apache 2.0"}, "Apache-2.0"),
        ({"License": "MIT"}, "MIT"),
        (
            {"License": "Copyright (c) …", "Classifier": "License :: OSI Approved :: BSD License"},
            "BSD-3-Clause",
        ),
        ({"License": "all mine"}, ""),
        ({}, ""),
    ],
)
def test_a_licence_is_what_the_package_says(fields: dict[str, str], expression: str):
    assert licences.licence_of(metadata(**fields)) == expression


@pytest.mark.parametrize(
    ("expression", "good"),
    [
        ("MIT", True),
        ("MIT AND Zlib", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("MPL-2.0 AND (Apache-2.0 OR GPL-2.0-only)", True),
        ("MIT AND (GPL-2.0-only AND MIT)", False),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("", False),
    ],
)
def test_or_is_a_choice_and_and_is_none(expression: str, good: bool):
    assert licences.is_allowed(expression, licences.ALLOWED) is good


def test_what_is_brought_along_is_followed_through_extras():
    core = set(licences.brought_along("trunkline"))
    everything = set(licences.brought_along("trunkline[all,aec]"))
    assert core == {"trunkline", "click", "h11", "numpy", "orjson", "websockets"}
    # By an extra of an extra, and by a package of one.
    assert {"textual", "aiohttp", "rich", "cffi", "livekit"} <= everything
    assert not {"pytest", "hypothesis"} & everything


def test_a_package_that_is_not_here_is_no_silence():
    with pytest.raises(PackageNotFoundError):
        licences.brought_along("trunkline-nonsense")


def test_what_we_bring_along_may_be_brought(capsys: pytest.CaptureFixture[str]):
    assert licences.main() == 0
    assert "0 not on the list" in capsys.readouterr().out


def test_a_licence_that_is_on_no_list_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(licences, "EXCEPTIONS", {})
    assert licences.main() == 1
    assert "soxr is under LGPL-2.1-or-later, which no list has" in capsys.readouterr().out
