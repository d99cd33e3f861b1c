"""A network between two namespaces, in user space: delay, jitter, loss, rate, and silence, each way by itself.

Run as a program it opens a TUN device in each namespace and moves packets between them. Conditions belong to a
*lane*, all the packets of one server port, so that many links share one pair of namespaces and one process and
each has a network of its own. The dice are seeded by lane. Commands are JSON documents, one a datagram:

    {"port": 9000, "up": {"delay": 0.05, "jitter": 0.0, "loss": 0.03, "rate": 25000, "queue": 65536, "black": false},
     "down": {…}}

What a command does not name stays as it is; `rate` is in bytes per second of TCP payload and headers, 0 for no limit.
Packets of one lane and direction never overtake each other, as on one wire.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x1001
_CLONE_NEWNET = 0x40000000
_TCP = 6


@dataclass
class Wire:
    """One direction of one lane."""

    dice: random.Random
    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    rate: float = 0.0
    queue: int = 65_536
    black: bool = False
    dropped: int = 0
    _free_at: float = field(default=0.0)
    _last_at: float = field(default=0.0)

    def arrival(self, size: int, now: float) -> float | None:
        """When a packet that is sent now arrives; None if it never does."""
        if self.black or (self.loss and self.dice.random() < self.loss):
            self.dropped += 1
            return None
        leaves_at = now
        if self.rate:
            leaves_at = max(now, self._free_at)
            if (leaves_at - now) * self.rate > self.queue:
                self.dropped += 1
                return None
            self._free_at = leaves_at = leaves_at + size / self.rate
        jitter = self.jitter * self.dice.uniform(-1, 1) if self.jitter else 0.0
        self._last_at = max(self._last_at, leaves_at + max(0.0, self.delay + jitter))
        return self._last_at


def ports(packet: bytes) -> tuple[int, int] | None:
    """Source and destination port of an IPv4 packet with TCP in it."""
    if len(packet) < 24 or packet[0] >> 4 != 4 or packet[9] != _TCP:
        return None
    start = (packet[0] & 15) * 4
    return struct.unpack_from("!HH", packet, start)


class Network:
    """All lanes; knows nothing of devices."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._wires: dict[tuple[int, str], Wire] = {}
        self._due: list[tuple[float, int, str, bytes]] = []
        self._count = 0

    def wire(self, port: int, way: str) -> Wire:
        key = (port, way)
        if key not in self._wires:
            self._wires[key] = Wire(random.Random(f"{self._seed} {port} {way}"))
        return self._wires[key]

    def command(self, document: dict) -> None:
        for way in ("up", "down"):
            wire = self.wire(document["port"], way)
            for name, value in document.get(way, {}).items():
                assert hasattr(wire, name), name
                setattr(wire, name, value)

    def sent(self, packet: bytes, way: str, now: float) -> None:
        found = ports(packet)
        if found is None:
            return
        at = self.wire(found[1 if way == "up" else 0], way).arrival(len(packet), now)
        if at is not None:
            self._count += 1
            heapq.heappush(self._due, (at, self._count, way, packet))

    def arrived(self, now: float) -> list[tuple[str, bytes]]:
        """The packets whose time has come, in order."""
        found = []
        while self._due and self._due[0][0] <= now:
            _, _, way, packet = heapq.heappop(self._due)
            found.append((way, packet))
        return found

    def wait(self, now: float) -> float | None:
        return max(0.0, self._due[0][0] - now) if self._due else None


def open_tun(namespace: str, name: str) -> int:
    """A TUN device that was made in the namespace; this process ends up in that namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(f"/run/netns/{namespace}").open() as file:
        if libc.setns(file.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN_NO_PI))
    return device


def main(upside: str, downside: str, control_path: str, seed: int) -> None:
    control = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    control.bind(control_path)
    devices = {"up": open_tun(upside, "wire"), "down": open_tun(downside, "wire")}
    far = {"up": devices["down"], "down": devices["up"]}
    network = Network(seed)
    print("ready", flush=True)
    poll = select.poll()
    for fd in (control.fileno(), *devices.values()):
        poll.register(fd, select.POLLIN)
    while True:
        wait = network.wait(time.monotonic())
        ready = {fd for fd, _ in poll.poll(None if wait is None else wait * 1000)}
        now = time.monotonic()
        if control.fileno() in ready:
            network.command(json.loads(control.recv(65_536)))
        for way, device in devices.items():
            if device in ready:
                read_all(device, way, network, now)
        for way, packet in network.arrived(time.monotonic()):
            try:
                os.write(far[way], packet)
            except OSError as error:
                # A full device drops, as a full wire does.
                print(error, file=sys.stderr)


def read_all(device: int, way: str, network: Network, now: float) -> None:
    """At most so many at a time that what is due is not kept waiting."""
    for _ in range(64):
        try:
            packet = os.read(device, 65_536)
        except BlockingIOError:
            return
        network.sent(packet, way, now)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
