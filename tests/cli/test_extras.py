"""Extras: what each is for works or says what to install, and none of them is loaded by who does not use it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cli.running import environment, trunkline
from trunkline.cli.extras import EXTRAS, missing_extra

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "python/trunkline").rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OPTIONAL = PROJECT["optional-dependencies"]
# Imported by another name than it is installed by.
IMPORTED = {
    "backports.zstd": "backports",
    "opentelemetry-api": "opentelemetry",
    "pillow": "PIL",
    "textual-serve": "textual_serve",
}
# With `textual` always; and in the standard library's place (fleet/coding.py).
UNNAMED = {"rich", "backports"}
CALL = "import sys; sys.argv = ['trunkline', *{}]; from trunkline.cli.main import main; main()"
# What uses the extra, in a word of Python: a command, or the library.
USES = {
    "tui": CALL.format(["console"]),
    "simulator": CALL.format(["simulate", "--port", "0"]),
    "wav": "from trunkline.devices.wavfile import read_wav; read_wav('x.wav', rate_hz=24000)",
    "keyring": "import asyncio, trunkline; asyncio.run(trunkline.keyring_key()())",
    "report": "from trunkline.cli.painter import png; png(None)",
    "serve": CALL.format(["console", "--serve"]),
    "zstd": "from trunkline.fleet.coding import decompress; decompress(b'', 1)",
    "devices": CALL.format(["devices"]),
    "aec": "from trunkline.devices.echo import _library; _library()",
    "metrics": "import trunkline; trunkline.PrometheusCollector()",
    "otel": "import trunkline; trunkline.OpenTelemetry()",
    "openai": "import trunkline.adapters.openai",
}


def packages_of(extra: str) -> set[str]:
    """The packages that an extra brings, by the names they are imported by."""
    names = {re.match(r"[\w.-]+", each)[0] for each in OPTIONAL[extra]} - {"trunkline"}
    return {IMPORTED.get(name, name) for name in names}


def run_without(packages: set[str], statement: str):
    hidden = f"import sys; sys.modules.update(dict.fromkeys({sorted(packages)!r})); "
    command = [sys.executable, "-c", hidden + statement]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=50, env=environment(), check=False
    )


def test_every_extra_is_used_here():
    assert set(USES) == set(OPTIONAL) - {"all"}


@pytest.mark.parametrize("extra", USES)
def test_what_needs_an_extra_says_which(extra: str):
    hidden = packages_of(extra) | ({"compression"} if extra == "zstd" else set())
    run = run_without(hidden, USES[extra])
    assert run.returncode != 0
    assert f"trunkline[{extra}]" in run.stderr
    if "main()" in USES[extra]:
        assert "Traceback" not in run.stderr
        assert run.returncode in (2, 8)


def test_a_simulator_that_is_not_installed_is_told_by_the_command_that_starts_one(tmp_path: Path):
    missing = "raise ModuleNotFoundError(\"No module named 'aiohttp'\", name='aiohttp')\n"
    (tmp_path / "aiohttp.py").write_text(missing, encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    run = trunkline("demo", "--headless", "--seconds", "1", PYTHONPATH=paths)
    assert "the simulator did not start: this needs the extra 'simulator'" in run.stderr
    assert "Traceback" not in run.stderr


def test_all_are_all_but_the_large_one_and_the_one_that_others_bring():
    (everything,) = OPTIONAL["all"]
    named = set(re.fullmatch(r"trunkline\[(.*)\]", everything)[1].split(","))
    assert named == set(OPTIONAL) - {"all", "aec", "openai"}


def test_the_table_has_each_package_of_each_extra():
    for extra in USES:
        for package in packages_of(extra) - UNNAMED:
            assert extra == EXTRAS[package] or package in packages_of(EXTRAS[package])
    asked = set().union(*map(packages_of, USES))
    assert set(EXTRAS) - UNNAMED == asked - UNNAMED


def imported_packages() -> set[str]:
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"trunkline"}


def test_nothing_is_imported_that_the_metadata_do_not_ask_for():
    core = {re.match(r"[\w-]+", each)[0] for each in PROJECT["dependencies"]}
    # The fixture is loaded by pytest; `pool.run` takes uvloop where an application has it, and the adapter for it
    # openai-agents, which has no extra (pyproject.toml says why); the rest is for type checkers.
    others = {"agents", "pytest", "uvloop", "typing_extensions", "_typeshed"}
    assert imported_packages() - core - others <= set(EXTRAS)


def test_a_module_of_nobody_is_no_extra():
    assert missing_extra(ModuleNotFoundError("x", name="trunkline.nonsense")) is None
    assert missing_extra(ModuleNotFoundError("x")) is None
    advice = missing_extra(ModuleNotFoundError("x", name="textual.app"))
    assert (
        advice == "this needs the extra 'tui': pip install 'trunkline[tui]' (textual is not here)"
    )


def loaded_by(statement: str) -> set[str]:
    script = (
        f"import sys; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    return set(run.stdout.split())


# Modules beyond those of the interpreter's own start, 30 and 310 when this was written: a number that no load of the
# machine changes. One more dependency of the start, or an `asyncio` where there was none, shows.
@pytest.mark.parametrize(
    ("statement", "most"), [("import trunkline", 40), ("from trunkline import connect", 350)]
)
def test_importing_the_library_loads_no_extra_and_little_else(statement: str, most: int):
    loaded = loaded_by(statement)
    assert {name.partition(".")[0] for name in loaded} & set(EXTRAS) == set()
    assert len(loaded) <= most, sorted(loaded)
