"""Two network namespaces with an emulated network between them, made and removed by whoever enters.

The client's namespace has no loopback: there 127.0.0.0/8 is at the far end of the wire. So the client dials the address
without TLS that it may, and the simulator listens on the only one that it does, and yet there is a network between.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Self, TypeVar

HERE = Path(__file__).parent
_COUNT = iter(range(10_000))
_CLONE_NEWNET = 0x40000000
_Result = TypeVar("_Result")


def why_not() -> str:
    """Why namespaces cannot be used here; empty if they can."""
    if platform.system() != "Linux":
        return "network namespaces are Linux's"
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "the `ip` command is missing (apt-get install iproute2)"
    if not Path("/dev/net/tun").exists():
        return "this kernel has no /dev/net/tun"
    probe = f"tlprobe{os.getpid()}"
    made = subprocess.run(
        ["ip", "netns", "add", probe], check=False, capture_output=True, text=True
    )
    if made.returncode:
        return f"network namespaces are refused: {made.stderr.strip()}"
    tun = subprocess.run(
        ["ip", "-n", probe, "tuntap", "add", "wire", "mode", "tun"],
        check=False,
        capture_output=True,
        text=True,
    )
    subprocess.run(["ip", "netns", "del", probe], check=False)
    return f"TUN devices are refused: {tun.stderr.strip()}" if tun.returncode else ""


class World:
    """A client's side, a server's side, and what is between them."""

    def __init__(self, *, seed: int = 1) -> None:
        number = next(_COUNT)
        self.near = f"tl{os.getpid()}n{number}"
        self.far = f"tl{os.getpid()}f{number}"
        self._seed = seed
        self._stack = contextlib.ExitStack()
        self._port = 9000

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tl")))
            for namespace, address in ((self.near, "10.99.0.1/24"), (self.far, "10.99.0.2/24")):
                _ip("netns", "add", namespace)
                stack.callback(_ip, "netns", "del", namespace)
                self._furnish(namespace, address)
            _ip("-n", self.far, "link", "set", "lo", "up")
            _ip(*f"-n {self.near} route add 127.0.0.0/8 dev wire src 10.99.0.1".split())
            self._start_emulator(stack)
            self._control = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _furnish(self, namespace: str, address: str) -> None:
        _ip("-n", namespace, "tuntap", "add", "wire", "mode", "tun")
        _ip("-n", namespace, "addr", "add", address, "dev", "wire")
        _ip("-n", namespace, "link", "set", "wire", "up")
        script = "echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet"
        subprocess.run([*self.inside(namespace), "sh", "-c", script], check=True)

    def _start_emulator(self, stack: contextlib.ExitStack) -> None:
        command = [sys.executable, str(HERE / "emulator.py"), self.near, self.far]
        process = subprocess.Popen(
            [*command, str(self.folder / "control"), str(self._seed)],
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.callback(_end, process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", "the emulator did not start"

    @staticmethod
    def inside(namespace: str) -> list[str]:
        """What a command begins with that shall run in the namespace."""
        return ["ip", "netns", "exec", namespace]

    def new_port(self) -> int:
        """A port, and with it a lane, that nobody had before."""
        self._port += 1
        return self._port

    def set(self, port: int, *, both: dict[str, Any] | None = None, **ways: dict[str, Any]) -> None:
        """Changes what happens to the packets of a port, `up`, `down` or in `both` directions."""
        if both is not None:
            ways = {"up": both, "down": both}
        document = json.dumps({"port": port, **ways}).encode()
        self._control.sendto(document, str(self.folder / "control"))

    def reset(self, port: int) -> None:
        """The server's kernel resets its connections on the port."""
        kill = ["ss", "-K", "state", "established", f"sport = :{port}"]
        subprocess.run([*self.inside(self.far), *kill], check=True, capture_output=True)

    def run(self, main: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        """Runs a coroutine on the client's side: a thread's sockets belong to the thread's namespace."""
        outcome: list[Any] = []

        def inside() -> None:
            try:
                _enter(self.near)
                outcome.append(asyncio.run(main()))
            except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
                outcome.append(error)

        thread = threading.Thread(target=inside, name=self.near)
        thread.start()
        thread.join()
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]


def _enter(namespace: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(f"/run/netns/{namespace}").open() as file:
        if libc.setns(file.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
