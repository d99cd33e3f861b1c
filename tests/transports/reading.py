"""Reads a link message by message, which tests like better than to be given them."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from trunkline.errors import LinkClosed
from trunkline.transports.base import Link

_readers: WeakKeyDictionary[Link, Reader] = WeakKeyDictionary()


class Reader:
    """Takes all that a link gives, from its first question on."""

    def __init__(self, link: Link) -> None:
        self._queue: asyncio.Queue[bytes | LinkClosed] = asyncio.Queue()
        self._task = asyncio.create_task(self._read(link))

    async def _read(self, link: Link) -> None:
        try:
            await link.deliver(lambda messages: [self._queue.put_nowait(one) for one in messages])
        except LinkClosed as ended:
            self._queue.put_nowait(ended)

    async def next(self) -> bytes:
        message = await self._queue.get()
        if isinstance(message, LinkClosed):
            raise message
        return message


async def receive(link: Link) -> bytes:
    """The next message. Raises LinkClosed when the link has ended."""
    if link not in _readers:
        _readers[link] = Reader(link)
    return await _readers[link].next()
