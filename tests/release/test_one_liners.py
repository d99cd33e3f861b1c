"""What README says to type, typed: each way of installing the command, with the wheel in the index's place."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

import trunkline
from release.shipped import ROOT, need_dist, need_tools, one, tool

need_dist()
need_tools()

README = (ROOT / "README.md").read_text(encoding="utf-8")
VERSION = f"trunkline {trunkline.__version__}\n"


def wheel(extras: str = "") -> str:
    return f"trunkline{extras} @ {one('*.whl').as_uri()}"


@pytest.fixture
def run(tmp_path: Path):
    """A command of somebody who has none of ours installed."""
    homes = {
        "HOME": str(tmp_path),
        "PIPX_HOME": str(tmp_path / "pipx"),
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    # Downloads and what was compiled may stay from one run to the next.
    kept = {"UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache/uv"))}
    kept["PIP_CACHE_DIR"] = str(Path.home() / ".cache/pip")

    def start(*command: str) -> str:
        done = subprocess.run(
            command, env=os.environ | homes | kept, cwd=tmp_path, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return start


@pytest.mark.timeout(180)
def test_uvx_runs_it(run):
    assert run(tool("uvx"), "--from", wheel(), "trunkline", "--version") == VERSION


@pytest.mark.timeout(180)
def test_uvx_runs_the_demo(run):
    told = run(
        tool("uvx"), "--from", wheel("[all]"), "trunkline", "demo", "--json", "--seconds", "6"
    )
    assert json.loads(told)["turns_answered"] > 0


@pytest.mark.timeout(180)
def test_uv_installs_it_as_a_tool(run, tmp_path: Path):
    run(tool("uv"), "tool", "install", "--quiet", wheel("[all]"))
    assert run(str(tmp_path / "bin/trunkline"), "--version") == VERSION


@pytest.mark.timeout(180)
def test_pipx_runs_it(run):
    assert run(tool("pipx"), "run", "--spec", wheel(), "trunkline", "--version") == VERSION


@pytest.mark.timeout(180)
def test_pipx_installs_it(run, tmp_path: Path):
    run(tool("pipx"), "install", "--quiet", wheel("[tui,simulator]"))
    assert run(str(tmp_path / ".local/bin/trunkline"), "--version") == VERSION


def test_readme_says_what_is_tried_here():
    told = set(re.findall(r"^(uvx|uv tool|pipx|pip) (\w+|--from)", README, re.MULTILINE))
    assert told == {
        ("uvx", "--from"),
        ("uv tool", "install"),
        ("pipx", "install"),
        ("pip", "install"),
    }
