"""The house rules a command can check: sizes, mirrors, exports, and what an import may load."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "python" / "trunkline"
TESTS = ROOT / "tests"
SOURCES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.name not in ("__init__.py", "__main__.py")
)
ALL_PYTHON = sorted(
    path
    for folder in ("python", "tests", "benches", "docs", "examples", "release")
    for path in (ROOT / folder).rglob("*.py")
)
ALL_RUST = sorted(path for path in (ROOT / "rust").rglob("*.rs") if "target" not in path.parts)

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
LINES_OF_THE_MEDIAN_FUNCTION = 8
LINES_OF_THE_BINDING = 350
# Of `rust/native/src/short_way`, which is more than a binding (docs/architecture.md).
LINES_OF_THE_SHORT_WAY = 720
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "core", "types"}


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _body_lines(path: Path) -> list[int]:
    """The lengths of functions without their docstrings, which must not be shortened for a budget."""
    lengths = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            first = body[0].lineno if body else node.lineno
            lengths.append((node.end_lineno or first) - first + 2)
    return lengths


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def test_no_file_is_longer_than_a_reader_can_hold():
    long = [
        (str(path.relative_to(ROOT)), _lines(path))
        for path in ALL_RUST + [path for path in ALL_PYTHON if TESTS not in path.parents]
        if _lines(path) > LINES_OF_A_FILE
    ]
    assert long == []


def test_no_function_is_longer_than_a_screen():
    long = [
        (str(path.relative_to(ROOT)), name, length)
        for path in ALL_PYTHON
        for name, length in _functions(path)
        if length > LINES_OF_A_FUNCTION
    ]
    assert long == []


def test_the_median_function_is_short():
    assert median(length for path in SOURCES for length in _body_lines(path)) <= (
        LINES_OF_THE_MEDIAN_FUNCTION
    )


def _code_lines(path: Path) -> int:
    """Lines of Rust without comments and empty ones: the reason for an `unsafe` must not be shortened either."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return sum(bool(line) and not line.startswith("//") for line in lines)


def test_the_binding_stays_thin():
    source = ROOT / "rust/native/src"
    assert sum(map(_code_lines, source.glob("*.rs"))) < LINES_OF_THE_BINDING
    assert sum(map(_code_lines, (source / "short_way").rglob("*.rs"))) < LINES_OF_THE_SHORT_WAY
    assert {path.parent for path in source.rglob("*.rs")} == {source, source / "short_way"}


def test_modules_are_named_by_what_they_own():
    parts = {part for path in SOURCES for part in path.relative_to(PACKAGE).with_suffix("").parts}
    assert parts & FORBIDDEN_NAMES == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_source_has_its_tests_at_the_same_path(path: Path):
    relative = path.relative_to(PACKAGE)
    mirror = TESTS / relative.parent / f"test_{relative.name}"
    assert mirror.is_file(), f"{relative} has no {mirror.relative_to(ROOT)}"
    assert "def test_" in mirror.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_module_says_what_it_exports_and_has_it(path: Path):
    module = _module(path)
    assert module.__all__ == sorted(module.__all__, key=_as_ruff_sorts)
    assert all(hasattr(module, name) for name in module.__all__)
    assert module.__doc__


def _module(path: Path):
    try:
        return importlib.import_module(_name(path))
    except ImportError as error:
        if path.parent != PACKAGE / "adapters":
            raise
        # An adapter wants the client that it is for.
        pytest.skip(f"NOT PROVEN: what {_name(path)} exports; make adapters ({error})")


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    """Constants first, then classes, then the rest."""
    if name.isupper():
        return 0, name
    return (1 if name.lstrip("_")[:1].isupper() else 2), name


