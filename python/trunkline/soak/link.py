"""One connection between the line and the simulated server: two pipes, and the ways it ends."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from trunkline.protocol.closure import Closure, Fault
from trunkline.soak.pipe import Pipe, Weather

if TYPE_CHECKING:
    from random import Random

    from trunkline.protocol.events import Event
    from trunkline.protocol.lifecycle import State
    from trunkline.soak.agenda import Agenda

__all__ = ["WRITE_LIMIT_BYTES", "FarEnd", "Link", "NearEnd", "NearJudge", "Role"]

WRITE_LIMIT_BYTES = 32 * 1024
"""As the transport's: more may not wait on our side."""
_WINDOW_BYTES = 64 * 1024
"""What the network and the far kernel hold beside that."""


class Role(Enum):
    """What a link is to its line."""

    SERVING = "serving"
    SECOND = "second"
    """Of a rotation: it is dialed, or told what the first knows."""
    LEAVING = "leaving"
    """The line has said goodbye on it, and goes on with another."""


class NearEnd(Protocol):
    """Whoever dialed."""

    def take(self, epoch: int, message: bytes) -> None:
        """A text message came."""

    def take_pong(self, epoch: int, payload: bytes) -> None:
        """A pong came."""

    def take_end(self, epoch: int, closure: Closure) -> None:
        """The link ended."""

    def take_room(self, epoch: int) -> None:
        """The link takes messages again."""


class FarEnd(Protocol):
    """Whoever was dialed."""

    def take(self, message: bytes) -> None:
        """A text message came."""

    def take_ping(self, payload: bytes) -> None:
        """A ping came."""

    def take_close(self, code: int) -> None:
        """The client says goodbye."""

    def gone(self) -> None:
        """The connection is no more."""


class NearJudge(Protocol):
    """Whoever watches the client's side."""

    def dialing(self, epoch: int, role: Role, *, refresh: bool) -> None:
        """A link is asked for."""

    def aborting(self, link: Link | None, role: Role) -> None:
        """A link is dropped."""

    def ended(self, closure: Closure, link: Link | None, role: Role) -> None:
        """A link ended, or could not be opened."""

    def moved(self, before: State, state: State) -> None:
        """The line went to another state."""

    def raised(self, error: Exception) -> None:
        """The core raised what it must not."""

    def delivered(self, event: Event, epoch: int) -> None:
        """An event reached the application's side."""


