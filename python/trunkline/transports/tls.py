"""TLS on a stream of bytes, in little memory: OpenSSL between two buffers in memory, under any event loop.

The problem: the event loops bring a TLS of their own, and asyncio's takes a buffer of 256 KiB for each connection,
which is most of what an idle line occupies (docs/many-lines.md). It can be made smaller only for all connections of
the process, which are not ours.

Our way: what is read goes through one buffer for each event loop, since OpenSSL has taken it before the next read; a
connection keeps only what is not a whole record yet. Where all links of a loop are read in one call (`reading.py`), so
is this one, once its handshake is done. Decrypted bytes go straight into the buffer of whoever reads them, several
records at once. A write is encrypted at once and given to the kernel; what that does not take goes to the loop's
transport, so back-pressure is that transport's.

The rest is as asyncio does it, with two differences. A handshake that fails tells the peer why. And nobody waits for
the peer's farewell: ours is sent, and the stream closed (RFC 8446 §6.1 allows it). A stream that ends without the
peer's farewell ends like any other; that a conversation was cut short is told by WebSocket's own close.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from trunkline.transports.reading import Reading, broken

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TlsStream"]

Bytes = bytes | bytearray | memoryview

# As much as the loops' own transports read at once.
_BUFFER_BYTES = 64 * 1024
# Of that OpenSSL is given so much at a time, a record: its buffer grows to what it ever held, and does not shrink.
_SLICE_BYTES = 16 * 1024
# And of encrypted bytes no more than this waits for the rest of a long message.
_FLUSH_BYTES = 64 * 1024

_buffers: WeakKeyDictionary[asyncio.AbstractEventLoop, memoryview] = WeakKeyDictionary()


def _view_of(loop: asyncio.AbstractEventLoop) -> memoryview:
    if loop not in _buffers:
        _buffers[loop] = memoryview(bytearray(_BUFFER_BYTES))
    return _buffers[loop]


def _look_at(done: asyncio.Future[None]) -> None:
    if not done.cancelled():
        done.exception()


class TlsStream(asyncio.Transport, asyncio.BufferedProtocol):
    """The client's end: the protocol of the loop's transport, and the transport of `protocol`.

    That is told of its connection once the handshake is done, and of nothing if it fails. `host` is whom the peer's
    certificate must name.
    """

    __slots__ = (
        "_answered", "_backlog", "_context", "_error", "_incoming", "_is_closing", "_is_ended", "_is_full", "_is_open",
        "_is_paused", "_is_raw_full", "_loop", "_outgoing", "_protocol", "_raw", "_reading", "_room", "_tls", "_view",
    )  # fmt: skip

    def __init__(self, protocol: asyncio.BaseProtocol, context: ssl.SSLContext, host: str) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._protocol = protocol
        self._context = context
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._view = _view_of(self._loop)
        self._room: Callable[[int], memoryview] | None = None
        """Where the protocol wants what comes; None if it wants bytes."""
        if isinstance(protocol, asyncio.BufferedProtocol):
            self._room = cast("Callable[[int], memoryview]", protocol.get_buffer)
        self._raw: asyncio.Transport | None = None
        self._reading: Reading | None = None
        self._answered: asyncio.Future[None] = self._loop.create_future()
        # Whoever waited may have left when it fails: that is no news then.
        self._answered.add_done_callback(_look_at)
        self._error: BaseException | None = None
        """Why we gave the stream up."""
        self._backlog = bytearray()
        """What OpenSSL does not take while it shakes hands anew (TLS 1.2)."""
        self._is_open = False
        """Whether the protocol was told of its connection."""
        self._is_closing = False
        self._is_ended = False
        """Whether nothing more comes."""
        self._is_paused = False
        self._is_raw_full = self._is_full = False

    async def handshake(self) -> None:
        """Waits until the peer has proved who it is. Raises OSError, SSLError among them, if it does not."""
        await self._answered

    # The protocol of the loop's transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The stream is there, and we speak first."""
        self._raw = cast("asyncio.Transport", transport)
        self._reading = Reading(self._raw, self)
        self._shake()

    def get_buffer(self, _sizehint: int) -> memoryview:
        """The loop's buffer; what was in it has been taken."""
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        """So many encrypted bytes were read."""
        if nbytes <= _SLICE_BYTES and self._is_open:
            # Mostly.
            self._incoming.write(self._view[:nbytes])
            self._pull()
            return
        for at in range(0, nbytes, _SLICE_BYTES):
            if self._is_closing:
                break
            self._incoming.write(self._view[at : min(at + _SLICE_BYTES, nbytes)])
            if not self._is_open:
                self._shake()
            if self._is_open:
                self._pull()

    def was_given(self, data: bytes) -> None:
        """The same of what was read for all links at once, which is no more than OpenSSL is given at a time."""
        self._incoming.write(data)
        self._pull()

    def has_ended(self, number: int) -> None:
        """The stream that was read for all links at once ended, or broke: the loop's transport finds out how."""
        self._error = self._error or broken(number)
        cast("Reading", self._reading).go_back()

    def has_failed(self, error: Exception) -> None:
        """Taking what was read raised it: as where the loop's transport reads, that ends the stream."""
        cast("Reading", self._reading).tell_failure(error)
        self._fail(error)

    def eof_received(self) -> bool:
        """The peer says nothing more, with or without a farewell."""
        if self._is_open:
            self._incoming.write_eof()
            self._pull()
        else:
            self._refuse(ConnectionResetError("the peer hung up in the TLS handshake"))
        # Ours is ended by ourselves: what is held back must be read first.
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The stream is gone."""
        self._is_closing = self._is_ended = True
        self._left()
        error = self._error or exc
        if self._is_open:
            # The loop's transports are told of no connection twice, and neither is the protocol.
            self._is_open = False
            self._protocol.connection_lost(cast("Exception | None", error))
        elif not self._answered.done():
            self._answered.set_exception(
                error or ConnectionResetError("the stream ended in the TLS handshake")
            )

    def pause_writing(self) -> None:
        """The loop's transport holds more than it should."""
        self._is_raw_full = True
        self._tell_full()

    def resume_writing(self) -> None:
        """It has got rid of most."""
        self._is_raw_full = False
        self._tell_full()

    # The handshake.

    def _shake(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
        except (ssl.SSLError, ssl.CertificateError) as error:
            self._flush()
            self._refuse(error)
        else:
            self._flush()
            self._is_open = True
            cast("Reading", self._reading).go_short()
            self._protocol.connection_made(self)
            if not self._answered.done():
                self._answered.set_result(None)

    def _refuse(self, error: BaseException) -> None:
        """Gives the handshake up; the peer is told by what OpenSSL wrote."""
        self._is_closing = True
        if not self._answered.done():
            self._answered.set_exception(error)
        if (below := self._left()) is not None:
            below.close()

    # What comes in.

    def _pull(self) -> None:
        """Gives the protocol what OpenSSL has, until there is no more or it wants no more."""
        while not (self._is_paused or self._is_ended):
            buffer = self._scratch() if self._room is None else self._room(-1)
            got = self._fill(buffer)
            if got:
                self._give(buffer, got)
            if got < len(buffer):
                break
        if self._outgoing.pending:
            # What TLS itself answers, a renewal of keys for one.
            self._flush()
        if self._backlog:
            waiting, self._backlog = self._backlog, bytearray()
            self._encrypt(waiting)
        if self._is_ended and not self._is_paused:
            self._end()

    def _scratch(self) -> memoryview:
        return memoryview(bytearray(_SLICE_BYTES))

    def _give(self, buffer: memoryview, count: int) -> None:
        if self._room is None:
            cast("asyncio.Protocol", self._protocol).data_received(bytes(buffer[:count]))
        else:
            cast("asyncio.BufferedProtocol", self._protocol).buffer_updated(count)

    def _fill(self, buffer: memoryview) -> int:
        """Decrypts as many records as there are and fit."""
        tls, incoming, got, room = self._tls, self._incoming, 0, len(buffer)
        try:
            while got < room:
                part = buffer[got:] if got else buffer
                count = cast("int", tls.read(room - got, part))
                if not count:
                    self._is_ended = True
                    break
                # Mostly it was one record, and to ask for another would cost an exception.
                is_whole = count < room - got
                got += count
                if is_whole and not (incoming.pending or incoming.eof):
                    break
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLEOFError:
            self._is_ended = True
        except ssl.SSLError as error:
            # What came before it, a goodbye perhaps, is read first.
            self._error, self._is_ended = error, True
        return got

    def _end(self) -> None:
        """The protocol has all there was."""
        if self._is_open and not self._is_closing:
            cast("asyncio.Protocol", self._protocol).eof_received()
            self.close()

    def _fail(self, error: BaseException) -> None:
        self._error = self._error or error
        self._flush()
        self.abort()

    # What goes out.

    def write(self, data: Bytes) -> None:
        """Encrypts the bytes and hands them to the loop's transport; after the end it does nothing."""
        if self._is_closing:
            return
        if self._backlog:
            self._backlog += data
        elif data:
            self._encrypt(data)

    def _encrypt(self, data: Bytes) -> None:
        at, size, write = 0, len(data), self._tls.write
        try:
            # Mostly it is one record.
            at = write(data)
            while at < size:
                at += write(memoryview(data)[at:])
                if self._outgoing.pending > _FLUSH_BYTES:
                    self._flush()
        except ssl.SSLWantReadError:
            self._backlog += memoryview(data)[at:]
        except ssl.SSLError as error:
            self._fail(error)
            return
        self._flush()
        if self._backlog or self._is_full:
            self._tell_full()

    def _flush(self) -> None:
        if self._outgoing.pending and self._reading is not None:
            self._reading.write(self._outgoing.read())

    def _tell_full(self) -> None:
        """Tells the protocol, if it is news."""
        is_full = self._is_raw_full or bool(self._backlog)
        if self._is_open and is_full != self._is_full:
            self._is_full = is_full
            if is_full:
                self._protocol.pause_writing()
            else:
                self._protocol.resume_writing()

    # The transport of the protocol.

    def close(self) -> None:
        """Says farewell, and closes when all is written."""
        if self._is_closing:
            return
        self._is_closing = True
        # It wants the peer's farewell as well, or finds the peer's data: both are nothing to us any more.
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        self._flush()
        if (below := self._left()) is not None:
            below.close()

    def abort(self) -> None:
        """Drops the stream and what is unsent."""
        self._is_closing = True
        if (below := self._left()) is not None:
            below.abort()

    def _left(self) -> asyncio.Transport | None:
        """The loop's transport, which is about to close its socket: nobody of ours may use the number any more."""
        if self._reading is not None:
            self._reading.leave()
        return self._raw

    def is_closing(self) -> bool:
        """Whether it is closed or on its way there."""
        return self._is_closing or self._raw is None or self._raw.is_closing()

    def pause_reading(self) -> None:
        """Holds back what comes; what is decrypted and not given stays with OpenSSL."""
        if not self._is_paused and not self.is_closing():
            self._is_paused = True
            cast("Reading", self._reading).pause()

    def resume_reading(self) -> None:
        """Goes on with what was held back, in the loop's next round."""
        if self._is_paused:
            self._is_paused = False
            self._loop.call_soon(self._resume)

    def _resume(self) -> None:
        if not self._is_open or self._is_paused or self._is_closing:
            return
        try:
            self._pull()
        except Exception as error:  # noqa: BLE001 - the protocol's; the loop's transports end the stream by it, too
            self._fail(error)
            return
        if self.is_reading():
            cast("Reading", self._reading).resume()

    def is_reading(self) -> bool:
        """Whether what comes is given to the protocol."""
        return not (self._is_paused or self.is_closing())

    def can_write_eof(self) -> bool:
        """TLS ends both halves at once."""
        return False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """The loop's transport's: encrypted bytes, 22 more for each record."""
        if self._raw is not None:
            self._raw.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Bytes that the loop's transport has not got rid of, or OpenSSL has not taken."""
        return len(self._backlog) + (0 if self._raw is None else self._raw.get_write_buffer_size())

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What the loop's transport knows, and `ssl_object`, `sslcontext`, `peercert`, `cipher`."""
        if name == "ssl_object":
            return self._tls
        if name == "sslcontext":
            return self._context
        if name == "peercert":
            return self._tls.getpeercert()
        if name == "cipher":
            return self._tls.cipher()
        return default if self._raw is None else self._raw.get_extra_info(name, default)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Whose transport this is."""
        return self._protocol
