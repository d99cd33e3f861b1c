"""A link that only looks in: dialed as a line dials, greeted with a session, and left again.

No audio is sent and no response asked for, so nothing is billed. What a line would learn from its first link is learned
here without its books, its watch and its retries.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import orjson

from trunkline.client.evidence import shown
from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Fault
from trunkline.text import clean
from trunkline.transports.gate import KEPT_CHARS, closure_of, first_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trunkline.client.credentials import Secret
    from trunkline.transports.base import Link, Listener, Target, Transport

__all__ = ["READY_SECONDS", "Visit"]

READY_SECONDS = 10.0
"""From the open link to `session.created`, as a line waits for it (`protocol.policy`)."""
_CREATED = frozenset({"session.created", "transcription_session.created"})


class Visit:
    """One link with a session; made by `begin`, and to be left."""

    def __init__(self, link: Link, blot: Callable[[Closure], Closure]) -> None:
        self.link = link
        self.phases: tuple[tuple[str, float], ...] = link.phases
        """Name and seconds of each phase; the last is `session`, until it was created."""
        self.model = ""
        """What the server says it gives."""
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[Closure] = loop.create_future()
        """How the link ended, once it has."""
        self._blot = blot
        self._error: dict[str, Any] = {}
        self._greeted: asyncio.Future[None] = loop.create_future()
        # Whoever waited may have left before it came to nothing.
        self._greeted.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._reader = loop.create_task(self._read())

    @classmethod
    async def begin(
        cls,
        transport: Transport,
        target: Target,
        listener: Listener,
        *,
        key: Secret | None = None,
        ready_within: float = READY_SECONDS,
        opened: Callable[[Link], None] = lambda _: None,
    ) -> Self:
        """Dials and waits for the session. Raises LinkClosed with the evidence, in which the key is nowhere.

        `opened` is told of a link that is up, which a session need not follow.
        """

        def blot(closure: Closure) -> Closure:
            return shown(closure, key)

        try:
            link = await transport.dial(target, listener)
        except LinkClosed as ended:
            raise LinkClosed(blot(closure_of(ended))) from None
        opened(link)
        visit = cls(link, blot)
        try:
            await visit._wait(ready_within)
        except BaseException:
            visit.drop()
            raise
        return visit

    async def _wait(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        try:
            async with asyncio.timeout(seconds):
                await asyncio.shield(self._greeted)
        except TimeoutError:
            words = f"no session.created within {seconds:g} s"
            raise LinkClosed(self._told(Closure(fault=Fault.TIMEOUT, detail=words))) from None
        self.phases = (*self.phases, ("session", loop.time() - began_at))

    async def leave(self) -> None:
        """Says goodbye, and waits for the server's for two seconds at most."""
        await self.link.close(1000, "")
        self.drop()

    def drop(self) -> None:
        """Ends it at once."""
        self._reader.cancel()
        self.link.abort()

    async def _read(self) -> None:
        try:
            await self.link.deliver(self._take)
        except LinkClosed as ended:
            closure = self._told(closure_of(ended))
            if not self._greeted.done():
                self._greeted.set_exception(LinkClosed(closure))
            self.ended.set_result(closure)

    def _told(self, closure: Closure) -> Closure:
        """With what the last error event said of it."""
        kind, code, words = (self._error.get(name) for name in ("type", "code", "message"))
        return self._blot(
            replace(
                closure,
                error_type=kind if isinstance(kind, str) else None,
                error_code=code if isinstance(code, str) else None,
                detail=closure.detail or clean(words or "", limit_chars=KEPT_CHARS),
            )
        )

    def _take(self, messages: Sequence[bytes]) -> None:
        for message in messages:
            event = _event(message)
            if event is None and not self._greeted.done():
                detail = f"its first words: {first_words(message)}"
                closure = Closure(fault=Fault.GARBLED, detail=detail)
                self._greeted.set_exception(LinkClosed(self._blot(closure)))
            elif event is not None:
                self._hear(event)

    def _hear(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
        if kind in _CREATED and not self._greeted.done():
            session = event.get("session")
            named = session.get("model") if isinstance(session, dict) else None
            self.model = clean(named, limit_chars=KEPT_CHARS) if isinstance(named, str) else ""
            self._greeted.set_result(None)
        elif kind == "error" and isinstance(event.get("error"), dict):
            self._error = event["error"]


def _event(message: bytes) -> dict[str, Any] | None:
    try:
        event = orjson.loads(message)
    except orjson.JSONDecodeError:
        return None
    return event if isinstance(event, dict) else None
