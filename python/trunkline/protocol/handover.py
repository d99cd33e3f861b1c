"""The session of a second link becomes the line's: whole by a switch, or as far as it has come by the end of the first.

A switch is one step of the core. What was under way in the session that is left is over, as after a drop; what that one
had and had not committed is given to the new one from the outbox. It is no outage: nothing is late, so the outage
policy has no say, and all that may be speech goes over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.protocol import events
from trunkline.protocol import observations as seen

if TYPE_CHECKING:
    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.events import Event
    from trunkline.protocol.link import Link
    from trunkline.protocol.observations import Observation
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.restore import Restore
    from trunkline.protocol.standby import Standby

__all__ = ["Handover", "Moved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a switch gave to the new session."""

    replayed_samples: int
    lost_samples: int


class Handover:
    """The handovers of one line; `rotation.py` is its only caller."""

    def __init__(
        self, policy: LinePolicy, conversation: Conversation, restore: Restore, drains: Drains
    ) -> None:
        self._policy = policy
        self._conversation = conversation
        self._restore = restore
        self._drains = drains
        self._bookkeeper = restore.bookkeeper
        self._now = 0.0
        self._switched_to: Standby | None = None
        """What the current session was told before it was the line's: its late echoes are known by it."""

    def forget(self) -> None:
        """The line's session is one that it dialed and did not switch to."""
        self._switched_to = None

    # A switch.

    def leave(self, standby: Standby, now: float) -> Moved:
        """Nothing more comes of the first session: settles what it leaves, and tells the second the rest."""
        self._now, outbox = now, self._conversation.outbox
        gap, cursor = outbox.books().gap, outbox.cursor
        self._restore.dropped()
        self._conversation.dropped()
        standby.sync(now, complete=True)
        outbox.restart(
            limit_samples=outbox.end,
            silent_until=self._conversation.silent_until(),
            reason=self._policy.outage.reason,
        )
        self._bookkeeper.tell(now)
        replayed = max(0, cursor - outbox.cursor) + standby.audio_samples
        return Moved(replayed_samples=replayed, lost_samples=outbox.books().gap - gap)

    def enter(self, standby: Standby, link: Link) -> None:
        """The link, the names, the settings and the session of the second are the line's."""
        self._drains.epoch = link.epoch
        self._drains.messages.clear()
        self._drains.messages.extend(standby.outgoing)
        standby.outgoing.clear()
        self._conversation.ledger.settings.take_over(standby.created.session)
        self._introduce(standby)
        self._conversation.ledger.move(standby.names())
        self._switched_to = standby

    def go_on(self, standby: Standby, moved: Moved) -> bool:
        """The line is live in the new session; gives whether an answer is asked for again."""
        owed = self._restore.switched()
        self._drains.events.append(
            events.LineLive(
                epoch=self._drains.epoch,
                items_restored=standby.items,
                replayed_ms=self._policy.milliseconds(moved.replayed_samples),
                lost_ms=self._policy.milliseconds(moved.lost_samples),
            )
        )
        return owed

    # The first link ended before.

    def inherit(self, standby: Standby | None, link: Link, now: float) -> None:
        """The second link is the line's as it is; the ordinary restore goes on with what its session was told."""
        self._now = now
        self._drains.epoch = link.epoch
        self.forget()
        if standby is not None:
            self._restore.heir = standby
            self._conversation.ledger.settings.begun(standby.created.session)
            self._introduce(standby)

    # What the application sees of it.

    def _introduce(self, standby: Standby) -> None:
        """The application learns of the session that is now the line's."""
        standby.switched()
        session = standby.created.session
        expires_at = session.get("expires_at")
        self._observe(
            seen.SessionReady(
                at=self._now,
                epoch=self._drains.epoch,
                session_id=str(session.get("id") or ""),
                model=str(session.get("model") or ""),
                expires_at=float(expires_at) if isinstance(expires_at, int | float) else None,
            )
        )
        updated = [] if standby.updated is None else [standby.updated]
        self._drains.events.extend([standby.created, *updated, *standby.held])

    def absorbs(self, event: Event, now: float) -> bool:
        """After a switch: whether the event is a late echo of it, and not the application's."""
        if self._switched_to is None or not self._switched_to.absorbs(event):
            return False
        if isinstance(event, events.ItemDeleted):
            # The echo of the item may have come after it was deleted, and put it into the books again.
            self._conversation.ledger.delete(event.item_id)
        if isinstance(event, events.Refusal):
            kind = "the rotation was refused in part"
            self._observe(
                seen.Anomaly(at=now, epoch=self._drains.epoch, kind=kind, sample=event.message)
            )
        return True

    def _observe(self, observation: Observation) -> None:
        self._drains.observations.append(observation)
