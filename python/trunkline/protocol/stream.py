"""What goes to the link next: control messages, then the restore, then audio and requests in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trunkline.audio import codec
from trunkline.protocol import observations as seen
from trunkline.protocol.books import Audio
from trunkline.protocol.compound_facts import APPEND
from trunkline.protocol.dialect import Dialect, spoken
from trunkline.protocol.lifecycle import FLOWING, State
from trunkline.protocol.marks import Mark
from trunkline.protocol.observations import Direction

if TYPE_CHECKING:
    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.restore import Progress, Restore

__all__ = ["Outgoing", "Stream"]

_SPEAKING = frozenset({State.CONFIGURING, State.RESTORING, *FLOWING})


class Outgoing(NamedTuple):
    """One finished text message. A tuple, since one is made for each."""

    type: str
    text: bytes

    @property
    def is_audio(self) -> bool:
        """Whether it carries the user's audio."""
        return self.type == APPEND


class Stream:
    """Chooses and writes the next message; pulled by the driver, so that a slow link leaves audio in the outbox."""

    def __init__(
        self, policy: LinePolicy, conversation: Conversation, restore: Restore, drains: Drains
    ) -> None:
        self._metering = conversation.metering
        self._outbox = conversation.outbox
        self._restore = restore
        self._drains = drains
        self._limit = policy.samples(policy.chunk_limit_ms)
        self._law = policy.law
        self._dialect = policy.dialect
        self.samples_per_second = policy.replay_pace * policy.rate_hz
        """How fast late audio goes out."""
        self.due = 0.0
        """When the next late audio may go out."""
        self.waits_until: float | None = None
        """Set while audio is held back only by the pace."""

    def next_message(self, state: State, now: float) -> Outgoing | None:
        """The next message that may go out in the state."""
        if state is State.LIVE and not self._drains.messages and self._outbox.is_empty():
            # Asked again after each chunk and each message, and mostly so.
            return None
        outgoing = self._choose(state, now)
        if outgoing is not None:
            if self._dialect is not Dialect.GA:
                outgoing = outgoing._replace(text=spoken(self._dialect, outgoing.text))
            self._drains.observations.append(
                seen.MessagePassed(
                    at=now,
                    epoch=self._drains.epoch,
                    direction=Direction.UP,
                    type=outgoing.type,
                    size_bytes=len(outgoing.text),
                    message=outgoing.text,
                )
            )
        return outgoing

    def _choose(self, state: State, now: float) -> Outgoing | None:
        progress = self._restore.progress
        if self._drains.messages and state in _SPEAKING:
            return self._control()
        if state is State.RESTORING and progress is not None:
            return self._restored(progress, now)
        if state in FLOWING:
            if self._outbox.cursor < self._restore.backlog_end and self._must_wait(now):
                return None
            return self._write(self._outbox.take(self._limit), now)
        return None

    def _control(self) -> Outgoing:
        type_, text = self._drains.messages.pop(0)
        return Outgoing(type=type_, text=text)

    def _restored(self, progress: Progress, now: float) -> Outgoing | None:
        if progress.items:
            return self._item(progress, now)
        left = progress.target - self._outbox.cursor
        if left > 0 and self._must_wait(now):
            return None
        if left > 0 and (taken := self._outbox.take(min(self._limit, left))) is not None:
            if isinstance(taken, Audio) and taken.replayed:
                progress.replayed_samples += taken.samples
            return self._write(taken, now)
        self._restore.release()
        return self._control() if self._drains.messages else None

    def _must_wait(self, now: float) -> bool:
        """Whether late audio would go out faster than its pace."""
        self.waits_until = self.due if now < self.due else None
        return self.waits_until is not None

    def tick(self, now: float) -> None:
        """The time has come for something; whoever is asked next may send again."""
        if self.waits_until is not None and now >= self.waits_until:
            self.waits_until = None

    def _item(self, progress: Progress, now: float) -> Outgoing:
        samples = progress.replay.audio_samples
        if samples and len(progress.items) == len(progress.replay.items):
            # Told with the first item for all: which of them holds how much is nobody's question.
            self._tell_sent(samples, now, replayed=True)
        text = self._restore.item_request(progress.items.popleft())
        return Outgoing(type="conversation.item.create", text=text)

    def _write(self, taken: Audio | Mark | None, now: float) -> Outgoing | None:
        if taken is None:
            return None
        if isinstance(taken, Mark):
            return Outgoing(type=taken.type, text=taken.message)
        self._tell_sent(taken.samples, now, replayed=taken.replayed)
        if self._metering.is_on:
            self._metering.sent(taken, now)
        self.due = now + taken.samples / self.samples_per_second
        return Outgoing(APPEND, codec.append_message(taken.pcm, law=self._law))

    def _tell_sent(self, samples: int, now: float, *, replayed: bool) -> None:
        self._drains.observations.append(
            seen.AudioSent(at=now, epoch=self._drains.epoch, samples=samples, replayed=replayed)
        )
