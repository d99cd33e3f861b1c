"""What the server's events mean for the books: one handler per event type.

It moves the ledger, the outbox and the turns, tells observations, and decides which events the application
gets. It knows nothing of links and states; the connection asks it only about the current epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trunkline.protocol import events, wire
from trunkline.protocol import observations as seen
from trunkline.protocol.events import Event, Speaker
from trunkline.protocol.observations import MilestoneKind

if TYPE_CHECKING:
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.ledger import Ledger
    from trunkline.protocol.outbox import Outbox
    from trunkline.protocol.turns import Request, Turns

__all__ = ["BENIGN", "Conversation"]

BENIGN: dict[str, str] = {
    "response_cancel_not_active": "the response had ended before it was cancelled",
    "input_audio_buffer_commit_empty": "the server had committed the turn already",
    "conversation_already_has_active_response": "the request waits for its turn",
    "item_truncate_invalid_item_id": "the item was gone before it was truncated",
    "item_delete_invalid_item_id": "the item was gone before it was deleted",
}
"""Refusals that are races of a healthy session, and what each means; told as anomalies, not to the application."""

Handler = Callable[[Any, float], bool]


class Conversation:
    """One conversation, across all sessions that carried it."""

    def __init__(
        self, *, ledger: Ledger, outbox: Outbox, turns: Turns, drains: Drains, rate_hz: int
    ) -> None:
        self.ledger = ledger
        self.outbox = outbox
        self.turns = turns
        self._drains = drains
        self._rate_hz = rate_hz
        self._speech: dict[str, list[int | None]] = {}
        """Item id to capture start and end of an utterance that is not yet committed."""
        self.broken_speech: int | None = None
        """Capture position where the utterance began that a lost session left open."""
        self._broken_end = 0
        """Up to where any session that was lost had audio."""
        self._settled = 0
        """Capture end of the last committed turn."""
        self._answering = ""
        """The assistant item whose audio came last."""
        self._first_audio_of = ""
        self._handlers: dict[type[Event], Handler] = {
            events.SessionUpdated: self._session_updated,
            events.SpeechStarted: self._speech_started,
            events.SpeechStopped: self._speech_stopped,
            events.AudioCommitted: self._committed,
            events.AudioCleared: self._cleared,
            events.ItemAdded: self._item_added,
            events.ItemDone: self._item_done,
            events.ItemDeleted: self._item_deleted,
            events.TranscriptDelta: self._words,
            events.TranscriptDone: self._all_words,
            events.ResponseCreated: self._response_created,
            events.AudioDelta: self._audio,
            events.ResponseDone: self._response_done,
            events.Refusal: self._refusal,
        }

    def receive(self, event: Event, now: float) -> None:
        """Takes one event of the current session."""
        handler = self._handlers.get(type(event))
        if handler is None or handler(event, now):
            self._drains.events.append(event)

    def samples(self, milliseconds: int) -> int:
        """How many samples that many milliseconds of the line's audio are."""
        return milliseconds * self._rate_hz // 1000

    def dropped(self) -> None:
        """The session is gone: an utterance that was not committed begins anew in the next one."""
        starts = [start for start, _ in self._speech.values() if start is not None]
        self.broken_speech = min(starts, default=self.broken_speech)
        self._broken_end = max(self._broken_end, self.outbox.cursor)
        self._speech.clear()
        self.turns.dropped()
        self.outbox.dropped()

    def heard(self, position: int) -> None:
        """The far end has read everything before the position."""
        self.outbox.heard(position)
        # All that the lost session had was read again, and no speech was reported in it.
        if position >= self._broken_end + (self._margin() or 0):
            self.broken_speech = None

    def silent_until(self) -> int:
        """The capture position before which all that was heard, and is in no item, was silence."""
        margin = self._margin()
        if margin is None:
            return 0
        starts = [start for start, _ in self._speech.values() if start is not None]
        if self.broken_speech is not None:
            starts.append(self.broken_speech)
        return min([self.outbox.read - margin, *starts])

    def _margin(self) -> int | None:
        # Speech that began in the last second may not have been reported yet.
        padding_ms = self.ledger.settings.padding_ms()
        return None if padding_ms is None else self.samples(padding_ms + 1000)

    def clear(self) -> None:
        """The application throws the input buffer away."""
        self.outbox.clear()
        self.broken_speech = None

    def broken_answer(self) -> str:
        """The item whose response is being given, and would break off with the link."""
        running = self.turns.active is not None and self.turns.active == self._first_audio_of
        return self.answering() if running else ""

    def answering(self) -> str:
        """The item that is being given or played; nothing if there is none."""
        entry = self.ledger.get(self._answering)
        playing = entry is not None and (
            not entry.complete
            or (entry.heard_samples is not None and entry.heard_samples < entry.received_samples)
        )
        return self._answering if playing else ""

    def is_playing(self, item_id: str) -> bool:
        """Whether the application plays the answer and has not come to its end."""
        entry = self.ledger.get(item_id)
        if entry is None or entry.heard_samples is None:
            return False
        latest = self.ledger.name(self._answering) == entry.id
        return latest and entry.heard_samples < entry.received_samples

    def interrupt(self, item_id: str, reason: str) -> None:
        """Tells the application to stop playing the item."""
        self._answering = ""
        self._drains.events.append(events.Interrupted(item_id=item_id, reason=reason))

    def _session_updated(self, _event: events.SessionUpdated, _now: float) -> bool:
        self.ledger.settings.confirm()
        return True

    # The user's turn.

    def _position(self, milliseconds: int, *, as_end: bool = False) -> int | None:
        return self.outbox.locate(self.samples(milliseconds), as_end=as_end)

    def _speech_started(self, event: events.SpeechStarted, now: float) -> bool:
        start = self._position(event.audio_start_ms)
        self._speech[event.item_id] = [start, None]
        self.turns.speaking = True
        if start is not None:
            self.outbox.consume_silence(start)
        self._milestone(now, MilestoneKind.SPEECH_STARTED, item_id=event.item_id)
        self._barge_in(now)
        return True

    def _barge_in(self, now: float) -> None:
        detection = self.ledger.settings.turn_detection() or {}
        if detection.get("interrupt_response", True) is False:
            return
        item_id = self.answering()
        if not item_id:
            return
        self.interrupt(item_id, "the user spoke")
        self.turns.silence()
        self._milestone(now, MilestoneKind.BARGE_IN, item_id=item_id)
        self._truncate_to_heard(item_id, now)

    def _truncate_to_heard(self, item_id: str, now: float) -> None:
        entry = self.ledger.get(item_id)
        # Without news from the playout nobody knows what was heard: then the server's own cut must do.
        if entry is None or entry.heard_samples is None or not entry.received_samples:
            return
        heard_ms = entry.heard_samples * 1000 // self._rate_hz
        self.ledger.truncate(item_id, entry.heard_samples)
        self._drains.observations.append(
            seen.AudioTruncated(
                at=now, epoch=self._drains.epoch, item_id=item_id, heard_ms=heard_ms
            )
        )
        if entry.replayed:
            # It is text in this session, which cannot be truncated; the ledger tells the next one.
            return
        type_ = "conversation.item.truncate"
        request = {
            "type": type_,
            "item_id": entry.id,
            "content_index": 0,
            "audio_end_ms": heard_ms,
        }
        self._drains.messages.append((type_, wire.encode(request)))

    def _speech_stopped(self, event: events.SpeechStopped, now: float) -> bool:
        utterance = self._speech.setdefault(event.item_id, [None, None])
        utterance[1] = self._position(event.audio_end_ms, as_end=True)
        self._milestone(now, MilestoneKind.SPEECH_STOPPED, item_id=event.item_id)
        return True

    def _committed(self, event: events.AudioCommitted, now: float) -> bool:
        span = self._span(event.item_id)
        if span is not None:
            self.outbox.consume_silence(span[0])
            self.outbox.itemise(*span)
            self._settled = span[1]
            self.broken_speech = None
        self.ledger.committed(event.item_id, event.previous_item_id, span)
        self._give_up_audio(event.item_id)
        self._milestone(now, MilestoneKind.COMMITTED, item_id=event.item_id)
        by_itself = self.ledger.settings.answers_by_itself()
        self.request(self.turns.committed(answered_by_itself=by_itself))
        return True

    def _give_up_audio(self, item_id: str) -> None:
        """Once we own the words of an item its audio need not be kept."""
        entry = self.ledger.get(item_id)
        if entry is not None and entry.transcribed and entry.span is not None:
            self.outbox.consume(*entry.span, "transcribed")

    def _cleared(self, _event: events.AudioCleared, _now: float) -> bool:
        self._speech.clear()
        self.request(self.turns.cleared())
        return True

    def _span(self, item_id: str) -> tuple[int, int] | None:
        """Which audio the item holds: as the server said, or up to the commit that we asked for."""
        start, end = self._speech.pop(item_id, (None, None))
        if end is None:
            mark = self.outbox.answered()
            end = mark.position if mark is not None else self.outbox.cursor
        if start is None:
            start = self.outbox.first_loose(self._settled)
        return (start, end) if start < end else None

    # Items and words.

    def _item_added(self, event: events.ItemAdded, _now: float) -> bool:
        self.ledger.reported(event.item, event.previous_item_id, done=False)
        return True

    def _item_done(self, event: events.ItemDone, _now: float) -> bool:
        self.ledger.reported(event.item, event.previous_item_id, done=True)
        return True

    def _item_deleted(self, event: events.ItemDeleted, _now: float) -> bool:
        self.ledger.delete(event.item_id)
        return True

    def _words(self, event: events.TranscriptDelta, now: float) -> bool:
        if self.turns.is_late(event.response_id):
            return False
        if event.speaker is Speaker.ASSISTANT:
            self.ledger.answer_words(event.item_id, event.delta)
        self._transcript(now, event.speaker, event.item_id, event.delta, final=False)
        return True

    def _all_words(self, event: events.TranscriptDone, now: float) -> bool:
        if self.turns.is_late(event.response_id):
            return False
        if event.speaker is Speaker.ASSISTANT:
            self.ledger.answer_text(event.item_id, event.text)
        else:
            if event.item_id in self._speech:
                # The words may be complete before the item is.
                self.ledger.committed(event.item_id, None, None)
            self.ledger.heard_words(event.item_id, event.text)
            self._give_up_audio(event.item_id)
        self._transcript(now, event.speaker, event.item_id, event.text, final=True)
        return True

    # Responses.

    def _response_created(self, event: events.ResponseCreated, now: float) -> bool:
        if event.conversation_id is not None:
            self.turns.created(event.response_id)
        self._milestone(now, MilestoneKind.RESPONSE_CREATED, response_id=event.response_id)
        return True

    def _audio(self, event: events.AudioDelta, now: float) -> bool:
        if self.turns.is_late(event.response_id):
            return False
        samples = len(event.pcm) // 2
        self._answering = event.item_id
        self.ledger.answer_audio(event.item_id, samples)
        if self._first_audio_of != event.response_id:
            self._first_audio_of = event.response_id
            self._milestone(now, MilestoneKind.FIRST_AUDIO, response_id=event.response_id)
        self._drains.observations.append(
            seen.AudioReceived(
                at=now,
                epoch=self._drains.epoch,
                response_id=event.response_id,
                item_id=event.item_id,
                samples=samples,
            )
        )
        return True

    def _response_done(self, event: events.ResponseDone, now: float) -> bool:
        self.request(self.turns.done(event.response_id))
        self._milestone(
            now,
            MilestoneKind.RESPONSE_DONE,
            response_id=event.response_id,
            status=event.status,
        )
        return True

    def request(self, request: Request | None) -> None:
        """Sends a response.create, if there is one, in its place after all audio that was accepted before."""
        if request is not None:
            self.outbox.mark("response.create", request.event_id, request.message)

    def _refusal(self, event: events.Refusal, now: float) -> bool:
        busy = event.code == "conversation_already_has_active_response"
        self.request(self.turns.refused(event.request_id, busy=busy))
        self.outbox.withdraw(event.request_id)
        self.ledger.refused(event.request_id)
        self.ledger.settings.refuse(event.request_id)
        meaning = BENIGN.get(event.code)
        if meaning is None or not self._is_race(event.code):
            return True
        self._drains.observations.append(
            seen.Anomaly(at=now, epoch=self._drains.epoch, kind=event.code, sample=meaning)
        )
        return False

    def _is_race(self, code: str) -> bool:
        """An empty commit is one only where the server commits too; otherwise somebody waits for it."""
        by_hand = self.ledger.settings.turn_detection() is None
        return not (by_hand and code == "input_audio_buffer_commit_empty")

    # What is told.

    def _milestone(
        self,
        now: float,
        kind: MilestoneKind,
        *,
        item_id: str = "",
        response_id: str = "",
        status: str = "",
    ) -> None:
        self._drains.observations.append(
            seen.Milestone(
                at=now,
                epoch=self._drains.epoch,
                kind=kind,
                item_id=item_id,
                response_id=response_id,
                status=status,
            )
        )

    def _transcript(
        self, now: float, speaker: Speaker, item_id: str, text: str, *, final: bool
    ) -> None:
        self._drains.observations.append(
            seen.Transcript(
                at=now,
                epoch=self._drains.epoch,
                speaker=speaker,
                item_id=item_id,
                text=text,
                final=final,
            )
        )
