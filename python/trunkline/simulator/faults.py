"""What goes wrong on purpose: a moment and a deed, as plain data.

Each fault happens once in a server's life, unless it says how often. Turns are counted over that
life, not per connection, so that "in the middle of utterance 3" means the same before and after a
client came back: an utterance is number K while K-1 were committed from audio.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from trunkline.simulator.actions import (
    Action,
    CloseLink,
    DropEvent,
    Edit,
    RefuseDials,
    ResetLink,
    SendError,
    Stall,
)
from trunkline.simulator.requests import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = [
    "Action",
    "Appended",
    "CloseLink",
    "Dialed",
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
    dial: int = 0
    """Its dial's number over the server's life, from 1; 0 if that is not known."""
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
class Dialed:
    """From the so-manieth dial of the server's life on, those that were refused included."""

    dial: int

    def is_met(self, facts: Facts) -> bool:
        """Whether the moment has come."""
        return facts.dial >= self.dial


Moment = Appended | InUtterance | InReply | Events | Elapsed | Dialed


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault."""

    when: Moment
    action: Action
    connection: int | None = None
    """The connection it happens on; None = the first on which its moment comes."""
    times: int = 1
    """How often it happens; more than once only for edits of a message."""

    def is_due(self, facts: Facts) -> bool:
        """Whether it is to happen now, on this connection."""
        return self.connection in {None, facts.connection} and self.when.is_met(facts)

    def edits(self, facts: Facts, message: str, *, by_client: bool) -> bool:
        """Whether it changes this message, whose type is counted in `facts` already.

        A moment that names an event means that event itself. All but dropping happen to what the
        server sends, so after a client's event they happen to the next event of the server.
        """
        if not isinstance(self.action, Edit) or not self.is_due(facts):
            return False
        if by_client and not isinstance(self.action, DropEvent):
            return False
        if not isinstance(self.when, Events) or self.when.type == message:
            return True
        return self.when.type in REQUESTS and not isinstance(self.action, DropEvent)


class FaultBook:
    """The faults that are left, and those that happened."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._left: list[list[Any]] = []
        self._has_edits = False
        self.happened: list[Fault] = []
        """In the order they happened."""
        self.add(faults)

    def __bool__(self) -> bool:
        return bool(self._left)

    @property
    def has_edits(self) -> bool:
        """Whether messages have to be looked at one by one."""
        return self._has_edits

    def add(self, faults: Iterable[Fault]) -> None:
        """More of them, from now on."""
        self._left += [[fault, fault.times] for fault in faults]
        self._look_for_edits()

    def take(self, facts: Facts) -> Fault | None:
        """The first fault that is due and edits nothing; it then counts as happened."""
        return self._take(lambda one: not isinstance(one.action, Edit) and one.is_due(facts))

    def take_edit(self, facts: Facts, message: str, *, by_client: bool = False) -> Edit | None:
        """What is to be done to this message, if anything; it then counts as happened."""
        fault = self._take(lambda one: one.edits(facts, message, by_client=by_client))
        return None if fault is None else cast("Edit", fault.action)

    def take_refusal(self, facts: Facts) -> RefuseDials | None:
        """The refusal that begins with this very dial, if one does."""
        fault = self._take(
            lambda one: (
                isinstance(one.action, RefuseDials)
                and isinstance(one.when, Dialed)
                and one.is_due(facts)
            )
        )
        return None if fault is None else cast("RefuseDials", fault.action)

    def next_elapsed(self, connection: int) -> float | None:
        """The age at which a connection has to be looked at without anything else happening."""
        ages = [
            fault.when.seconds
            for fault, _ in self._left
            if isinstance(fault.when, Elapsed)
            and not isinstance(fault.action, Edit)
            and fault.connection in {None, connection}
        ]
        return min(ages, default=None)

    def _take(self, is_meant: Callable[[Fault], bool]) -> Fault | None:
        for index, entry in enumerate(self._left):
            fault: Fault = entry[0]
            if is_meant(fault):
                entry[1] -= 1
                if entry[1] == 0:
                    del self._left[index]
                    self._look_for_edits()
                self.happened.append(fault)
                return fault
        return None

    def _look_for_edits(self) -> None:
        self._has_edits = any(isinstance(fault.action, Edit) for fault, _ in self._left)


def _reached(progress: tuple[int, float] | None, turn: int, ms: float) -> bool:
    return progress is not None and progress[0] == turn and progress[1] >= ms
