from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import trunkline

ROOT = Path(__file__).parents[2]
PACKAGES = Path(trunkline.__file__).parents[1]

TESTS = """
import json, sys
import pytest
from websockets.sync.client import connect

def talk(server):
    headers = {"Authorization": f"Bearer {server.key}"}
    with connect(f"{server.websocket_url}/realtime?model=gpt-realtime", additional_headers=headers) as ws:
        event = json.loads(ws.recv())
        while event["type"] != "session.created":
            event = json.loads(ws.recv())
        return event["session"]

def test_light():
    assert not {"aiohttp", "numpy", "trunkline.simulator.server"} & set(sys.modules)

def test_plain(realtime_server):
    assert talk(realtime_server)["voice" if False else "object"] == "realtime.session"
    assert len(realtime_server.sessions) == 1

def test_new_for_every_test(realtime_server):
    assert realtime_server.sessions == []

@pytest.mark.realtime_server(profile="azure-ga", seed=7)
def test_settings(realtime_server):
    assert realtime_server.base_url.endswith("/openai/v1")
"""


def test_the_fixture_works_in_a_project_of_somebody_else(tmp_path):
    (tmp_path / "test_theirs.py").write_text(TESTS)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-W", "error",
         "-p", "no:cacheprovider", "--rootdir", str(tmp_path),
         str(tmp_path)],
        cwd=tmp_path, env=environment | {"PYTHONPATH": str(PACKAGES)}, capture_output=True, text=True,
        timeout=50, check=False,
    )  # fmt: skip
    assert "4 passed" in run.stdout, run.stdout + run.stderr


def test_pytest_finds_it_by_its_entry_point():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"trunkline": "trunkline.simulator.fixture"}
