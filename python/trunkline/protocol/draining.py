"""The end of a line that lets the answer which is being given end first.

The plain way, closing, cuts the model in the middle of a word; waiting until it is silent first lets the next turn
begin meanwhile. Our way: what was begun or asked for before is given and played to its end, and nothing new is begun.
What the user says from then on is kept and not sent, and so are requests for answers: a snapshot that is taken
afterwards has them, and the line that takes over goes on with both. The end comes when nothing is being given any
more, or when that makes no sense to wait for: the link is lost, the model stalls, the time that was granted is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.errors import LocalError
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import FLOWING, OVER, State
from trunkline.protocol.times import earliest

if TYPE_CHECKING:
    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.devices import Devices
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.settings import JsonObject
    from trunkline.protocol.watchdog import Watchdog

__all__ = ["Draining"]


class Draining:
    """Whether one line drains; `connection.py` is its only caller."""

    def __init__(
        self, conversation: Conversation, devices: Devices, watchdog: Watchdog, drains: Drains
    ) -> None:
        self.is_on = False
        self._conversation = conversation
        self._devices = devices
        self._watchdog = watchdog
        self._drains = drains
        self._ends_at: float | None = None

    def begin(self, within: float | None, now: float) -> None:
        """Holds back what would be new; a second call can only shorten the time."""
        if within is not None:
            self._ends_at = earliest(self._ends_at, now + within)
        if not self.is_on:
            self.is_on = True
            self._conversation.outbox.hold()
            self._conversation.turns.holding = True
            self._drains.observations.append(seen.DrainBegun(at=now, epoch=self._drains.epoch))

    def holds(self, event: JsonObject) -> bool:
        """Whether the request waits for another line."""
        return self.is_on and event.get("type") == "response.create"

    def refuse(self, what: str, state: State) -> None:
        """Raises LocalError for what would begin something new."""
        if self.is_on:
            raise LocalError(what, f"draining ({state.value})")

    def sooner(self, deadline: float | None, state: State) -> float | None:
        """The deadline of a line that drains, if it may have to be closed before."""
        if state in OVER:
            return deadline
        # While something is given, the end of the playing ends nothing: as a deadline it would stay in the past.
        plays_until = None if self._is_giving() else self._devices.plays_until()
        return earliest(deadline, self._ends_at, plays_until)

    def is_over(self, state: State, now: float) -> bool:
        """Whether a line that drains is to be closed now."""
        if state in OVER:
            return False
        is_late = self._ends_at is not None and now >= self._ends_at
        return is_late or self._has_ended(state, now)

    def _has_ended(self, state: State, now: float) -> bool:
        """Whether there is nothing left to wait for, or no sense in waiting."""
        if state not in FLOWING or self._watchdog.is_stalled:
            return True
        plays_until = self._devices.plays_until()
        return not (self._is_giving() or (plays_until is not None and now < plays_until))

    def _is_giving(self) -> bool:
        return self._conversation.turns.is_given() or self._conversation.asides.are_busy
