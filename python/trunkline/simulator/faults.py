"""What goes wrong on purpose: a moment and a deed, as plain data.

Each fault happens once in a server's life. Turns are counted over that life, not per connection, so
that "in the middle of utterance 3" means the same before and after a client came back: an utterance
is number K while K-1 were committed from audio.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Action",
    "Appended",
    "CloseLink",
    "Elapsed",
    "Events",
    "Facts",
    "Fault",
    "FaultBook",
    "InReply",
    "InUtterance",
    "Moment",
    "ResetLink",
    "SendError",
    "Stall",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Where a connection stands."""

    connection: int
    """Its number over the server's life, from 1."""
    elapsed: float
    """Seconds since it was accepted."""
    appended_ms: float = 0.0
    utterance: tuple[int, float] | None = None
    """The turn being spoken and the audio in ms since its speech began."""
    reply: tuple[int, float] | None = None
    """The turn being answered and the reply audio in ms that was sent."""
    events: Mapping[str, int] = field(default_factory=dict)
    """Events received and sent on this connection, by type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """When so much audio was appended on the connection."""

    ms: float

    def is_met(self, facts: Facts) -> bool:
        """Whether the moment has come."""
        return facts.appended_ms >= self.ms


@dataclass(frozen=True, slots=True, kw_only=True)
class InUtterance:
    """While a turn is being spoken, so long after its speech began."""

    turn: int
    ms: float = 0.0

    def is_met(self, facts: Facts) -> bool:
        """Whether the moment has come."""
        return _reached(facts.utterance, self.turn, self.ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class InReply:
    """While a turn is being answered, when so much reply audio was sent."""

    turn: int
    ms: float = 0.0

    def is_met(self, facts: Facts) -> bool:
        """Whether the moment has come."""
        return _reached(facts.reply, self.turn, self.ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """When so many events of a type, of either side, have passed on the connection."""

    type: str
    count: int = 1

    def is_met(self, facts: Facts) -> bool:
        """Whether the moment has come."""
        return facts.events.get(self.type, 0) >= self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """When the connection is so old."""

    seconds: float

    def is_met(self, facts: Facts) -> bool:
        """Whether the moment has come."""
        return facts.elapsed >= self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetLink:
    """TCP reset: the client's next read fails with ECONNRESET."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLink:
    """A WebSocket close with this code and reason."""

    code: int = 1011
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """The socket stays open; nothing is read or written for so long."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SendError:
    """An error event that nothing asked for; the session goes on."""

    message: str = "The server had an error while processing your request. Sorry about that!"
    type: str = "server_error"
    code: str | None = None


Moment = Appended | InUtterance | InReply | Events | Elapsed
Action = ResetLink | CloseLink | Stall | SendError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault."""

    when: Moment
    action: Action
    connection: int | None = None
    """The connection it happens on; None = the first on which its moment comes."""

    def is_due(self, facts: Facts) -> bool:
        """Whether it is to happen now, on this connection."""
        return self.connection in {None, facts.connection} and self.when.is_met(facts)


class FaultBook:
    """The faults that are left, and those that happened."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._left = list(faults)
        self.happened: list[Fault] = []
        """In the order they happened."""

    def __bool__(self) -> bool:
        return bool(self._left)

    def take(self, facts: Facts) -> Fault | None:
        """The first fault that is due, which then counts as happened."""
        for fault in self._left:
            if fault.is_due(facts):
                self._left.remove(fault)
                self.happened.append(fault)
                return fault
        return None

    def next_elapsed(self, connection: int) -> float | None:
        """The age at which a connection has to be looked at without anything else happening."""
        ages = [
            fault.when.seconds
            for fault in self._left
            if isinstance(fault.when, Elapsed) and fault.connection in {None, connection}
        ]
        return min(ages, default=None)


def _reached(progress: tuple[int, float] | None, turn: int, ms: float) -> bool:
    return progress is not None and progress[0] == turn and progress[1] >= ms
