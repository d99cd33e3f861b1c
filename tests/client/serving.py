"""A server of few words at the far end of a memory link."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator

from trunkline.client.client import Line
from trunkline.client.clocks import Clocks
from trunkline.client.config import LineConfig
from trunkline.protocol.backoff import BackoffPolicy, RetryBudget
from trunkline.protocol.policy import LinePolicy
from trunkline.transports.memory import MemoryTransport, Peer

QUICK = BackoffPolicy(first_least=0.0, first_most=0.001, base=0.001, cap=0.002)


def line_over(
    transport: MemoryTransport,
    observers=(),
    credential="sk-test-1",
    clocks: Clocks | None = None,
    telemetry=None,
    **policy,
) -> Line:
    """A line that backs off for milliseconds only."""
    policy = {"backoff": QUICK} | policy
    config = LineConfig(credential=credential, policy=LinePolicy(**policy))
    budget = RetryBudget(size=1000.0)
    return Line(
        config,
        transport=transport,
        observers=tuple(observers),
        budget=budget,
        seed=1,
        clocks=clocks,
        telemetry=telemetry,
    )


async def welcome(transport: MemoryTransport) -> Peer:
    """Takes the next link, creates its session and confirms its settings."""
    peer = await transport.accept()
    peer.send({"type": "session.created", "session": {"id": "sess_1", "model": "m"}})
    await confirm(peer)
    return peer


@contextlib.asynccontextmanager
async def welcomed(**options) -> AsyncIterator[Line]:
    """A line over a memory link whose server welcomed it, until the end of the block."""
    transport = MemoryTransport()
    line = line_over(transport, **options)
    server = asyncio.create_task(welcome(transport))
    async with line:
        await server
        yield line


async def confirm(peer: Peer) -> dict:
    """Answers the next session.update; gives what came before it and the update itself."""
    update = await peer.receive()
    assert update["type"] == "session.update"
    peer.send({"type": "session.updated", "session": update["session"]})
    return update


async def heard(peer: Peer) -> bytes:
    """The audio of the next append."""
    append = await peer.receive()
    assert append["type"] == "input_audio_buffer.append"
    return base64.b64decode(append["audio"])
