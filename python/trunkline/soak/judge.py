"""The laws of what is said and heard (I1 to I3b, I15, I18, I19 and the promises beside them), read from three logs.

What the microphone gave, what the server consumed, what the speaker played: every sample and every text says which
samples it stands for, so no counter of the core is asked.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trunkline.protocol import events
from trunkline.soak import audit
from trunkline.soak.doubled import Doubled
from trunkline.soak.ledgers import Ledger, Ledgers
from trunkline.soak.spans import Cover, Span, length, without
from trunkline.soak.tape import PERIOD, RATE_HZ
from trunkline.soak.voice import spans_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.events import Event
    from trunkline.protocol.outage import Outage
    from trunkline.simulator.history import ItemRecord
    from trunkline.simulator.items import Item
    from trunkline.soak.agenda import Agenda
    from trunkline.soak.caller import Caller
    from trunkline.soak.session import Session
    from trunkline.soak.speaker import Playing
    from trunkline.soak.tape import Microphone
    from trunkline.soak.voice import Witness
    from trunkline.soak.watch import Watch

__all__ = ["Judge"]

_MILLISECOND = RATE_HZ // 1000
_TOO_SHORT = 60 * _MILLISECOND
"""The detector wants two loud frames of 20 ms on its own grid: a shorter piece of speech is none."""
_ANSWER_WITHIN = 10.0
"""Of a line that is well: the slowest simulated answer takes less."""
_CHUNK_MS = 100
"""The longest that the microphone gives at once."""
_ASK = "ask_"
"""How the application names its requests; what the core asks for by itself has another name."""
_RETENTION = 58 * RATE_HZ
INAUDIBLE = "[inaudible]"


class Judge:
    """Of one line, from its start to its end."""

    def __init__(
        self,
        agenda: Agenda,
        microphone: Microphone,
        voice: Witness,
        accuse: Callable[[str, str], None],
        watch: Watch,
    ) -> None:
        self.caller: Caller
        self.ledgers = Ledgers()
        self._agenda = agenda
        self._microphone = microphone
        self._accuse = accuse
        self._watch = watch
        self._voice = voice
        self._given = Cover()
        """Appended to any session."""
        self._gaps = Cover()
        self._cleared = Cover()
        self._committed: list[Span] = []
        """The user's items, each from its first sample to its last."""
        self._turn_start = 0
        self._typed: dict[str, int] = {}
        self._deleted: dict[str, float] = {}
        self._outputs: set[str] = set()
        self._asked_for: dict[str, str] = {}
        """Response id to the user's words it answers."""
        self._answered: set[str] = set()
        """The user's words that have an answer, to its end."""
        self._doubled = Doubled(agenda, accuse)
        self._request_of: dict[str, str] = {}
        """Response id to the name of the request that it answers; nothing if the server began by itself."""
        self._restored: set[str] = set()
        """Ids of spoken items that a restore created: the application has seen them long ago."""
        self._fulfilled: set[str] = set()
        self._unanswerable = Cover()
        """Turns that ended while another answer was given: the server cannot begin a second one."""
        self._done_at: list[float] = [0.0]
        self._cancelled_at = -1.0
        self._began_at = self._called_at = self._left_to_application_at = -1.0
        """When the latest answer began, when one called a tool, and when such a one broke off: then nobody but the
        application may ask for another."""
        self._late_limit: int | None = None
        """How many samples an outage may deliver late; None: all."""
        self._is_outage = True
        self._asks = 0
        self._refused_version = -1
        self._done_for = Cover()
        """The user's samples that an answer ended for."""

    def wants(self, outage: Outage) -> None:
        """What the application wants of the audio of an outage."""
        if outage.limit_ms is not None:
            self._late_limit = (outage.limit_ms + _CHUNK_MS) * _MILLISECOND

    # The microphone's side.

    def turn_began(self, position: int) -> None:
        """The user begins to speak."""
        self._turn_start = position

    def is_ready(self) -> bool:
        """Whether a person would go on speaking: the line is well, and long enough for an answer."""
        return self.caller.turns == 0 or self._watch.is_well_for(_ANSWER_WITHIN)

    def turn_ended(self, position: int, *, quiet: float = 0.0) -> None:
        """The user has spoken, was quiet for so many seconds, and expects an answer."""
        turn = (self.caller.turns, self._turn_start, position, self._agenda.now)
        self._agenda.after(_ANSWER_WITHIN, partial(self._owes, *turn, self._agenda.now - quiet))

    def _owes(self, number: int, start: int, end: int, ended_at: float, spoken_at: float) -> None:
        """The turn must have its answer, unless another began; while the line is not well it is waited for."""
        if self.caller.turns != number or self.caller.stays_closed:
            return
        if self._done_at[-1] > ended_at or self._excused(start, end):
            return
        # A server may answer, and call a tool, while the user's turn still ends in silence.
        if self._cancelled_at > ended_at or self._left_to_application_at > spoken_at:
            return
        if not self._watch.is_well_for(_ANSWER_WITHIN):
            self._agenda.after(
                _ANSWER_WITHIN / 2, partial(self._owes, number, start, end, ended_at, spoken_at)
            )
            return
        self._accuse("turns", f"the turn {start}-{end} has no answer")

    def _excused(self, start: int, end: int) -> bool:
        excuses = self._done_for, self._gaps, self._cleared, self._unanswerable
        return any(cover.overlap(start, end) for cover in excuses)

    def asked(self) -> str:
        """The application asks for an answer; gives the name of its request."""
        self._asks += 1
        self._doubled.asked()
        return f"{_ASK}{self._asks}"

    def cancelled(self) -> None:
        """The application wants none."""
        self._cancelled_at = self._agenda.now
        self._doubled.cancelled()

    def typed(self, text: str) -> None:
        """The application wrote something into the conversation."""
        self._typed[text] = self._microphone.position

    def deleted(self, text: str) -> None:
        """The application takes something out of it again."""
        self._deleted.setdefault(text, self._agenda.now)

    def cleared(self, position: int) -> None:
        """The application throws the un-committed audio away."""
        self._cleared.add(0, position)

    def moves_to(self, watch: Watch) -> None:
        """Another line goes on with the conversation: what is promised of it does not change."""
        if self._called_at > self._done_at[-1]:
            self._left_to_application_at = self._agenda.now
        self._watch, self._is_outage = watch, True

    def rotates(self, within: float | None) -> None:
        """The application asks for another session."""
        self._watch.rotates(within)

    def ran_tool(self, call_id: str, times: int) -> None:
        """The application ran a function of the model's."""
        self._outputs.add(call_id)
        if times > 1:
            self._accuse("I19", f"{call_id} was run {times} times")

    # What leaves the core for the application.

    def delivered(self, event: Event) -> None:
        """An event."""
        self._doubled.delivered(event)
        if isinstance(event, events.LineGap):
            start = round(event.start_ms * _MILLISECOND)
            self._gaps.add(start, start + round(event.duration_ms * _MILLISECOND))
        elif isinstance(event, events.ItemAdded | events.ItemDone):
            if event.item["id"] in self._restored:
                self._accuse("echo", f"{event.item['id']} is told again")
        elif isinstance(event, events.Refusal) and self._watch.live_at is None:
            # A refusal of what a new session was offered takes all with it that no session had taken yet.
            self._refused_version = self.caller.version
        elif isinstance(event, events.ResponseCreated):
            self._began_at = self._agenda.now
        elif isinstance(event, events.ToolCall) and self._began_at > self._done_at[-1]:
            self._called_at = self._agenda.now
        elif isinstance(event, events.LineLive):
            self._flows()
            self._agenda.after(_ANSWER_WITHIN, self._no_ghosts)
        elif isinstance(event, events.LineDropped):
            self._is_outage = True
            if self._called_at > self._done_at[-1]:
                self._left_to_application_at = self._agenda.now
        elif isinstance(event, events.ResponseDone):
            asked = self._asked_for.get(event.response_id)
            if asked is not None:
                self._answered.add(asked)
            self._fulfilled.add(self._request_of.get(event.response_id) or event.response_id)
            for span in spans_of(asked or "") or []:
                self._done_for.add(*span)
            self._done_at.append(self._agenda.now)

    def _flows(self) -> None:
        """The line is live: what it sends of earlier audio is late, unless it only changed its session."""
        ledger = self.ledgers.serving()
        if ledger is not None and self._is_outage:
            ledger.late_until = self._microphone.position
            self._in_time(ledger)
        self._is_outage = False

    def _in_time(self, ledger: Ledger) -> None:
        limit, until = self._late_limit, ledger.late_until or 0
        if limit is None:
            return
        if limit > _CHUNK_MS * _MILLISECOND:
            # What came up while the session was told the conversation is the latest, too.
            limit += until - ledger.opened_at
        late = ledger.appended.overlap(0, until)
        if late > limit:
            self._accuse("outage", f"{late} samples were delivered late, not {limit}")

    def _no_ghosts(self) -> None:
        ledger = self.ledgers.serving()
        if ledger is not None and self._watch.is_well_for(_ANSWER_WITHIN / 2):
            old = {t for t, at in self._deleted.items() if self._agenda.now - at >= _ANSWER_WITHIN}
            audit.ghosts(ledger.session.engine.items, old, self._accuse)

    def played(self, item_id: str, before: Playing, place: int) -> None:
        """Sound reached the speaker."""
        if before.is_stopped:
            self._accuse("I15", f"{item_id} went on after it was interrupted")
        expected = (before.start + before.received) % PERIOD
        if before.received and place != expected:
            self._accuse("order", f"{item_id} goes on at {place}, not at {expected}")

    # The server's side.

    def opened(self, session: Session) -> None:
        """A session begins."""
        self.ledgers.opened(session, self.caller.version, self._microphone.position)

    def appended(self, session: Session, pcm: bytes, at: float) -> None:
        """The server consumed audio."""
        del at
        ledger = self.ledgers.of(session)
        if ledger is None or not self._carries(ledger):
            return
        if not ledger.began:
            ledger.began = True
            self._in_force(ledger)
        spans = self._microphone.spans(pcm)
        if spans is None:
            self._accuse("I1", "audio reached the server that was never captured, or was changed")
            return
        for span in spans:
            self._one_append(ledger, *span)

    def _carries(self, ledger: Ledger) -> bool:
        """Whether it is the one that audio goes to; what was on its way to the one before concerns nobody."""
        link = ledger.session.link
        others = [one for one in self.ledgers.others(ledger) if one.session.link.is_ours]
        if link.is_ours and any(one.began for one in others):
            self._accuse("I4", "audio goes to two sessions")
        return not self.ledgers.is_succeeded(ledger)

    def _in_force(self, ledger: Ledger) -> None:
        settings = ledger.session.engine.session
        version = settings["instructions"]
        wanted = ledger.wanted if ledger.wanted > self._refused_version else 0
        if not version.startswith("v") or int(version[1:]) < wanted:
            self._accuse("settings", f"audio flows under {version!r}, not v{ledger.wanted}")

    def _one_append(self, ledger: Ledger, start: int, end: int) -> None:
        if start < ledger.frontier:
            law = "I2" if ledger.appended.overlap(start, end) else "I3"
            self._accuse(law, f"{start}-{end} was appended after {ledger.frontier}")
        elif start > ledger.frontier:
            self._hole(ledger, ledger.frontier, start)
        if ledger.restored.end > start:
            doubled = ledger.restored.overlap(start, end)
            if doubled >= _MILLISECOND:
                self._accuse("I2", f"{doubled} samples of {start}-{end} are in a restored item too")
        ledger.appended.add(start, end)
        if start < (ledger.late_until or 0):
            self._in_time(ledger)
        ledger.frontier = max(ledger.frontier, end)
        self._given.add(start, end)

    def _hole(self, ledger: Ledger, start: int, end: int) -> None:
        """What is left out must have been given before, announced, or be in a restored item."""
        covers = (self._given, self._gaps, ledger.restored, self._cleared)
        holes = without([(start, end)], *covers)
        if length(holes) >= _MILLISECOND:
            self._accuse("I3b", f"{holes[0]} was left out unannounced")

    def told(self, session: Session) -> None:
        """The server took a request, or went on by itself: reads what is new in its record."""
        ledger, record = self.ledgers.of(session), session.record
        for item in record.items[-1:]:
            if item.origin != "created":
                self._watch.delivered_from[item.id] = session.link.epoch
        if ledger is None:
            return
        for item in record.items[ledger.items :]:
            self._item(ledger, item)
        for response in record.responses[ledger.responses :]:
            self._watch.delivered_from[response.id] = session.link.epoch
            self._response(ledger, response.id, session.request)
            session.request = ""
        for cut in record.truncations[ledger.truncations :]:
            self._truncated(cut.item_id, cut.audio_end_ms)
        ledger.items, ledger.responses = len(record.items), len(record.responses)
        ledger.truncations = len(record.truncations)

    def _item(self, ledger: Ledger, item: ItemRecord) -> None:
        is_speech = item.role == "assistant" or spans_of(item.text) is not None
        if item.origin == "created" and is_speech:
            self._restored.add(item.id)
        if item.role != "user":
            return
        spans = spans_of(item.text) or []
        if spans and item.origin == "committed":
            self._committed.append((spans[0][0], spans[-1][1]))
        for start, end in spans:
            if item.origin == "committed":
                others = ledger.session.record.responses[-2:]
                if any(one.status == "in_progress" and one.at < item.at for one in others):
                    self._unanswerable.add(start, end)
                continue
            if ledger.restored.overlap(start, end) >= _MILLISECOND:
                self._accuse("I2", f"{start}-{end} is in two restored items")
            if ledger.appended.overlap(start, end) >= _MILLISECOND:
                self._accuse("I2", f"{start}-{end} is in a restored item and was appended")
            ledger.restored.add(start, end)
            self._given.add(start, end)

    def _response(self, ledger: Ledger, response_id: str, request: str) -> None:
        asked = self._voice.asked
        self._asked_for[response_id] = asked
        self._request_of[response_id] = request
        if not request or self.ledgers.is_succeeded(ledger):
            # One that waited before a frozen server: the session was left long ago.
            return
        if request in self._fulfilled:
            self._accuse("turns", f"{request} was fulfilled before, and is asked again")
        elif not request.startswith(_ASK) and asked in self._answered:
            self._doubled.begin(ledger.session, response_id, asked, self.is_ready)

    def _truncated(self, item_id: str, audio_end_ms: int) -> None:
        answer = self.caller.speaker.answers.get(item_id)
        played = answer.played if answer is not None else 0
        if audio_end_ms * _MILLISECOND > played:
            self._accuse("I15", f"{item_id} cut at {audio_end_ms} ms, played {played} samples")

    # The end.

    def final(self) -> None:
        """Faults have stopped and the line had time: all that was captured must be somewhere."""
        if (ledger := self.ledgers.serving()) is None:
            return
        items = list(ledger.session.engine.items)
        self._all_given()
        self._all_speech_kept(items)
        audit.order(items, self._accuse)
        audit.tools(items, self._outputs, self._accuse)
        audit.typed(items, list(self._typed), set(self._deleted), self._accuse)

    def _all_given(self) -> None:
        covers = (self._given, self._gaps, self._cleared)
        holes = without([(0, self._microphone.position)], *covers)
        if length(holes) >= _MILLISECOND:
            self._accuse("I1", f"{length(holes)} samples reached no session, from {holes[0]}")

    def _all_speech_kept(self, items: list[Item]) -> None:
        kept = Cover(span for item in items for span in spans_of(item.text()) or [])
        holes = without(self._microphone.loud(), kept, self._gaps, self._cleared)
        if any(item.text() == INAUDIBLE for item in items):
            # Neither words nor audio were left: promised only for what was retained.
            old = self._microphone.position - _RETENTION
            holes = [hole for hole in holes if not self._may_be_forgotten(hole, old)]
        lost = [hole for hole in holes if hole[1] - hole[0] > _TOO_SHORT]
        if lost:
            self._accuse("I1", f"speech {lost[0]} is in no item, {len(lost)} such pieces")

    def _may_be_forgotten(self, hole: Span, old: int) -> bool:
        """An item goes as a whole, once its beginning is older than the retention."""
        return any(start <= min(hole[0], old) and hole[1] <= end for start, end in self._committed)
