"""What is wrong while the link lives: a model that stalls, and a link that is too slow for the audio.

The problem: a quiet line has four reasons, and they want different answers. A dead link is dialed again
(`liveness.py`). A stalled model is not helped by that. A slow link must not be taken for either, or the audio it
still carries is lost to reconnects. And mostly nothing is due at all: nobody spoke, or the user still does.

Our way. An answer is *due* from the moment the turns say so until it is done or the user speaks. If nothing of it has
come for `stall_after`, the model is stalled, provided that the link proved itself: something else arrived since, and
our audio is not still waiting before the link. A link is *congested* when half a second of audio has waited for a
second, which is longer than any burst of a healthy one, and relieved when next to nothing waits.

Left out: any action. Whoever watches is told, and told again when it is over; the application may cancel, ask again, or
rotate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.protocol import events
from trunkline.protocol import observations as seen

if TYPE_CHECKING:
    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.liveness import Liveness
    from trunkline.protocol.policy import LinePolicy

__all__ = ["Watchdog"]

# Of a conversation, and of a translation.
_ANSWERS = ("response.", "session.output_audio.")
_CONGESTED_MS = 500
_RELIEVED_MS = 100
_CONGESTED_FOR = 1.0
# A link that has not proved itself yet is asked again after the pings' pace.
_PROOF_INTERVAL = 1.0


class Watchdog:
    """Watches one line while it is live; `connection.py` is its only caller."""

    def __init__(self, policy: LinePolicy, conversation: Conversation, drains: Drains) -> None:
        self._conversation = conversation
        self._drains = drains
        self._stall_after = policy.stall_after
        self._much = policy.samples(_CONGESTED_MS)
        self._little = policy.samples(_RELIEVED_MS)
        self._due_at: float | None = None
        """Since when something of an answer should come; None while nothing is due."""
        self._check_at: float | None = None
        self._stalled = False
        self._queued_at: float | None = None
        """Since when much audio waits before the link."""
        self._congested = False

    # The model.

    @property
    def is_stalled(self) -> bool:
        """Whether an answer is due and nothing of it comes."""
        return self._stalled

    def deadline(self) -> float | None:
        """When a stall may first be found; None if no answer is due, or it was told already."""
        return None if self._stalled else self._check_at

    def heard(self, type_: str, now: float) -> None:
        """An event came; those of a response show that the model goes on."""
        if type_.startswith(_ANSWERS):
            self.answered(now)

    def answered(self, now: float) -> None:
        """Something of a response came."""
        if self._stalled:
            self._end_stall(now)
        if self._due_at is not None and self._stall_after is not None:
            self._due_at = now
            self._check_at = now + self._stall_after

    def look(self, liveness: Liveness | None, now: float) -> None:
        """Compares with what is due; `liveness` is that of a live line's link."""
        is_awaited = self._conversation.is_awaited
        if liveness is None or self._stall_after is None or not is_awaited():
            self._end_stall(now)
            self._due_at = self._check_at = None
        elif self._due_at is None or self._check_at is None:
            self._begin(now)
        elif now >= self._check_at and not self._stalled:
            self._judge(liveness, now)

    def _begin(self, now: float) -> None:
        assert self._stall_after is not None
        self._due_at = now
        self._check_at = now + self._stall_after

    def _judge(self, liveness: Liveness, now: float) -> None:
        assert self._due_at is not None
        if self._conversation.outbox.waiting():
            # What it should answer has not reached it.
            self._begin(now)
        elif not liveness.heard_since(self._due_at):
            self._check_at = now + _PROOF_INTERVAL
        else:
            self._stalled = True
            self._tell_stall(now)

    def _end_stall(self, now: float) -> None:
        if self._stalled:
            self._stalled = False
            self._tell_stall(now)

    def _tell_stall(self, now: float) -> None:
        assert self._due_at is not None
        response_id = self._conversation.turns.active or ""
        silence, over = now - self._due_at, not self._stalled
        self._drains.observations.append(
            seen.Stalled(
                at=now,
                epoch=self._drains.epoch,
                response_id=response_id,
                silence=silence,
                over=over,
            )
        )
        self._drains.events.append(
            events.ResponseStalled(response_id=response_id, silence=silence, over=over)
        )

    # The link.

    def sample(self, waiting_samples: int, now: float, *, live: bool) -> None:
        """How much audio waits before the link."""
        if not live or waiting_samples < (self._little if self._congested else self._much):
            self._queued_at = None
            if self._congested:
                self._tell_congestion(waiting_samples, now, over=True)
        elif self._queued_at is None:
            self._queued_at = now
        elif not self._congested and now - self._queued_at >= _CONGESTED_FOR:
            self._tell_congestion(waiting_samples, now, over=False)

    def _tell_congestion(self, waiting_samples: int, now: float, *, over: bool) -> None:
        self._congested = not over
        self._drains.observations.append(
            seen.Congested(
                at=now, epoch=self._drains.epoch, waiting_samples=waiting_samples, over=over
            )
        )
