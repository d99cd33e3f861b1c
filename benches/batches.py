"""What telemetry takes for a second of a line that streams while nobody looks: told by itself, and ten in a batch.

    python benches/batches.py [--lines 300] [--seconds 60] [--rounds 3]

A second is what a line tells when it is summed: one flow of 50 chunks and 50 deltas, a ping, a look at its queues, what
the kernel says. Making the frames (`telemetry.digester`, in the line's event loop) and folding them (in telemetry's
thread) are timed apart, the first ten seconds left out; both ways by turns, medians of the rounds.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from array import array
from typing import Any

from trunkline.protocol import observations as seen
from trunkline.protocol.compound_facts import Flow
from trunkline.protocol.lifecycle import State
from trunkline.telemetry.batch import Batch
from trunkline.telemetry.digester import Digester
from trunkline.telemetry.fleet import FleetFold
from trunkline.telemetry.frames import Began

CHUNKS = 50
CHUNK_SAMPLES = 480
WARM_SECONDS = 10


class Lines:
    """Lines in time of their own; `told` is what their digesters gave and nobody folded yet."""

    def __init__(self, count: int, *, in_batches: bool) -> None:
        self.fold = FleetFold()
        self.fold.take_apart()
        self.told: list[Any] = []
        self.digesters = [self.begun(number) for number in range(count)]
        for one in self.digesters:
            one.hold(self.told.append if in_batches else None)
        self.dice = random.Random(1)

    def begun(self, number: int) -> Digester:
        name, at = f"line-{number}", 0.3 + number / 1000
        line = Began(line=name, at=at, wall_offset=1e9, name=name, server="s", process="p")
        digester = Digester(line, self.told.append, interval=1.0)
        digester.observe(
            seen.Transition(
                at=at, epoch=1, source=State.RESTORING, target=State.LIVE, cause="restored"
            )
        )
        return digester

    def second(self, at: float) -> list[Any]:
        """The facts of one line."""
        dice = self.dice.random
        flow = Flow(at, 1, at + 1.25)
        flow.add_chunks(CHUNKS, CHUNKS * CHUNK_SAMPLES, CHUNKS * 1320)
        times = array("d", [at + n * 0.02 + dice() * 0.002 for n in range(CHUNKS)])
        flow.add_deltas("r", "i", times, array("Q", [CHUNK_SAMPLES]) * CHUNKS, CHUNKS * 1400)
        late = {"at": at + 0.99, "epoch": 1}
        return [
            flow,
            seen.RoundTrip(at=at + 0.001, epoch=1, rtt=0.001 + dice() * 0.001),
            seen.QueueSampled(
                outbox_samples=0, retained_samples=240_000, transport_bytes=0, **late
            ),
            seen.KernelSampled(rtt=1e-4, rtt_min=5e-5, retransmits=0, unsent_bytes=0, **late),
        ]

    def run(self, seconds: int) -> tuple[float, float]:
        """Microseconds for a second of a line: to make its frames, and to fold them."""
        made = folded = 0.0
        for second in range(1, seconds + WARM_SECONDS + 1):
            facts = [self.second(second + 0.3) for _ in self.digesters]
            begun = time.perf_counter()
            for digester, told in zip(self.digesters, facts, strict=True):
                digester.observe_all(told)
            between = time.perf_counter()
            for one in self.told:
                if isinstance(one, Batch):
                    self.fold.apply_batch(one)
                else:
                    self.fold.apply(one)
            if second > WARM_SECONDS:
                made, folded = made + between - begun, folded + time.perf_counter() - between
            self.told.clear()
        of_each = 1e6 / seconds / len(self.digesters)
        return made * of_each, folded * of_each


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    took: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    for _ in range(options.rounds):
        for in_batches, found in took.items():
            found.append(Lines(options.lines, in_batches=in_batches).run(options.seconds))
    for in_batches, found in took.items():
        made, folded = (statistics.median(part) for part in zip(*found, strict=True))
        way = "ten in a batch" if in_batches else "each by itself"
        print(f"{way}: {made:.1f} µs to make, {folded:.1f} µs to fold")


if __name__ == "__main__":
    main()
