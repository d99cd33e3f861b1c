"""What many lines are to cost (the issue's targets), held against the tables that `lines.py` has taken."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from line_figures import cheaper, median

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["judged"]

Table = dict[str, Any]

FLOOR = "C floor"
SDK = "openai@asyncio"
PEER = "picows"
OURS = ("trunkline@asyncio", "trunkline@uvloop")


@dataclass(frozen=True)
class Claim:
    """A figure and what it should be; not a number where its table has no such figure."""

    words: str
    figure: float
    bound: float
    is_least: bool = False

    def __str__(self) -> str:
        is_met = self.figure >= self.bound if self.is_least else self.figure <= self.bound
        side = "at least" if self.is_least else "at most"
        verdict = "met   " if is_met else "MISSED"
        return f"{verdict} {self.words}: {self.figure:.3g}, {side} {self.bound:g}"


def judged(tables: dict[str, Table]) -> list[str]:
    """A line for each target whose table is there and has what it needs, of each of our contestants."""
    claims = [
        claim
        for name, claims_of in CLAIMS.items()
        if name in tables and not tables[name].get("short")
        for spec in OURS
        for claim in claims_of(tables[name], spec)
    ]
    return [str(claim) for claim in claims if not math.isnan(claim.figure)]


def _light(table: Table, spec: str) -> Iterator[Claim]:
    rounds = table["rounds"]
    yield Claim(f"{spec}, 50 sessions, SDK / it", cheaper(rounds, spec, SDK), 4.5, is_least=True)
    yield Claim(f"{spec}, 50 sessions, it / floor", cheaper(rounds, FLOOR, spec), 1.8)


def _load(table: Table, spec: str) -> Iterator[Claim]:
    rounds = table["rounds"]
    yield Claim(f"{spec}, 70 %, SDK / it", cheaper(rounds, spec, SDK), 15, is_least=True)
    yield Claim(f"{spec}, 70 %, it / floor", cheaper(rounds, FLOOR, spec), 2.5)


def _times_sdk(table: Table, spec: str) -> float:
    carried = table["carried"]
    return carried[spec] / carried[SDK] if spec in carried and carried.get(SDK) else math.nan


def _capacity(table: Table, spec: str) -> Iterator[Claim]:
    carried = table["carried"]
    yield Claim(f"{spec}, sessions of a core / SDK's", _times_sdk(table, spec), 20, is_least=True)
    peers = [count for name, count in carried.items() if name.startswith(PEER)]
    if peers and spec in carried:
        yield Claim(f"{spec}, sessions of a core", carried[spec], max(peers), is_least=True)


def _capacity_tls(table: Table, spec: str) -> Iterator[Claim]:
    yield Claim(
        f"{spec}, TLS, sessions of a core / SDK's", _times_sdk(table, spec), 8, is_least=True
    )


def _opening(table: Table, spec: str) -> Iterator[Claim]:
    rounds = table["rounds"]
    yield Claim(f"{spec}, seconds to open 500", median(rounds, spec, "open_s"), 2)
    yield Claim(f"{spec}, ms of processor to open one", median(rounds, spec, "open_cpu_ms"), 2)
    yield Claim(f"{spec}, KiB of an idle one", median(rounds, spec, "open_kib"), 40)


def _memory(table: Table, spec: str) -> Iterator[Claim]:
    figure = table["runs"].get(spec, {}).get("stream_kib", math.nan)
    yield Claim(f"{spec}, KiB of a streaming one", figure, 700)


def _books(table: Table, spec: str) -> Iterator[Claim]:
    bare = spec.replace("trunkline", "trunkline-bare")
    yield Claim(f"{spec} / without telemetry and books", cheaper(table["rounds"], bare, spec), 1.1)


def _soak(table: Table, spec: str) -> Iterator[Claim]:
    row = table["rows"][0]
    if row[0] == spec:
        yield Claim(f"{spec}, MiB an hour", float(row[4]), 1)
        for name, samples in (("tasks", 2), ("descriptors", 3)):
            counts = [sample[samples] for sample in table["run"].get("samples", [])]
            if counts:
                yield Claim(f"{spec}, {name} more at the end", counts[-1] - counts[0], 0)


CLAIMS = {
    "light": _light,
    "load": _load,
    "capacity": _capacity,
    "capacity-tls": _capacity_tls,
    "opening": _opening,
    "memory": _memory,
    "books": _books,
    "soak": _soak,
}
