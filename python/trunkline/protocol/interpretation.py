"""What a translation session says, and what that means for the books: one handler per event type.

It stands where `conversation.py` has turns and answers. A session of this kind has neither: for as long as audio goes
in, as much comes out. So there is no answer that is owed and none that breaks off; what a lost session leaves behind
is audio that was not translated, and that is in the outbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.narrator import Narrator
from trunkline.protocol.passages import Passages
from trunkline.protocol.rendering import Rendering

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trunkline.protocol.drains import Drains
    from trunkline.protocol.metering import Metering
    from trunkline.protocol.outbox import Outbox
    from trunkline.protocol.policy import LinePolicy

__all__ = ["Interpretation"]


class Interpretation:
    """The interpreter of one line, across all sessions; `translation.py` is its only caller."""

    def __init__(
        self, policy: LinePolicy, outbox: Outbox, metering: Metering, drains: Drains
    ) -> None:
        self._metering = metering
        self._drains = drains
        self._rendering = Rendering(policy, outbox)
        narrator = Narrator(drains)
        self._source = Passages(events.Speaker.USER, "source", narrator)
        self._target = Passages(events.Speaker.ASSISTANT, "target", narrator)
        self._epoch = 0
        self.is_closed = False
        """Whether a session said all it had to say, as it was asked to."""
        self.handlers: Mapping[type[events.Event], Callable[[Any, float], bool]] = {
            events.TranslatedAudio: self._audio,
            events.SourceText: self._source_text,
            events.TargetText: self._target_text,
            events.SessionClosed: self._closed,
        }
        """Who takes which events of the current session; each gives whether the application gets it."""

    def is_behind(self) -> bool:
        """Whether the session has been sent so much more than it was seen to hear that it should say something."""
        if self._drains.epoch != self._epoch:
            # Nothing was heard of this session yet.
            self._rendering.begin()
        return self._rendering.is_behind()

    def _audio(self, event: events.TranslatedAudio, now: float) -> bool:
        self._attend(now)
        self._rendering.said(event.pcm, event.elapsed_ms)
        for side in (self._source, self._target):
            side.passed(self._rendering.elapsed_ms, now)
        if self._metering.is_on:
            self._metering.received(event.pcm, now)
        # One endless answer for each session: whoever counts deltas must not count over a break.
        name = f"translation_{self._drains.epoch}"
        self._drains.observations.append(
            seen.AudioReceived(
                at=now,
                epoch=self._drains.epoch,
                response_id=name,
                item_id=name,
                samples=len(event.pcm) // 2,
            )
        )
        return True

    def _source_text(self, event: events.SourceText, now: float) -> bool:
        self._attend(now)
        self._source.add(event.delta, self._moment(event.elapsed_ms), now)
        return True

    def _target_text(self, event: events.TargetText, now: float) -> bool:
        self._attend(now)
        self._target.add(event.delta, self._moment(event.elapsed_ms), now)
        return True

    def _closed(self, _event: events.SessionClosed, now: float) -> bool:
        self._attend(now)
        self._end_passages(now)
        self._rendering.closed()
        self.is_closed = True
        return True

    def _moment(self, elapsed_ms: int | None) -> int:
        return self._rendering.elapsed_ms if elapsed_ms is None else elapsed_ms

    def _attend(self, now: float) -> None:
        """Another session than the one that spoke last begins anew, in its time and in its words."""
        if self._drains.epoch != self._epoch:
            self._epoch = self._drains.epoch
            self._end_passages(now)
            self._rendering.begin()

    def _end_passages(self, now: float) -> None:
        self._source.end(now)
        self._target.end(now)
