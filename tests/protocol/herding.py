"""A herd: thousands of clients of one server that goes away and comes back, in discrete events.

Each client is the core's own backoff with a budget of its own, as in a process of its own. The server takes 500
connects a second, lets 500 more wait and refuses the rest at once; while it is away it refuses all. Every client has
lost its link within 0.2 s of the server's going. The figures:
`PYTHONPATH=tests python tests/protocol/herding.py`.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field

from trunkline.protocol.backoff import Backoff, BackoffPolicy, RetryBudget

CAPACITY = 500
"""Connects a second that the server takes, and how many more it lets wait."""
NOTICED_WITHIN = 0.2
ROUND_TRIP = 0.05


@dataclass(slots=True)
class Herd:
    """What became of the clients."""

    recovered: list[float] = field(default_factory=list)
    """Seconds from the server's return to the client's, in order."""
    tries: Counter[int] = field(default_factory=Counter)
    """How many clients needed how many."""
    arrivals: Counter[int] = field(default_factory=Counter)
    """Connects by second since the server's return."""
    gave_up: int = 0

    @property
    def peak(self) -> float:
        """The busiest second after the return, as a multiple of what the server takes."""
        return max(count for second, count in self.arrivals.items() if second >= 0) / CAPACITY

    def percentile(self, share: float) -> float:
        """By when that share of the clients was back."""
        return self.recovered[min(int(share * len(self.recovered)), len(self.recovered) - 1)]


class Server:
    """Takes connects at its rate; gives when one is served, or None if it refuses."""

    def __init__(self, returns_at: float) -> None:
        self._returns_at = returns_at
        self._free_at = returns_at

    def connect(self, at: float) -> float | None:
        if at < self._returns_at or self._free_at - at > 1.0:
            return None
        self._free_at = max(self._free_at, at) + 1.0 / CAPACITY
        return self._free_at


def simulate(clients: int, outage: float, *, seed: int = 1) -> Herd:
    """Runs until each client is back or has given up."""
    draw = random.Random(seed).random
    herd, server = Herd(), Server(outage)
    backoffs = [Backoff(BackoffPolicy(), RetryBudget()) for _ in range(clients)]
    tries = [0] * clients
    lost = [(NOTICED_WITHIN * draw(), number, True) for number in range(clients)]
    heapq.heapify(lost)
    while lost:
        now, number, is_lost = heapq.heappop(lost)
        backoff = backoffs[number]
        if is_lost:
            backoff.lost(now)
            due = backoff.plan(now, draw())
            if due is None:
                herd.gave_up += 1
            else:
                heapq.heappush(lost, (due, number, False))
            continue
        tries[number] += 1
        herd.arrivals[int((now - outage) // 1.0)] += 1
        served_at = server.connect(now)
        if served_at is None:
            heapq.heappush(lost, (now + ROUND_TRIP, number, True))
        else:
            herd.recovered.append(served_at - outage)
    herd.recovered.sort()
    herd.tries.update(tries)
    return herd


def main() -> None:
    print("clients  outage   peak/capacity   p50      p99     max  tries  gave up")
    for outage in (2.0, 10.0, 20.0, 60.0):
        herd = simulate(10_000, outage)
        print(
            f"10,000   {outage:4.0f} s {herd.peak:10.1f} x {herd.percentile(0.5):10.1f} s"
            f" {herd.percentile(0.99):6.1f} s {herd.recovered[-1]:5.1f} s {max(herd.tries):4}"
            f" {herd.gave_up:7}"
        )
    alone = sorted(simulate(1, 1.0, seed=seed).recovered[0] for seed in range(2000))
    print(f"1 client,  1 s: p50 {alone[1000]:.2f} s, p99 {alone[1980]:.2f} s after the return")


if __name__ == "__main__":
    main()
