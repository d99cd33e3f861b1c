"""A shared object of Linux as `readelf` reads it: as much of it as a hardening check asks for."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path


def _readelf(path: Path, *options: str) -> str:
    command = ["readelf", "--wide", *options, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class SharedObject:
    """Of the file at `path`."""

    def __init__(self, path: Path):
        dynamic = _readelf(path, "--dynamic")
        self.tags = set(re.findall(r"\((\w+)\)", dynamic))
        self.needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
        self.bound_at_once = (
            "BIND_NOW" in dynamic or re.search(r"FLAGS_1.*NOW", dynamic) is not None
        )
        self.segments = {
            fields[0]: fields[-2]
            for fields in (line.split() for line in _readelf(path, "--segments").splitlines())
            if len(fields) > 6 and fields[0].isupper()
        }
        self.sections = set(re.findall(r"\] (\.[\w.-]+)", _readelf(path, "--sections")))
        versions = re.findall(r"GLIBC_([\d.]+)", _readelf(path, "--version-info"))
        # musl has none.
        self.glibc = max((tuple(map(int, each.split("."))) for each in versions), default=(0, 0))
        symbols = _readelf(path, "--dyn-syms").splitlines()
        self.exported = {
            fields[7].partition("@")[0]
            for fields in map(str.split, symbols)
            if len(fields) > 7 and fields[4] in ("GLOBAL", "WEAK") and fields[6] != "UND"
        }
