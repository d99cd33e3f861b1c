"""What a trial does to a client, as plain data: to a link, to a dial, to the whole server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.simulator.faults import Moment

__all__ = [
    "Close",
    "Crash",
    "Deed",
    "Drop",
    "Freeze",
    "Gate",
    "GoDown",
    "HttpRefusal",
    "Refusing",
    "Repeat",
    "Reset",
    "Say",
    "Slow",
    "Step",
    "TurnAway",
    "Vanish",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """TCP reset: the client's next read fails with ECONNRESET."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """The connection ends (FIN) without a close frame: 1006 to the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """A close frame, after an `error` event if one is given."""

    code: int
    reason: str = ""
    error: tuple[str, str, str] | None = None
    """Type, code and message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanish:
    """Half-open: the connection stays up, nobody is there any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Nothing is read or written for so long; then everything goes on."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """For so long, the client's messages are read at this rate only, pings among them."""

    seconds: float
    bytes_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """These messages are sent as they are: text as text, bytes as a binary message."""

    messages: tuple[str | bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Each of the next so many events is sent twice."""

    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoDown:
    """All connections are reset, and for so long nobody listens on the port."""

    seconds: float


Deed = Reset | Drop | Close | Vanish | Freeze | Slow | Say | Repeat | GoDown


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A deed and its moment; each step happens once."""

    when: Moment
    deed: Deed
    visit: int | None = None
    """The admitted connection it happens on, from 1; None = the first whose moment comes."""
    delay: float = 0.0
    """Seconds from the moment to the deed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRefusal:
    """The upgrade is refused with an HTTP status, as gateways do it."""

    status: int
    code: str
    message: str
    retry_after: float | None = None
    is_fatal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnAway:
    """The upgrade succeeds; an `error` and a close follow at once, as the API does it."""

    close_code: int
    type: str
    code: str
    message: str
    is_fatal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """The upgrade succeeds, `session.created` comes, and the connection is reset."""


Refusing = HttpRefusal | TurnAway | Crash


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Which dials are not let in, and how."""

    how: Refusing
    after: int = 1
    """Dials that are let in before."""
    count: int | None = None
    """How many are refused; None = all from there on."""

    def refuses(self, dials_before: int) -> bool:
        """Whether the next dial is refused, so many having come before it."""
        end = None if self.count is None else self.after + self.count
        return dials_before >= self.after and (end is None or dials_before < end)
