"""Interpreter, event loop and limits of this machine."""

from __future__ import annotations

import asyncio
import platform
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from diagnosis.places import subject
from trunkline.diagnosis import machine
from trunkline.diagnosis.finding import Outcome

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def found(check):
    return asyncio.run(check(subject(1)))


def test_the_interpreter_that_runs_is_told(monkeypatch: pytest.MonkeyPatch):
    finding = found(machine.check_interpreter)
    assert finding.outcome is Outcome.OK
    assert platform.python_version() in finding.fact
    assert finding.details["executable"] == sys.executable


def test_the_oldest_python_is_that_of_the_package():
    said = tomllib.loads(PYPROJECT.read_text())["project"]["requires-python"]
    assert said == ">={}.{}".format(*machine.OLDEST_PYTHON)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda patch: patch.setattr(platform, "python_implementation", lambda: "PyPy"), "CPython"),
        (lambda patch: patch.setattr(machine, "OLDEST_PYTHON", (9, 0)), "oldest"),
        (
            lambda patch: (
                patch.setattr(machine, "is_free_threaded", lambda: True),
                patch.setattr(machine, "is_without_gil", lambda: False),
            ),
            "without the GIL",
        ),
    ],
)
def test_what_is_not_tested_is_a_warning(monkeypatch: pytest.MonkeyPatch, change, words: str):
    change(monkeypatch)
    finding = found(machine.check_interpreter)
    assert finding.outcome is Outcome.WARNING
    assert words in finding.advice


def test_a_free_threaded_interpreter_is_told_as_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine, "is_free_threaded", lambda: True)
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    finding = found(machine.check_interpreter)
    assert finding.outcome is Outcome.OK
    assert "free-threaded" in finding.fact


@pytest.mark.parametrize(
    ("named", "built_for", "words"),
    [
        (("glibc", "2.36"), "", "glibc 2.36"),
        (("", ""), "x86_64-pc-linux-musl", "musl"),
        (("", ""), "", "unknown libc"),
    ],
)
def test_the_c_library_is_told(monkeypatch: pytest.MonkeyPatch, named, built_for, words):
    monkeypatch.setattr(platform, "libc_ver", lambda: named)
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: built_for)
    monkeypatch.setattr(sys, "platform", "linux")
    assert machine.libc_name() == words


def test_the_event_loop_is_measured_and_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine, "_APPOINTMENTS", 3)
    finding = found(machine.check_event_loop)
    assert finding.fact.startswith("asyncio (")
    assert finding.details["late_max_ms"] >= finding.details["late_p95_ms"] >= 0


@pytest.mark.parametrize(
    ("resolution", "late", "outcome"),
    [
        (1e-9, [0.0005] * 30, Outcome.OK),
        (1e-9, [0.0] * 29 + [0.5], Outcome.OK),
        (1e-9, [0.0] * 25 + [0.05] * 5, Outcome.WARNING),
        (0.0156, [0.0] * 30, Outcome.WARNING),
    ],
    ids=["good", "one late", "often late", "coarse"],
)
def test_a_loop_that_is_often_late_is_a_warning_and_one_hiccup_is_none(resolution, late, outcome):
    finding = machine.judge_event_loop("asyncio", resolution, late)
    assert finding.outcome is outcome
    assert bool(finding.advice) is (outcome is Outcome.WARNING)


def test_the_limit_of_open_files_is_that_of_this_process():
    soft, hard = machine.open_file_limits()
    finding = found(machine.check_open_files)
    assert finding.details == {"soft": soft, "hard": hard}


@pytest.mark.parametrize(
    ("limits", "outcome", "words"),
    [
        ((256, 4096), Outcome.WARNING, "64 lines; for more: ulimit -n"),
        ((1024, 4096), Outcome.OK, ""),
        ((-1, -1), Outcome.OK, ""),
    ],
)
def test_few_files_are_few_lines(limits, outcome, words):
    finding = machine.judge_open_files(*limits)
    assert finding.outcome is outcome
    assert words in finding.advice
    assert ("no limit" in finding.fact) is (limits[0] < 0)


def test_where_there_is_no_such_limit_there_is_nothing_to_check(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    assert found(machine.check_open_files).outcome is Outcome.NOT_APPLICABLE
