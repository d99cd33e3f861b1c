"""When a rotation may switch: the moments of a conversation at which a change of session is not noticed.

Three kinds, each taken from its own time on. *In silence*: nobody speaks, nothing is being answered or played, and
nothing is outstanding; from the start. *Between answers*: somebody may speak, since an utterance goes over whole and
nobody hears anything of it; in the last part of the window. *At the deadline*: any moment; an answer that is being
given breaks off and is given anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.window import RotationPolicy

__all__ = ["Moments"]

# The answer to a request that was just sent comes from the session it was sent to: half a second is some round trips.
_QUIET = 0.5


class Moments:
    """The judgement of the present moment; `rotation.py` is its only caller."""

    def __init__(self, policy: RotationPolicy, conversation: Conversation) -> None:
        self.any_at = float("inf")
        """From when on any moment will do, if the second session is ready."""
        self.gives_up_at = float("inf")
        """When the switch comes even if the second session has not confirmed all."""
        self._hurry = policy.hurry
        self._conversation = conversation
        self._asked_at = float("-inf")

    def asked(self, now: float) -> None:
        """The application asked for something."""
        self._asked_at = now

    def has_come(self, now: float, *, is_ready: bool, is_pending: bool) -> bool:
        """Whether to switch now."""
        if now >= self.gives_up_at:
            return True
        return is_ready and (now >= self.any_at or bool(self._kind(now, is_pending=is_pending)))

    def name(self, now: float, *, is_pending: bool) -> str:
        """What to call the present moment."""
        return self._kind(now, is_pending=is_pending) or "at the deadline"

    def _kind(self, now: float, *, is_pending: bool) -> str:
        if self._is_busy(now):
            return ""
        if not is_pending and self._is_silent():
            return "in silence"
        return "between answers" if now >= self.any_at - self._hurry else ""

    def looks_at(self, now: float) -> float | None:
        """When the judgement may change by itself."""
        times = (self._asked_at + _QUIET, self.any_at - self._hurry, self.any_at)
        return min((at for at in times if at > now), default=None)

    def _is_busy(self, now: float) -> bool:
        """Whether something would break off: an answer, a tool call, a request, a turn too long to be sent again."""
        conversation = self._conversation
        return (
            conversation.turns.is_busy()
            or conversation.asides.are_busy
            or now < self._asked_at + _QUIET
            or bool(conversation.outbox.marks.waiting)
            or not conversation.outbox.can_move()
            or conversation.ledger.has_open_calls()
        )

    def _is_silent(self) -> bool:
        conversation = self._conversation
        answering = conversation.answering()
        if conversation.turns.speaking or (answering and conversation.is_playing(answering)):
            return False
        # Without voice activity detection whatever is not committed is an open turn.
        by_hand = conversation.ledger.settings.turn_detection() is None
        return not (by_hand and conversation.outbox.has_loose())
