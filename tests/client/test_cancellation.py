"""Every public coroutine, cancelled at every moment it waits: nothing is left, lost, or opened twice."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import pytest

from client.cancelling import at_every_suspension, open_sockets
from client.serving import heard, line_over, welcome
from transports.reading import receive
from trunkline.client.client import Line
from trunkline.client.config import LineConfig
from trunkline.errors import LineFailed, LinkClosed
from trunkline.protocol import events
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.lifecycle import State
from trunkline.protocol.policy import Deadlines, LinePolicy
from trunkline.simulator.server import SimulatorServer
from trunkline.transports.base import Listener, Target
from trunkline.transports.memory import MemoryTransport
from trunkline.transports.websocket import WebSocketTransport


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatorServer]:
    """A simulator in another thread: its tasks and timers are not those that are counted."""
    up, holder = threading.Event(), []

    async def serve() -> None:
        stop = asyncio.Event()
        async with SimulatorServer() as running:
            holder.extend([running, stop, asyncio.get_running_loop()])
            up.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert up.wait(10)
    yield holder[0]
    holder[2].call_soon_threadsafe(holder[1].set)
    thread.join()


def _line(server: SimulatorServer, **policy) -> Line:
    config = LineConfig(
        credential="sk-test-1", base_url=server.base_url, policy=LinePolicy(**policy)
    )
    return Line(config, transport=WebSocketTransport(), budget=RetryBudget(size=1e6), seed=1)


async def _no_link_is_left(server: SimulatorServer) -> None:
    """The server's half of a socket is in this process as well, and goes a little later."""
    async with asyncio.timeout(10):
        while server._links:
            await asyncio.sleep(0.002)


async def _settle_sockets(before: int) -> None:
    async with asyncio.timeout(10):
        while open_sockets() > before:
            await asyncio.sleep(0.002)


def test_entering(server: SimulatorServer):
    async def scenario(attempt):
        sockets, sessions = open_sockets(), len(server.sessions)
        line = _line(server)
        cancelled = await attempt(line.__aenter__())
        assert line.state is (State.CLOSED if cancelled else State.LIVE)
        assert len(asyncio.all_tasks()) == (2 if cancelled else 3)
        await line.aclose()
        await _no_link_is_left(server)
        await _settle_sockets(sockets)
        assert len(server.sessions) - sessions <= 1, "a second socket was opened"

    assert at_every_suspension(scenario) >= 1


def test_closing(server: SimulatorServer):
    async def scenario(attempt):
        sockets = open_sockets()
        line = _line(server)
        await line.__aenter__()
        await attempt(line.aclose())
        assert line.state is State.CLOSED
        assert len(asyncio.all_tasks()) == 2
        await _no_link_is_left(server)
        await _settle_sockets(sockets)

    assert at_every_suspension(scenario) >= 2


def test_a_whole_call(server: SimulatorServer):
    async def call(line: Line) -> None:
        async with line:
            line.send({"type": "response.create"})
            line.send_audio(bytes(960))
            async for event in line:
                if isinstance(event, events.ResponseCreated):
                    break

    async def scenario(attempt):
        sockets = open_sockets()
        line = _line(server, session={"audio": {"input": {"turn_detection": None}}})
        await attempt(call(line))
        assert line.state is State.CLOSED
        await _no_link_is_left(server)
        await _settle_sockets(sockets)

    assert at_every_suspension(scenario) >= 3


def test_iterating_loses_no_event_and_can_go_on():
    async def scenario(attempt):
        transport = MemoryTransport()
        line = line_over(transport)
        welcoming = asyncio.create_task(welcome(transport))
        await line.__aenter__()
        peer = await welcoming
        got: list[events.Event] = []

        async def read() -> None:
            async for event in line:
                got.append(event)
                if len(got) == 8:
                    return

        async def say() -> None:
            for number in range(5):
                peer.send({"type": "x", "number": number})
                await asyncio.sleep(0.001)

        saying = asyncio.create_task(say())
        if await attempt(read()):
            await read()
        await saying
        numbers = [event.data["number"] for event in got if isinstance(event, events.Raw)]
        assert numbers == [0, 1, 2, 3, 4]
        await line.aclose()

    assert at_every_suspension(scenario) >= 2


