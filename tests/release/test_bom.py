"""The bill of materials has all that the extension is made of, and is not stale."""

from __future__ import annotations

import json
import subprocess
import tomllib

import pytest

from release.loading import ROOT, load

bom = load("bom")
BILL = json.loads((ROOT / "release/trunkline.cdx.json").read_text(encoding="utf-8"))
CRATES = {each["name"]: each for each in BILL["components"] if each["bom-ref"].startswith("cargo:")}


def test_it_is_what_is_drawn_today():
    assert (ROOT / "release/trunkline.cdx.json").read_text(encoding="utf-8") == bom.text(), (
        "stale: make bom"
    )


def tree(*options: str) -> set[tuple[str, str]]:
    """Crates and versions as `cargo tree` prints them, which is another reading of the same resolution."""
    wanted = ["--locked", "--package", "trunkline-native", "--prefix", "none", "--format", "{p}"]
    command = ["cargo", "tree", *wanted, *options]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    words = (line.split() for line in run.stdout.splitlines() if line.strip())
    return {(each[0], each[1].removeprefix("v")) for each in words}


def test_every_crate_that_is_linked_here_is_in_it():
    linked = tree("--edges", "normal,no-proc-macro")
    assert {name for name, _ in linked} >= {"pyo3", "numpy", "ndarray", "trunkline-codec"}
    for name, version in linked:
        assert (CRATES[name]["version"], CRATES[name]["scope"]) == (version, "required")


def test_what_only_built_it_is_marked_so():
    built = tree("--edges", "normal,build") - tree("--edges", "normal,no-proc-macro")
    assert {name for name, _ in built} >= {"syn", "pyo3-build-config"}
    assert {CRATES[name]["scope"] for name, _ in built} == {"excluded"}


def test_each_crate_has_its_version_licence_address_and_checksum():
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    locked = {(each["name"], each["version"]): each.get("checksum") for each in lock}
    for crate in CRATES.values():
        key = (crate["name"], crate["version"])
        assert crate["purl"] == "pkg:cargo/{}@{}".format(*key)
        assert crate["licenses"][0]["expression"]
        assert [each["content"] for each in crate.get("hashes", [])] == (
            [locked[key]] if locked[key] else []
        )


def test_each_python_package_has_its_range_and_the_extra_that_asks_for_it():
    packages = {each["name"]: each for each in BILL["components"] if each.get("isExternal")}
    assert packages["websockets"]["versionRange"] == "vers:pypi/>=14"
    assert packages["websockets"]["scope"] == "required"
    assert packages["textual"]["versionRange"] == "vers:pypi/>=8.2|<9"
    assert packages["textual"]["scope"] == "optional"
    assert [each["value"] for each in packages["aiohttp"]["properties"]] == ["simulator", "serve"]
    assert "trunkline" not in packages


@pytest.mark.parametrize("word", ["timestamp", "serialNumber", "file://", str(ROOT)])
def test_nothing_of_when_or_where_it_was_drawn_is_in_it(word: str):
    assert word not in json.dumps(BILL)


def test_a_procedural_macro_and_all_below_it_only_built_it():
    def package(name: str, kind: str):
        return {"id": name, "name": name, "targets": [{"kind": [kind]}]}

    def needs(*names: str, kind: str | None = None):
        return [{"pkg": name, "dep_kinds": [{"kind": kind}]} for name in names]

    metadata = {
        "packages": [
            package("trunkline-native", "cdylib"), package("macro", "proc-macro"),
            package("both", "lib"), package("below", "lib"), package("script", "lib"),
            package("tests", "lib"),
        ],
        "resolve": {"nodes": [
            {"id": "trunkline-native", "deps": [
                *needs("macro", "both"), *needs("script", kind="build"), *needs("tests", kind="dev"),
            ]},
            {"id": "macro", "deps": needs("both", "below")},
            *({"id": name, "deps": []} for name in ("both", "below", "script", "tests")),
        ]},
    }  # fmt: skip
    linked, running = bom.linked_and_other(metadata)
    assert linked == {"trunkline-native", "both"}
    assert running == {"macro", "below", "script"}
