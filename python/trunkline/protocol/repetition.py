"""How often a link ended for the same reason, and what that adds to the verdict.

Some ends are worth one more attempt and no third: a key that was refused although it was asked for anew, a port
that does not speak TLS, a violation of the protocol. What counts together stands in each row of the
verdict table; this is the memory of it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.protocol.closure import judge, rule_of

if TYPE_CHECKING:
    from trunkline.protocol.closure import Closure, Rule, Verdict

__all__ = ["Repetitions"]


@dataclass(slots=True)
class Repetitions:
    """One line's memory of the rows that spoke."""

    renewable: bool = True
    """Whether the credential can be asked for again."""
    _is_refused: bool = field(default=False, init=False)
    """Whether the key was refused, by any server of the line's links, and no new one was asked for yet."""
    _spoke: dict[str, deque[float]] = field(default_factory=dict, init=False)
    """Times by row, of the rows that count; no row needs more than its count."""
    _since_live: dict[str, None] = field(default_factory=dict, init=False)

    def judge(self, closure: Closure, now: float) -> Verdict:
        """What the closure means, in view of those before it."""
        times = self._count(rule_of(closure), now)
        first = judge(closure, renewable=self.renewable)
        # Also when the verdict is final: it may be that of a second link, and the line dials again one day.
        self._is_refused = self._is_refused or first.refresh_credential
        return judge(closure, times=times, renewable=self.renewable)

    def asks_for_new_key(self) -> bool:
        """Whether the dial that is made now must ask for a new key; the next one need not."""
        refused, self._is_refused = self._is_refused, False
        return refused

    def live(self) -> None:
        """The line is live: what it met on the way there is behind it."""
        for match in self._since_live:
            del self._spoke[match]
        self._since_live.clear()

    def _count(self, rule: Rule, now: float) -> int:
        if rule.repeat is None:
            return 1
        times = self._spoke.setdefault(rule.match, deque(maxlen=rule.repeat.count))
        times.append(now)
        within = rule.repeat.within
        if within is None:
            self._since_live[rule.match] = None
            return len(times)
        return sum(now - at < within for at in times)
