"""The tables of `lines.py`: each has the contestants run, and gives what it found, with rows fit to print."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from line_figures import Run, Search, cheaper, median, slope
from line_runs import FLOOR, Place, quiet_run, run, run_on_cores

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TABLES", "Bench", "markdown"]

SDK = "openai@asyncio"
SESSIONS = 50
FILL = 0.7
OPENED = 500
OURS = ("trunkline@asyncio", "trunkline@uvloop")
# From the whole down to the link.
PARTS = ("trunkline", "trunkline-unwatched", "trunkline-bare", "trunkline-link")
RETENTION_SECONDS = 10.0
SAMPLES_OF_A_SOAK = 60
# Of a minute. Each answer is an item, of which a line keeps 0.3 KiB until it has 800 of them: with answers of ten
# seconds that would be all that is seen of memory in an hour.
ANSWER_DELTAS = 3_000


@dataclass
class Bench:
    """What was asked for, and what is known already."""

    specs: list[str]
    place: Place
    rounds: int = 5
    sessions: int = SESSIONS
    opened: int = OPENED
    most: int = 4000
    again: int = 2
    """How often a search asks again for what a disturbance may have spoilt."""
    soak_lines: int = 200
    soak_seconds: float = 3600.0
    known: dict[str, Any] = field(default_factory=dict)
    """Tables that were taken before."""

    @property
    def clients(self) -> list[str]:
        """Without the floor, which opens one by one and holds nothing."""
        return [spec for spec in self.specs if spec != FLOOR]

    @property
    def ours(self) -> list[str]:
        """Our own, for what is judged of ourselves."""
        return [spec for spec in OURS if spec in self.specs]

    def search(self, begun: Run) -> Search:
        """Begins where a light load's cost says."""
        search = Search.begun_by(begun, self.sessions, self.most)
        search.again = self.again
        return search

    def rounds_of(self, sessions: dict[str, int], place: Place) -> list[dict[str, Run]]:
        """All contestants in turn, each round in an order of its own."""
        dice, rounds = random.Random(3), []
        for _ in range(self.rounds):
            order = sorted(sessions, key=lambda _: dice.random())
            figures = {spec: quiet_run(spec, sessions[spec], place) for spec in order}
            rounds.append({spec: found for spec, found in figures.items() if found})
        return rounds


def markdown(table: dict[str, Any]) -> str:
    """A table as it stands in the docs, with what it was taken by."""
    head = " | ".join(table["columns"])
    lines = [f"| {head} |", "|---" * len(table["columns"]) + "|"]
    lines += [f"| {' | '.join(map(str, row))} |" for row in table["rows"]]
    return "\n".join([f"### {table['title']}", "", *lines, "", *table.get("notes", [])])


def _number(value: float, digits: int = 1) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}f}"


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.0%}"


def _costs(bench: Bench, title: str, sessions: dict[str, int]) -> dict[str, Any]:
    rounds = bench.rounds_of(sessions, bench.place)
    specs = [spec for spec in sessions if any(spec in round_ for round_ in rounds)]
    specs.sort(key=lambda spec: -median(rounds, spec, "us_per_pair"))
    rows = [
        [
            spec,
            sessions[spec],
            _number(median(rounds, spec, "us_per_pair")),
            _number(cheaper(rounds, spec, SDK), 2),
            _number(cheaper(rounds, FLOOR, spec), 2),
            _percent(median(rounds, spec, "util")),
            _percent(median(rounds, spec, "server_util")),
            _number(median(rounds, spec, "late_p99")),
            _percent(max(round_[spec].get("waited", 0.0) for round_ in rounds if spec in round_)),
        ]
        for spec in specs
    ]
    columns = ["client@loop", "sessions", "µs a pair", "SDK / it", "it / floor", "core used"]
    columns += ["server's core", "late p99, ms", "disturbed, at most"]
    return {"title": title, "columns": columns, "rows": rows, "rounds": rounds}


