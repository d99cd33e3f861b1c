"""What a session costs, and how many one core carries: trunkline's lines beside its peers, in one interleaved run.

    python benches/lines.py [--rounds 5] [--seconds 4] [--only trunkline@asyncio,openai@asyncio] [--tls] [--json FILE]
    python benches/lines.py --short

Each contestant (`line_contestants.py`) streams 20 ms both ways in a process of its own on one core, against a server in
C on the other (`native/`); the floor is a client in C that makes the same system calls and nothing else. Four tables:

- **50 sessions**: processor time for a pair of frames, one up and one down, where sessions share no wake-up.
- **capacity**: most sessions whose sends are less than 10 ms late at p99, found by halving.
- **load**: the same processor time with each contestant at 70 % of its own capacity.
- **opening and memory**: how long 500 sessions take to open, at what cost, and what an idle and a streaming one occupy.

Rounds take all contestants in turn, in an order drawn anew; a ratio is the median of the rounds' ratios. A run that the
machine disturbed (the process was ready and had no core for more than 2 % of the time) is repeated twice. What is not
installed is left out and named. `--short` runs each contestant for a second and judges nothing but that all works.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "lines"
FLOOR = "C floor"
SESSIONS = 50
FILL = 0.7
LATE_MS = 10.0
PCM_BYTES = 960
MOST_SESSIONS = 4000
DISTURBED = 0.02
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


def build(source: str, *libraries: str) -> Path:
    program = BUILD / Path(source).stem
    path = HERE / "native" / source
    if not program.exists() or program.stat().st_mtime < path.stat().st_mtime:
        BUILD.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", "-O2", "-o", program, path, *libraries], check=True)
    return program


def certificate() -> tuple[Path, Path]:
    cert, key = BUILD / "cert.pem", BUILD / "key.pem"
    if not cert.exists():
        subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365"]
        command += [*subject, "-keyout", key, "-out", cert]
        subprocess.run(command, check=True, capture_output=True)
    return cert, key


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The load server, for one run."""

    def __init__(self, *, tls: bool) -> None:
        self.port = free_port()
        scheme = "wss" if tls else "ws"
        self.url = f"{scheme}://127.0.0.1:{self.port}/v1"
        command = [build("rtserver.c", "-lssl", "-lcrypto"), str(self.port), str(PCM_BYTES)]
        if (os.cpu_count() or 1) > 1:
            command += ["--cpu", "1"]
        if tls:
            command += ["--tls", *certificate()]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            sys.exit("lines.py: the load server does not start")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate()


def run(spec: str, sessions: int, options: argparse.Namespace, *more: str) -> dict[str, Any]:
    """One run of one contestant; empty if it failed."""
    name, _, loop = spec.partition("@")
    with Server(tls=options.tls) as server:
        if spec == FLOOR:
            times = ("20", str(options.seconds), "1", "0")
            command = [build("floor_client.c"), str(server.port), str(sessions), *times]
        else:
            command = [sys.executable, "-W", "ignore", HERE / "line_worker.py", name, server.url]
            command += ["--loop", loop, "--lines", str(sessions), "--seconds", str(options.seconds)]
        environment = {**os.environ, "SSL_CERT_FILE": str(BUILD / "cert.pem")}
        environment = environment if options.tls else dict(os.environ)
        try:
            limit = 60 + 0.1 * sessions + 4 * options.seconds
            done = subprocess.run(
                [*command, *more],
                check=False,
                env=environment,
                capture_output=True,
                text=True,
                timeout=limit,
            )
            return json.loads(done.stdout.splitlines()[-1])
        except (subprocess.TimeoutExpired, ValueError, IndexError) as error:
            print(f"{spec} with {sessions} sessions: {error}", file=sys.stderr)
            return {}


def quiet_run(spec: str, sessions: int, options: argparse.Namespace) -> dict[str, Any]:
    """A run that nobody disturbed, or the third."""
    for _ in range(3):
        figures = run(spec, sessions, options)
        if figures.get("waited", 0.0) < DISTURBED:
            break
    return figures


