"""What the core wants done and told: four queues that the driver empties after every input."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.protocol.compound_facts import Fact
    from trunkline.protocol.events import Event

__all__ = ["AbortLink", "CloseLink", "Command", "Dial", "Drains", "Ping"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something the driver must do; the base of all four."""

    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial(Command):
    """Open a link; answer with `link_opened` or `link_closed` of this epoch."""

    refresh_credential: bool
    """Whether the credential must be asked for again first."""
    conversation_id: str = ""
    """The conversation that the server is asked to go on with; nothing on servers that cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLink(Command):
    """Say goodbye with a close handshake; answer with `link_closed`."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AbortLink(Command):
    """Drop the link at once, whatever it is doing; no answer is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Command):
    """Write a ping without waiting for anything; answer its pong with `pong`."""

    payload: bytes


@dataclass(slots=True)
class Drains:
    """The queues, and the epoch they speak of."""

    epoch: int = 0
    dialed: int = 0
    """The last epoch that was given out; a rotation's second link is ahead of the current one."""
    # Lists: mostly emptied after every input, and an empty deque takes as much as ninety entries.
    actions: list[Command] = field(default_factory=list)
    messages: list[tuple[str, bytes]] = field(default_factory=list)
    """Type and text of control messages that go before any audio."""
    events: list[Event] = field(default_factory=list)
    observations: list[Fact] = field(default_factory=list)

    def told(self) -> tuple[list[Command], list[Event], list[Fact]]:
        """The queues of what is to be done and told; messages are pulled."""
        return self.actions, self.events, self.observations
