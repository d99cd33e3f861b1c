"""When to dial again.

The problem: a server that restarts drops all its clients in the same second, and each of them wants to be
back at once. The plain way, doubling a fixed delay, brings them back in step; forgiving the attempts as
soon as a connect succeeds lets a server that accepts and then closes be dialed in a hot loop (50 times in
0.06 s with one well-known client).

Our way: the first try after U(0.02, 0.5) s, since most drops are one link's own; then U(d/3, d) with
d = 0.5 * 1.6^n, at most 20 s, which keeps a herd's peak at 2.7 times the capacity of a server that takes
500 connects a second. What the server asks for (Retry-After) is a floor, never shortened. Attempts are
forgiven only when a link has proved useful: 30 s live, or one completed response. All lines of a process
share one budget: a bucket of 12 attempts that fills by one per 30 s, in stretches of at least that length without an
attempt; when it is empty, one attempt per 30 s ± 50 %, and in no minute more than 12. A credential that cannot be had
is asked for again in the same rhythm, on a budget of the line's own, since nothing was dialed. A line gives up after 10
minutes without a session.

Left out on purpose: a limit on the number of tries. An outage has a length, not a count.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field

__all__ = ["Backoff", "BackoffPolicy", "RetryBudget", "retry_delay"]

_MINUTE = 60.0
_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BackoffPolicy:
    """The numbers of the formula; the defaults are those the herd simulation was run with."""

    first_least: float = 0.02
    first_most: float = 0.5
    base: float = 0.5
    growth: float = 1.6
    cap: float = 20.0
    patience: float = 600.0
    """Seconds without a session after which a line gives up."""
    proof: float = 30.0
    """Seconds live after which the attempts before are forgiven."""


def retry_delay(policy: BackoffPolicy, *, attempt: int, draw: float, floor: float = 0.0) -> float:
    """Seconds to wait before the attempt (1 is the first), for a draw in [0, 1).

    The floor is added under the jitter, not maxed with it, so that a herd told to wait 5 s does not
    come back in the same instant.
    """
    if attempt <= 1:
        least, most = policy.first_least, policy.first_most
    else:
        # The exponent is held where the cap has long been reached, so that 1.6^n cannot overflow.
        most = min(policy.base * policy.growth ** min(attempt - 2, 64), policy.cap)
        least = most / 3
    return floor + least + draw * (most - least)


@dataclass(slots=True, kw_only=True)
class RetryBudget:
    """Attempts that all lines of one process share.

    A bucket that one bad server cannot drain faster than it fills for everybody: the process as a
    whole makes at most `size` quick attempts, then one per `interval`, and never more than `size` in a minute.
    """

    size: float = 12.0
    interval: float = 30.0
    """Seconds without an attempt in which one comes back, and the pace when none is left."""
    daily_limit: int = 500
    """Ceiling of dials in 24 h (a voice gateway with such a limit is known to reset tokens beyond it)."""
    _tokens: float = field(default=12.0, init=False)
    _updated_at: float = field(default=float("-inf"), init=False)
    _next_at: float = field(default=float("-inf"), init=False)
    _dials: list[float] = field(default_factory=list, init=False)
    """Times of the dials of the last day, reserved ones included, in order."""

    def __post_init__(self) -> None:
        self._tokens = self.size

    def reserve(self, at: float, draw: float, *, until: float = float("inf")) -> float | None:
        """The earliest time, not before `at`, at which an attempt may be made; it is then taken.

        None, and nothing is taken, if that would be after `until`: who gives up must not stand in others' way.
        Times are those of one monotonic clock and must not go back by more than the delays asked for.
        """
        self._refill(at)
        paced = self._tokens < 1.0
        due = max(at, self._next_at) + self.interval * (0.5 + draw) if paced else at
        due = self._spread(due, limit=int(self.size), window=_MINUTE)
        due = self._spread(due, limit=self.daily_limit, window=_DAY)
        if due > until:
            return None
        if paced:
            # The wait is this attempt's token: the same time must not fill the bucket as well.
            self._next_at = self._updated_at = due
        else:
            self._tokens -= 1.0
        self._record(due)
        return due

    def spend(self, at: float) -> None:
        """An attempt was made that had not been reserved, and in vain; it counts too."""
        self._refill(at)
        self._tokens = max(0.0, self._tokens - 1.0)
        self._record(at)

    def _refill(self, at: float) -> None:
        # Lines reserve ahead by different delays: a time that was counted is not counted again.
        if at > self._updated_at:
            calm = at - self._updated_at
            if calm >= self.interval:
                self._tokens = min(self.size, self._tokens + calm / self.interval)
            self._updated_at = at

    def _spread(self, due: float, *, limit: int, window: float) -> float:
        """The first time from `due` on that no window around it holds more than `limit` dials with."""
        while (near := bisect_left(self._dials, due + window)) >= limit:
            free_at = self._dials[near - limit] + window
            if free_at <= due:
                break
            due = free_at
        return due

    def _record(self, at: float) -> None:
        insort(self._dials, at)
        newest = self._dials[-1]
        del self._dials[: bisect_left(self._dials, newest - 2 * _DAY)]


@dataclass(slots=True)
class Backoff:
    """One line's attempts in one outage, and when they are forgiven."""

    policy: BackoffPolicy
    budget: RetryBudget
    _asking: RetryBudget = field(default_factory=RetryBudget, init=False)
    """For attempts that end before the dial, at the credential."""
    attempt: int = field(default=0, init=False)
    """Attempts made since the line was last known to be useful."""
    outage_at: float | None = field(default=None, init=False)
    """When the outage began; None while there is a session."""
    _live_at: float | None = field(default=None, init=False)

    def dialed(self, now: float) -> None:
        """A dial that was not planned was in vain."""
        self.budget.spend(now)

    def lost(self, now: float) -> None:
        """A link was lost, or an attempt failed; the first of a series begins the outage."""
        if self.outage_at is None:
            self.outage_at = now
        self._forgive_if_proved(now)
        self._live_at = None

    def plan(
        self, now: float, draw: float, *, floor: float = 0.0, was_dialed: bool = True
    ) -> float | None:
        """When to dial next, or None if that would be past the line's patience.

        An attempt that was paid for and ended before its dial still has its place in the shared budget.
        """
        self.attempt += 1
        delay = retry_delay(self.policy, attempt=self.attempt, draw=draw, floor=floor)
        began_at = now if self.outage_at is None else self.outage_at
        budget = self.budget if was_dialed else self._asking
        return budget.reserve(now + delay, draw, until=began_at + self.policy.patience)

    def live(self, now: float) -> None:
        """A session is live: the outage is over, its attempts not yet forgiven."""
        self.outage_at = None
        self._live_at = now

    def useful(self) -> None:
        """A response was completed: the link has proved itself."""
        self.attempt = 0

    def _forgive_if_proved(self, now: float) -> None:
        if self._live_at is not None and now - self._live_at >= self.policy.proof:
            self.attempt = 0
