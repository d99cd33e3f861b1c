"""The laws of a line's links: how many, how often, how long, and how soon a dead one is found (I4, I5, I8 to I12).

Judged by what the line does to the world and what the world did to it, never by what the core says of itself.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from trunkline.protocol import events
from trunkline.protocol.closure import Closure
from trunkline.protocol.lifecycle import State
from trunkline.soak.finality import Finality, is_expiry

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.events import Event
    from trunkline.soak.agenda import Agenda
    from trunkline.soak.driver import Driver
    from trunkline.soak.link import Link

__all__ = ["LIMITS", "Watch"]

_SLACK = 0.02
_ANNOUNCED = 5.5
"""Seconds before an end in which an error event may be about it."""
_LEAST_THRESHOLD = 2.5
_UNKNOWN_FOR = 0.26
_PATIENCE = 500.0
"""A line keeps trying for ten minutes; the try it has no time for any more may lie this much before their end."""
_MOST_THRESHOLD = 10.0
LIMITS = {
    State.DIALING: 35.0,
    State.OPENING: 10.0,
    State.CONFIGURING: 10.0,
    # Each message that the link took gives it ten seconds more; no restore of a soak is as long as this.
    State.RESTORING: 90.0,
    State.CLOSING: 0.8,
}
"""I11: how long a phase may take."""


class Watch:
    """Over one line."""

    def __init__(
        self, agenda: Agenda, accuse: Callable[[str, str], None], *, rotates: bool = False
    ) -> None:
        self.live_at: float | None = None
        """When the line became live, if it is."""
        self.delivered_from: dict[str, int] = {}
        """Response or item id to the epoch of the session that gave it."""
        self.trouble_until = 0.0
        """When the last misfortune was over."""
        self.useful = False
        self._agenda = agenda
        self._accuse = accuse
        self._links_allowed = 2 if rotates else 1
        self._driver: Driver
        self._links: list[Link] = []
        self._entered_at = 0.0
        self._last: Closure | None = None
        self._ended_at = 0.0
        self._not_before = 0.0
        self._streak = 0
        self._expired = False
        self._finality = Finality()
        self._retries: deque[float] = deque()

    def attach(self, driver: Driver) -> None:
        """The line to watch."""
        self._driver = driver
        self._not_before = self._ended_at = self._lost_at = driver.now()

    def is_well_for(self, seconds: float) -> bool:
        """Whether the line is live, undisturbed, for so long."""
        if self.live_at is None:
            return False
        since = max(self.live_at, self.trouble_until, self._driver.woke_at)
        return self._agenda.now - since >= seconds

    def opened(self, link: Link) -> None:
        """A connection is made to the server."""
        self._links = [one for one in self._links if one.is_open]
        self._links.append(link)
        if sum(one.is_open for one in self._links) > self._links_allowed:
            self._accuse("I4", f"{len(self._links)} links are open at once")

    # What the line does.

    def dialing(self, *, refresh: bool) -> None:
        """It asks for a link."""
        now = self._driver.now()
        last = self._last
        if any(one.is_open for one in self._links) and self._links_allowed == 1:
            self._accuse("I4", "it dials while a link is open")
        if last is None:
            return
        if self._finality.must_end:
            self._accuse("I5", f"it dials after {last.describe()}")
        if now < self._not_before - _SLACK:
            self._accuse("I5", f"it dials {self._not_before - now:.2f} s before the server's time")
        if last.status == 401 and not refresh:
            self._accuse("I9", "it dials with the credential that was refused")
        if not self._expired:
            self._paced(now)

    def _paced(self, now: float) -> None:
        if self._streak >= 2:
            least = min(0.5 * 1.6 ** (self._streak - 2), 20.0) / 3
            if now - self._ended_at < least - _SLACK:
                self._accuse(
                    "I5", f"try {self._streak} after {now - self._ended_at:.3f} s, not {least:.3f}"
                )
        self._retries.append(now)
        # A process that was blocked dials later than it had planned, and so nearer to the next one.
        while self._retries[0] <= now - 57.0:
            self._retries.popleft()
        if len(self._retries) > 12:
            self._accuse("I5", f"{len(self._retries)} retries in a minute")

    def aborting(self, link: Link | None) -> None:
        """It drops a link."""
        state = self._driver.state
        if state in (State.CLOSED, State.FAILED):
            return
        was_told = link is not None and link.is_expired
        if link is not None and not was_told and not self._overdue():
            self._must_be_dead(link)
        self.ended(None)
        if was_told:
            # By the error event alone: the close behind it need not be waited for, and is no try.
            self._expired, self._streak = True, self._streak - 1

    def _must_be_dead(self, link: Link) -> None:
        now = self._agenda.now
        ping_age = max((now - at for at in self._driver.pings.values()), default=0.0)
        # What the kernel knows is asked for every quarter of a second: fresher progress could not be known.
        acked = link.acked_at if now - link.acked_at >= _UNKNOWN_FOR else 0.0
        quiet = now - max(link.heard_at, acked)
        is_dead = min(ping_age, quiet) >= _LEAST_THRESHOLD - 0.3
        if not is_dead and ping_age < 3 * _LEAST_THRESHOLD - _SLACK:
            self._accuse("I12", f"a link was dropped {quiet:.2f} s after a sign of life")

    def _overdue(self) -> bool:
        # By the clock of the client; the phase's deadline may have passed while it stood still.
        age = self._driver.now() - self._entered_at
        before = self._phase
        limit = LIMITS.get(before)
        return limit is not None and age >= min(limit, 10.0) - _SLACK

    _phase = State.IDLE

    def moved(self, before: State, state: State) -> None:
        """It went from one state to another."""
        now = self._driver.now()
        limit = LIMITS.get(before)
        grace = max(0.0, self._driver.woke_at - self._driver.slept - self._entered_at)
        if limit is not None and now - self._entered_at > limit + grace + _SLACK:
            self._accuse("I11", f"{before.value} took {now - self._entered_at:.2f} s")
        self._entered_at, self._phase = now, state
        self.live_at = self._agenda.now if state is State.LIVE else None
        if state is State.LIVE:
            self._finality.live()
            self._live_since = now
        if before is State.LIVE and now - self._live_since >= 30.0:
            self._streak = min(self._streak, 1)
        if before is State.LIVE:
            self._lost_at = now
        if state is State.FAILED and not self._finality.may_end and now - self._lost_at < _PATIENCE:
            self._accuse("I5", f"the line gave up after {self._last}")

    _live_since = 0.0
    _lost_at = 0.0

    # What the world does.

    def ended(self, closure: Closure | None, link: Link | None = None) -> None:
        """A link ended, or could not be opened; no closure if the line itself gave it up."""
        now = self._driver.now()
        lived_live = self._phase is State.LIVE and now - self._live_since >= 30.0
        if self.useful or lived_live:
            self._streak = 0
        self.useful = False
        self._expired = closure is not None and is_expiry(closure)
        if not self._expired:
            self._streak += 1
        self._last, self._ended_at = closure or Closure(), now
        self._not_before = now
        if closure is None:
            self._finality.left()
            return
        explained = link is not None and self._agenda.now - link.complained_at <= _ANNOUNCED
        self._finality.ended(closure, now, explained=explained)
        self._not_before = now + (closure.retry_after or 0.0)

    def settle(self, closure: Closure) -> None:
        """The line has drawn its conclusions from an end."""
        if self._finality.must_end and self._driver.state not in (State.FAILED, State.CLOSED):
            self._accuse("I5", f"{closure.describe()} did not end the line")

    def darkened(self, link: Link) -> None:
        """From now on nothing gets through on the link: it must be found dead."""
        if link.is_open:
            bound = 5.0 + _MOST_THRESHOLD + 1.0
            self._agenda.after(bound, partial(self._must_be_left, link, self._agenda.now))

    def _must_be_left(self, link: Link, since: float) -> None:
        driver = self._driver
        slept = driver.is_blocked or driver.woke_at > since
        still_dark = link.up.held and link.down.held and link.heard_at <= since
        if link is driver.link and still_dark and not slept and driver.state is not State.CLOSING:
            self._accuse("I12", f"a dead link was kept for {self._agenda.now - since:.1f} s")

    # What reaches the application.

    def delivered(self, event: Event, epoch: int) -> None:
        """An event left the core."""
        if isinstance(event, events.ResponseDone) and event.status == "completed":
            self.useful = True
        name = getattr(event, "response_id", "")
        if isinstance(event, events.ItemDone):
            name = event.item["id"]
        if name and self.delivered_from.get(name, epoch) != epoch:
            self._accuse("I10", f"{type(event).__name__} of an earlier session in epoch {epoch}")
