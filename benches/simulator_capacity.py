"""How many sessions of 20 ms audio both ways one simulator process carries on one core.

    python benches/simulator_capacity.py [--sessions 300] [--seconds 20] [--delta-ms 20]

The server is a process of its own, pinned to one core; the clients are this process, on another. Each
session appends 20 ms every 20 ms, with the server's voice detection on, and is answered by speech in
deltas of the given length at real time. The clients are bare sockets that look at the frames' headers
only, so that they are not what is measured; their own lateness is printed too.

Late is a delta by how much later it came than its place in its answer says, counted from the earliest
one of that session. A machine that is shared with others makes everything late: look at the load first.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHUNK_MS = 20
GROUPS = 20
KEY = "sk-test-load"
TICKS = os.sysconf("SC_CLK_TCK")
SERVER = """
import asyncio, gc, sys
from trunkline.simulator import SimulatorServer, Timing, Tone
async def main(seconds, delta_ms, seed=1):
    timing = Timing(pace=1.0, delta_ms=delta_ms)
    voice = Tone(tone_ms=seconds * 1000)
    async with SimulatorServer(voice=voice, timing=timing, audio_limit_bytes=1_000_000) as server:
        # As `trunkline simulate` does.
        gc.freeze()
        gc.set_threshold(100_000, 50, 1000)
        print(server.port, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
"""


def frame(payload: bytes) -> bytes:
    """A masked text frame; the mask is zero, so masking costs nothing (RFC 6455 forbids only to leave it out)."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return b"\x81" + length + bytes(4) + payload


# Quiet noise, at -70 dBFS: the detector judges every frame and hears nobody.
AUDIO = base64.b64encode(b"\x05\x00\xfb\xff" * (CHUNK_MS * 12)).decode()
APPEND = frame(b'{"type":"input_audio_buffer.append","audio":"' + AUDIO.encode() + b'"}')
RESPOND = frame(b'{"type":"response.create"}')
DELTA = b'{"type":"response.output_audio.delta"'


class Client(asyncio.Protocol):
    """One session: sends on its group's tick, notes when deltas came."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.is_up = False
        self.arrivals: list[float] = []
        self.errors = 0
        self._buffer = b""

    def connection_made(self, transport) -> None:
        self.transport = transport
        transport.write(
            b"GET /v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Authorization: Bearer " + KEY.encode() + b"\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        data = self._buffer + data if self._buffer else data
        at = 0
        if not self.is_up:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._buffer = data
                return
            self.is_up, at = True, end + 4
        while (step := self._message(data, at, now)) is not None:
            at = step
        self._buffer = data[at:]

    def _message(self, data: bytes, at: int, now: float) -> int | None:
        if len(data) < at + 2:
            return None
        size, begin = data[at + 1], at + 2
        if size == 126:
            if len(data) < at + 4:
                return None
            size, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
        elif size == 127:
            if len(data) < at + 10:
                return None
            size, begin = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
        if len(data) < begin + size:
            return None
        if data.startswith(DELTA, begin):
            self.arrivals.append(now)
        elif data.startswith(b'{"type":"error"', begin):
            self.errors += 1
        return begin + size


async def load(port: int, sessions: int, seconds: float) -> tuple[list[Client], list[float]]:
    """The clients, and how late each tick of theirs was."""
    loop = asyncio.get_running_loop()
    clients = []
    for _ in range(sessions):
        _, client = await loop.create_connection(Client, "127.0.0.1", port)
        client.transport.get_extra_info("socket").setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )
        clients.append(client)
    while not all(client.is_up for client in clients):
        await asyncio.sleep(0.01)
    lateness: list[float] = []
    begin = loop.time() + 0.2
    for number in range(int(seconds * 1000 / CHUNK_MS) * GROUPS):
        tick, group = divmod(number, GROUPS)
        due = begin + (tick + group / GROUPS) * CHUNK_MS / 1000
        if (wait := due - loop.time()) > 0:
            await asyncio.sleep(wait)
        else:
            await asyncio.sleep(0)
        lateness.append(max(loop.time() - due, 0.0))
        for client in clients[group::GROUPS]:
            client.transport.write(APPEND)
            if tick == 10:
                client.transport.write(RESPOND)
    return clients, lateness


def delays_of(client: Client, delta_ms: int) -> list[float]:
    places = [at - index * delta_ms / 1000 for index, at in enumerate(client.arrivals)]
    first = min(places, default=0.0)
    return [place - first for place in places]


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def waited_seconds(pid: int) -> float:
    """How long it stood in the queue for its core, because of other processes."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


def quantiles(values: list[float]) -> str:
    ordered = sorted(values) or [0.0]
    p50, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
    return f"p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, max {ordered[-1] * 1000:.1f} ms"


def start(wanted: argparse.Namespace, core: int) -> subprocess.Popen:
    """The server, on its core; under cProfile if a file for its figures is named."""
    profiler = ["-m", "cProfile", "-o", wanted.profile] if wanted.profile else []
    code = ["-c", SERVER]
    if wanted.profile:
        with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as file:
            file.write(SERVER)
        code = [file.name]
    server = subprocess.Popen(
        [sys.executable, *profiler, *code, str(wanted.seconds + 5), str(wanted.delta_ms)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    os.sched_setaffinity(server.pid, {core})
    if wanted.nice:
        for pid in (server.pid, os.getpid()):
            os.setpriority(os.PRIO_PROCESS, pid, wanted.nice)
            # Linux weighs sessions before processes (sched(7)).
            Path(f"/proc/{pid}/autogroup").write_text(str(wanted.nice))
    return server


def report(wanted: argparse.Namespace, clients: list[Client], took: float, spent: float) -> None:
    delays = [late for client in clients for late in delays_of(client, wanted.delta_ms)]
    expected = wanted.sessions * (wanted.seconds - 0.4) * 1000 / wanted.delta_ms
    session = spent / (wanted.sessions * wanted.seconds)
    print(f"load average {os.getloadavg()[0]:.1f}, {wanted.sessions} sessions, {took:.1f} s")
    print(
        f"server   CPU {spent / took:.0%} of its core: {session * 1000:.2f} ms a second and session"
    )
    print(f"         deltas late by {quantiles(delays)}")
    print(
        f"         {len(delays) / expected:.1%} of the deltas came, {sum(c.errors for c in clients)} errors"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="The simulator's capacity on one core.")
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--delta-ms", type=int, default=20)
    parser.add_argument("--nice", type=int, default=0, help="priority on a shared machine (root)")
    parser.add_argument("--profile", help="a file for cProfile's figures of the server")
    wanted = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    server = start(wanted, cores[-1])
    os.sched_setaffinity(0, {cores[0]})
    port = int(server.stdout.readline())
    begun, spent, waited = time.perf_counter(), cpu_seconds(server.pid), waited_seconds(server.pid)
    clients, ticks = asyncio.run(load(port, wanted.sessions, wanted.seconds))
    took, spent = time.perf_counter() - begun, cpu_seconds(server.pid) - spent
    waited = waited_seconds(server.pid) - waited
    report(wanted, clients, took, spent)
    print(
        f"         it waited {waited / took:.0%} of the time for other processes to leave its core"
    )
    print(f"clients  ticks late by {quantiles(ticks)}")
    server.stdin.close()
    server.wait(20)


if __name__ == "__main__":
    main()
