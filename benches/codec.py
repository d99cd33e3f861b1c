"""What the codec costs, against the usual ways to do the same: `python benches/codec.py [--quick] [--json FILE]`.

All backends of this machine, forced in turn, and all peers take turns within one run, so that a change of the
machine's mood hits all of them; a figure is the median of the rounds. Read the ratios, not the times. The
call from Python is included, the loop around it hardly: timeit compiles the statement into it.
`TRUNKLINE_CODEC_BACKEND=avx2` takes that backend alone.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import os
import platform
import shlex
import statistics
import sys
import timeit
from dataclasses import dataclass
from importlib.metadata import version
from itertools import repeat
from pathlib import Path
from time import perf_counter

import numpy as np

from trunkline.audio import codec
from works import ALL_MS, BULK_MS, WORKS, check, loop, names_of, result_of

PEERS = {
    "fast": "fast peer",
    "orjson": "pybase64 + orjson",
    "idiom": "base64 + json",
    "sdk": "openai SDK",
}
LEGEND = (
    "µs a call, medians of rounds in turns; in brackets how many times slower than {best}. "
    "copy: allocating and copying the output. Fast peer: numpy into arrays that are there + pybase64 + join for "
    "appends, msgspec with a typed Struct for deltas, numpy + pybase64 for base64. The others with numpy. "
    "SDK: connection.input_audio_buffer.append into nowhere; its parse of the event + base64."
)


@dataclass(frozen=True)
class Target:
    """A limit by backend: at most so many µs or times `copy` or `plain`, at least so many times a peer's speed."""

    work: str
    ms: int
    against: str
    avx512: float
    avx2: float

    def verdict(self, backend, ours, others):
        limit = getattr(self, backend)
        if self.against in PEERS:
            value, unit = others[self.against] / ours, f"x faster than {PEERS[self.against]}"
            is_met, bound = value >= limit, "at least"
        elif self.against:
            value, unit = ours / others[self.against], f"x {self.against}"
            is_met, bound = value <= limit, "at most"
        else:
            value, unit, is_met, bound = ours, "µs", ours <= limit, "at most"
        word = "met" if is_met else "MISSED"
        name = f"{self.work}, {length(self.ms)}, {backend}"
        return f"{word:7}{name:40}{figure(value)} {unit}, {bound} {limit}"


TARGETS = [
    Target("float32 → append", 20, "", 0.2, 0.4),
    Target("float32 → append", 20, "fast", 25, 12),
    Target("float32 → append", 20, "idiom", 50, 25),
    Target("int16 → append", 20, "", 0.15, 0.3),
    Target("float32 → append", 1000, "copy", 1.6, 6),
    Target("delta → int16", 20, "", 0.35, 0.45),
    Target("delta → int16", 20, "fast", 5, 5),
    Target("delta → int16", 20, "sdk", 100, 100),
    Target("delta → float32", 20, "", 0.5, 0.5),
    # "pybase64 + numpy" both ways: as messages and, of float32, as bare text. Bare text of int16 has no target, since
    # there the peer alone is as fast as the copy of its output, but its line shows how far behind we are.
    Target("float32 → append", BULK_MS, "fast", 1.5, 1.5),
    Target("delta → int16", BULK_MS, "orjson", 1.5, 1.5),
    Target("delta → float32", BULK_MS, "orjson", 1.5, 1.5),
    Target("float32 → base64", BULK_MS, "fast", 1.5, 1.5),
    Target("base64 → float32", BULK_MS, "fast", 1.5, 1.5),
    Target("float32 → append, level", 20, "plain", 1.3, 1.3),
    Target("float32 → append, level", 1000, "plain", 1.3, 1.3),
    Target("int16 → append, level", 20, "plain", 1.3, 1.3),
]

AWAITED = """
async def turn(count):
    start = perf_counter()
    for _ in repeat(None, count):
        {statement}
    return perf_counter() - start
"""


def timer(statement, names):
    """Seconds that so many runs of a statement take; one that awaits runs inside one task."""
    if "await " not in statement:
        return timeit.Timer(statement, globals=names).timeit
    scope = names | {"perf_counter": perf_counter, "repeat": repeat}
    exec(AWAITED.format(statement=statement), scope)
    return lambda count: loop.run_until_complete(scope["turn"](count))


def medians(contestants, *, rounds, budget):
    """Microseconds a call of each backend and timer, in turns; a turn lasts about the budget."""
    counts = []
    for backend, run in contestants:
        codec.use_backend(backend)
        run(1)
        counts.append(max(1, int(budget / (run(3) / 3))))
    columns = [[] for _ in contestants]
    for _ in range(rounds):
        for (backend, run), count, column in zip(contestants, counts, columns, strict=True):
            codec.use_backend(backend)
            column.append(run(count) / count * 1e6)
    codec.use_backend(None)
    return [statistics.median(column) for column in columns]


