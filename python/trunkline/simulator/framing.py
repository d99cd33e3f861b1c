"""Messages as frames: whole, in fragments, or broken on purpose.

aiohttp writes whole messages and keeps the books of the connection; it can neither fragment nor put
two frames into one write. Those frames are serialised by `websockets`, a dependency we have anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from aiohttp import WSMsgType
from websockets.frames import Close, Frame, Opcode

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["Framing", "answer_code"]

_RESERVED_FRAME = b"\x83\x00"
"""Opcode 3, which RFC 6455 section 5.2 reserves: the receiver has to fail the connection."""

_ROOM_BYTES = 64 * 1024
"""As much as asyncio buffers before it calls a transport full."""


class Framing:
    """Writes to one connection."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        transport: asyncio.Transport,
        *,
        fragment_bytes: int | None = None,
    ) -> None:
        """With `fragment_bytes` a longer message goes out in pieces of that size."""
        self._ws = ws
        self._transport = transport
        self._fragment_bytes = fragment_bytes
        self._is_plain = fragment_bytes is None and not ws.compress

    @property
    def has_room(self) -> bool:
        """Whether `write` may be called: messages go out as they are, and the client reads them."""
        transport = self._transport
        return (
            self._is_plain
            and not transport.is_closing()
            and transport.get_write_buffer_size() < _ROOM_BYTES
        )

    def write(self, payload: bytes) -> None:
        """Send a text message at once, without aiohttp's bookkeeping."""
        self._transport.write(_head(len(payload)) + payload)

    async def send(self, payload: bytes, how: str | None = None) -> None:
        """Send a message: as text, or as `how` says (`binary`, `frame`)."""
        if how == "frame":
            self._transport.write(_RESERVED_FRAME)
        elif how == "binary":
            await self._ws.send_frame(payload, WSMsgType.BINARY)
        elif self._fragment_bytes is not None and len(payload) > self._fragment_bytes:
            self._transport.write(b"".join(_fragments(payload, self._fragment_bytes)))
            # An empty write would do nothing; asking for the pong costs the client nothing, and
            # lets aiohttp wait for the buffer where it has to.
            await self._ws.send_frame(b"", WSMsgType.PONG)
        else:
            await self._ws.send_frame(payload, WSMsgType.TEXT)

    async def turn_away(self, payload: bytes, code: int, reason: str, *, wait: float) -> None:
        """Send a last message and the close in one write; then wait for the answer, not for ever."""
        last = Frame(Opcode.TEXT, payload).serialize(mask=False)
        close = Frame(Opcode.CLOSE, Close(code, reason).serialize()).serialize(mask=False)
        self._transport.write(last + close)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                while (await self._ws.receive()).type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    pass
        # Before the handler returns: aiohttp would send a second close on an open transport.
        self._transport.close()


def _head(size: int) -> bytes:
    """The head of an unmasked text message in one frame (RFC 6455, section 5.2)."""
    if size < 126:
        return bytes((0x81, size))
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")


def _fragments(payload: bytes, size: int) -> list[bytes]:
    pieces = [payload[start : start + size] for start in range(0, len(payload), size)]
    last = len(pieces) - 1
    return [
        Frame(Opcode.CONT if index else Opcode.TEXT, piece, fin=index == last).serialize(mask=False)
        for index, piece in enumerate(pieces)
    ]


def answer_code(code: int | None) -> int:
    """The code that answers a close: the same, unless it may not be sent."""
    is_sendable = code is not None and (code >= 3000 or code in {1000, 1001, 1011})
    return code if code is not None and is_sendable else 1000
