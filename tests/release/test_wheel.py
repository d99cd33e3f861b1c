"""The wheel has what the package needs and nothing else, and its extension is built as a release's must be.

A token was stolen from others in 2026, and their wheels got a `.pth` that read every key when an interpreter started,
while their repository was clean (PYSEC-2026-2): so what a wheel may have is a list, and what is not on it fails.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename

from release.elf import SharedObject
from release.shipped import ROOT, in_dist_info, metadata, need_dist, one, wheel

need_dist()

PACKAGE = ROOT / "python/trunkline"
MODULE = r"(?!test|conftest)[a-z_][a-z0-9_]*"
# As the import linter has them: a folder that is no layer is in no wheel.
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]
LAYERS = "|".join(
    name.strip()
    for contract in CONTRACTS["contracts"]
    for layer in contract.get("layers", [])
    for name in layer.split("|")
)
ALLOWED = re.compile(
    rf"""
    trunkline/({MODULE}|({LAYERS}|tui/{MODULE}|cli/settings)/{MODULE})\.py
    | trunkline/_native\.(abi3\.so|pyd)
    | trunkline/_native\.pyi
    | trunkline/py\.typed
    | trunkline/tui/({MODULE}/)?{MODULE}\.tcss
    | trunkline/speech/(caller|interpreter)_[1-5]\.wav
    | trunkline/speech/(turns\.json|README\.md)
    | trunkline-[\d.]+(a|b|rc)?\d*\.dist-info/
      (METADATA|WHEEL|RECORD|entry_points\.txt|licenses/LICENSE|sboms/trunkline\.cdx\.json)
    """,
    re.VERBOSE,
)
# What every Linux has; an extension of Rust needs nothing else.
SYSTEM_LIBRARIES = re.compile(
    r"lib(gcc_s|c|m|pthread|dl|rt)\.so\.\d|ld-linux-[\w-]+\.so\.\d|libc\.(so|musl-\w+\.so\.1)"
)
MOST_BYTES = 4_000_000


def names() -> list[str]:
    with wheel() as archive:
        return archive.namelist()


def test_every_file_of_it_is_on_the_list():
    assert [name for name in names() if not ALLOWED.fullmatch(name)] == []


@pytest.mark.parametrize(
    "name",
    ["trunkline.pth", "trunkline/tests/test_x.py", "tests/test_x.py", "trunkline/.env",
     "trunkline/__pycache__/x.cpython-311.pyc", "trunkline/evil.so", "trunkline-0.1.0.data/scripts/x",
     "trunkline/../x.py", "other/x.py", "trunkline/speech/key.txt"],
)  # fmt: skip
def test_the_list_lets_nothing_else_in(name):
    assert not ALLOWED.fullmatch(name)


def test_everything_of_the_package_is_in_it_as_it_lies_here():
    wanted = {
        f"trunkline/{path.relative_to(PACKAGE).as_posix()}": path
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in (".so", ".pyd")
    }
    with wheel() as archive:
        there = {name for name in archive.namelist() if name.startswith("trunkline/")}
        assert there - set(wanted) <= {"trunkline/_native.abi3.so", "trunkline/_native.pyd"}
        assert len(there - set(wanted)) == 1
        assert [
            name for name, path in wanted.items() if archive.read(name) != path.read_bytes()
        ] == []


def test_its_record_has_the_hash_of_each_file():
    with wheel() as archive:
        (record,) = (name for name in archive.namelist() if name.endswith("/RECORD"))
        rows = list(csv.reader(io.StringIO(archive.read(record).decode())))
        assert sorted(name for name, _, _ in rows) == sorted(archive.namelist())
        for name, digest, size in rows:
            content = archive.read(name)
            made = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert name == record or (digest, size) == (f"sha256={made}", str(len(content)))


def test_it_stays_small():
    assert one("*.whl").stat().st_size < MOST_BYTES


def test_it_is_one_for_all_versions_of_python():
    name, version, _, tags = parse_wheel_filename(one("*.whl").name)
    assert name == "trunkline"
    assert {(tag.interpreter, tag.abi) for tag in tags} == {("cp311", "abi3")}
    assert str(version) == metadata()["Version"]
    tagged = set(re.findall(r"^Tag: (\S+)", in_dist_info("WHEEL").decode(), re.MULTILINE))
    assert tagged == {str(tag) for tag in tags}


def test_the_metadata_are_valid_and_are_those_of_the_project():
    read = Metadata.from_email(in_dist_info("METADATA"), validate=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert read.name == "trunkline"
    assert read.requires_python == project["requires-python"]
    assert read.license_expression == project["license"]
    readme = (ROOT / project["readme"]).read_text(encoding="utf-8")
    assert read.description is not None
    assert read.description.strip() == readme.strip()
    assert {each.replace("_", "-") for each in read.provides_extra or ()} == set(
        project["optional-dependencies"]
    )
    always = {str(each) for each in read.requires_dist or () if not each.marker}
    assert always == {str(Requirement(each)) for each in project["dependencies"]}


def test_its_entry_points_are_the_command_and_the_fixture():
    assert in_dist_info("entry_points.txt").decode().split() == [
        "[console_scripts]", "trunkline=trunkline.cli.main:main",
        "[pytest11]", "trunkline=trunkline.simulator.fixture",
    ]  # fmt: skip


def test_the_bill_of_materials_in_it_is_the_one_that_is_drawn():
    assert (
        in_dist_info("sboms/trunkline.cdx.json")
        == (ROOT / "release/trunkline.cdx.json").read_bytes()
    )
    assert json.loads(in_dist_info("sboms/trunkline.cdx.json"))["bomFormat"] == "CycloneDX"


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not sys.platform.startswith("linux"):
        pytest.skip("NOT PROVEN: how the extension is hardened; this is no Linux")
    if shutil.which("readelf") is None:
        pytest.skip(
            "NOT PROVEN: how the extension is hardened; no readelf (apt-get install binutils)"
        )
    with wheel() as archive:
        return Path(archive.extract("trunkline/_native.abi3.so", tmp_path_factory.mktemp("wheel")))


def test_the_extension_is_hardened(extension: Path):
    built = SharedObject(extension)
    assert "GNU_RELRO" in built.segments
    assert built.bound_at_once
    assert built.segments["GNU_STACK"] == "RW"
    assert built.tags & {"RPATH", "RUNPATH", "TEXTREL"} == set()


def test_the_extension_needs_only_what_every_linux_has(extension: Path):
    assert [
        name for name in SharedObject(extension).needed if not SYSTEM_LIBRARIES.fullmatch(name)
    ] == []


def test_the_extension_is_stripped_and_shows_one_symbol(extension: Path):
    built = SharedObject(extension)
    assert {name for name in built.sections if name.startswith((".debug", ".symtab"))} == set()
    assert built.exported - {"_init", "_fini"} == {"PyInit__native"}


def test_the_extension_asks_for_no_newer_glibc_than_the_tag_says(extension: Path):
    tags = parse_wheel_filename(one("*.whl").name)[3]
    promised = [
        (int(major), int(minor))
        for tag in tags
        for major, minor in re.findall(r"manylinux_(\d+)_(\d+)_", tag.platform)
    ] or [(0, 0) for tag in tags if tag.platform.startswith("musllinux_")]
    assert promised, "a wheel of Linux without such a tag is refused by PyPI"
    assert SharedObject(extension).glibc <= min(promised)


def test_the_extension_tells_nothing_of_who_built_it(extension: Path):
    content = extension.read_bytes()
    for place in (str(ROOT), str(Path.home() / ".cargo"), str(Path.home() / ".rustup")):
        assert place.encode() not in content


@pytest.mark.timeout(120)
def test_it_types_who_uses_it(tmp_path: Path):
    """With the marker, the stub and the annotations that are installed, and nothing of this folder."""
    shutil.copy(ROOT / "tests/typing/api.py", tmp_path)
    strictly = ["--strict", "--config-file=", "--cache-dir", str(tmp_path / "cache")]
    command = [sys.executable, "-m", "mypy", *strictly, "api.py"]
    run = subprocess.run(
        command, cwd=tmp_path, env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
