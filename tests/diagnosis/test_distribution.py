"""What is installed, and whether it fits."""

from __future__ import annotations

import asyncio
import json
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from diagnosis.places import subject
from trunkline.audio import codec
from trunkline.diagnosis import distribution
from trunkline.diagnosis.distribution import (
    Requirement,
    judge_extension,
    judge_extras,
    judge_requirements,
    requirement_of,
    requirements,
)
from trunkline.diagnosis.finding import Outcome

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def found(check):
    return asyncio.run(check(subject(1)))


def need(line: str) -> Requirement:
    one = requirement_of(line)
    assert one is not None
    return one


@pytest.mark.parametrize(
    ("line", "name", "range_", "extra"),
    [
        ("websockets>=14", "websockets", ">=14", None),
        ("numpy", "numpy", "any", None),
        ("textual>=8.2,<9 ; extra == 'tui'", "textual", ">=8.2,<9", "tui"),
        ('opentelemetry-api (>=1.30); extra == "otel"', "opentelemetry-api", ">=1.30", "otel"),
        ("uvloop[dev]>=0.21", "uvloop", ">=0.21", None),
    ],
)
def test_a_line_of_the_metadata_is_read(line: str, name: str, range_: str, extra: str | None):
    one = need(line)
    assert (one.name, one.range, one.extra) == (name, range_, extra)


@pytest.mark.parametrize(
    "line",
    [
        "trunkline[tui,simulator] ; extra == 'all'",
        "backports-zstd>=1 ; python_full_version < '3.1' and extra == 'zstd'",
        "",
    ],
)
def test_what_is_ourselves_or_not_for_this_python_is_left_out(line: str):
    assert requirement_of(line) is None
    assert need("backports-zstd>=1 ; python_version < '99' and extra == 'zstd'").extra == "zstd"


@pytest.mark.parametrize(
    ("bounds", "version", "fits"),
    [
        (">=14", "17.4", True),
        (">=14", "14.0", True),
        (">=14", "13.9.1", False),
        (">=8.2,<9", "8.2.8", True),
        (">=8.2,<9", "9.0.0", False),
        (">=8.2,<9", "8.10", True),
        (">=1,!=1.5", "1.5.0", False),
        ("==2.0", "2", True),
        ("<=3", "3.0.1", False),
        (">3", "3.0.1rc2", True),
        (">=1", "unknown", False),
    ],
)
def test_versions_are_compared_as_numbers(bounds: str, version: str, fits: bool):
    assert need(f"x{bounds}").allows(version) is fits


def test_the_requirements_that_are_checked_are_those_of_the_project():
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    core = {one.name for one in requirements() if one.extra is None}
    assert core == {need(line).name for line in project["dependencies"]}
    extras = {one.extra for one in requirements() if one.extra}
    # One of them is part of Python from some version on.
    assert set(project["optional-dependencies"]) - {"all", "zstd"} == extras - {"zstd"}


def test_what_is_installed_here_fits():
    assert found(distribution.check_requirements).outcome is Outcome.OK
    finding = found(distribution.check_extras)
    assert finding.outcome is Outcome.OK, finding
    assert "simulator" in finding.details["installed"]


@pytest.mark.parametrize(("version", "said"), [("13.0", "websockets 13.0"), (None, "missing")])
def test_a_package_that_is_missing_or_too_old_is_a_failure(version: str | None, said: str):
    finding = judge_requirements([need("websockets>=14")], {"websockets": version})
    assert finding.outcome is Outcome.FAILURE
    assert said in finding.fact
    assert finding.advice == "pip install 'websockets>=14'"


def test_extras_that_are_there_and_those_that_are_not_are_told():
    wanted = [need(f"{name} ; extra == '{extra}'") for name, extra in (("a>=2", "x"), ("b", "y"))]
    wanted.append(need("c ; extra == 'y'"))
    finding = judge_extras(wanted, {"a": "2.1", "b": "1", "c": None}, "0.22")
    assert finding.outcome is Outcome.OK
    assert finding.fact == "x (a 2.1), uvloop 0.22; not installed: y"
    assert judge_extras(wanted, dict.fromkeys("abc"), None).fact == "none; not installed: x, y"


def test_an_extra_out_of_its_range_is_a_warning():
    finding = judge_extras([need("textual>=8.2,<9 ; extra == 'tui'")], {"textual": "9.1"}, None)
    assert finding.outcome is Outcome.WARNING
    assert "pip install 'textual>=8.2,<9'" in finding.advice


def test_where_the_package_is_from_is_told(monkeypatch: pytest.MonkeyPatch):
    finding = found(distribution.check_package)
    assert finding.outcome is Outcome.OK
    assert str(Path(distribution.__file__).parents[1]) in finding.fact

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    assert found(distribution.check_package).outcome is Outcome.WARNING


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (None, "from an index"),
        ({"url": "file:///a.whl", "archive_info": {}}, "from a local file"),
        ({"url": "file:///a", "dir_info": {"editable": True}}, "editable"),
        ({"url": "https://a", "vcs_info": {"vcs": "git"}}, "from version control"),
        ("{", "from an index"),
    ],
)
def test_how_it_was_installed_is_read_from_its_record(said, kind: str):
    text = json.dumps(said) if isinstance(said, dict) else said
    record = SimpleNamespace(read_text=lambda name: text)
    assert distribution._installed_as(record) == kind


def test_a_package_that_is_not_installed_needs_nothing(monkeypatch: pytest.MonkeyPatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)
    assert requirements() == ()
    assert found(distribution.check_requirements).outcome is Outcome.WARNING


def test_the_extension_works_and_its_kernels_are_told():
    finding = found(distribution.check_extension)
    assert finding.outcome in (Outcome.OK, Outcome.WARNING)
    assert finding.details["backends"] == codec.backends()


@pytest.mark.parametrize(
    ("active", "profile", "outcome", "words"),
    [
        ("avx2", "release", Outcome.OK, ""),
        ("scalar", "release", Outcome.WARNING, "without it avx2 is used"),
        ("avx2", "debug", Outcome.WARNING, "--release"),
    ],
)
def test_kernels_that_are_not_the_fastest_are_a_warning(active, profile, outcome, words):
    finding = judge_extension(active, ["scalar", "avx2"], profile)
    assert finding.outcome is outcome
    assert words in finding.advice


def test_an_extension_that_does_not_load_or_does_not_compute_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(codec, "decode", lambda text: b"something else")
    assert found(distribution.check_extension).outcome is Outcome.FAILURE
    monkeypatch.setitem(sys.modules, "trunkline.audio.codec", None)
    monkeypatch.delattr("trunkline.audio.codec")
    finding = found(distribution.check_extension)
    assert finding.outcome is Outcome.FAILURE
    assert "does not load" in finding.fact
