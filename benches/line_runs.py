"""One run of one contestant of `lines.py`: builds what is in C, starts the server and the client, reads its line."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from line_figures import Run, is_quiet, together

__all__ = ["BUILD", "FLOOR", "Place", "Server", "certificate", "quiet_run", "run", "run_on_cores"]

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "lines"
FLOOR = "C floor"
PCM_BYTES = 960


@dataclass(frozen=True)
class Place:
    """Where and how long a run is."""

    seconds: float = 4.0
    warm: float = 1.0
    full: float = 12.0
    """The same of a line, which keeps ten seconds of audio, and what telemetry holds back for as long."""
    tls: bool = False
    cpu: int = 0
    server_cpu: int = 1
    """-1: wherever the kernel likes."""
    tries: int = 3
    """How often a run is taken that is disturbed."""
    answer: int = 0
    """Deltas of an answer; 0 is one that never ends."""


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
        BUILD.mkdir(parents=True, exist_ok=True)
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

    def __init__(self, *, tls: bool, cpu: int = 1, answer: int = 0) -> None:
        self.port = free_port()
        scheme = "wss" if tls else "ws"
        self.url = f"{scheme}://127.0.0.1:{self.port}/v1"
        command = [build("rtserver.c", "-lssl", "-lcrypto"), str(self.port), str(PCM_BYTES)]
        command += ["--answer", str(answer)]
        if (os.cpu_count() or 1) > 1 and cpu >= 0:
            command += ["--cpu", str(cpu)]
        if tls:
            command += ["--tls", *certificate()]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            sys.exit("lines.py: the load server does not start")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate()


def _command(spec: str, sessions: int, place: Place, server: Server) -> list[Any]:
    name, _, loop = spec.partition("@")
    if spec == FLOOR:
        times = ("20", str(place.seconds), str(place.warm), str(place.cpu))
        program = build("floor_client.c", "-lssl", "-lcrypto")
        tls = ("--tls",) if place.tls else ()
        return [program, str(server.port), str(sessions), *times, str(server.pid), *tls]
    # Before that a line does less than it will.
    warm = max(place.warm, place.full) if name.startswith("trunkline") else place.warm
    command = [sys.executable, "-W", "ignore", HERE / "line_worker.py", name, server.url]
    command += ["--loop", loop, "--lines", str(sessions), "--seconds", str(place.seconds)]
    return [
        *command,
        "--warm",
        str(warm),
        "--cpu",
        str(place.cpu),
        "--server",
        str(server.pid),
    ]


def _figures(spec: str, sessions: int, place: Place, server: Server, more: tuple[str, ...]) -> Run:
    environment = dict(os.environ)
    if place.tls:
        environment["SSL_CERT_FILE"] = str(BUILD / "cert.pem")
    try:
        done = subprocess.run(
            [*_command(spec, sessions, place, server), *more],
            check=False,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60 + 0.05 * sessions + 3 * (place.seconds + place.warm + place.full),
        )
        told: Run = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired as error:
        print(f"{spec} with {sessions} sessions: {error}", file=sys.stderr)
        return {}
    except (ValueError, IndexError):
        words = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        print(f"{spec} with {sessions} sessions: {words[0]}", file=sys.stderr)
        return {}
    return told


def run(spec: str, sessions: int, place: Place, *more: str) -> Run:
    """One run; empty if it failed, and stderr has the reason."""
    with Server(tls=place.tls, cpu=place.server_cpu, answer=place.answer) as server:
        return _figures(spec, sessions, place, server, more)


def quiet_run(spec: str, sessions: int, place: Place, *more: str) -> Run:
    """A run that nobody disturbed, or the quietest of some."""
    found: list[Run] = []
    for _ in range(place.tries):
        figures = run(spec, sessions, place, *more)
        if figures and is_quiet(figures):
            return figures
        found += [figures] if figures else []
    return min(found, key=lambda figures: figures.get("waited", 0.0), default={})


def run_on_cores(spec: str, sessions: int, place: Place, cores: list[int]) -> Run:
    """A client process on each core and one server for all, wherever the kernel puts that; empty if one failed."""
    with Server(tls=place.tls, cpu=-1) as server, ThreadPoolExecutor(len(cores)) as pool:
        places = [replace(place, cpu=core) for core in cores]
        runs = list(pool.map(lambda each: _figures(spec, sessions, each, server, ()), places))
    return together(runs) if all(runs) else {}
