"""Who reads a link's socket: the event loop's transport, or one call for all links of the loop.

An event loop spends more Python on telling one socket's bytes than a line on what they mean: a list entry of the
selector, a handle, a context, three methods. On Linux one descriptor of the kernel's (epoll(7)) stands in the loop for
the sockets of all links whose short way is open, and of all streams of TLS below one; where any of them has something,
`_native.Poller` reads each, and what is ordinary audio is at its application when the call returns. The transport stays
the owner: it was told to pause, and is told to go on for all that is not bytes that came, such as an end.

Not so: where the transport is another's TLS, which reads what is not plain; on loops whose transports we do not know;
elsewhere than on Linux. There the transport tells, as ever.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Protocol
from weakref import WeakKeyDictionary, ref

if sys.platform == "linux":
    from trunkline.audio.short_way import Poller

__all__ = ["Reading", "broken"]

# A transport of theirs that has no TLS does nothing with a socket's bytes but to read and to write them.
_PLAIN = frozenset({"asyncio.selector_events", "uvloop.loop"})

_pollers: WeakKeyDictionary[asyncio.AbstractEventLoop, ref[Poller]] = WeakKeyDictionary()
"""Not theirs: a loop that is closed under its links holds its reader no more, and all of it goes together."""


class Reader(Protocol):
    """Whose bytes are read: a link, whose ordinary audio goes the short way, or a stream of TLS below one."""

    def was_given(self, data: bytes, /) -> None:
        """What was read, but for ordinary audio."""

    def has_ended(self, number: int, /) -> None:
        """The stream has ended, or broke with the number of an error."""

    def has_failed(self, error: Exception, /) -> None:
        """Taking what was read raised it."""


class Reading:
    """Of one link, or of the stream of TLS below it; `connection.py` and `tls.py` are its only callers."""

    def __init__(self, transport: asyncio.Transport, link: Reader) -> None:
        self._transport = transport
        self._link = link
        self._loop = asyncio.get_running_loop()
        self._number = _plain_socket(transport)
        self._is_short = self._is_paused = False
        self._watched: tuple[Poller, int] | None = None
        """By whom it is read, and by which number."""
        self.is_queued = True
        """Whether anything may wait in the event loop before what is written next."""

    def go_short(self) -> int | None:
        """From here on what comes is read for all links at once; gives the socket, or None where it stays as it is."""
        if self._number is not None:
            self._is_short = True
            self._transport.pause_reading()
            self._look()
        return self._number

    def write(self, data: bytes) -> None:
        """Gives bytes to the kernel, if nothing waits before them; what it does not take goes to the transport."""
        sent = 0
        if self._watched is not None:
            if self.is_queued:
                self.is_queued = self._transport.get_write_buffer_size() > 0
            if not self.is_queued:
                sent = self._watched[0].write(self._watched[1], data)
        if sent < len(data):
            self.is_queued = True
            self._transport.write(data[sent:])

    def go_back(self) -> None:
        """From here on the transport reads again, and finds out how the stream ended."""
        self._is_short = False
        self._look()
        if not self._is_paused and not self._transport.is_closing():
            self._transport.resume_reading()

    def tell_failure(self, error: Exception) -> None:
        """Tells the loop what taking bytes raised, as its transports do."""
        told = {"message": "a link could not take what was read", "exception": error}
        self._loop.call_exception_handler({**told, "protocol": self._link})

    def leave(self) -> None:
        """The socket is about to be closed: nobody of ours may use its number any more."""
        self._is_short, self._number = False, None
        self._look()

    def pause(self) -> None:
        """What comes is left in the kernel."""
        self._is_paused = True
        self._look()
        self._transport.pause_reading()

    def resume(self) -> None:
        """What comes is read again."""
        self._is_paused = False
        self._look()
        if not self._is_short:
            self._transport.resume_reading()

    def _look(self) -> None:
        is_wanted = self._is_short and not self._is_paused
        if is_wanted and self._watched is None:
            assert self._number is not None
            self._watched = _poller_of(self._loop), self._number
            self._watched[0].watch(self._number, self._link)
        elif not is_wanted and self._watched is not None:
            _leave(self._loop, *self._watched)
            self._watched = None


def broken(number: int) -> OSError | None:
    """What `Reader.has_ended` is told of; None for an end that is no error."""
    return OSError(number, os.strerror(number)) if number else None


def _poller_of(loop: asyncio.AbstractEventLoop) -> Poller:
    known = _pollers.get(loop)
    poller = None if known is None else known()
    if poller is None:
        poller = Poller()
        _pollers[loop] = ref(poller)
        loop.add_reader(poller.fileno(), poller.look)
    return poller


def _leave(loop: asyncio.AbstractEventLoop, poller: Poller, number: int) -> None:
    poller.leave(number)
    if not len(poller) and not loop.is_closed():
        # A loop without links has nothing of ours.
        del _pollers[loop]
        loop.remove_reader(poller.fileno())


def _plain_socket(transport: asyncio.Transport) -> int | None:
    """The number of the socket, if the transport leaves all of its bytes as they are."""
    if sys.platform != "linux" or type(transport).__module__ not in _PLAIN:
        return None
    if transport.get_extra_info("ssl_object") is not None:
        return None
    sock = transport.get_extra_info("socket")
    return None if sock is None or sock.fileno() < 0 else int(sock.fileno())
