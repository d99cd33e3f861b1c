"""Known weaknesses, licences and sources of everything we depend on: `make audit`. It fails closed.

`python release/audit.py TOOLS` with the folder of pip-audit and cargo-deny. A database that cannot be asked is a
failure, since silence looks like health: pip-audit passes over what it finds nowhere, so it must find an old weakness
first. `--offline REASON` leaves the databases out, and says so; `--can-ask` asks only whether they answer (exit code 3
if not).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements-dev.lock", "requirements-release.lock")
# A request-smuggling hole of April 2025, which every advisory database has.
KNOWN_BAD = ("h11==0.14.0", "CVE-2025-43859")
MANIFESTS = ("Cargo.toml", "rust/fuzz/Cargo.toml")
FOUND, UNREACHABLE = 1, 3


class Audit:
    """With the tools of that folder; `python` has what is installed."""

    def __init__(self, tools: Path) -> None:
        self._tools = tools

    def _run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self._tools / name), *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def _deny(self, manifest: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        rules = ("--config", str(ROOT / "deny.toml"), "--manifest-path", str(ROOT / manifest))
        return self._run("cargo-deny", *rules, "--locked", "--all-features", *arguments)

    def _told(self, what: str, run: subprocess.CompletedProcess[str]) -> bool:
        good = run.returncode == 0
        print(f"audit: {what}: {'good' if good else 'NOT GOOD'}")
        if not good:
            print(run.stdout + run.stderr)
        return good

    def can_ask(self) -> bool:
        """Whether both databases answer, with words for one that does not."""
        with tempfile.TemporaryDirectory() as folder:
            bad = Path(folder) / "bad.txt"
            bad.write_text(KNOWN_BAD[0] + "\n", encoding="utf-8")
            # The alias is what all databases share.
            run = self._run(
                "pip-audit", "--no-deps", "--disable-pip", "--aliases=on", "-r", str(bad)
            )
        python = run.returncode == 1 and KNOWN_BAD[1] in run.stdout
        rust = self._deny(MANIFESTS[0], "fetch", "db").returncode == 0
        for name, answers in (("Python's (PyPI)", python), ("Rust's (RustSec)", rust)):
            if not answers:
                print(f"audit: {name} database of known weaknesses does not answer here")
        return python and rust

    def sources(self) -> bool:
        """Licences, where crates come from, which versions are there twice: no database is needed."""
        licences = subprocess.run(
            [sys.executable, str(ROOT / "release/licences.py")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        good = self._told("licences of Python packages", licences)
        for manifest in MANIFESTS:
            deny = self._deny(manifest, "check", "bans", "licenses", "sources")
            good &= self._told(f"licences, sources and versions of the crates of {manifest}", deny)
        return good

    def weaknesses(self) -> bool:
        """Nothing that we lock has a known one, and none could not be looked up."""
        good = True
        for lock in LOCKS:
            strictly = ("--strict", "--disable-pip", "--require-hashes", "-r", lock)
            good &= self._told(f"weaknesses of {lock}", self._run("pip-audit", *strictly))
        for manifest in MANIFESTS:
            deny = self._deny(manifest, "check", "advisories")
            good &= self._told(f"weaknesses of the crates of {manifest}", deny)
        return good


def main(arguments: list[str] | None = None) -> int:
    """0 if nothing is wrong, 1 if something is, 3 if it cannot be known."""
    parser = argparse.ArgumentParser(description="Audits what we depend on; fails closed.")
    parser.add_argument("tools", type=Path, help="the folder of pip-audit and cargo-deny")
    parser.add_argument("--can-ask", action="store_true", help="only whether the databases answer")
    parser.add_argument("--offline", metavar="REASON", help="do not ask the databases")
    told = parser.parse_args(arguments)
    audit = Audit(told.tools)
    if told.can_ask:
        return 0 if audit.can_ask() else UNREACHABLE
    good = audit.sources()
    if told.offline:
        print(f"audit: !!! NO DATABASE OF KNOWN WEAKNESSES WAS ASKED: {told.offline}")
        return 0 if good else FOUND
    if not audit.can_ask():
        return UNREACHABLE
    good &= audit.weaknesses()
    return 0 if good else FOUND


if __name__ == "__main__":
    sys.exit(main())