def test_the_root_exports_what_it_names():
    import trunkline

    assert all(getattr(trunkline, name) is not None for name in trunkline.__all__)
    assert set(dir(trunkline)) == set(trunkline.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = trunkline.nonsense


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_only_the_audio_layer_imports_the_extension():
    # The import linter reads source files only, and the extension is none.
    users = {path for path in SOURCES if "trunkline._native" in _imports(path)}
    assert users
    assert all(path.is_relative_to(PACKAGE / "audio") for path in users)


def _loaded_by(statement: str) -> set[str]:
    script = f"import sys; {statement}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    return {name.partition(".")[0] for name in run.stdout.split()}


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import trunkline", {"numpy", "textual", "websockets", "aiohttp", "click", "asyncio"}),
        ("import trunkline.audio.codec", {"numpy", "textual", "websockets", "aiohttp", "asyncio"}),
        ("import trunkline.protocol.connection", {"numpy", "textual", "websockets", "asyncio"}),
        ("import trunkline.telemetry.metrics", {"numpy", "textual", "websockets", "asyncio"}),
        ("import trunkline.client.client", {"numpy", "textual", "aiohttp", "click"}),
        (
            "import trunkline.fleet.runtime, trunkline.fleet.block",
            {"numpy", "textual", "websockets", "asyncio"},
        ),
        (
            "import trunkline.fleet.prometheus, trunkline.fleet.opentelemetry",
            {"prometheus_client", "opentelemetry", "numpy", "textual", "websockets", "asyncio"},
        ),
        (
            "import trunkline.adapters.line_socket",
            {"openai", "agents", "textual", "aiohttp", "click"},
        ),
        ("import trunkline.tui.app", {"numpy", "websockets", "aiohttp", "click"}),
        ("import trunkline.cli.main", {"numpy", "textual", "websockets", "aiohttp", "asyncio"}),
    ],
)
def test_an_import_loads_only_its_own_layers(statement: str, unwanted: set[str]):
    assert _loaded_by(statement) & unwanted == set()


def test_help_loads_neither_numpy_nor_textual_nor_websockets():
    help_text = (
        "from trunkline.cli.main import trunkline; "
        "trunkline.main(['--help'], standalone_mode=False)"
    )
    loaded = _loaded_by(help_text)
    assert loaded & {"numpy", "textual", "websockets", "aiohttp", "asyncio"} == set()


def test_neither_the_library_nor_the_command_needs_a_module_of_posix_alone():
    """Wheels for Windows cannot be tried here; that they can be imported can."""
    absent = "import sys; sys.modules.update(dict.fromkeys(('fcntl', 'grp', 'pwd', 'resource', 'termios', 'tty')))"
    names = "trunkline.cli.main, trunkline.cli.demo, trunkline.cli.talk, trunkline.simulator.server"
    assert "trunkline" in _loaded_by(
        f"{absent}; from trunkline import connect, Pool; import {names}"
    )


def test_the_version_comes_from_one_place():
    """Cargo.toml: a release raises it there, `make lock` carries it on, and whatever does not follow fails here."""
    with (ROOT / "Cargo.toml").open("rb") as file:
        version = tomllib.load(file)["workspace"]["package"]["version"]
    import trunkline

    assert trunkline.__version__ == metadata.version("trunkline") == version
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    assert "version" not in project
    assert "version" in project["dynamic"]
    with (ROOT / "Cargo.lock").open("rb") as file:
        ours = {
            package["version"]
            for package in tomllib.load(file)["package"]
            if package["name"].startswith("trunkline")
        }
    assert ours == {version}
    bill = json.loads((ROOT / "release/trunkline.cdx.json").read_text(encoding="utf-8"))
    assert bill["metadata"]["component"]["version"] == version


def test_the_changelog_begins_with_what_is_not_released_or_with_this_version():
    headings = re.findall(
        r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    import trunkline

    versions = [each.partition(" ")[0] for each in headings if each != "Unreleased"]
    assert headings[0] == "Unreleased" or versions[0] == trunkline.__version__
    assert all(
        re.fullmatch(r"\d+\.\d+\.\d+(a|b|rc)?\d* [–-] \d{4}-\d{2}-\d{2}", each)
        for each in headings
        if each != "Unreleased"
    )
