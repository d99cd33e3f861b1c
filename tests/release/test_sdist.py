"""The source distribution builds the same wheel anywhere, without this folder and without git."""

from __future__ import annotations

import calendar
import os
import platform
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from packaging.utils import parse_wheel_filename

from release.shipped import ROOT, in_dist_info, need_dist, needs_tools, one, tool, wheel

need_dist()

ALLOWED = re.compile(
    r"""
    (PKG-INFO|Cargo\.(lock|toml)|LICENSE|README\.md|pyproject\.toml)
    | release/trunkline\.cdx\.json
    | rust/(codec|native)/(Cargo|rustfmt)\.toml
    | rust/(codec|native)/(src|tests|benches)/([a-z0-9_]+/)*[a-z0-9_]+\.rs
    | python/trunkline/([a-z_][a-z0-9_]*/)*([a-z_][a-z0-9_]*\.(pyi?|tcss|wav|json)|py\.typed|README\.md)
    """,
    re.VERBOSE,
)


def members() -> dict[str, tarfile.TarInfo]:
    """Its files without the folder that all of them are in."""
    with tarfile.open(one("*.tar.gz")) as archive:
        return {each.name.partition("/")[2]: each for each in archive.getmembers()}


def test_every_file_of_it_is_on_the_list():
    assert [name for name in members() if not ALLOWED.fullmatch(name)] == []


def test_it_has_no_link_no_owner_and_no_time_of_its_own():
    every = members().values()
    assert all(each.isfile() for each in every)
    assert {(each.uid, each.gid) for each in every} == {(0, 0)}
    assert len({each.mtime for each in every}) == 1


def test_it_has_each_file_of_the_wheel():
    with wheel() as archive:
        wanted = {f"python/{name}" for name in archive.namelist() if name.startswith("trunkline/")}
    assert wanted - set(members()) == {"python/trunkline/_native.abi3.so"}


def test_its_metadata_are_the_wheels():
    with tarfile.open(one("*.tar.gz")) as archive:
        (info,) = (each for each in archive.getmembers() if each.name.endswith("/PKG-INFO"))
        file = archive.extractfile(info)
        assert file is not None
        assert file.read() == in_dist_info("METADATA")


@needs_tools
@pytest.mark.timeout(600)
def test_the_wheel_built_of_it_elsewhere_has_the_same_bytes(tmp_path: Path):
    """In an isolated environment and a folder of another name: nobody needs to trust who built the wheel."""
    with tarfile.open(one("*.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.glob("trunkline-*")
    cargo = os.environ.get("CARGO_HOME", str(Path.home() / ".cargo"))
    places = {cargo: "cargo", str(source): "trunkline"}
    with wheel() as archive:
        first = calendar.timegm((*archive.infolist()[0].date_time, 0, 0, 0))
    (tag,) = {tag.platform for tag in parse_wheel_filename(one("*.whl").name)[3]}
    environment = os.environ | {
        "RUSTFLAGS": " ".join(f"--remap-path-prefix={old}={new}" for old, new in places.items()),
        # An installer's build has no tag of other machines unless it is told to.
        "UV_PYTHON": sys.executable,
        "MATURIN_PEP517_ARGS": f"--locked --compatibility {tag.rpartition('_' + platform.machine())[0]}",
        "SOURCE_DATE_EPOCH": str(first),
        "CARGO_TARGET_DIR": str(ROOT / "target/sdist"),
    }
    pinned = str(ROOT / "requirements-dev.lock")
    isolated = ["build", "--quiet", "--wheel", "--build-constraint", pinned]
    command = [tool("uv"), *isolated, "--out-dir", str(tmp_path), str(source)]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    (built,) = tmp_path.glob("*.whl")
    assert built.name == one("*.whl").name
    assert built.read_bytes() == one("*.whl").read_bytes()
