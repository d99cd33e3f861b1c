"""A line in the place of a client connection of `websockets`: what foreign clients hold, send to and read from."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import orjson
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.frames import Close

from trunkline.adapters.address import Ask, LineOptions, line_to
from trunkline.adapters.ending import closed_by_us, failed, not_opened
from trunkline.adapters.messages import Messages
from trunkline.adapters.outgoing import Outgoing
from trunkline.adapters.session_view import SessionView
from trunkline.errors import LineFailed, LocalError
from trunkline.protocol import events
from trunkline.protocol.lifecycle import OVER, State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from trunkline.client.client import Line
    from trunkline.protocol.events import Event

__all__ = ["LineSocket", "Tell"]

_OWN = (
    events.Interrupted,
    events.LineDropped,
    events.LineGap,
    events.LineLive,
    events.RateLimited,
    events.RequestLost,
    events.ResponseStalled,
    events.ToolCall,
)
Tell = Callable[[events.Event], dict[str, object] | None]
"""Gets what a line tells by itself; an object that it gives is put among the server's messages."""
_NO_CODE = 1006
"""What stands for a close frame that never came."""


class LineSocket:
    """Sends and receives text messages, and ends as a `ClientConnection` does."""

    def __init__(self, line: Line, messages: Messages, tell: Tell) -> None:
        self.line = line
        """The line itself, for its books, its snapshot, and what a person wishes of it."""
        self._view = SessionView(
            messages,
            items=lambda: line.snapshot(audio=False)["items"],
            is_attached=line.config.policy.attached,
        )
        self._outgoing = Outgoing(line, self._view, messages)
        self._tell = tell
        self._ready: deque[bytes] = deque()
        self._end = closed_by_us()
        """What is raised when nothing more comes."""
        self._giving_up: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, ask: Ask, tell: Tell, options: LineOptions) -> Self:
        """A live line to where the client would dial.

        Raises what `websockets.connect` would raise if there can be none, with the LineFailed as its cause.
        """
        messages = Messages()
        line = await line_to(ask, messages, options)
        messages.law = line.config.policy.law
        try:
            await line.__aenter__()
        except LineFailed as failure:
            raise not_opened(failure) from failure
        return cls(line, messages, tell)

    async def send(self, message: str | bytes) -> None:
        """One request of the protocol, as JSON. Raises ConnectionClosed after the end, else as `Outgoing.take`."""
        try:
            await self._outgoing.take(self._request(message))
        except LocalError:
            if self.line.state is State.FAILED:
                # Whoever reads is told why.
                raise ConnectionClosedError(None, None) from None
            if self.line.state in OVER:
                raise self._end from None
            raise

    async def recv(self, decode: bool | None = None) -> str | bytes:
        """The next message, as text unless `decode` is False. Cancelled, it loses none.

        Raises ConnectionClosed when there will be no more: ConnectionClosedOK if the client closed it.
        """
        while not self._ready:
            await self._read()
        message = self._ready.popleft()
        return message if decode is False else message.decode()

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        try:
            while True:
                yield await self.recv()
        except ConnectionClosedOK:
            return

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Ends the line, with a goodbye; a second call does nothing. The server is told 1000 whatever `code` is."""
        if self.line.state not in OVER:
            self._end = closed_by_us(code, reason)
        await self.line.aclose()

    def give_up(self, code: int) -> None:
        """Ends the line since the client does not want it back; `code` is how its last link was closed."""
        self._end = ConnectionClosedError(None if code == _NO_CODE else Close(code, ""), None)
        self._giving_up = asyncio.ensure_future(self.line.aclose())

    def _request(self, message: str | bytes) -> dict[str, Any]:
        try:
            request = orjson.loads(message)
        except ValueError:
            request = None
        if not isinstance(request, dict):
            raise LocalError("a message that is no JSON object", self.line.state.value)
        return request

    async def _read(self) -> None:
        try:
            event = await anext(self.line)
        except StopAsyncIteration:
            raise self._end from None
        except LineFailed as failure:
            raise failed(failure) from failure
        self._take(event)

    def _take(self, event: Event) -> None:
        asked_again = self._outgoing.is_asked_again
        if isinstance(event, events.RequestLost) and asked_again(event.request_id):
            return
        self._outgoing.answered(event)
        self._ready.extend(self._view.see(event))
        if isinstance(event, _OWN):
            told = self._tell(event)
            if told is not None:
                self._ready.append(orjson.dumps(told))
        if isinstance(event, events.LineLive):
            self._outgoing.live(event.epoch)
