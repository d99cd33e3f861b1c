"""What the server's events mean for the books: one handler per event type.

It moves the ledger, the outbox and the turns, tells observations, and decides which events the application
gets. It knows nothing of links and states; the connection asks it only about the current epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from trunkline.protocol import events, wire
from trunkline.protocol import observations as seen
from trunkline.protocol.asides import Asides
from trunkline.protocol.calls import Calls
from trunkline.protocol.entry import SILENCE, EntryKind
from trunkline.protocol.events import Event, Speaker
from trunkline.protocol.failures import failure_of
from trunkline.protocol.hearing import Hearing, Span
from trunkline.protocol.metering import Metering
from trunkline.protocol.narrator import Narrator
from trunkline.protocol.observations import MilestoneKind
from trunkline.protocol.races import RACES
from trunkline.protocol.turns import Latest
from trunkline.protocol.unwanted import Unwanted
from trunkline.protocol.usage import Usage

if TYPE_CHECKING:
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.ledger import Ledger
    from trunkline.protocol.outbox import Outbox
    from trunkline.protocol.turns import Request, Turns

__all__ = ["Conversation"]

_OWN_MARK = "tk-cut-"
"""Begins the event id of a request that the line makes on its own account."""

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
        self.hearing = Hearing(outbox, ledger.settings, rate_hz=rate_hz)
        self.calls = Calls()
        self.asides = Asides()
        self.unwanted = Unwanted()
        self.usage = Usage()
        self.metering = Metering(drains, rate_hz=rate_hz)
        self.cuts: dict[str, float] = {}
        """Item id to when the server was asked to cut it; of those it has not confirmed."""
        self.is_awaited: Callable[[], bool] = lambda: turns.awaited
        """Whether something of an answer should be coming now."""
        self._narrator = Narrator(drains)
        self.latest = Latest()
        self._last_turn = ""
        """The item of the turn that was found final last."""
        self._learned: Mapping[type[Event], Handler] = {}

    def learn(
        self, handlers: Mapping[type[Event], Handler], *, is_awaited: Callable[[], bool]
    ) -> None:
        """Takes more kinds of events: those of a session that is no conversation, and has no turns to wait for."""
        self._learned = handlers
        self.is_awaited = is_awaited

    def receive(self, event: Event, now: float) -> None:
        """Takes one event of the current session."""
        if type(event) is events.AudioDelta:
            # Most of what comes; it tells no call, and no response goes by it.
            if not self.unwanted.owns(event) and self._audio(event, now):
                self._drains.events.append(event)
            return
        if self.unwanted.owns(event):
            self._take_back(event)
            return
        if self.calls.is_repeated(event):
            self._narrator.anomaly(now, "a tool call was told again", type(event).__name__)
            return
        if (learned := self._learned.get(type(event))) is not None:
            is_wanted = learned(event, now)
        else:
            handler = _HANDLERS.get(type(event))
            is_wanted = handler is None or handler(self, event, now)
        if is_wanted:
            self._drains.events.append(event)
        for call in self.calls.give(event):
            if not self.asides.owns(event):
                # From here on it has its effects, whatever becomes of the response that made it.
                self.turns.settle()
            self._drains.events.append(call)
            self._narrator.called(call, now)

    def samples(self, milliseconds: int) -> int:
        """How many samples that many milliseconds of the line's audio are."""
        return self.hearing.samples(milliseconds)

    def dropped(self) -> None:
        """The session is gone, and all that was under way in it."""
        self.hearing.dropped()
        self.calls.dropped()
        self.unwanted.dropped()
        self.cuts.clear()
        for request_id in self.asides.dropped():
            lost = events.RequestLost(request_id=request_id, request_type="response.create")
            self._drains.events.append(lost)
        self.turns.dropped()
        self.outbox.dropped()

    def silent_until(self) -> int:
        """The capture position before which all that was heard, and is in no item, was silence."""
        return self.hearing.silent_until()

    def clear(self) -> None:
        """The application throws the input buffer away."""
        self.hearing.clear()

    def broken_answer(self) -> str:
        """The item whose response is being given, and would break off with the link."""
        running = self.turns.active is not None and self.turns.active == self.latest.response_id
        return self.answering() if running else ""

    def answering(self) -> str:
        """The item that is being given or played; nothing if there is none."""
        entry = self.ledger.get(self.latest.item_id)
        playing = entry is not None and (
            not entry.complete
            or (entry.heard_samples is not None and entry.heard_samples < entry.received_samples)
        )
        return self.latest.item_id if playing else ""

    def is_playing(self, item_id: str) -> bool:
        """Whether the application plays the answer and has not come to its end."""
        entry = self.ledger.get(item_id)
        if entry is None or entry.heard_samples is None:
            return False
        latest = self.ledger.name(self.latest.item_id) == entry.id
        return latest and entry.heard_samples < entry.received_samples

    def interrupt(self, item_id: str, reason: str) -> None:
        """Tells the application to stop playing the item."""
        self.latest.item_id = ""
        self._drains.events.append(events.Interrupted(item_id=item_id, reason=reason))

    def _session_updated(self, _event: events.SessionUpdated, _now: float) -> bool:
        self.ledger.settings.confirm()
        return True

    # The user's turn.

    def _speech_started(self, event: events.SpeechStarted, now: float) -> bool:
        self.hearing.started(event.item_id, event.audio_start_ms)
        self.turns.speaking = True
        self._narrator.milestone(now, MilestoneKind.SPEECH_STARTED, item_id=event.item_id)
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
        self._narrator.milestone(now, MilestoneKind.BARGE_IN, item_id=item_id)
        self._truncate_to_heard(item_id, now)

    def _truncate_to_heard(self, item_id: str, now: float) -> None:
        entry = self.ledger.get(item_id)
        # Without news from the playout nobody knows what was heard: then the server's own cut must do.
        if entry is None or entry.heard_samples is None or not entry.received_samples:
            return
        heard_ms = entry.heard_samples * 1000 // self._rate_hz
        self.ledger.truncate(item_id, entry.heard_samples)
        self._narrator.truncated(now, item_id, heard_ms)
        if entry.replayed:
            # It is text in this session, which cannot be truncated; the ledger tells the next one.
            return
        self.cuts[entry.id] = now
        self._send_own(
            "conversation.item.truncate",
            entry.id,
            item_id=entry.id,
            content_index=0,
            audio_end_ms=heard_ms,
        )

    def _speech_stopped(self, event: events.SpeechStopped, now: float) -> bool:
        self.hearing.stopped(event.item_id, event.audio_end_ms)
        self._narrator.milestone(now, MilestoneKind.SPEECH_STOPPED, item_id=event.item_id)
        return True

    def _timeout_triggered(self, event: events.TimeoutTriggered, _now: float) -> bool:
        self.hearing.timed_out(event.item_id, event.audio_start_ms, event.audio_end_ms)
        return True

    def _committed(self, event: events.AudioCommitted, now: float) -> bool:
        entry = self.ledger.get(event.item_id)
        if entry is None or entry.span is None:
            # Otherwise the item itself came first, and said it all.
            span = self.hearing.committed(event.item_id)
            self._own(event.item_id, event.previous_item_id, span)
        self._narrator.milestone(now, MilestoneKind.COMMITTED, item_id=event.item_id)
        self._final(event.item_id)
        return True

    def _final(self, item_id: str) -> None:
        """The user's turn is over; its commit and its item both say so, in any order, and each perhaps twice."""
        if item_id != self._last_turn:
            self._last_turn = item_id
            by_itself = self.ledger.settings.answers_by_itself()
            self.request(self.turns.committed(answered_by_itself=by_itself))

    def _own(self, item_id: str, previous_item_id: str | None, span: Span | None) -> None:
        """An item holds audio of the user."""
        self.ledger.committed(item_id, previous_item_id, span)
        if span is not None and self.hearing.was_silence(item_id):
            self.outbox.consume(*span, "heard")
            self.ledger.heard_words(item_id, SILENCE)
        self._give_up_audio(item_id)

    def _give_up_audio(self, item_id: str) -> None:
        """Once we own the words of an item its audio need not be kept."""
        entry = self.ledger.get(item_id)
        if entry is not None and entry.transcribed and entry.span is not None:
            self.outbox.consume(*entry.span, "transcribed")

    def _cleared(self, _event: events.AudioCleared, _now: float) -> bool:
        self.hearing.cleared()
        self.request(self.turns.cleared())
        return True

    # Items and words.

    def _item_added(self, event: events.ItemAdded, _now: float) -> bool:
        return self._reported(event, done=False)

    def _item_done(self, event: events.ItemDone, _now: float) -> bool:
        return self._reported(event, done=True)

    def _reported(self, event: events.ItemAdded | events.ItemDone, *, done: bool) -> bool:
        item_id = event.item["id"]
        self.ledger.reported(event.item, event.previous_item_id, done=done)
        span = self.hearing.added(item_id)
        if span is not None:
            self._own(item_id, event.previous_item_id, span)
            self._final(item_id)
        entry = self.ledger.get(item_id)
        # A call that was told anew since its output came late: the application knows it.
        return entry is None or not (entry.replayed and entry.kind is EntryKind.CALLED)

    def _item_deleted(self, event: events.ItemDeleted, _now: float) -> bool:
        self.ledger.delete(event.item_id)
        return True

    def _words(self, event: events.TranscriptDelta, now: float) -> bool:
        if self.turns.is_late(event.response_id):
            return False
        if event.speaker is Speaker.ASSISTANT:
            self.ledger.answer_words(event.item_id, event.delta)
        self._narrator.transcript(now, event.speaker, event.item_id, event.delta, final=False)
        return True

    def _all_words(self, event: events.TranscriptDone, now: float) -> bool:
        if self.turns.is_late(event.response_id):
            return False
        if event.speaker is Speaker.ASSISTANT:
            self.ledger.answer_text(event.item_id, event.text)
        else:
            if self.hearing.is_open(event.item_id):
                # The words may be complete before the item is.
                self.ledger.committed(event.item_id, None, None)
            self.ledger.heard_words(event.item_id, event.text)
            self._give_up_audio(event.item_id)
        self._narrator.transcript(now, event.speaker, event.item_id, event.text, final=True)
        return True

    # Responses.

    def _response_created(self, event: events.ResponseCreated, now: float) -> bool:
        if not self.asides.created(event) and self.turns.created(event.response_id):
            self.unwanted.begin(event.response_id)
            self._send_own("response.cancel", event.response_id, response_id=event.response_id)
            self._narrator.anomaly(now, "an answer that nobody waits for", event.response_id)
            return False
        if self.turns.late and self.outbox.recall(self.turns.late):
            self.turns.recalled()
        self._narrator.milestone(now, MilestoneKind.RESPONSE_CREATED, response_id=event.response_id)
        return True

    def _take_back(self, event: Event) -> None:
        """Something of an answer that nobody waits for."""
        if isinstance(event, events.ResponseDone):
            self.request(self.turns.done(event.response_id))
            self.usage = self.usage.plus(event.response.get("usage"))
            for item_id in self.unwanted.items:
                self._send_own("conversation.item.delete", item_id, item_id=item_id)

    def _send_own(self, type_: str, name: str, **fields: object) -> None:
        """A request that the line makes on its own account, about the item or response of that name."""
        request = {"type": type_, "event_id": f"{_OWN_MARK}{name}"[:64], **fields}
        self._drains.messages.append((type_, wire.encode(request)))

    def _audio(self, event: events.AudioDelta, now: float) -> bool:
        if self.turns.is_late(event.response_id):
            return False
        samples = len(event.pcm) // 2
        self.latest.item_id = event.item_id
        if not self.ledger.answer_audio(event.item_id, samples):
            return self._narrator.overlong(event.item_id, now)
        if self.latest.response_id != event.response_id:
            self.latest.response_id = event.response_id
            self._narrator.milestone(now, MilestoneKind.FIRST_AUDIO, response_id=event.response_id)
        if self.metering.is_on:
            self.metering.received(event.pcm, now)
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
        self.asides.done(event.response_id)
        self.request(self.turns.done(event.response_id))
        self.usage = self.usage.plus(event.response.get("usage"))
        failure = failure_of(event.response) if event.status == "failed" else None
        if failure is not None:
            self._narrator.failure(event.response_id, failure, now)
            if failure.is_rate_limit:
                self._drains.events.append(failure.as_event(event.response_id))
        self._narrator.milestone(
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
        self.asides.refused(event.request_id)
        self.outbox.marks.withdraw(event.request_id)
        self.ledger.refused(event.request_id)
        self.ledger.settings.refuse(event.request_id)
        meaning = self._meaning(event)
        if meaning:
            self._narrator.anomaly(now, event.code, meaning)
        return not meaning

    def _meaning(self, refusal: events.Refusal) -> str:
        """What a refusal means that is nobody's mistake; nothing if the application must hear of it."""
        if refusal.request_id.startswith(_OWN_MARK):
            return refusal.message
        race = RACES.get(refusal.code)
        # An empty commit is a race only where the server commits too; otherwise somebody waits for it.
        by_hand = self.ledger.settings.turn_detection() is None
        if race is None or (by_hand and race.code == "input_audio_buffer_commit_empty"):
            return ""
        return race.meaning


# One for all lines: a method bound for each kind of each line would be a kilobyte of it. True: the application gets it.
_HANDLERS: dict[type[Event], Callable[[Conversation, Any, float], bool]] = {
    events.SessionUpdated: Conversation._session_updated,
    events.SpeechStarted: Conversation._speech_started,
    events.SpeechStopped: Conversation._speech_stopped,
    events.TimeoutTriggered: Conversation._timeout_triggered,
    events.AudioCommitted: Conversation._committed,
    events.AudioCleared: Conversation._cleared,
    events.ItemAdded: Conversation._item_added,
    events.ItemDone: Conversation._item_done,
    events.ItemDeleted: Conversation._item_deleted,
    events.TranscriptDelta: Conversation._words,
    events.TranscriptDone: Conversation._all_words,
    events.ResponseCreated: Conversation._response_created,
    events.ResponseDone: Conversation._response_done,
    events.Refusal: Conversation._refusal,
}
