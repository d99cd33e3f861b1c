"""A console at the far end of a publisher's socket: what waits for it, and what it asks for."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any

from trunkline.errors import StreamError
from trunkline.fleet.framing import Kind, Unpacker, opening
from trunkline.fleet.part import Hearing

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

__all__ = ["Visitor"]

# A minute of fifty lines; a console that is further behind is introduced anew instead.
_MOST_WAITING_BYTES = 4 * 2**20
_MOST_REQUEST_BYTES = 64 * 1024
_READ_BYTES = 64 * 1024


class Visitor:
    """One connection. Nothing blocks; a visitor that does not read is left out of what comes, and knows how much."""

    def __init__(
        self, connection: socket.socket, *, most_waiting_bytes: int = _MOST_WAITING_BYTES
    ) -> None:
        connection.setblocking(False)
        self.connection = connection
        self.watches: str | None = None
        """Key of the line that it looks at closely."""
        self.hears = Hearing.NOTHING
        """Whose audio it asked for."""
        self._most = most_waiting_bytes
        self._waiting: deque[bytes] = deque([opening()])
        self._waiting_bytes = len(self._waiting[0])
        self._written = 0
        """Of the first one that waits."""
        self._unpacker = Unpacker(most_payload_bytes=_MOST_REQUEST_BYTES)
        self._strangers: deque[str] = deque()
        self._lost = 0

    @property
    def has_waiting(self) -> bool:
        """Whether it has not taken all that was sent."""
        return bool(self._waiting)

    @property
    def is_behind(self) -> bool:
        """Whether something was left out since it was introduced."""
        return self._lost > 0

    def hears_line(self, key: str | None) -> bool:
        """Whether it asked for the audio of a line."""
        if self.hears is Hearing.WATCHED:
            return key is not None and key == self.watches
        return self.hears is Hearing.ALL

    def introduce(self, keys: Iterable[str]) -> int:
        """It is to be told the state of these lines; gives how many frames it lost before."""
        self._strangers = deque(keys)
        lost, self._lost = self._lost, 0
        return lost

    def next_stranger(self) -> str | None:
        """A line to be introduced now: one at a time, while nothing waits; None if there is none, or no room."""
        return self._strangers.popleft() if self._strangers and not self._waiting else None

    def send(self, packet: bytes) -> None:
        """Puts a packet behind all that waits, whatever its size."""
        self._waiting.append(packet)
        self._waiting_bytes += len(packet)

    def offer(self, packet: bytes, frames: int) -> None:
        """Sends a packet unless it is too far behind, and from then on until it is introduced anew."""
        if self._lost or self._waiting_bytes + len(packet) > self._most:
            self._lost += frames
        else:
            self.send(packet)

    def offer_spare(self, packet: bytes) -> None:
        """Sends a packet if it is well in time: what it can do without takes no room of what it cannot."""
        if not self._lost and self._waiting_bytes + len(packet) <= self._most // 2:
            self.send(packet)

    def write(self) -> None:
        """As much as the socket takes. Raises OSError if the visitor is gone."""
        while self._waiting:
            first = self._waiting[0]
            try:
                self._written += self.connection.send(memoryview(first)[self._written :])
            except BlockingIOError:
                return
            if self._written == len(first):
                self._waiting.popleft()
                self._waiting_bytes -= self._written
                self._written = 0

    def read(self) -> list[dict[str, Any]]:
        """What it asks for. Raises StreamError for what is no request, OSError if the visitor is gone."""
        try:
            data = self.connection.recv(_READ_BYTES)
        except BlockingIOError:
            return []
        if not data:
            raise ConnectionResetError
        packets = self._unpacker.feed(data)
        if self._unpacker.damage is not None:
            raise StreamError(self._unpacker.damage.reason)
        return [_request(one.payload) for one in packets if one.kind == Kind.REQUEST]


def _request(payload: bytes) -> dict[str, Any]:
    try:
        found = json.loads(payload)
    except ValueError:
        raise StreamError("a request is no JSON") from None
    if not isinstance(found, dict):
        raise StreamError("a request is no object")
    return found