class Link:
    """Open from the moment it is made."""

    def __init__(
        self, agenda: Agenda, dice: Random, weather: Weather, *, epoch: int, near: NearEnd
    ) -> None:
        self.epoch = epoch
        self.near = near
        self.far: FarEnd | None = None
        self.is_left = False
        """Whether the client has dropped it."""
        self.is_over = False
        """Whether the client was told of its end."""
        self.tells_late = False
        """Whether the client gets what was on its way to it when it left."""
        self.is_closing = False
        """Whether the client has said goodbye on it."""
        self.pings: dict[bytes, float] = {}
        """Written by the client and not answered, with their time."""
        self.most_unsent = 0
        self._agenda = agenda
        self._full = False
        self._acked_bytes = 0
        self.acked_at = agenda.now
        """When the client could last see progress."""
        self.heard_at = agenda.now
        """When anything last came to the client."""
        self.is_expired = False
        """Whether the server told the client that the session had its time."""
        self.complained_at = float("-inf")
        """When the client last heard an error event."""
        self.has_session = False
        """Whether the client heard of a session: its key was taken."""
        # A copy: what slows this link down is gone with it.
        self.up = Pipe(agenda, dice, replace(weather), self._reach_far)
        back = Weather(delay=weather.delay, jitter=weather.jitter)
        self.down = Pipe(agenda, dice, back, self._reach_near)

    # The client's side.

    @property
    def is_open(self) -> bool:
        """Whether the client may think so."""
        return not (self.is_left or self.is_over)

    @property
    def is_ours(self) -> bool:
        """Whether the client may go on using it: it is open, and no goodbye was said on it."""
        return self.is_open and not self.is_closing

    @property
    def writable(self) -> bool:
        """Whether it takes more messages without piling them up."""
        return self.is_open and not self._full

    def write(self, message: bytes) -> None:
        """Sends a text message."""
        self.up.send(message, len(message) + 8)
        waiting = self.up.unsent_bytes
        self.most_unsent = max(self.most_unsent, waiting - len(message))
        self._full = self._full or waiting > WRITE_LIMIT_BYTES + _WINDOW_BYTES

    def ping(self, payload: bytes) -> None:
        """Sends a ping, which queues behind what was written before."""
        self.up.send(("ping", payload), 10)

    def close(self, code: int) -> None:
        """Sends a close frame."""
        self.is_closing = True
        self.up.send(("close", code), 12)

    def abort(self) -> None:
        """Drops it: nothing that comes concerns the client any more."""
        if not self.is_left:
            self.is_left = True
            self.up.cut()
            self._agenda.after(self.up.weather.delay, self._tell_far)

    def progress(self) -> tuple[int, int]:
        """Bytes acknowledged, which nobody hears of while nothing comes back; and bytes still waiting."""
        if not self.down.held:
            self._acked_bytes = self.up.arrived_bytes
        return self._acked_bytes, max(0, self.up.unsent_bytes - _WINDOW_BYTES)

    # The server's side.

    def say(self, message: bytes) -> None:
        """Sends a text message to the client."""
        self.down.send(message, len(message) + 4)

    def pong(self, payload: bytes) -> None:
        """Answers a ping."""
        self.down.send(("pong", payload), 6)

    def say_goodbye(self, code: int, reason: str) -> None:
        """Sends a close frame and ends."""
        self._end_in_order(Closure(code=code, reason=reason))

    def crash_loop_end(self) -> None:
        """The session dies young, as all of a server that crashes in a loop."""
        self.say_goodbye(1011, "")

    def finish(self) -> None:
        """Ends the stream without a close frame."""
        self._end_in_order(Closure(code=1006, fault=Fault.END))

    def reset(self) -> None:
        """Breaks it: what was on its way is lost in both directions."""
        self.up.cut()
        self.down.cut()
        self._end_in_order(Closure(code=1006, fault=Fault.RESET))

    def break_off(self) -> None:
        """The client is told of a reset of which the server knows nothing yet: it goes on speaking into the void."""
        self.tells_late = True
        self.is_over = True
        self.up.cut()
        self.near.take_end(self.epoch, Closure(code=1006, fault=Fault.RESET))
        self._agenda.after(5.0, self._tell_far)

    def _end_in_order(self, closure: Closure) -> None:
        self.down.send(closure, 4)
        self._tell_far()

    def _tell_far(self) -> None:
        far, self.far = self.far, None
        if far is not None:
            far.gone()

    # What comes out of the pipes.

    def _reach_far(self, thing: Any) -> None:
        if self.far is None:
            return
        if not self.down.held:
            self.acked_at = self._agenda.now
            self._acked_bytes = self.up.arrived_bytes
        if isinstance(thing, bytes):
            self.far.take(thing)
        elif thing[0] == "ping":
            self.far.take_ping(thing[1])
        else:
            self.far.take_close(thing[1])
        if self._full and self.up.unsent_bytes < _WINDOW_BYTES:
            self._full = False
            self.near.take_room(self.epoch)

    def _reach_near(self, thing: Any) -> None:
        if not self.is_open and not self.tells_late:
            return
        self.heard_at = self._agenda.now
        if isinstance(thing, bytes):
            if b'"type":"error"' in thing:
                self.complained_at = self._agenda.now
                self.is_expired = self.is_expired or b'"session_expired"' in thing
            self.has_session = self.has_session or b'"type":"session.created"' in thing
            self.near.take(self.epoch, thing)
        elif isinstance(thing, Closure):
            self.is_over = True
            self.tells_late = False
            self.near.take_end(self.epoch, thing)
        else:
            self.near.take_pong(self.epoch, thing[1])

    def later(self, delay: float, deed: str) -> None:
        """Heals or breaks it at a later time, by the name of the method."""
        self._agenda.after(delay, partial(self._do, deed))

    def _do(self, deed: str) -> None:
        getattr(self, deed)()

    def speed_up(self) -> None:
        """The line to the server is as fast again as it was."""
        self.up.weather.rate = Weather().rate

    def heal(self) -> None:
        """Both directions carry again, at their old rate."""
        self.up.release()
        self.down.release()
