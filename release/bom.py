"""Draws the bill of materials that is in the wheel: `python release/bom.py` (`make bom`, `make lock` does).

CycloneDX 1.7 in `.dist-info/sboms/` (PEP 770): every crate the extension is made of, from Cargo's own resolution and
Cargo.lock, and every package that the metadata asks for, with its range, since an installer chooses the version.
Nothing of it depends on when or where it is drawn; maturin's own has the time and the builder's folders, so no wheel
could be built twice.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BILL = ROOT / "release/trunkline.cdx.json"
EXTENSION = "trunkline-native"
REQUIREMENT = re.compile(r"([\w.-]+)(?:\[([^]]*)\])?\s*([^;]*)")


def linked_and_other(metadata: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The ids of the crates that are in the extension on any platform, and of those that only ran while it was built.

    A procedural macro and all below it run in the compiler; so do build scripts and what they need.
    """
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node["deps"] for node in metadata["resolve"]["nodes"]}
    linked: set[str] = set()
    running: set[str] = set()
    (root,) = (key for key, package in packages.items() if package["name"] == EXTENSION)
    todo = [(root, True)]
    while todo:
        package_id, inside = todo.pop()
        inside = inside and not _is_macro(packages[package_id])
        seen = linked if inside else running
        if package_id in seen:
            continue
        seen.add(package_id)
        for dependency in nodes[package_id]:
            kinds = {kind["kind"] for kind in dependency["dep_kinds"]}
            todo += [(dependency["pkg"], inside)] if None in kinds else []
            todo += [(dependency["pkg"], False)] if "build" in kinds else []
    return linked, running - linked


def _is_macro(package: dict[str, Any]) -> bool:
    return any("proc-macro" in target["kind"] for target in package["targets"])


def _crate(package: dict[str, Any], scope: str, checksums: dict[tuple[str, str], str]) -> dict:
    name, version = package["name"], package["version"]
    component = {
        "type": "library",
        "bom-ref": f"cargo:{name}@{version}",
        "name": name,
        "version": version,
        "scope": scope,
        # Cargo's older form of an alternative has no place in SPDX.
        "licenses": [{"expression": package["license"].replace("/", " OR ")}],
        "purl": f"pkg:cargo/{name}@{version}",
    }
    if checksum := checksums.get((name, version)):
        component["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return component


def crates() -> list[dict[str, Any]]:
    """A component for each crate; `required` is in the extension, `excluded` only built it."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    metadata = json.loads(done.stdout)
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
    checksums = {
        (package["name"], package["version"]): package["checksum"]
        for package in lock["package"]
        if "checksum" in package
    }
    linked, running = linked_and_other(metadata)
    packages = {package["id"]: package for package in metadata["packages"]}
    return [_crate(packages[key], "required", checksums) for key in linked] + [
        _crate(packages[key], "excluded", checksums) for key in running
    ]


def _package(requirement: str, extra: str) -> dict[str, Any] | None:
    match = REQUIREMENT.match(requirement)
    assert match, requirement
    name = re.sub(r"[-_.]+", "-", match[1]).lower()
    if name == "trunkline":
        return None
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": f"pypi:{name}",
        "name": name,
        "isExternal": True,
        "versionRange": "vers:pypi/" + "|".join(match[3].replace(" ", "").split(",")),
        "scope": "optional" if extra else "required",
        "purl": f"pkg:pypi/{name}",
    }
    if extra:
        component["properties"] = [{"name": "trunkline:extra", "value": extra}]
    return component


def packages(project: dict[str, Any]) -> list[dict[str, Any]]:
    """A component for each Python package that is asked for; what two extras want stands once, with both."""
    asked = [(each, "") for each in project["dependencies"]] + [
        (each, extra) for extra, them in project["optional-dependencies"].items() for each in them
    ]
    found: dict[str, dict[str, Any]] = {}
    for component in filter(None, (_package(*each) for each in asked)):
        first = found.setdefault(component["bom-ref"], component)
        if first is not component:
            first["properties"] += component["properties"]
    return list(found.values())


def bill() -> dict[str, Any]:
    """The whole bill, as it is in the wheel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    version = cargo["workspace"]["package"]["version"]
    ours = f"pypi:trunkline@{version}"
    components = sorted(crates() + packages(project), key=lambda each: each["bom-ref"])
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": ours,
                "name": "trunkline",
                "version": version,
                "licenses": [{"expression": project["license"]}],
                "purl": f"pkg:pypi/trunkline@{version}",
            }
        },
        "components": components,
        "dependencies": [{"ref": ours, "dependsOn": [each["bom-ref"] for each in components]}],
    }


def text() -> str:
    """The bill as its file has it."""
    return json.dumps(bill(), indent=1) + "\n"


def check() -> None:
    """Raises ValueError if the file is not of CycloneDX's schema, by a library that only `make shipped` has."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    written = BILL.read_text(encoding="utf-8")
    if error := JsonStrictValidator(SchemaVersion.V1_7).validate_str(written):
        raise ValueError(f"{BILL.name}: {error}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        check()
    else:
        BILL.write_text(text(), encoding="utf-8")
