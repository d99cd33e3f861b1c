"""A simulator in a process of its own, which can be frozen and killed, and what it saw, on disk.

As a program it serves the ports it is given and writes what its sessions hold to a file, several times a second, since
a process that is killed cannot be asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from trunkline.simulator.server import SimulatorServer

TESTS = Path(__file__).parents[1]
_WRITE_INTERVAL = 0.2


async def main(path: Path, ports: list[int]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(SimulatorServer(port=port)) for port in ports]
        print("ready", flush=True)
        while not stop.is_set():
            write(path, servers)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _WRITE_INTERVAL)
        write(path, servers)


def write(path: Path, servers: list[SimulatorServer]) -> None:
    if path.name == "nowhere":
        return
    new = path.with_suffix(".new")
    new.write_bytes(pickle.dumps([server.sessions for server in servers]))
    new.rename(path)


class Server:
    """Starts, freezes and kills it; all its lives are told together."""

    def __init__(self, inside: list[str], folder: Path | None, ports: list[int]) -> None:
        self._inside = inside
        self._folder = folder
        self._ports = ports
        self._process: subprocess.Popen | None = None
        self._lives: list[Path] = []

    def start(self) -> None:
        name = f"{self._ports[0]}.{len(self._lives)}" if self._folder else "nowhere"
        path = (self._folder or Path()) / name
        self._lives.append(path)
        environment = os.environ | {"PYTHONPATH": str(TESTS)}
        command = [*self._inside, sys.executable, __file__, str(path), *map(str, self._ports)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the server did not start"

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def stop(self) -> list[Any]:
        """Ends it; gives the sessions of the first port, those of all lives, oldest first."""
        assert self._process is not None
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        assert self._process.stdout is not None
        self._process.stdout.close()
        if self._folder is None:
            return []
        return [one for path in self._lives for one in pickle.loads(path.read_bytes())[0]]


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), [int(port) for port in sys.argv[2:]]))
