"""A world for the whole stack in virtual time: an event loop whose clock jumps, and a network made of memory.

Real client, real `websockets`, real simulator server on aiohttp. Nothing sleeps: when no callback is ready the clock
goes to the next timer. Connections carry bytes with a delay, can be held (partition, then retransmission), slowed,
and reset.
"""

from __future__ import annotations

import asyncio
import selectors
from collections import deque
from hashlib import blake2b
from random import Random
from types import SimpleNamespace

from trunkline.protocol.closure import Phase
from trunkline.transports.dialing import Dialer, phase


class Deadlock(Exception):
    """Everything waits and nothing is planned."""


class _Selector(selectors.BaseSelector):
    """Never waits: moves the loop's clock instead."""

    def __init__(self) -> None:
        self.loop: VirtualLoop
        self._map: dict = {}

    def register(self, fileobj, events, data=None):
        key = selectors.SelectorKey(fileobj, fileobj, events, data)
        self._map[fileobj] = key
        return key

    def unregister(self, fileobj):
        return self._map.pop(fileobj)

    def modify(self, fileobj, events, data=None):
        return self.register(fileobj, events, data)

    def select(self, timeout=None):
        if timeout is None:
            raise Deadlock
        if timeout > 0:
            self.loop.clock += timeout
        return []

    def get_map(self):
        return self._map


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time is a number."""

    def __init__(self, network: Network) -> None:
        selector = _Selector()
        selector.loop = self
        self.clock = 1000.0
        self.network = network
        network.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.clock

    def wall(self) -> float:
        """Unix time."""
        return 1.8e9 + self.clock

    async def create_connection(self, protocol_factory, host=None, port=None, **_):
        return await self.network.connect(protocol_factory, port)

    async def create_server(self, protocol_factory, host=None, port=None, **_):
        return self.network.listen(protocol_factory, port or 4000)

    async def getaddrinfo(self, *_, **__):
        raise AssertionError("nothing here has a name")

    def run_in_executor(self, *_):
        raise AssertionError("threads have a clock of their own")

    def add_signal_handler(self, *_):
        raise AssertionError("signals come at no virtual time")


class Network:
    """All connections, and what can be done to them."""

    def __init__(self, seed: int) -> None:
        self.loop: VirtualLoop
        self.dice = Random(seed)
        self.delay = self.dice.choice((0.001, 0.02, 0.08))
        self.rate = 1e7
        self.is_held = False
        self.refuses = False
        self.pairs: list[tuple[End, End]] = []
        self.trace = blake2b(digest_size=16)
        """Of every write's time and size; contents would tell the library's masks, which are random."""
        self._listeners: dict[int, object] = {}

    def listen(self, factory, port: int):
        self._listeners[port] = factory
        name = SimpleNamespace(getsockname=lambda: ("127.0.0.1", port))

        async def done():
            return None

        return SimpleNamespace(
            sockets=[name], close=lambda: self._listeners.pop(port, None), wait_closed=done
        )

    async def connect(self, factory, port: int):
        await asyncio.sleep(2 * self.delay)
        while self.is_held:
            # SYNs are sent again until somebody answers; the caller has a deadline of its own.
            await asyncio.sleep(0.25)
        listener = self._listeners.get(port)
        if listener is None or self.refuses:
            raise ConnectionRefusedError(111, "refused")
        near, far = End(self, factory()), End(self, listener())
        near.peer, far.peer = far, near
        self.pairs = [pair for pair in self.pairs if not pair[0].is_closing()]
        self.pairs.append((near, far))
        far.protocol.connection_made(far)
        near.protocol.connection_made(near)
        return near, near.protocol

    def hold(self) -> None:
        self.is_held = True

    def release(self) -> None:
        self.is_held = False
        for pair in self.pairs:
            for end in pair:
                end.flow()

    def reset(self) -> None:
        for pair in list(self.pairs):
            for end in pair:
                end.break_off()


class End(asyncio.Transport):
    """One end of a connection."""

    def __init__(self, network: Network, protocol) -> None:
        super().__init__()
        self.protocol = protocol
        self.peer: End
        self._network = network
        self._loop = network.loop
        self._waiting: deque[bytes | None] = deque()
        self._size = 0
        self._high, self._low = 64 * 1024, 16 * 1024
        self._paused = self._closing = self._lost = self._reading_paused = self._flows = False
        self._inbox: deque[bytes | None] = deque()

    # What protocols ask of a transport.

    def get_extra_info(self, name, default=None):
        return ("127.0.0.1", 4001) if name in ("peername", "sockname") else default

    def is_closing(self) -> bool:
        return self._closing

    def set_protocol(self, protocol) -> None:
        self.protocol = protocol

    def get_protocol(self):
        return self.protocol

    def set_write_buffer_limits(self, high=None, low=None) -> None:
        self._high = 64 * 1024 if high is None else high
        self._low = self._high // 4 if low is None else low

    def get_write_buffer_size(self) -> int:
        return self._size

    def can_write_eof(self) -> bool:
        return True

    def write(self, data) -> None:
        if self._closing or not data:
            return
        self._network.trace.update(f"{self._loop.clock!r} {len(data)}".encode())
        self._waiting.append(bytes(data))
        self._size += len(data)
        if not self._paused and self._size > self._high:
            self._paused = True
            self.protocol.pause_writing()
        self.flow()

    def write_eof(self) -> None:
        self._waiting.append(None)
        self.flow()

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._waiting.append(None)
            self.flow()
            self._loop.call_soon(self._lose, None)

    def abort(self) -> None:
        if not self._lost:
            self._closing = True
            self._waiting.clear()
            self._loop.call_soon(self._lose, None)
            if not self._network.is_held:
                self._loop.call_later(self._network.delay, self.peer.break_off)

    def pause_reading(self) -> None:
        self._reading_paused = True

    def resume_reading(self) -> None:
        self._reading_paused = False
        self._read()

    def is_reading(self) -> bool:
        return not self._reading_paused

    # The way of the bytes.

    def flow(self) -> None:
        """Sends what waits, one piece after another."""
        network = self._network
        if self._flows or not self._waiting or network.is_held:
            return
        self._flows = True
        piece = self._waiting[0]
        took = len(piece or b"") / network.rate + network.delay * network.dice.uniform(0.9, 1.1)
        self._loop.call_later(took, self._arrive)

    def _arrive(self) -> None:
        self._flows = False
        if not self._waiting or self._network.is_held:
            return
        piece = self._waiting.popleft()
        # All that was written while it travelled goes with it, as on a real path.
        while (
            piece is not None
            and self._waiting
            and self._waiting[0] is not None
            and len(piece) < 65536
        ):
            piece += self._waiting.popleft()
        self._size -= len(piece or b"")
        self.peer.take(piece)
        if self._paused and self._size <= self._low and not self._lost:
            self._paused = False
            self.protocol.resume_writing()
        self.flow()

    def take(self, piece: bytes | None) -> None:
        self._inbox.append(piece)
        self._read()

    def _read(self) -> None:
        while self._inbox and not self._reading_paused and not self._lost:
            piece = self._inbox.popleft()
            if isinstance(self.protocol, asyncio.BufferedProtocol) and piece is not None:
                # As the transports that read by themselves do.
                asyncio.protocols._feed_data_to_buffered_proto(self.protocol, piece)
            elif piece is not None:
                self.protocol.data_received(piece)
            elif not self.protocol.eof_received():
                self.close()

    def break_off(self) -> None:
        if not self._lost:
            self._closing = True
            self._waiting.clear()
            self._loop.call_soon(self._lose, ConnectionResetError(104, "reset"))

    def _lose(self, error) -> None:
        if not self._lost:
            self._lost = True
            self.protocol.connection_lost(error)


class VirtualDialer(Dialer):
    """Connects by the loop, which has no sockets."""

    async def open(self, factory, host, port, tls):
        async with phase(Phase.TCP, self.limits.tcp):
            _, protocol = await asyncio.get_running_loop().create_connection(factory, host, port)
        return protocol
