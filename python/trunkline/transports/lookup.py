"""Names to addresses, off the event loop and without its thread pool.

A resolver that hangs holds its thread for as long as it likes. In the pool of the event loop such a thread holds up
`asyncio.run` and the interpreter's end; here it is a daemon, and whoever waited for it is free to leave. Lines
that ask for the same name at the same time share one thread, so that a hanging resolver costs one per name.
Nothing is cached: neither a failure nor a success outlives its question.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from dataclasses import dataclass, field

__all__ = ["Address", "look_up"]

Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]
"""A family and what `connect` takes for it."""


@dataclass(slots=True)
class _Question:
    """One name that is being looked up, and who waits for it."""

    waiters: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[list[Address]]]] = field(
        default_factory=list
    )


_lock = threading.Lock()
_asked: dict[tuple[str, int], _Question] = {}


async def look_up(host: str, port: int) -> list[Address]:
    """All addresses of a host, best first. Raises OSError if there is none.

    Waits as long as the resolver does: the caller holds the deadline, and may leave at any time.
    """
    with contextlib.suppress(socket.gaierror):
        return _resolve(host, port, socket.AI_NUMERICHOST)
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[Address]] = loop.create_future()
    with _lock:
        question = _asked.get((host, port))
        if question is None:
            question = _Question()
            thread = threading.Thread(
                target=_answer, args=(host, port, question), daemon=True, name="trunkline-lookup"
            )
            thread.start()
            _asked[host, port] = question
        question.waiters.append((loop, future))
    return await future


def _answer(host: str, port: int, question: _Question) -> None:
    """The thread: asks, and tells all who wait."""
    addresses: list[Address] = []
    error: Exception | None = None
    try:
        addresses = _resolve(host, port)
    except Exception as failure:  # noqa: BLE001 - a thread's root: it is handed to those who wait
        error = failure
    with _lock:
        _asked.pop((host, port), None)
    for loop, future in question.waiters:
        # A loop that is closed waits for nothing any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_tell, future, addresses, error)


def _tell(
    future: asyncio.Future[list[Address]], addresses: list[Address], error: Exception | None
) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(addresses)
    else:
        future.set_exception(error)


def _resolve(host: str, port: int, flags: int = 0) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    except UnicodeError as error:
        # A label that is empty or too long is refused before anybody is asked.
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from error
    return [(family, address) for family, _, _, _, address in found]  # type: ignore[misc]
