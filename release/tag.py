"""Refuses a release whose tag is not its version: `python release/tag.py v1.2.3`, first job of the release workflow."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def complaint(tag: str, version: str, changelog: str) -> str | None:
    """Why this may not be released under that tag; None if it may."""
    if tag != f"v{version}":
        return f"the tag is {tag}, and Cargo.toml has {version}: it must be v{version}"
    headings = re.findall(r"^## (.*)$", changelog, re.MULTILINE)
    released = [each for each in headings if each != "Unreleased"]
    if not released or not re.fullmatch(
        rf"{re.escape(version)} [–-] \d{{4}}-\d{{2}}-\d{{2}}", released[0]
    ):
        return f"CHANGELOG.md has no section `## {version} - YYYY-MM-DD` on top"
    return None


def main(tag: str) -> int:
    """0 if that tag may be released, else 1 with words."""
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    told = complaint(tag, cargo["workspace"]["package"]["version"], changelog)
    print(told or f"{tag} may be released")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
