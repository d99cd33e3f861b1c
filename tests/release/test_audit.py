"""The audit fails closed: a tool that is silent, a database that does not answer, and a finding all end it."""

from __future__ import annotations

from pathlib import Path

import pytest

from release.loading import load

audit = load("audit")

# pip-audit finds the old hole, and nothing in the lock files.
FINDS = 'case "$*" in *bad.txt) echo "h11 0.14.0 CVE-2025-43859"; exit 1;; esac; exit 0'
# What pip-audit does where its service gives nothing for any package.
PASSES_OVER = 'echo "h11: Dependency not found on PyPI and could not be audited"; exit 0'


@pytest.fixture
def tools(tmp_path: Path):
    def place(pip_audit: str = FINDS, cargo_deny: str = "exit 0") -> str:
        for name, script in (("pip-audit", pip_audit), ("cargo-deny", cargo_deny)):
            path = tmp_path / name
            path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            path.chmod(0o755)
        return str(tmp_path)

    return place


def test_nothing_found_by_tools_that_find_is_good(tools, capsys):
    assert audit.main([tools()]) == 0
    told = capsys.readouterr().out
    assert told.count(": good") == 7
    assert "requirements-release.lock" in told


@pytest.mark.parametrize(
    "broken",
    [
        {"pip_audit": PASSES_OVER},
        {"pip_audit": "exit 1"},
        {"cargo_deny": 'case "$*" in *"fetch db") exit 1;; esac'},
    ],
)
def test_a_database_that_does_not_answer_is_a_failure(tools, capsys, broken):
    assert audit.main([tools(**broken), "--can-ask"]) == 3
    assert audit.main([tools(**broken)]) == 3
    assert "does not answer here" in capsys.readouterr().out


def test_a_weakness_of_a_python_package_is_a_failure_and_is_told(tools, capsys):
    finding = 'echo "h11 0.14.0 CVE-2025-43859 has a hole"; exit 1'
    assert audit.main([tools(pip_audit=finding)]) == 1
    assert "has a hole" in capsys.readouterr().out


@pytest.mark.parametrize("check", ["advisories", "bans licenses sources"])
def test_so_is_what_cargo_deny_refuses(tools, capsys, check: str):
    refusing = f'case "$*" in *"check {check}") echo refused >&2; exit 1;; esac'
    assert audit.main([tools(cargo_deny=refusing)]) == 1
    assert "refused" in capsys.readouterr().out


def test_to_leave_the_databases_out_takes_a_reason_and_is_loud(tools, capsys):
    folder = tools(pip_audit="exit 9", cargo_deny='case "$*" in *advisories|*db) exit 9;; esac')
    assert audit.main([folder, "--offline", "no network"]) == 0
    assert "!!! NO DATABASE OF KNOWN WEAKNESSES WAS ASKED: no network" in capsys.readouterr().out


def test_offline_still_judges_licences_and_sources(tools):
    assert audit.main([tools(cargo_deny="exit 1"), "--offline", "no network"]) == 1