def light(bench: Bench) -> dict[str, Any]:
    """Processor time for a pair of frames where sessions share no wake-up."""
    return _costs(bench, f"{bench.sessions} sessions", dict.fromkeys(bench.specs, bench.sessions))


def capacity(bench: Bench) -> dict[str, Any]:
    """Most sessions whose sends are less than 10 ms late at p99; all look for theirs by turns."""
    begun = {spec: quiet_run(spec, bench.sessions, bench.place) for spec in bench.specs}
    searches = {spec: bench.search(run_) for spec, run_ in begun.items() if run_}
    while pending := [spec for spec, search in searches.items() if not search.is_over]:
        for spec in pending:
            search = searches[spec]
            # Once: the search knows by itself which failures to doubt.
            search.take(run(spec, search.sessions, bench.place))
    return _carried(searches)


def _carried(searches: dict[str, Search]) -> dict[str, Any]:
    sdk = searches[SDK].low if SDK in searches else 0
    rows = []
    for spec, search in sorted(searches.items(), key=lambda item: item[1].low):
        best = search.best
        doubt = f" ({search.doubt})" if search.doubt else ""
        rows.append(
            [
                spec,
                f"{search.low}{doubt}",
                _number(search.low / sdk) if sdk else "",
                _percent(best.get("util", 0.0)),
                _percent(best.get("server_util", 0.0)),
                _number(best.get("late_p99", 0.0)),
                " ".join(
                    f"{count}{'+' if is_carried else '-'}" for count, is_carried in search.probes
                ),
            ]
        )
    columns = ["client@loop", "sessions", "it / SDK", "core used", "server's core", "late p99, ms"]
    return {
        "title": "Sessions with p99 of lateness under 10 ms",
        "columns": [*columns, "tried"],
        "rows": rows,
        "carried": {spec: search.low for spec, search in searches.items()},
    }


def load(bench: Bench) -> dict[str, Any]:
    """The processor time with each contestant at 70 % of its own capacity; that is looked for if nobody has."""
    if "capacity" not in bench.known:
        bench.known["capacity"] = capacity(bench)
    carried = bench.known["capacity"]["carried"]
    sessions = {
        spec: max(2, int(carried[spec] * FILL)) for spec in bench.specs if carried.get(spec)
    }
    return _costs(bench, "Each at 70 % of its own capacity", sessions)


def opening(bench: Bench) -> dict[str, Any]:
    """How long many sessions take to open, at what cost, and what an idle one occupies."""
    rounds = [
        {spec: quiet_run(spec, bench.opened, bench.place, "--idle") for spec in bench.clients}
        for _ in range(min(bench.rounds, 3))
    ]
    rows = [
        [
            spec,
            _number(median(rounds, spec, "open_s"), 2),
            _number(median(rounds, spec, "open_cpu_ms"), 2),
            _number(median(rounds, spec, "open_kib"), 0),
        ]
        for spec in bench.clients
    ]
    columns = ["client@loop", f"open {bench.opened}, s", "CPU each, ms", "KiB of an idle one"]
    return {"title": "Opening", "columns": columns, "rows": rows, "rounds": rounds}


def memory(bench: Bench) -> dict[str, Any]:
    """What a session occupies while it streams, once a line's retention of 10 s is full."""
    longer = replace(bench.place, seconds=max(bench.place.seconds, 1.2 * RETENTION_SECONDS))
    # A short run shows that it works, and not what it measures.
    place = longer if bench.place.seconds > 1 else bench.place
    found = {spec: run(spec, bench.sessions, place) for spec in bench.clients}
    rows = [
        [spec, _number(figures["open_kib"], 0), _number(figures["stream_kib"], 0)]
        for spec, figures in found.items()
        if figures
    ]
    columns = ["client@loop", "KiB idle", "KiB streaming"]
    title = f"Memory of one of {bench.sessions} sessions, after {place.seconds:g} s"
    return {"title": title, "columns": columns, "rows": rows, "runs": found}


