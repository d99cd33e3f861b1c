"""What a session costs, and how many one core carries: trunkline's lines beside its peers, in interleaved runs.

    python benches/lines.py [--table light,capacity] [--tls] [--rounds 5] [--seconds 4] [--only A,B] [--json FILE]
    python benches/lines.py --short
    python benches/lines.py --json FILE --show

Each contestant (`line_contestants.py`) streams 20 ms both ways in a process of its own on one core, against a server in
C on the other (`native/`); the floor is a client in C that makes the same system calls and nothing else. The tables
(`line_tables.py`), in the order in which they are taken:

- **light**: processor time for a pair of frames, one up and one down, with 50 sessions, which share no wake-up.
- **capacity**: most sessions whose sends are less than 10 ms late at p99.
- **load**: the same processor time with each contestant at 70 % of its own capacity.
- **opening**: how long 500 sessions take to open, at what cost, and what an idle one occupies.
- **memory**: what a streaming one occupies, with a retention of 10 s.
- **books**: a line beside the same without telemetry, and without books as well.
- **cores**: one process, and one on each of two cores.
- **soak**: 200 lines for an hour (`--soak SECONDS`): memory, tasks, descriptors. Taken only when it is named.

Rounds take all contestants in turn, in an order drawn anew; a ratio is the median of the rounds' ratios. A run in which
client or server had to wait for a core for more than 2 % of the time is repeated twice. What is not installed is left
out and named. `--json` adds the tables to those in the file, each with its date and command; `--show` prints the file,
and which targets it meets (`line_targets.py`).
`--short` takes every table with a second's runs of a few sessions, and judges nothing but that all works.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import importlib.util
import json
import os
import platform
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from line_figures import merged
from line_runs import FLOOR, Place, Server, run
from line_tables import TABLES, Bench, markdown
from line_targets import judged

__all__ = ["Server"]

CONTESTANTS = (
    "trunkline@asyncio",
    "trunkline@uvloop",
    "openai@asyncio",
    "websockets@asyncio",
    "aiohttp@asyncio",
    "picows@asyncio",
    "picows@uvloop",
    FLOOR,
)
NEEDS = {"openai": "openai", "aiohttp": "pybase64", "picows": "picows", "uvloop": "uvloop"}
PACKAGES = ("openai", "websockets", "aiohttp", "picows", "uvloop", "orjson", "pybase64", "numpy")


def available(specs: list[str]) -> list[str]:
    """Those whose packages are there; the others are named."""
    found = []
    for spec in specs:
        missing = [
            package
            for part, package in NEEDS.items()
            if part in spec and importlib.util.find_spec(package) is None
        ]
        if missing:
            print(f"left out: {spec}, which needs {', '.join(missing)}", file=sys.stderr)
        else:
            found.append(spec)
    return found


def machine() -> dict[str, Any]:
    """What ratios may depend on."""
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(": ")[2] for line in told if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def circumstances() -> dict[str, Any]:
    """Of one table."""
    found = {name: importlib.util.find_spec(name) is not None for name in PACKAGES}
    versions = {name: importlib.metadata.version(name) for name, there in found.items() if there}
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
        "command": shlex.join(["python", "benches/lines.py", *sys.argv[1:]]),
        "short": "--short" in sys.argv,
        "load": round(os.getloadavg()[0], 1),
        "versions": versions,
    }


def read(path: Path | None) -> dict[str, Any]:
    if path is None or not path.exists():
        return {}
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


def write(path: Path | None, tables: dict[str, Any]) -> None:
    if path is None:
        return
    try:
        told = merged(read(path), machine(), tables)
    except ValueError as error:
        sys.exit(f"lines.py: {path}: {error}; name another file")
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")


def show(told: dict[str, Any]) -> None:
    print(", ".join(f"{name} {value}" for name, value in told.get("machine", {}).items()))
    for table in told.get("tables", {}).values():
        print(f"\n{markdown(table)}")
        print(f"{table['at']}, load {table['load']}, `{table['command']}`")
    print("\n" + "\n".join(judged(told.get("tables", {}))))


def take(names: list[str], bench: Bench, path: Path | None) -> None:
    """Takes the tables, prints each and writes it down at once: a later one may be interrupted."""
    suffix = "-tls" if bench.place.tls else ""
    for name in names:
        told = circumstances()
        before = read(path).get("tables", {}).get(f"capacity{suffix}")
        bench.known |= {"capacity": before} if before and name == "load" else {}
        table = TABLES[name](bench) | told
        if bench.place.tls:
            table["title"] += ", TLS"
        if name == "capacity":
            bench.known["capacity"] = table
        print(f"\n{markdown(table)}", flush=True)
        write(path, {f"{name}{suffix}": table})


def check(bench: Bench) -> None:
    """A second of each: all sent, most came back, nothing garbled."""
    parts = [f"trunkline-{part}@asyncio" for part in ("unwatched", "bare", "link")]
    for spec in [*bench.specs, *parts]:
        figures = run(spec, 5, bench.place)
        if not figures or figures.get("bad") or figures["got_ratio"] < 0.5:
            sys.exit(f"lines.py: {spec} does not work: {figures}")
        print(f"{spec}: {figures['us_per_pair']:.0f} µs a pair of frames, 5 sessions", flush=True)


def shortened(bench: Bench) -> Bench:
    """Only our own line and the floor in the tables: `check` has had all the others."""
    place = replace(bench.place, seconds=0.7, warm=0.3, full=0.0, tries=1)
    few = [spec for spec in bench.specs if spec in ("trunkline@asyncio", FLOOR)]
    sizes: dict[str, Any] = {"sessions": 5, "opened": 20, "most": 6, "again": 0, "soak_lines": 5}
    return replace(bench, specs=few, place=place, rounds=1, soak_seconds=1.0, **sizes)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", default=",".join(name for name in TABLES if name != "soak"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--tries", type=int, default=3, help="of a run that is disturbed")
    parser.add_argument("--soak", type=float, default=3600.0, metavar="SECONDS")
    parser.add_argument("--only", default=",".join(CONTESTANTS))
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", action="store_true", help="print the tables of --json")
    options = parser.parse_args()
    options.table = options.table.split(",")
    unknown = [name for name in options.table if name not in TABLES]
    if unknown:
        parser.error(f"no table {', '.join(unknown)}; there are {', '.join(TABLES)}")
    if options.show and not options.json:
        parser.error("--show needs --json FILE")
    return options


def main() -> None:
    options = arguments()
    if options.show:
        show(read(options.json))
        return
    specs = available(options.only.split(","))
    place = Place(seconds=options.seconds, tls=options.tls, tries=options.tries)
    bench = Bench(specs, place, rounds=options.rounds, soak_seconds=options.soak)
    if not options.short:
        take(options.table, bench, options.json)
        return
    check(replace(bench, place=replace(place, seconds=0.7, warm=0.3, full=0.0)))
    for tls in (False, True):
        short = shortened(replace(bench, place=replace(place, tls=tls)))
        take(list(TABLES) if not tls else ["light", "opening"], short, options.json)


if __name__ == "__main__":
    main()
