"""Rotations in simulated time: what each loses, doubles and lets the speaker wait for.

The core and the simulator's engine stand on one clock, 20 ms apart each way. A caller speaks the recorded turns in
real time, a speaker plays the answers, and the line is asked to rotate at random moments, with random patience. What
was lost or doubled is judged from what each session was given, not from the client's books.

    python benches/rotations.py [--rotations 500] [--seed 1]
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import orjson

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from scenarios.judging import CHUNK_SAMPLES, RATE_HZ, Judge, caller_stream
from trunkline.protocol import drains, events
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure
from trunkline.protocol.connection import Connection
from trunkline.protocol.policy import LinePolicy
from trunkline.simulator.engine import Engine, Tally
from trunkline.simulator.voice import voice_named

ONE_WAY = 0.02
CHUNK_SECONDS = CHUNK_SAMPLES / RATE_HZ
SESSION = {
    "audio": {
        "input": {
            "transcription": {"model": "whisper"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
        }
    }
}


class Speaker:
    """Plays the answers in real time and knows for how long it had nothing to play in the middle of one."""

    def __init__(self) -> None:
        self.item = ""
        self.runs_out_at = 0.0
        self.received = 0
        self.gaps: list[tuple[float, float]] = []

    def take(self, event: events.Event, now: float) -> None:
        if isinstance(event, events.Interrupted):
            self.item = ""
        if not isinstance(event, events.AudioDelta):
            return
        if event.item_id != self.item:
            self.item, self.received, self.runs_out_at = event.item_id, 0, now
        elif now > self.runs_out_at:
            self.gaps.append((now, now - self.runs_out_at))
            self.runs_out_at = now
        samples = len(event.pcm) // 2
        self.received += samples
        self.runs_out_at += samples / RATE_HZ

    def played(self, now: float) -> int:
        return self.received - round(max(0.0, self.runs_out_at - now) * RATE_HZ)


class World:
    """One conversation: a line, its sessions, its caller, and one clock."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.now = 0.0
        self.line = Connection(LinePolicy(session=SESSION), budget=RetryBudget(size=1e6))
        self.engines: dict[int, Engine] = {}
        self.open: set[int] = set()
        self.speaker = Speaker()
        self.facts: list[seen.Observation] = []
        self.broken = 0
        self._tally = Tally()
        self._agenda: list[tuple[float, int, Any]] = []
        self._order = itertools.count()
        self._seed = seed

    def at(self, when: float, happen: Any) -> None:
        heapq.heappush(self._agenda, (when, next(self._order), happen))

    def run(self, until: float) -> None:
        while True:
            times = [at for at in (self._agenda[0][0] if self._agenda else None,) if at is not None]
            deadline = self.line.deadline()
            times += [] if deadline is None else [deadline]
            due = min(times, default=until)
            if due > until:
                self.now = until
                return
            self.now = max(self.now, due)
            if self._agenda and self._agenda[0][0] <= self.now:
                heapq.heappop(self._agenda)[2]()
            else:
                self.line.handle_timeout(self.now, self.dice.random())
            self.drain()

    def drain(self) -> None:
        while (act := self.line.next_action()) is not None:
            self._act(act)
        for epoch in sorted(self.open):
            while (text := self.line.next_message(self.now, epoch)) is not None:
                self.at(self.now + ONE_WAY, lambda e=epoch, t=text: self._serve(e, t))
        while (event := self.line.next_event()) is not None:
            anew = isinstance(event, events.Interrupted) and "anew" in event.reason
            self.broken += anew
            self.speaker.take(event, self.now)
        while (fact := self.line.next_observation()) is not None:
            self.facts.append(fact)

    def _act(self, act: drains.Command) -> None:
        epoch = act.epoch
        if isinstance(act, drains.Dial):
            self.at(self.now + 3 * ONE_WAY, lambda: self._opened(epoch))
        elif isinstance(act, drains.Ping):
            payload = act.payload
            self.at(self.now + 2 * ONE_WAY, lambda: self.line.pong(epoch, payload, self.now))
        else:
            self.open.discard(epoch)
            gone = Closure(code=1000)
            self.at(self.now + 2 * ONE_WAY, lambda: self.line.link_closed(epoch, gone, self.now))

    def _opened(self, epoch: int) -> None:
        engine = self.engines[epoch] = Engine(
            model="gpt-realtime-2.1",
            voice=voice_named("interpreter"),
            seed=self._seed * 1000 + epoch,
            tally=self._tally,
        )
        self.open.add(epoch)
        engine.opened(self.now)
        self.line.link_opened(epoch, self.now)
        self._flush(epoch)

    def _serve(self, epoch: int, text: bytes | None) -> None:
        engine = self.engines[epoch]
        if text is None:
            engine.handle_timeout(self.now)
        else:
            engine.receive_text(text, self.now)
        self._flush(epoch)

    def _flush(self, epoch: int) -> None:
        engine = self.engines[epoch]
        while (event := engine.next_event()) is not None:
            text = orjson.dumps(event)
            self.at(self.now + ONE_WAY, lambda t=text: self.line.receive(epoch, t, self.now))
        due = engine.deadline()
        if due is not None and due < self.now + 60.0:
            self.at(max(due, self.now), lambda: self._serve(epoch, None))

    def converse(self, stream: bytes) -> None:
        """The caller speaks the stream; every few seconds a rotation is asked for."""
        self.line.start(self.now)
        self.drain()
        rotate_at = 1.0 + 3.0 * self.dice.random()
        for start in range(0, len(stream), 2 * CHUNK_SAMPLES):
            self.line.send_audio(stream[start : start + 2 * CHUNK_SAMPLES], self.now)
            if self.speaker.item:
                self.line.played(self.speaker.item, self.speaker.played(self.now), self.now)
            if self.now >= rotate_at and self.line.state.value == "live":
                self.line.rotate(self.now, self.dice.choice([0.0, 2.0, None]))
                rotate_at = self.now + 1.0 + 4.0 * self.dice.random()
            self.drain()
            self.run(self.now + CHUNK_SECONDS)
        self.run(self.now + 10.0)