def copy_of(output):
    """Allocating and copying: a slice of bytes is exactly that, without a type's call or a buffer's view.

    One byte short of the whole, which would be given without a copy. Results are dropped at once, so
    malloc gives the block of the last call again, in the cache and, at 10 MB, mapped: to us as well.
    """
    size = memoryview(output).nbytes
    return {"longer": bytes(size + 1), "whole": slice(0, size)}


def measured(work, ms, backends, **turns):
    """Our medians by backend, those of the others by column, and ours without the addition."""
    names = names_of(ms)
    check(work, names)
    output = result_of(work.ours, names)
    statements = {peer: getattr(work, peer) for peer in PEERS}
    if isinstance(output, bytes | np.ndarray):
        names |= copy_of(output)
        statements = {"copy": "longer[whole]"} | statements
    statements = {column: statement for column, statement in statements.items() if statement}
    contestants = [(backend, timer(work.ours, names)) for backend in backends]
    contestants += [(None, timer(statement, names)) for statement in statements.values()]
    contestants += [(backend, timer(work.plain, names)) for backend in backends if work.plain]
    found = iter(medians(contestants, **turns))
    ours = {backend: next(found) for backend in backends}
    others = {column: next(found) for column in statements}
    return ours, others, dict(zip(backends, found, strict=False))


def verdicts(work, ms, ours, others, plain):
    for target in TARGETS:
        if (target.work, target.ms) == (work.name, ms):
            for backend in reversed(ours):
                if hasattr(target, backend):
                    others["plain"] = plain.get(backend)
                    yield target.verdict(backend, ours[backend], others)


def figure(value):
    decimals = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{decimals}f}"


def length(ms):
    return {1000: "1 s", BULK_MS: "10 MB"}.get(ms, f"{ms} ms")


def cells(work, ms, ours, others):
    best = list(ours.values())[-1]
    columns = [work.name, length(ms), *map(figure, ours.values())]
    for column in ("copy", *PEERS):
        other = others.get(column)
        columns.append(f"{figure(other)} ({figure(other / best)}x)" if other else "")
    return columns


def show(columns):
    print(f"{columns[0]:25}{columns[1]:>7}", *(f"{cell:>17}" for cell in columns[2:]), flush=True)


def machine():
    """What figures may depend on."""
    told = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    models = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def circumstances():
    """The day, the command, the versions and what else went on: what a figure is worth nothing without."""
    peers = ("numpy", "pybase64", "orjson", "msgspec", "openai")
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
        "command": shlex.join(["python", "benches/codec.py", *sys.argv[1:]]),
        "load": round(os.getloadavg()[0], 1),
        "versions": {peer: version(peer) for peer in peers},
    }


def arguments_of(parser):
    parser.add_argument("--quick", action="store_true", help="a tenth of the time: a smoke test")
    parser.add_argument("--json", type=Path, help="where docs/draw_figures.py finds it")
    arguments = parser.parse_args()
    if codec.build_profile() != "release":
        parser.error("the extension is a debug build: make build")
    wanted = os.environ.get("TRUNKLINE_CODEC_BACKEND")
    if wanted and wanted not in codec.backends():
        parser.error(f"TRUNKLINE_CODEC_BACKEND: no {wanted} here, but {codec.backends()}")
    return arguments, [wanted] if wanted else codec.backends()


def main():
    arguments, backends = arguments_of(
        argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    )
    rounds, budget = (5, 0.001) if arguments.quick else (25, 0.008)
    told = circumstances()
    told |= {"title": "The codec against its peers", "notes": [LEGEND.format(best=backends[-1])]}
    told |= {"columns": ["work", "audio", *backends, "copy", *PEERS.values()], "rows": []}
    print(told["command"], told["at"], *machine().values(), f"load {told['load']}", *told["notes"])
    show(told["columns"])
    gc.disable()  # timeit does it as well; the SDK's turns are not timeit's
    lines = []
    for ms in ALL_MS:
        for work in WORKS:
            if ms in work.lengths_ms:
                turns = {"rounds": rounds if ms < BULK_MS else rounds // 2, "budget": budget}
                ours, others, plain = measured(work, ms, backends, **turns)
                told["rows"].append(cells(work, ms, ours, others))
                show(told["rows"][-1])
                lines += verdicts(work, ms, ours, others, plain)
                gc.collect()
    print("\nTargets:\n", *lines, sep="\n")
    if arguments.json:
        told = {"machine": machine(), "tables": {"codec": told | {"targets": lines}}}
        arguments.json.write_text(f"{json.dumps(told, indent=1, ensure_ascii=False)}\n")


if __name__ == "__main__":
    main()
