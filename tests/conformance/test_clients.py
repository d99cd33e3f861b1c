"""What `make clients` runs is pinned, and the page about it tells those versions.

The clients themselves need the network and minutes, so they are no part of this suite; the official
Python SDK is, in `test_openai_sdk.py`.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

from conformance.environments import requirements_of

HERE = Path(__file__).parent / "clients"
PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"


def _runner():
    spec = importlib.util.spec_from_file_location("clients_run", HERE / "run.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look their annotations up
    spec.loader.exec_module(module)
    return module


RUNNER = _runner()
PINNED = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]


def pinned_version(client) -> str:
    if client.is_npm:
        return PINNED[client.package]
    lines = requirements_of(client.environment).read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines)[client.package]


@pytest.mark.parametrize("client", RUNNER.CLIENTS, ids=lambda client: client.name)
def test_each_client_has_a_driver_and_the_version_that_the_page_tells(client):
    assert (HERE / client.driver).is_file()
    version = re.escape(pinned_version(client))
    name = re.escape(client.name)
    assert re.search(rf"^\| {name} \| {version} \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def document(**flows) -> dict:
    return {"version": "1.0", "refused": ["response.cancel: no"], "flows": flows}


def test_a_failed_flow_is_told_with_its_reason_and_what_the_server_refused():
    row = RUNNER.row(RUNNER.CLIENTS[0], document(connect={}, text={"failed": "late"}))
    assert row == "| openai (Python) | 1.0 | 1 of 2; text: late | response.cancel: no |"


def test_a_client_that_could_not_be_run_is_told_and_not_left_out():
    row = RUNNER.row(RUNNER.CLIENTS[0], {"reason": "no network"})
    assert row == "| openai (Python) | – | not run: no network | |"
    assert not RUNNER.has_passed({"reason": "no network"})


def test_only_a_client_whose_flows_all_passed_has_passed():
    assert RUNNER.has_passed(document(connect={"voice": "marin"}))
    assert not RUNNER.has_passed(document(connect={}, text={"failed": "late"}))
    assert not RUNNER.has_passed(document())
