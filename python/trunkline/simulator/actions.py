"""What can be done to a connection on purpose, as plain data.

Three kinds: `Edit`s change one message on its way, `HostAction`s concern the whole server, and all
others one connection. Numbers carry their unit; defaults are what is seen most often in the wild.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Action",
    "CloseLink",
    "Delay",
    "DropEvent",
    "DuplicateEvent",
    "Edit",
    "EndTcp",
    "FailResponse",
    "FailTranscription",
    "Freeze",
    "GarbleEvent",
    "HalfOpen",
    "HostAction",
    "LateEvent",
    "MissingClose",
    "RefuseDials",
    "ReorderEvent",
    "ResetLink",
    "Say",
    "SendError",
    "SendEvent",
    "SlowRead",
    "Stall",
    "UnknownEvent",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetLink:
    """TCP reset: the client's next read fails with ECONNRESET."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTcp:
    """TCP FIN without a WebSocket close: the client sees 1006."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLink:
    """A WebSocket close with this code and reason."""

    code: int = 1011
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingClose:
    """From now on no close frame is sent, not even in answer to the client's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """The socket stays open; nothing is read or written for so long, pongs included."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfOpen:
    """A stall without an end: the client has to notice by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowRead:
    """The server reads no faster than this, so the client's socket fills up."""

    bytes_per_second: float
    seconds: float | None = None
    """For how long; None = as long as the connection lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendError:
    """An error event that nothing asked for; the session goes on."""

    message: str = "The server had an error while processing your request. Sorry about that!"
    type: str = "server_error"
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEvent:
    """Any event, as it is given; an `event_id` is added if it has none."""

    event: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEvent:
    """An event of a type that no version of the API has."""

    type: str = "simulator.unheard_of"


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """The next answer on this connection has this text, spoken as a tone of its length."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailResponse:
    """The next responses of the session end as failed, with this error and without an item."""

    message: str = "The server had an error while processing your request. Sorry about that!"
    type: str = "server_error"
    code: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FailTranscription:
    """The next input transcriptions of the session fail: nobody could make out the audio."""

    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DropEvent:
    """The message is swallowed: a server's event is not sent, a client's is not taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """The event, and everything after it, is held back for so long; pings go on."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LateEvent:
    """The event alone is held back for so long; what follows overtakes it."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReorderEvent:
    """The event changes places with the one after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateEvent:
    """The event is sent twice, to the letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleEvent:
    """The event comes out broken."""

    how: str = "cut"
    """`cut` (half of it), `noise` (some characters changed), `binary` (as a binary message) or
    `frame` (a frame with a reserved opcode, which ends the connection with 1002)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """The whole server stands still, as under SIGSTOP: every connection, and who dials."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseDials:
    """The next dials are turned away: with an HTTP status, or after the upgrade with a close."""

    count: int = 1
    status: int | None = None
    code: int | None = None
    """A close code, with `reason`; an `error` event made of the reason goes before it."""
    reason: str = ""
    retry_after: float | None = None
    """Seconds, for the header of an HTTP refusal."""
    retry_after_form: str = "seconds"
    """`seconds` or `date`: the two forms of RFC 9110, section 10.2.3."""


Edit = DropEvent | Delay | LateEvent | ReorderEvent | DuplicateEvent | GarbleEvent
HostAction = Freeze | RefuseDials
Action = (
    ResetLink
    | EndTcp
    | CloseLink
    | MissingClose
    | Stall
    | HalfOpen
    | SlowRead
    | SendError
    | SendEvent
    | UnknownEvent
    | Say
    | FailResponse
    | FailTranscription
    | Edit
    | HostAction
)
