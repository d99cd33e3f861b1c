"""Who is not even judged: dials that a fault turns away, and a server that stands still."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from trunkline.simulator.guard import api_error
from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from aiohttp import web

    from trunkline.simulator.actions import RefuseDials
    from trunkline.simulator.clock import Clock

__all__ = ["Gate"]

_WORDS = {
    401: ("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    403: ("You are not allowed to access this resource.", "invalid_request_error", None),
    404: ("The resource was not found.", "invalid_request_error", None),
    429: ("Rate limit reached. Please try again later.", "requests", "rate_limit_exceeded"),
}
_SERVER_WORDS = (
    "The server had an error while processing your request. Sorry about that!",
    "server_error",
    None,
)


class Gate:
    """Knows how many of the next dials are refused, and until when nobody is served."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refusal: RefuseDials | None = None
        self._left = 0
        self._frozen_until = 0.0

    def refuse(self, refusal: RefuseDials) -> None:
        """Turn the next dials away; replaces what was asked for before."""
        self._refusal, self._left = refusal, refusal.count

    def freeze(self, seconds: float) -> None:
        """Serve nobody new for so long."""
        self._frozen_until = self._clock.now() + seconds

    async def thawed(self) -> None:
        """Until the server moves again."""
        while self._clock.now() < self._frozen_until:
            over = asyncio.Event()
            self._clock.call_at(self._frozen_until, over.set)
            await over.wait()

    def take_refusal(self) -> RefuseDials | None:
        """How this dial is refused, if it is; it then counts."""
        if self._left == 0:
            return None
        self._left -= 1
        return self._refusal

    def response(self, refusal: RefuseDials) -> web.Response:
        """A refusal by an HTTP status."""
        status = refusal.status or 503
        message, kind, code = _WORDS.get(status, _SERVER_WORDS)
        answer = api_error(Refusal(message, code=code, kind=kind), status=status)
        if refusal.retry_after is not None:
            answer.headers["Retry-After"] = self._retry_after(refusal)
        return answer

    def _retry_after(self, refusal: RefuseDials) -> str:
        seconds = refusal.retry_after or 0.0
        if refusal.retry_after_form == "date":
            when = datetime.fromtimestamp(self._clock.wall() + seconds, UTC)
            return format_datetime(when, usegmt=True)
        return f"{seconds:g}"