@dataclass
class Table:
    """Runs of several contestants, round by round."""

    title: str
    sessions: dict[str, int]
    rounds: list[dict[str, dict[str, Any]]] = field(default_factory=list)

    def fill(self, options: argparse.Namespace) -> None:
        dice = random.Random(3)
        for _ in range(options.rounds):
            order = sorted(self.sessions, key=lambda _: dice.random())
            figures = {spec: quiet_run(spec, self.sessions[spec], options) for spec in order}
            self.rounds.append({spec: found for spec, found in figures.items() if found})

    def median(self, spec: str, figure: str) -> float:
        return statistics.median(
            round_[spec].get(figure, float("nan")) for round_ in self.rounds if spec in round_
        )

    def ratio(self, spec: str, base: str) -> str:
        """How many times cheaper than the base."""
        pairs = [
            round_[base]["us_per_pair"] / round_[spec]["us_per_pair"]
            for round_ in self.rounds
            if spec in round_ and base in round_
        ]
        return f"{statistics.median(pairs):.2f}" if pairs else ""

    def print(self) -> None:
        print(f"\n{self.title}\n")
        print(
            "| client@loop | sessions | µs a pair | SDK / it | it / floor | core used | late p99 |"
        )
        print("|---|---|---|---|---|---|---|")
        specs = [spec for spec in self.sessions if any(spec in round_ for round_ in self.rounds)]
        for spec in sorted(specs, key=lambda spec: -self.median(spec, "us_per_pair")):
            print(
                f"| {spec} | {self.sessions[spec]} | {self.median(spec, 'us_per_pair'):.1f} |"
                f" {self.ratio(spec, 'openai@asyncio')} | {self.ratio(FLOOR, spec)} |"
                f" {self.median(spec, 'util'):.0%} | {self.median(spec, 'late_p99'):.1f} |"
            )


def carries(figures: dict[str, Any]) -> bool:
    return bool(figures) and (
        figures["late_p99"] < LATE_MS
        and figures["sent_ratio"] > 0.99
        and figures["got_ratio"] > 0.985
    )


def capacity(spec: str, options: argparse.Namespace) -> int:
    """Most sessions that one core carries, to 5 %."""
    cost = quiet_run(spec, SESSIONS, options).get("util", 1.0) / SESSIONS
    sessions, low, high = max(4, min(MOST_SESSIONS, int(0.8 / cost))), 0, 0
    while not high or high - low > max(1, 0.05 * high):
        if carries(quiet_run(spec, sessions, options)):
            low = sessions
            if low == MOST_SESSIONS:
                break
        else:
            high = sessions
        if sessions <= 4 and not low:
            break
        sessions = (low + high) // 2 if low and high else int(high * 0.65) or int(low * 1.4)
        sessions = min(sessions, MOST_SESSIONS)
    return low


def print_opening(specs: list[str], options: argparse.Namespace) -> None:
    print("\nOpening 500 sessions, and memory\n")
    print("| client@loop | open 500, s | CPU each, ms | KiB idle | KiB streaming |")
    print("|---|---|---|---|---|")
    for spec in specs:
        idle = run(spec, 500, options, "--idle")
        # Longer than the retention, which is full then.
        longer = argparse.Namespace(**{**vars(options), "seconds": 12.0})
        streaming = run(spec, SESSIONS, longer)
        if idle and streaming:
            print(
                f"| {spec} | {idle['open_s']:.2f} | {idle['open_cpu_ms']:.2f} |"
                f" {idle['open_kib']:.0f} | {streaming['stream_kib']:.0f} |"
            )


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


def check(specs: list[str], options: argparse.Namespace) -> None:
    """A second of each: all sent, all came back, nothing garbled."""
    for spec in specs:
        figures = run(spec, 5, options)
        if not figures or figures.get("bad") or figures["got_ratio"] < 0.5:
            sys.exit(f"lines.py: {spec} does not work: {figures}")
        print(f"{spec}: {figures['us_per_pair']:.0f} µs a pair of frames, 5 sessions")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", default=",".join(CONTESTANTS))
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    specs = available(options.only.split(","))
    if options.tls:
        specs = [spec for spec in specs if spec != FLOOR]
    if options.short:
        options.seconds = 1.0
        check(specs, options)
        return
    light = Table(f"{SESSIONS} sessions", dict.fromkeys(specs, SESSIONS))
    light.fill(options)
    light.print()
    carried = {spec: capacity(spec, options) for spec in specs}
    print("\nSessions with p99 of lateness under 10 ms\n\n| client@loop | sessions |\n|---|---|")
    for spec, count in sorted(carried.items(), key=lambda item: item[1]):
        print(f"| {spec} | {count} |")
    load = {spec: max(2, int(count * FILL)) for spec, count in carried.items() if count}
    heavy = Table("Each at 70 % of its own capacity", load)
    heavy.fill(options)
    heavy.print()
    print_opening([spec for spec in specs if spec != FLOOR], options)
    if options.json:
        told = {"light": light.rounds, "capacity": carried, "heavy": heavy.rounds}
        options.json.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
