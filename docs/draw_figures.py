"""Draws the figures of the pages from docs/figures; `make figures` measures them before.

    python docs/draw_figures.py [--check]

A bench writes one file of tables, each with its rows, date, command and load, and the machine they were taken on: by
`--json` of benches/codec.py, benches/lines.py and tests/conformance/gauntlet/peers.py. A page has a place for each,
between `<!-- figures: NAME -->` and `<!-- end of figures -->`; what stands there is written by this script alone. A
place whose file is not there yet says so.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs/figures"
PAGES = ("README.md", "benches/README.md", "docs/gauntlet.md", "docs/measuring.md")
_PLACE = re.compile(
    r"(?P<begin><!-- figures: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end of figures -->)", re.DOTALL
)
_RATIO = re.compile(r"\((?P<ratio>[\d.]+x)\)")

Table = dict[str, Any]
Told = dict[str, Any]
"""A file of figures: `machine` and `tables`."""

# README's rows of the codec's table, and the peers that its ratios are to.
SHORT = (
    ("float32 → append", "20 ms"),
    ("int16 → append", "20 ms"),
    ("delta → int16", "20 ms"),
    ("delta → float32", "20 ms"),
    ("float32 → append", "1 s"),
    ("float32 → append", "10 MB"),
    ("delta → int16", "10 MB"),
)
AGAINST = {
    "fast peer": "to the fast peer",
    "base64 + json": "to base64 + json",
    "openai SDK": "to the SDK",
}
KERNELS = ("avx512", "avx2", "neon", "scalar")
LINES = (
    "trunkline@uvloop",
    "trunkline@asyncio",
    "picows@uvloop",
    "websockets@asyncio",
    "openai@asyncio",
    "C floor",
)


def grid(columns: list[str], rows: list[list[Any]]) -> str:
    """A table of Markdown."""
    head, *lines = [f"| {' | '.join(map(str, row))} |" for row in [columns, *rows]]
    return "\n".join([head, f"|{'---|' * len(columns)}", *lines])


def origin(told: Told, table: Table) -> str:
    """By what command, when, on what, in how much other work."""
    machine = told["machine"]
    cpu = f" ({machine['cpu']})" if "cpu" in machine else ""
    kernel = f"kernel {machine['kernel']}" if "kernel" in machine else ""
    load = f"load {table['load']}" if "load" in table else ""
    versions = ", ".join(f"{name} {value}" for name, value in table.get("versions", {}).items())
    parts = [f"`{table['command']}`", table["at"][:10], f"{machine['cores']} CPUs{cpu}", load]
    parts += [kernel, f"Python {machine['python']}", versions]
    return ", ".join(part for part in parts if part)


def codec_short(told: Told) -> str:
    """README's few rows: what the best kernels take, and how many times faster than the peers the very best is."""
    table = told["tables"]["codec"]
    best = [kernel for kernel in KERNELS if kernel in table["columns"]][:2]
    at = {(row[0], row[1]): dict(zip(table["columns"], row, strict=True)) for row in table["rows"]}
    rows = []
    for key in SHORT:
        row = at[key]
        ratios = [_RATIO.search(row[peer]) for peer in AGAINST]
        rows.append(
            [
                ", ".join(key),
                *(row[one] for one in best),
                *(one["ratio"] if one else "" for one in ratios),
            ]
        )
    read = f"Read the ratios: how many times faster than the peers {best[0]} is"
    caption = f"{origin(told, table)}. {read}, the call from Python included."
    return f"{caption}\n\n{grid(['µs a call', *best, *AGAINST.values()], rows)}"


def codec(told: Told) -> str:
    """All of it."""
    table = told["tables"]["codec"]
    caption = f"{origin(told, table)}.\nAll backends forced in turn."
    return "\n\n".join([caption, " ".join(table["notes"]), grid(table["columns"], table["rows"])])


def codec_targets(told: Told) -> str:
    """What was met and what was missed."""
    return "```text\n{}\n```".format("\n".join(told["tables"]["codec"]["targets"]))


