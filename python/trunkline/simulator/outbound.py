"""Server events between the engine and the wire: rewritten, held back, doubled, broken."""

from __future__ import annotations

import heapq
from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from trunkline.simulator.actions import (
    Delay,
    DropEvent,
    DuplicateEvent,
    Edit,
    GarbleEvent,
    LateEvent,
    ReorderEvent,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.simulator.dialect import Dialect
    from trunkline.simulator.identity import Chance
    from trunkline.simulator.intake import Intake

__all__ = ["Outbound", "Payload"]

_NOISE = 8
_NOISE_SIGNS = b"!#$%&()*+;<=>?@^`|~"


class Payload(NamedTuple):
    """One message, ready to be framed."""

    data: bytes
    how: str | None = None
    """`binary` or `frame` if it is not to be a text message."""


class Outbound:
    """The queue behind the engine's own. `now` is the server's clock."""

    def __init__(
        self,
        engine: Intake,
        *,
        dialect: Dialect | None,
        chance: Chance,
        edit_of: Callable[[dict[str, Any]], Edit | None],
    ) -> None:
        """`edit_of` is asked once for every event, in the order they happen."""
        self._engine = engine
        self._dialect = dialect
        self._chance = chance
        self._edit_of = edit_of
        self._ready: deque[Payload] = deque()
        self._late: list[tuple[float, int, dict[str, Any]]] = []
        self._order = count()
        self._aside: dict[str, Any] | None = None
        self._held_until = 0.0

    def put(self, event: dict[str, Any]) -> None:
        """Send an event that is not the engine's, in GA names, before what the engine says next."""
        self._engine.history.note_sent(event)
        self._deliver(event)

    def put_raw(self, event: dict[str, Any]) -> None:
        """Send exactly this, whatever the dialect."""
        self._ready.append(Payload(orjson.dumps(event)))

    def next_payload(self, now: float) -> Payload | None:
        """The next message to send; None if there is none, or none yet."""
        while now >= self._held_until:
            if self._ready:
                return self._ready.popleft()
            if self._late and self._late[0][0] <= now:
                self._deliver(heapq.heappop(self._late)[2])
                continue
            event = self._engine.next_event()
            if event is None:
                return None
            edit = self._edit_of(event)
            if edit is None and self._dialect is None and self._aside is None:
                return Payload(orjson.dumps(event))
            self._edit(event, edit, now)
        return None

    def deadline(self, now: float) -> float | None:
        """When there may be something that is not there now; None = only when the engine speaks."""
        if now < self._held_until:
            return self._held_until
        return self._late[0][0] if self._late else None

    def _edit(self, event: dict[str, Any], edit: Edit | None, now: float) -> None:
        match edit:
            case DropEvent():
                self._engine.history.note_withheld(event)
                return
            case LateEvent(seconds=seconds):
                heapq.heappush(self._late, (now + seconds, next(self._order), event))
                return
            case ReorderEvent() if self._aside is None:
                self._aside = event
                return
            case Delay(seconds=seconds):
                self._held_until = now + seconds
            case DuplicateEvent():
                self._deliver(event)
            case _:
                pass
        self._deliver(event, edit.how if isinstance(edit, GarbleEvent) else None)
        if self._aside is not None:
            aside, self._aside = self._aside, None
            self._deliver(aside)

    def _deliver(self, event: dict[str, Any], how: str | None = None) -> None:
        if self._dialect is None:
            self._ready.append(self._payload(event, how))
            return
        for said in self._dialect.outgoing(event):
            self._ready.append(self._payload(said, how))

    def _payload(self, event: dict[str, Any], how: str | None) -> Payload:
        data = orjson.dumps(event)
        if how == "cut":
            return Payload(data[: len(data) // 2])
        if how == "noise":
            return Payload(self._noisy(data))
        return Payload(data, how)

    def _noisy(self, data: bytes) -> bytes:
        noisy = bytearray(data)
        for place in (0, *(self._chance.bits() % len(noisy) for _ in range(_NOISE))):
            noisy[place] = _NOISE_SIGNS[self._chance.bits() % len(_NOISE_SIGNS)]
        return bytes(noisy)