def test_no_audio_is_lost_by_a_reader_that_is_cancelled():
    async def scenario(attempt):
        transport = MemoryTransport()
        line = line_over(transport)
        welcoming = asyncio.create_task(welcome(transport))
        await line.__aenter__()
        peer = await welcoming

        async def both() -> None:
            for number in range(3):
                line.send_audio(bytes([number, 0]) * 480)
                await asyncio.sleep(0)

        await attempt(both())
        books = line.books()
        arrived = b""
        for _ in range(books.accepted // 480):
            arrived += await heard(peer)
        assert len(arrived) // 2 == books.accepted
        await line.aclose()

    assert at_every_suspension(scenario) == 3


def test_dialing_and_reading_and_closing_of_a_link(server: SimulatorServer):
    target = Target(
        url=f"ws://127.0.0.1:{server.port}/v1/realtime?model=gpt-realtime",
        headers=(("Authorization", "Bearer sk-test-1"),),
    )
    nobody = Listener(pong=lambda _: None, writable=lambda: None)

    async def use() -> None:
        link = await WebSocketTransport().dial(target, nobody)
        try:
            await receive(link)
            await link.close(1000, "")
        finally:
            link.abort()

    async def scenario(attempt):
        sockets = open_sockets()
        await attempt(use())
        await _no_link_is_left(server)
        await _settle_sockets(sockets)

    assert at_every_suspension(scenario) >= 4


# A goodbye nobody answers, and failures.


async def _deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        await reader.read()
    writer.close()


def test_closing_is_bounded_with_a_peer_that_is_gone():
    class _Deaf(MemoryTransport):
        async def dial(self, target, listener):
            link = await super().dial(target, listener)
            link.close = lambda code, reason: asyncio.sleep(3600)
            return link

    async def scenario() -> float:
        transport = _Deaf()
        line = line_over(transport)
        welcoming = asyncio.create_task(welcome(transport))
        await line.__aenter__()
        (await welcoming).answers_pings = False
        loop = asyncio.get_running_loop()
        began = loop.time()
        await line.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return loop.time() - began

    assert asyncio.run(scenario()) < Deadlines().goodbye + 0.2


def test_closing_while_a_dial_hangs_does_not_wait_for_it():
    async def scenario() -> float:
        async with await asyncio.start_server(_deaf, "127.0.0.1", 0) as deaf:
            port = deaf.sockets[0].getsockname()[1]
            config = LineConfig(credential="sk-test-1", base_url=f"http://127.0.0.1:{port}/v1")
            line = Line(config, transport=WebSocketTransport(), budget=RetryBudget())
            entering = asyncio.create_task(line.__aenter__())
            await asyncio.sleep(0.05)
            loop = asyncio.get_running_loop()
            began = loop.time()
            await line.aclose()
            took = loop.time() - began
            entering.cancel()
            await asyncio.wait([entering])
            # The deaf one is told that it is left.
            await asyncio.sleep(0.05)
            return took

    assert asyncio.run(asyncio.wait_for(scenario(), 10)) < 0.2


def test_a_failure_is_one_exception_with_the_ends_of_all_attempts():
    class _Refusing(MemoryTransport):
        tries = 0

        async def dial(self, target, listener):
            self.tries += 1
            fatal = self.tries == 4
            closure = Closure(code=3000) if fatal else Closure(fault=Fault.RESET)
            raise LinkClosed(closure)

    async def scenario():
        line = line_over(_Refusing())
        with pytest.raises(LineFailed) as entering:
            await line.__aenter__()
        assert [closure.fault for closure in entering.value.closures] == [Fault.RESET] * 3 + [None]
        with pytest.raises(LineFailed) as iterating:
            async for _ in line:
                pass
        assert iterating.value is entering.value
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scenario())
