"""The licences of what an installation of trunkline brings along: `python release/licences.py`, part of `make audit`.

Reads the metadata of what is installed, from `trunkline[all,aec]` downwards. A licence that is on no list fails, and so
does none.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageMetadata, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What may be combined with Apache-2.0 and passed on with it, without a duty beyond naming it. MPL-2.0 (orjson) binds
# only who changes its own files.
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0",
    "PSF-2.0", "Python-2.0", "Unicode-3.0", "Zlib",
}  # fmt: skip
# A package that may have another licence, and why.
EXCEPTIONS = {
    # Behind the extra `wav`, as a shared library that anybody may exchange, which is what the licence asks for; it is
    # not shipped.
    "soxr": "LGPL-2.1-or-later",
}
# How packages say it that have no SPDX expression yet: a line of `License`, or the end of a classifier.
WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}


def licence_of(metadata: PackageMetadata) -> str:
    """As an SPDX expression; empty if the package does not say."""
    if told := metadata.get("License-Expression"):
        return str(told)
    line = str(metadata.get("License") or "").strip()
    if line in WORDS or (line and _parts(line) <= ALLOWED | {"AND", "OR"}):
        return WORDS.get(line, line)
    classifiers = metadata.get_all("Classifier") or []
    ends = (each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::"))
    return " AND ".join(WORDS.get(end, end) for end in ends)


def _parts(expression: str) -> set[str]:
    return set(re.findall(r"[^\s()]+", expression))


def is_allowed(expression: str, allowed: set[str]) -> bool:
    """Whether one may choose so that only allowed licences bind: OR is a choice, AND none; parentheses as usual."""
    inner = re.compile(r"\(([^()]*)\)")
    while match := inner.search(expression):
        word = "yes" if is_allowed(match[1], allowed) else "no"
        expression = f"{expression[: match.start()]}{word}{expression[match.end() :]}"
    return any(
        all(part.strip() in allowed | {"yes"} for part in re.split(r"\bAND\b", choice))
        for choice in re.split(r"\bOR\b", expression)
    )


def brought_along(requirement: str) -> dict[str, PackageMetadata]:
    """Everything below it that this Python would install, itself included.

    Raises PackageNotFoundError for what is not here.
    """
    found: dict[str, PackageMetadata] = {}
    done: set[tuple[str, str]] = set()
    todo = [Requirement(requirement)]
    while todo:
        wanted = todo.pop()
        installed = distribution(wanted.name)
        found[canonicalize_name(wanted.name)] = installed.metadata
        for extra in ("", *wanted.extras):
            if (wanted.name, extra) in done:
                continue
            done.add((wanted.name, extra))
            needs = map(Requirement, installed.requires or ())
            todo += [each for each in needs if _applies(each, extra)]
    return found


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def main() -> int:
    """Prints what may not be there; 1 if there is any."""
    every = brought_along("trunkline[all,aec]")
    bad = {
        name: licence
        for name, licence in ((name, licence_of(each)) for name, each in every.items())
        if EXCEPTIONS.get(name) != licence and not is_allowed(licence, ALLOWED)
    }
    for name, licence in sorted(bad.items()):
        told = licence or "no licence it names"
        print(f"licences: {name} is under {told}, which no list has (release/licences.py)")
    print(f"licences: {len(every)} packages, {len(bad)} not on the list")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
