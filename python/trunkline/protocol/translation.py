"""The façade of a line whose session is an interpreter: a connection with another way to consume, and to end.

Everything about links is the ordinary connection's: dialing, verdicts, backoff, liveness, the restore of settings and
audio, rotation, observations. Three things differ. The wire has names of its own, which is a dialect's business
(`dialect.py`, `wire.py`). Audio is consumed by what the interpreter said (`rendering.py`), not by turns. And the
end is asked for: `session.close` goes out behind the last of the audio, the session says the rest, and then the line
closes. If the link breaks meanwhile, the next session is given what was not translated, and asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.errors import LocalError
from trunkline.protocol import wire
from trunkline.protocol.connection import Connection
from trunkline.protocol.draining import Draining
from trunkline.protocol.interpretation import Interpretation
from trunkline.protocol.lifecycle import FLOWING, State

if TYPE_CHECKING:
    from trunkline.protocol.backoff import RetryBudget
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.snapshot import Snapshot

__all__ = ["Translation"]

_CLOSE = "session.close"


class _Finishing(Draining):
    """Whether the line is to end when all is translated: a break on the way there is a break like any other."""

    interpretation: Interpretation

    def _has_ended(self, state: State, now: float) -> bool:  # noqa: ARG002 - the base's signature
        return self.interpretation.is_closed


class Translation(Connection):
    """One line to an interpreter, without its sockets; the policy's session has the type `translation`."""

    def __init__(
        self,
        policy: LinePolicy,
        *,
        budget: RetryBudget | None = None,
        renewable: bool = True,
        snapshot: Snapshot | None = None,
    ) -> None:
        super().__init__(policy, budget=budget, renewable=renewable, snapshot=snapshot)
        interpretation = Interpretation(policy, self._outbox, self.metering, self._drains)
        self._conversation.learn(interpretation.handlers, is_awaited=interpretation.is_behind)
        finishing = _Finishing(self._conversation, self.devices, self._watchdog, self._drains)
        finishing.interpretation = interpretation
        self._draining = finishing
        self._closing_epoch = 0
        """The link whose session was asked to close."""

    def send(self, event: dict[str, Any], now: float) -> str:
        """A change of settings; gives its event id. Raises LocalError for anything else: a translation has no turns."""
        if event.get("type") != "session.update":
            raise LocalError(str(event.get("type")), "a translation, which has no turns")
        return super().send(event, now)

    def next_message(self, now: float, epoch: int | None = None) -> bytes | None:
        """The next text message for a link, the current one if none is named; ask only while it takes more."""
        message = super().next_message(now, epoch)
        if message is not None or epoch not in (None, self.epoch) or not self._may_close():
            return message
        self._closing_epoch = self.epoch
        request = {"type": _CLOSE, "event_id": self._new_id()}
        self._drains.messages.append((_CLOSE, wire.encode(request)))
        return super().next_message(now, epoch)

    def _may_close(self) -> bool:
        """Whether the session was given all there is, and not asked yet to say the rest and close."""
        is_asked = self._closing_epoch == self.epoch
        is_told = self.state in FLOWING and not self._outbox.waiting()
        return self._draining.is_on and is_told and not is_asked
