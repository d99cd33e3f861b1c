"""`trunkline version`."""

from __future__ import annotations

import json
import platform

import websockets.version
from click.testing import CliRunner

from trunkline import __version__
from trunkline.audio import codec
from trunkline.cli import version as module
from trunkline.cli.version import version


def test_the_document_has_what_a_report_of_a_mistake_needs():
    document = json.loads(CliRunner().invoke(version, ["--json"]).output)
    assert document["schema"] == "trunkline.version/1"
    assert document["version"] == __version__
    assert document["python"] == platform.python_version()
    assert document["codec"]["backend"] == codec.backend()
    assert document["codec"]["backend"] in document["codec"]["backends"]
    assert document["codec"]["build"] in ("release", "debug")
    assert document["packages"]["websockets"] == websockets.version.version


def test_a_person_is_told_the_same():
    told = CliRunner().invoke(version, []).output.splitlines()
    assert told[0] == f"trunkline {__version__}"
    assert f"websockets {websockets.version.version}" in told[3]


def test_what_is_not_installed_is_null_and_left_out_for_people(monkeypatch):
    monkeypatch.setattr(module, "_EXTRAS", ("no-such-package-of-ours",))
    runner = CliRunner()
    document = json.loads(runner.invoke(version, ["--json"]).output)
    assert document["packages"]["no-such-package-of-ours"] is None
    assert "no-such" not in runner.invoke(version, []).output
