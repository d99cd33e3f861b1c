"""What is known of the current link; made anew for each epoch."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trunkline.protocol.events import Event, Refusal
from trunkline.protocol.limits import MOST_MESSAGES_PER_SECOND
from trunkline.protocol.liveness import Liveness
from trunkline.protocol.observations import LinkEnded
from trunkline.protocol.verdicts import Fault

if TYPE_CHECKING:
    from trunkline.protocol.closure import Closure, Verdict

__all__ = ["Link"]

# One bad message is survived; a stream of them is not a session: 20 within 10 s.
_FLOOD_COUNT = 20
_FLOOD_SECONDS = 10.0
# `<type>.<code>`, as OpenAI closes after it judged an upgrade (observed on the live endpoint, 2026-09-18).
_NAMES_ITS_ERROR = re.compile(r"[a-z_]+\.[a-z0-9_]+")
# Servers close right behind the error that is why; an older one was about something else, and the close says why.
_ANNOUNCED_SECONDS = 5.0


@dataclass(slots=True, kw_only=True)
class Link:
    """One transport connection, from the dial to its end."""

    epoch: int
    dialed_at: float
    liveness: Liveness | None = None
    """The watch over it; None until it is open."""
    _opened_at: float | None = field(default=None, init=False)
    last_error: Refusal | None = field(default=None, init=False)
    """The server's last word, if it was one."""
    _said_at: float = field(default=0.0, init=False)
    _cursors: dict[bytes, int] = field(default_factory=dict, init=False)
    heard: int = field(default=0, init=False)
    """Messages since the mark."""
    _marked_at: float = field(default=0.0, init=False)
    _garbled: list[float] = field(default_factory=list, init=False)

    def opened(self, now: float, ping_phase: float | None = None) -> None:
        """The upgrade was answered; `ping_phase` as in `Liveness`."""
        self._opened_at = self._marked_at = now
        self.liveness = Liveness(now=now, phase=ping_phase)

    def lived(self, now: float) -> float:
        """Seconds since it was opened; 0 if it never was."""
        return 0.0 if self._opened_at is None else now - self._opened_at

    def ending(self, closure: Closure, verdict: Verdict, now: float) -> LinkEnded:
        """The fact that it ended so."""
        lived = self.lived(now)
        return LinkEnded(at=now, epoch=self.epoch, closure=closure, verdict=verdict, lived=lived)

    def said(self, event: Event, now: float) -> None:
        """The server's latest event; only an error that stays the last word explains an end."""
        self.last_error = event if isinstance(event, Refusal) else None
        self._said_at = now
        self.heard += 1

    def fault(self, now: float) -> Fault | None:
        """What is wrong with it while it is open: it is dead, or the server floods it; asked at every ping."""
        if self.liveness is not None and self.liveness.is_dead(now):
            return Fault.DEAD
        if now - self._marked_at < _FLOOD_SECONDS:
            return None
        most = MOST_MESSAGES_PER_SECOND * (now - self._marked_at)
        is_flooded, self.heard, self._marked_at = self.heard > most, 0, now
        return Fault.FLOODED if is_flooded else None

    def is_questionable(self, now: float) -> bool:
        """Whether `fault` has more to answer than that all is well."""
        is_dead = self.liveness is None or self.liveness.is_dead(now)
        return is_dead or now - self._marked_at >= _FLOOD_SECONDS

    def garbled(self, now: float) -> bool:
        """A message could not be read; whether there were too many of them lately."""
        self._garbled = [*self._garbled[1 - _FLOOD_COUNT :], now]
        return len(self._garbled) == _FLOOD_COUNT and now - self._garbled[0] <= _FLOOD_SECONDS

    def ping(self, now: float, cursor: int) -> bytes:
        """The payload of a ping written behind all audio before the cursor."""
        assert self.liveness is not None
        payload = self.liveness.ping(now)
        self._cursors[payload] = cursor
        return payload

    def pong(self, payload: bytes, now: float) -> tuple[float, int] | None:
        """The round trip, and the cursor its ping stood behind; None for a pong nobody waits for."""
        rtt = None if self.liveness is None else self.liveness.pong(payload, now)
        if rtt is None:
            return None
        cursor = self._cursors.pop(payload, 0)
        self._cursors = {key: at for key, at in self._cursors.items() if at > cursor}
        return rtt, cursor

    def explain(self, closure: Closure, now: float) -> Closure:
        """The closure with the error event that announced it, if there was one just before."""
        error = self.last_error
        if error is None or closure.by_us or now - self._said_at > _ANNOUNCED_SECONDS:
            return closure
        is_named = error.code and closure.reason.endswith(error.code)
        if _NAMES_ITS_ERROR.fullmatch(closure.reason) and not is_named:
            # It tells its own error: the one before was about something else, a request that was refused perhaps.
            return closure
        return replace(closure, error_type=error.type, error_code=error.code)
