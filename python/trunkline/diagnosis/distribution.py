"""Checks of what is installed: the package and where it is from, its extension, what it needs, its extras."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trunkline.diagnosis.finding import failed, ok, warned

if TYPE_CHECKING:
    from trunkline.diagnosis.finding import Finding
    from trunkline.diagnosis.subject import Subject

__all__ = [
    "Requirement",
    "check_extension",
    "check_extras",
    "check_package",
    "check_requirements",
    "requirements",
]

_NAME = "trunkline"
_ADVICE = "reinstall it: pip install --force-reinstall trunkline"
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*([^;]*?)\s*(?:;\s*(.*))?$")
_BOUND = re.compile(r"(>=|<=|==|!=|>|<)\s*([0-9][0-9.]*)")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w-]+)['"]""")
_BEFORE_PYTHON = re.compile(r"""python(?:_full)?_version\s*<\s*['"]([0-9.]+)['"]""")
# Made of others: naming them again would say nothing.
_BUNDLES = frozenset({"all"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing that the package, or an extra of it, needs."""

    name: str
    bounds: tuple[tuple[str, str], ...]
    """`(">=", "14")`; all must hold."""
    extra: str | None
    """The extra that needs it; None if the package does."""

    def allows(self, version: str) -> bool:
        """Whether this version is in the range; of a version only the numbers at its beginning count."""
        return all(_HOLDS[sign](_numbers(version), _numbers(limit)) for sign, limit in self.bounds)

    @property
    def range(self) -> str:
        """`>=14,<16`."""
        return ",".join(sign + limit for sign, limit in self.bounds) or "any"


_HOLDS = {
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
}


def _numbers(version: str) -> tuple[int, ...]:
    """`17.4rc1` as (17, 4, 0, 0), so that 14 is 14.0."""
    found = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    parts = [int(part) for part in found[0].split(".")] if found else []
    return tuple([*parts, 0, 0, 0, 0][:4])


def requirements() -> tuple[Requirement, ...]:
    """What the installed package says it needs on this Python; empty if it is not installed."""
    try:
        said = metadata.requires(_NAME) or []
    except metadata.PackageNotFoundError:
        return ()
    return tuple(one for line in said if (one := requirement_of(line)) is not None)


def requirement_of(line: str) -> Requirement | None:
    """One line of the metadata (PEP 508, as far as ours go); None if it does not hold on this Python, or names us."""
    found = _REQUIREMENT.match(line.strip())
    if found is None:
        return None
    name, bounds, marker = found[1], found[2], found[3] or ""
    before = _BEFORE_PYTHON.search(marker)
    if name == _NAME or (before and sys.version_info[:3] >= _numbers(before[1])[:3]):
        return None
    extra = _EXTRA.search(marker)
    return Requirement(
        name=name,
        bounds=tuple(_BOUND.findall(bounds)),
        extra=extra[1] if extra else None,
    )


@cache
def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


async def check_package(_subject: Subject) -> Finding:
    """Which version this is, and where it lies."""
    import trunkline  # noqa: PLC0415 - to ask where it is; the root resolves everything lazily

    where = str(Path(trunkline.__file__).parent)
    try:
        found = metadata.distribution(_NAME)
    except metadata.PackageNotFoundError:
        return warned(f"no installed package, run from {where}", "pip install .", location=where)
    kind = _installed_as(found)
    facts = {"version": found.version, "location": where, "installed_as": kind}
    return ok(f"trunkline {found.version} ({kind}) in {where}", **facts)


def _installed_as(found: metadata.Distribution) -> str:
    """How it came here, as PEP 610 has it written down."""
    try:
        said: Any = json.loads(found.read_text("direct_url.json") or "{}")
    except ValueError:
        said = {}
    if said.get("dir_info", {}).get("editable"):
        return "editable"
    if "vcs_info" in said:
        return "from version control"
    return "from a local file" if said else "from an index"


async def check_extension(_subject: Subject) -> Finding:
    """Whether the codec's extension loads and works, and whether it uses the fastest kernels of this CPU."""
    try:
        from trunkline.audio import codec  # noqa: PLC0415 - an extension that does not load is what is looked for
    except ImportError as error:
        return failed(f"the native extension does not load: {error}", _ADVICE)
    pcm = bytes(range(256)) * 8
    if codec.decode(codec.encode(pcm)) != pcm:
        return failed("the codec does not give back what it was given", _ADVICE)
    return judge_extension(codec.backend(), codec.backends(), codec.build_profile())


def judge_extension(active: str, offered: list[str], profile: str) -> Finding:
    """What the backend in use says, beside those that this CPU can run, slowest first."""
    fastest = offered[-1]
    fact = f"{active} kernels, {profile} build; this CPU offers {', '.join(offered)}"
    facts = {"backend": active, "backends": list(offered), "profile": profile}
    if active != fastest:
        advice = f"TRUNKLINE_CODEC_BACKEND asks for {active}; without it {fastest} is used"
        return warned(fact, advice, **facts)
    if profile != "release":
        return warned(fact, "build it with --release: this one is many times slower", **facts)
    return ok(fact, **facts)


async def check_requirements(_subject: Subject) -> Finding:
    """Whether what the package needs is there, in a version it was made for."""
    needed = [one for one in requirements() if one.extra is None]
    return judge_requirements(needed, {one.name: _version(one.name) for one in needed})


def judge_requirements(needed: list[Requirement], versions: dict[str, str | None]) -> Finding:
    """What these versions say; None is not installed."""
    if not needed:
        return warned("the package does not say what it needs", "install it: pip install .")
    fact = ", ".join(f"{one.name} {versions[one.name] or 'missing'}" for one in needed)
    facts: dict[str, Any] = {
        one.name: {"version": versions[one.name], "range": one.range} for one in needed
    }
    wrong = [one for one in needed if not _fits(one, versions[one.name])]
    if wrong:
        wanted = " ".join(f"'{one.name}{one.range}'" for one in wrong)
        return failed(fact, f"pip install {wanted}", **facts)
    return ok(fact, **facts)


def _fits(one: Requirement, version: str | None) -> bool:
    return version is not None and one.allows(version)


async def check_extras(_subject: Subject) -> Finding:
    """Which extras are there; none of them must be, but what is there must fit."""
    wanted = [one for one in requirements() if one.extra and one.extra not in _BUNDLES]
    versions = {one.name: _version(one.name) for one in wanted}
    return judge_extras(wanted, versions, _version("uvloop"))


def judge_extras(
    wanted: list[Requirement], versions: dict[str, str | None], uvloop: str | None
) -> Finding:
    """What these versions say; an extra is there if all that it needs is."""
    by_extra: dict[str, list[Requirement]] = {}
    for one in wanted:
        by_extra.setdefault(str(one.extra), []).append(one)
    there = {
        extra: {one.name: versions[one.name] for one in needed}
        for extra, needed in by_extra.items()
        if all(versions[one.name] for one in needed)
    }
    missing = sorted(set(by_extra) - set(there))
    said = [f"{extra} ({_spoken(found)})" for extra, found in sorted(there.items())]
    said += [f"uvloop {uvloop}"] if uvloop else []
    fact = ", ".join(said) or "none"
    fact += f"; not installed: {', '.join(missing)}" if missing else ""
    facts = {"installed": there, "missing": missing, "uvloop": uvloop}
    old = [one for one in wanted if one.extra in there and not _fits(one, versions[one.name])]
    if old:
        ranges = " ".join(sorted({f"'{one.name}{one.range}'" for one in old}))
        return warned(fact, f"not in the range that is tested: pip install {ranges}", **facts)
    return ok(fact, **facts)


def _spoken(found: dict[str, str | None]) -> str:
    return ", ".join(f"{name} {version}" for name, version in found.items())