def gauntlet_short(told: Told) -> str:
    """README's sentence, best first."""
    table = told["tables"]["gauntlet"]
    counts = {row[0]: int(row[2]) for row in table["rows"]}
    trials = sum(map(int, table["rows"][0][2:5]))
    best = sorted(counts.items(), key=lambda item: (item[0] != "trunkline", -item[1]))
    named = [
        f"**{name} {count}**" if name == "trunkline" else f"{name} {count}" for name, count in best
    ]
    caption = f"Trials passed of {trials}, on {table['at'][:10]}"
    return f"{caption}, each client used as its documentation says: {'; '.join(named)}."


def lines_short(told: Told) -> str:
    """README's rows of many lines: what a session costs, and how many a core carries where that was measured."""
    light, capacity = told["tables"]["light"], told["tables"].get("capacity")
    wanted = ["µs a pair", "SDK / it", "it / floor"]
    places = [light["columns"].index(name) for name in wanted]
    rows = [[row[0], *(row[at] for at in places)] for row in light["rows"] if row[0] in LINES]
    rows.sort(key=lambda row: LINES.index(row[0]))
    columns = ["client@loop", f"µs a pair of frames, {light['title']}", *wanted[1:]]
    if capacity is not None:
        at = capacity["columns"].index("sessions")
        carried = {row[0]: row[at] for row in capacity["rows"]}
        rows = [[*row, carried.get(row[0], "")] for row in rows]
        columns.append("sessions one core carries")
    caption = f"{origin(told, light)}. 20 ms of audio up and 20 ms down on each session."
    return f"{caption}\n\n{grid(columns, rows)}"


def tables(told: Told) -> str:
    """Every table, each with its own origin."""
    parts = []
    for table in told["tables"].values():
        notes = " ".join(table.get("notes", []))
        parts += [
            f"**{table['title']}.** {origin(told, table)}.",
            grid(table["columns"], table["rows"]),
            notes,
        ]
    return "\n\n".join(part for part in parts if part)


def one(name: str) -> Callable[[Told], str]:
    """One table without its origin, which the page tells."""
    return lambda told: grid(told["tables"][name]["columns"], told["tables"][name]["rows"])


PLACES: dict[str, tuple[str, Callable[[Told], str]]] = {
    "codec-short": ("codec", codec_short),
    "codec": ("codec", codec),
    "codec-targets": ("codec", codec_targets),
    "gauntlet-short": ("gauntlet", gauntlet_short),
    "gauntlet": ("gauntlet", one("gauntlet")),
    "gauntlet-trials": ("gauntlet", one("trials")),
    "lines-short": ("lines", lines_short),
    "lines": ("lines", tables),
}
"""What is drawn in a place: from which file, and how."""


def read(name: str, folder: Path = FIGURES) -> Told | None:
    """A file of figures; None while nobody has measured. One of another form ends the script with words."""
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    told: Told = json.loads(path.read_text(encoding="utf-8"))
    if not {"machine", "tables"} <= set(told):
        sys.exit(
            f"draw_figures.py: {path} has no machine and tables: take it again with --json of today's bench"
        )
    return told


def drawn(text: str, folder: Path = FIGURES) -> str:
    """A page with its figures."""

    def fill(place: re.Match[str]) -> str:
        if place["name"] not in PLACES:
            sys.exit(
                f"draw_figures.py: nobody draws {place['name']}; there are {', '.join(PLACES)}"
            )
        file, draw = PLACES[place["name"]]
        told = read(file, folder)
        words = (
            f"Not measured yet: `make figures FIGURES={file}` does." if told is None else draw(told)
        )
        return f"{place['begin']}\n{words}\n\n{place['end']}"

    return _PLACE.sub(fill, text)


def main() -> None:
    """Draws all pages; with `--check` it only tells which are stale, and fails."""
    stale = []
    for page in PAGES:
        path = ROOT / page
        text = path.read_text(encoding="utf-8")
        if drawn(text) != text:
            stale.append(page)
            if "--check" not in sys.argv:
                path.write_text(drawn(text), encoding="utf-8")
    print(f"drawn anew: {', '.join(stale) or 'nothing'}")
    if "--check" in sys.argv and stale:
        sys.exit("draw_figures.py: make figures FIGURES=render")


if __name__ == "__main__":
    main()