def books(bench: Bench) -> dict[str, Any]:
    """A line beside itself without telemetry, without books as well, and beside the bare link."""
    loops = [spec.partition("@")[2] for spec in bench.ours] or ["asyncio"]
    specs = [f"{part}@{loop}" for loop in loops for part in PARTS]
    rounds = bench.rounds_of(dict.fromkeys(specs, bench.sessions), bench.place)
    rows = [
        [
            spec,
            _number(median(rounds, spec, "us_per_pair")),
            _number(cheaper(rounds, f"trunkline-bare@{spec.partition('@')[2]}", spec), 3),
        ]
        for spec in specs
    ]
    return {
        "title": f"Telemetry and books, {bench.sessions} sessions",
        "columns": ["client@loop", "µs a pair", "it / bare"],
        "rows": rows,
        "rounds": rounds,
        "notes": [
            "unwatched: no telemetry.",
            "bare: besides, the core passes audio on without outbox, books, ledger, turns and observations.",
            "link: the link and the codec without a line.",
        ],
    }


def cores(bench: Bench) -> dict[str, Any]:
    """Sessions of one process on one core, and of a process on each of two, where the server has no core of its own."""
    searches = {}
    for spec in bench.ours:
        for used in ([0], [0, 1]):
            begun = run_on_cores(spec, bench.sessions, bench.place, used)
            if not begun:
                continue
            search = bench.search({"util": begun["util"] / len(used)})
            while not search.is_over:
                search.take(run_on_cores(spec, search.sessions, bench.place, used))
            searches[spec, len(used)] = search
    rows = [
        [
            spec,
            count,
            search.low * count,
            _number(search.low * count / max(1, searches[spec, 1].low), 2),
            _number(search.best.get("us_per_pair", math.nan)),
            _percent(search.best.get("util", 0.0)),
            _percent(search.best.get("server_util", 0.0)),
        ]
        for (spec, count), search in searches.items()
    ]
    columns = ["client@loop", "processes", "sessions", "of one process", "µs a pair"]
    return {
        "title": "A process per core",
        "columns": [*columns, "cores used", "server's"],
        "rows": rows,
        "notes": [
            "The server runs wherever the kernel puts it: beside one process it has a core, beside two it takes",
            "from both. So two processes have two cores less the server's share.",
        ],
    }


def soak(bench: Bench) -> dict[str, Any]:
    """Many lines for long: what grows."""
    spec = bench.ours[0] if bench.ours else "trunkline@asyncio"
    seconds = bench.soak_seconds
    # What fills up in its first minute is no slope: retention, histories, free lists.
    warm = min(90.0, seconds / 4)
    place = replace(bench.place, seconds=seconds, warm=warm, answer=ANSWER_DELTAS)
    every = str(seconds / SAMPLES_OF_A_SOAK)
    figures = run(spec, bench.soak_lines, place, "--sample", every)
    samples = figures.get("samples") or [(0.0, 0, 0, 0, 0.0)]
    mib = [(at / 3600, resident / 2**20) for at, resident, *_ in samples]
    tasks, files = ([sample[at] for sample in samples] for at in (2, 3))
    row = [
        spec,
        bench.soak_lines,
        f"{seconds:g}",
        _number(mib[-1][1]),
        _number(slope(mib), 2),
        _number(slope(mib[len(mib) // 2 :]), 2),
        f"{min(tasks)} to {max(tasks)}",
        f"{min(files)} to {max(files)}",
        _number(max(sample[4] for sample in samples)),
    ]
    columns = [
        "client@loop",
        "lines",
        "seconds",
        "MiB",
        "MiB an hour",
        "of the second half",
        "tasks",
    ]
    columns += ["descriptors", "largest late p99, ms"]
    return {"title": "A long run", "columns": columns, "rows": [row], "run": figures}


TABLES: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "light": light,
    "capacity": capacity,
    "load": load,
    "opening": opening,
    "memory": memory,
    "books": books,
    "cores": cores,
    "soak": soak,
}