def judge(world: World, stream: bytes) -> tuple[int, int]:
    """Samples that no session was given, and samples that one conversation was given twice."""
    sessions = [engine.history for engine in world.engines.values()]
    reader = Judge(stream, sessions)
    given, doubled = np.zeros(len(stream) // 2, bool), 0
    for session in sessions:
        held = np.zeros(len(given), np.int16)
        after = 0
        for one in session.appends:
            low, high = reader.place(one.pcm, after)
            held[low:high] += 1
            after = low
        given |= held > 0
        for item in session.items_of("created"):
            if item.role == "user":
                for low, high in reader.spans_of(session, item):
                    held[low:high] += 1
        doubled += int(np.maximum(held - 1, 0).sum())
    return int((~given).sum()), doubled


def main() -> None:
    """Prints the figures of docs/measuring.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rotations", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    stream = caller_stream([1, 2, 3, 4, 5], pause_ms=3500)[1]
    lost = doubled = failed = broken = runs = 0
    switches: list[seen.Rotated] = []
    waits: list[float] = []
    while len(switches) < options.rotations:
        world = World(options.seed * 1000 + runs)
        world.converse(stream)
        more = judge(world, stream)
        lost, doubled, runs = lost + more[0], doubled + more[1], runs + 1
        broken += world.broken
        failed += sum(isinstance(fact, seen.RotationFailed) for fact in world.facts)
        for fact in world.facts:
            if isinstance(fact, seen.Rotated):
                switches.append(fact)
                began_at = fact.at - fact.took
                near = [gap for at, gap in world.speaker.gaps if began_at <= at <= fact.at + 2.0]
                waits.append(max(near, default=0.0))
    moments = dict(Counter(fact.moment for fact in switches))
    took = [fact.took * 1000 for fact in switches if fact.moment == "in silence"] or [0.0]
    per_ms = RATE_HZ / 1000
    print(f"rotations {len(switches)} in {runs} conversations, failed {failed}, moments {moments}")
    print(f"lost {lost / per_ms:.1f} ms, doubled {doubled / per_ms:.1f} ms")
    p50, p99 = np.percentile(np.array(waits) * 1000, [50, 99])
    print(f"speaker gap p50 {p50:.1f} ms, p99 {p99:.1f} ms; answers given anew {broken}")
    print(
        f"asked to switched, in silence: p50 {np.median(took):.0f} ms, p99 {np.percentile(took, 99):.0f} ms"
    )


if __name__ == "__main__":
    main()
