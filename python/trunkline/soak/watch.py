"""The laws of a line's links: how many, how often, how long, and how soon a dead one is found (I4, I5, I8 to I12).

Judged by what the line does to the world and what the world did to it, never by what the core says of itself.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from trunkline.protocol import events
from trunkline.protocol.lifecycle import FLOWING, State
from trunkline.soak.finality import Final, Finality
from trunkline.soak.link import Role
from trunkline.soak.pace import SLACK, Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.closure import Closure
    from trunkline.protocol.events import Event
    from trunkline.soak.agenda import Agenda
    from trunkline.soak.driver import Driver
    from trunkline.soak.link import Link

__all__ = ["LIMITS", "Watch"]

_ANNOUNCED = 5.5
"""Seconds before an end in which an error event may be about it."""
_LEAST_THRESHOLD = 2.5
_PATIENCE = 500.0
"""A line keeps trying for ten minutes; the try it has no time for any more may lie this much before their end."""
_MOST_THRESHOLD = 10.0
_MOST_LINKS = 2
_OTHER_LINE = -1
"""For an epoch: none of this line."""
_ROTATION_PATIENCE = 180.0
_ROTATION_SLACK = 15.0
LIMITS = {
    State.DIALING: 35.0,
    State.OPENING: 10.0,
    State.CONFIGURING: 10.0,
    # Each message that the link took gives it ten seconds more; no restore of a soak is as long as this.
    State.RESTORING: 90.0,
    # A rotation that is asked for has three minutes, a planned one its window (`profile`).
    State.ROTATING: 260.0,
    State.CLOSING: 0.8,
}
"""I11: how long a phase may take."""


class Watch:
    """Over one line."""

    def __init__(self, agenda: Agenda, accuse: Callable[[str, str], None]) -> None:
        self.live_at: float | None = None
        """When the line became live in the session that serves, if it is."""
        self.delivered_from: dict[str, int] = {}
        """Response or item id to the epoch of the session that gave it."""
        self.trouble_until = 0.0
        """When the last misfortune was over."""
        self.struck_at = 0.0
        """When the last misfortune began, however small."""
        self.useful = False
        self.switches = 0
        """How often a rotation came to its end."""
        self._agenda = agenda
        self._accuse = accuse
        self._driver: Driver
        self._links: list[Link] = []
        self._entered_at = self._live_since = self._lost_at = 0.0
        self._phase = State.IDLE
        self._is_promoted = False
        """Whether the phase began before, on a second link that took the place of the first."""
        self._epoch = 0
        self._finality = Finality()
        self._final = Final()
        self._last = ""
        """How the serving link ended, in words; nothing before the first end."""
        self._pace: Pace
        self._second: Pace | None = None
        """Of the tries of a rotation; none before the first of them."""
        self._second_final = Final()
        self._key_is_refused = False
        self._has_dialed = False
        """Whether it dialed since its last link ended."""
        self._retries: deque[float] = deque()

    def attach(self, driver: Driver) -> None:
        """The line to watch."""
        self._driver = driver
        self._lost_at = driver.now()
        self._pace = Pace(driver.now())

    def succeeds(self, before: Watch) -> None:
        """The conversation was another line's until now: what its sessions gave must not come from this one."""
        self.trouble_until, self.struck_at = before.trouble_until, before.struck_at
        self.delivered_from = dict.fromkeys(before.delivered_from, _OTHER_LINE)
        before.live_at = None

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
        if len(self._links) > _MOST_LINKS:
            self._accuse("I4", f"{len(self._links)} links are open at once")

    # What the line does.

    def dialing(self, role: Role, *, refresh: bool) -> None:
        """It asks for a link."""
        serving = [one for one in self._links if one.is_ours]
        if role is Role.SECOND and sum(one.is_open for one in self._links) >= _MOST_LINKS:
            self._accuse("I4", "it dials a second link while there are two")
        elif role is Role.SERVING and serving:
            self._accuse("I4", "it dials while a link is open")
        if self._key_is_refused and not refresh:
            self._accuse("I9", "it dials with the credential that was refused")
        self._key_is_refused = False
        self._has_dialed = role is Role.SERVING
        if role is Role.SECOND:
            self._dial_second()
        elif self._last:
            self._dial_again(self._pace, self._final)

    def _dial_second(self) -> None:
        if self._second is not None:
            self._dial_again(self._second, self._second_final)

    def _dial_again(self, pace: Pace, final: Final) -> None:
        now = self._driver.now()
        if final.must:
            self._accuse("I5", f"it dials after {self._last}")
        wrong = pace.complaint(now)
        if wrong:
            self._accuse("I5", wrong)
        if not pace.expired:
            self._count(now)

    def _count(self, now: float) -> None:
        self._retries.append(now)
        # A process that was blocked dials later than it had planned, and so nearer to the next one.
        while self._retries[0] <= now - 57.0:
            self._retries.popleft()
        if len(self._retries) > 12:
            self._accuse("I5", f"{len(self._retries)} retries in a minute")

    def aborting(self, link: Link | None, role: Role) -> None:
        """It drops a link."""
        if self._driver.state in (State.CLOSED, State.FAILED) or role is Role.LEAVING:
            return
        self._note_key(link, role)
        was_told = link is not None and link.is_expired
        if role is Role.SECOND:
            self._end_second(None, Final())
            return
        if link is not None and not was_told and not self._overdue():
            self._must_be_dead(link)
        self._end(None, Final())
        if was_told:
            # By the error event alone: the close behind it need not be waited for, and is no try.
            self._pace.was_expiry()

    def _note_key(self, link: Link | None, role: Role) -> None:
        """The key of a second link that got a session is as good as one that brought the line to life."""
        if role is Role.SECOND and link is not None and link.has_session:
            self._finality.live()

    def _must_be_dead(self, link: Link) -> None:
        now = self._agenda.now
        ping_age = max((now - at for at in link.pings.values()), default=0.0)
        # What the kernel knows is asked for every quarter of a second, while the process runs: the rest is not known.
        acked = link.acked_at if link.acked_at <= self._driver.asked_at else 0.0
        quiet = now - max(link.heard_at, acked)
        is_dead = min(ping_age, quiet) >= _LEAST_THRESHOLD - 0.3
        if not is_dead and ping_age < 3 * _LEAST_THRESHOLD - SLACK:
            self._accuse("I12", f"a link was dropped {quiet:.2f} s after a sign of life")

    def _overdue(self) -> bool:
        # By the clock of the client; the phase's deadline may have passed while it stood still.
        if self._is_promoted:
            return True
        age = self._driver.now() - self._entered_at
        limit = LIMITS.get(self._phase)
        return limit is not None and self._phase not in FLOWING and age >= min(limit, 10.0) - SLACK

    def moved(self, before: State, state: State) -> None:
        """It went from one state to another, or to another link."""
        now = self._driver.now()
        limit = LIMITS.get(before)
        grace = max(0.0, self._driver.woke_at - self._driver.slept - self._entered_at)
        if limit is not None and now - self._entered_at > limit + grace + SLACK:
            self._accuse("I11", f"{before.value} took {now - self._entered_at:.2f} s")
        self._entered_at, self._phase = now, state
        self._is_promoted = before is State.ROTATING and state not in FLOWING
        if self._is_promoted:
            self._note_key(self._driver.link, Role.SECOND)
        if before in FLOWING and state not in FLOWING:
            self._lost(now)
        if state in FLOWING:
            self._flows(before, now)
        else:
            self.live_at = None
        if before is State.ROTATING:
            self._rotation_over(state)
        if state is State.FAILED and not self._final.may and now - self._lost_at < _PATIENCE:
            self._accuse("I5", f"the line gave up after {self._last}")

    def _lost(self, now: float) -> None:
        if now - self._live_since >= 30.0:
            self._pace.streak = min(self._pace.streak, 1)
        self._lost_at = now

    def _flows(self, before: State, now: float) -> None:
        switched, self._epoch = self._epoch != self._driver.epoch, self._driver.epoch
        if before not in FLOWING:
            self._live_since = now
        if before not in FLOWING or switched:
            self.live_at = self._agenda.now
            # A rotation that came to nothing says nothing of the key: the session is the one that was there before.
            self._finality.live()
        self.switches += switched and before is State.ROTATING

    def _rotation_over(self, state: State) -> None:
        self._second, self._second_final = None, Final()
        if state in (State.DIALING, State.OPENING, State.CONFIGURING) and not self._has_dialed:
            # The second link took the place of the first: nobody had to dial.
            self._pace.uncounted()

    def rotates(self, within: float | None) -> None:
        """The application asked for another session: a line that nothing disturbs gets it in time."""
        bound = max(within or 0.0, _ROTATION_PATIENCE) + _ROTATION_SLACK
        was = (self._driver.epoch, self._agenda.now)
        self._agenda.after(bound, partial(self._must_have_rotated, *was))

    def _must_have_rotated(self, epoch: int, asked_at: float) -> None:
        calm = self.struck_at < asked_at and self.is_well_for(self._agenda.now - asked_at)
        if calm and self._driver.epoch == epoch:
            self._accuse("rotation", f"asked for at {asked_at:.2f} s, and the session is the same")

    # What the world does.

    def ended(self, closure: Closure, link: Link | None, role: Role) -> None:
        """A link ended, or could not be opened."""
        if role is Role.LEAVING:
            return
        self._note_key(link, role)
        explained = link is not None and self._agenda.now - self._heard_of(link) <= _ANNOUNCED
        final = self._finality.ended(closure, self._driver.now(), explained=explained)
        self._key_is_refused = self._key_is_refused or closure.status == 401
        if role is Role.SECOND:
            self._end_second(closure, final)
        else:
            self._end(closure, final)

    def _heard_of(self, link: Link) -> float:
        """When the line heard the last error event of a link; a process that stands still hears it when it goes on."""
        stood_still = link.complained_at >= self._driver.stood_at
        return max(link.complained_at, self._driver.woke_at) if stood_still else link.complained_at

    def _end(self, closure: Closure | None, final: Final) -> None:
        now = self._driver.now()
        lived_live = self._phase in FLOWING and now - self._live_since >= 30.0
        if self.useful or lived_live:
            self._pace.streak = 0
        self.useful = False
        self._pace.ended(closure, now)
        self._final, self._has_dialed = final, False
        self._last = closure.describe() if closure is not None else "a link it dropped"

    def _end_second(self, closure: Closure | None, final: Final) -> None:
        now = self._driver.now()
        self._second = self._second or Pace(now)
        self._second.ended(closure, now)
        self._second_final = final

    def settle(self) -> None:
        """The line has drawn its conclusions from the end of its link."""
        if self._final.must and self._driver.state not in (State.FAILED, State.CLOSED):
            self._accuse("I5", f"{self._last} did not end the line")

    def darkened(self, link: Link) -> None:
        """From now on nothing gets through on the link: it must be found dead."""
        if link.is_open:
            bound = 5.0 + _MOST_THRESHOLD + 1.0
            self._agenda.after(bound, partial(self._must_be_left, link, self._agenda.now))

    def _must_be_left(self, link: Link, since: float) -> None:
        driver = self._driver
        slept = driver.is_blocked or driver.woke_at > since
        still_dark = link.up.held and link.down.held and link.heard_at <= since
        is_kept = link.epoch in driver.links and not link.is_closing
        if is_kept and still_dark and not slept and driver.state is not State.CLOSING:
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
