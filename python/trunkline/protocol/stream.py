"""What goes to the link next: control messages, then the restore, then audio and requests in their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.audio import codec
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Direction
from trunkline.protocol.outbox import Audio, Mark

if TYPE_CHECKING:
    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.restore import Progress, Restore

__all__ = ["Outgoing", "Stream"]

_APPEND = "input_audio_buffer.append"
_SPEAKING = frozenset({State.CONFIGURING, State.RESTORING, State.LIVE, State.ROTATING})
_FLOWING = frozenset({State.LIVE, State.ROTATING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One finished text message."""

    type: str
    text: bytes = field(repr=False)

    @property
    def is_audio(self) -> bool:
        """Whether it carries the user's audio."""
        return self.type == _APPEND


class Stream:
    """Chooses and writes the next message; pulled by the driver, so that a slow link leaves audio in the outbox."""

    def __init__(
        self, policy: LinePolicy, conversation: Conversation, restore: Restore, drains: Drains
    ) -> None:
        self._outbox = conversation.outbox
        self._restore = restore
        self._drains = drains
        self._limit = policy.samples(policy.chunk_limit_ms)

    def next_message(self, state: State, now: float) -> Outgoing | None:
        """The next message that may go out in the state."""
        outgoing = self._choose(state, now)
        if outgoing is not None:
            self._drains.observations.append(
                seen.MessagePassed(
                    at=now,
                    epoch=self._drains.epoch,
                    direction=Direction.UP,
                    type=outgoing.type,
                    size_bytes=len(outgoing.text),
                )
            )
        return outgoing

    def _choose(self, state: State, now: float) -> Outgoing | None:
        progress = self._restore.progress
        if self._drains.messages and state in _SPEAKING:
            return self._control()
        if state is State.RESTORING and progress is not None:
            return self._restored(progress, now)
        if state in _FLOWING:
            return self._write(self._outbox.take(self._limit), now)
        return None

    def _control(self) -> Outgoing:
        type_, text = self._drains.messages.popleft()
        return Outgoing(type=type_, text=text)

    def _restored(self, progress: Progress, now: float) -> Outgoing | None:
        if progress.items:
            return self._item(progress, now)
        left = progress.target - self._outbox.cursor
        if left > 0 and (taken := self._outbox.take(min(self._limit, left))) is not None:
            if isinstance(taken, Audio) and taken.replayed:
                progress.replayed_samples += taken.samples
            return self._write(taken, now)
        self._restore.release()
        return self._control() if self._drains.messages else None

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
        return Outgoing(type=_APPEND, text=codec.append_message(taken.pcm))

    def _tell_sent(self, samples: int, now: float, *, replayed: bool) -> None:
        self._drains.observations.append(
            seen.AudioSent(at=now, epoch=self._drains.epoch, samples=samples, replayed=replayed)
        )
