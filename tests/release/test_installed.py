"""`make test WHEEL=1` tests what is installed: nothing in a test, or a process of one, comes from this folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import pytest

import trunkline
from cli.running import environment
from release.shipped import ROOT, need_dist

SOURCES = ROOT / "python"
WHERE = "import trunkline, trunkline._native as native; print(trunkline.__file__, native.__file__)"

need_dist()


def test_the_package_under_test_is_the_installed_one():
    installed = Path(trunkline.__file__)
    assert installed.is_relative_to(sysconfig.get_path("platlib"))
    assert "site-packages" in installed.parts
    # No editable install, which has its folder in a .pth.
    assert {str(each) for each in distribution("trunkline").files or ()} >= {
        "trunkline/__init__.py"
    }


@pytest.mark.parametrize("paths", [[], [str(ROOT / "tests")], sys.path], ids=len)
def test_so_is_that_of_a_process_of_it(paths: list[str]):
    variables = environment(PYTHONPATH=os.pathsep.join(filter(None, paths)))
    command = [sys.executable, "-c", WHERE]
    run = subprocess.run(
        command, env=variables, capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert all("site-packages" in place for place in run.stdout.split())


def test_no_test_has_loaded_a_module_from_the_sources():
    loaded = [
        name
        for name, module in list(sys.modules.items())
        if (getattr(module, "__file__", None) or "").startswith(f"{SOURCES}{os.sep}")
    ]
    assert loaded == []
    assert not any(Path(path).resolve() == SOURCES for path in sys.path)
