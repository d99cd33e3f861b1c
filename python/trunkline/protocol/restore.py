"""One restore: what the new session is told, in which order, and whether it understood.

The settings go first, with automatic responses held back, so that replayed speech is not answered piece by
piece. Then, in one burst without waiting for each echo: the items, the audio from the replay point, and the
settings without the holding back. Its confirmation is also the proof that everything before it was read, since a
session handles its events in order; by then the echoes of all items must have come, equal to what was sent.
A response is asked for last, and only if a turn is owed one.

A restore that is interrupted leaves nothing behind: the next link makes a new one from the same ledger. A first
session, which has nothing to be told, gets its settings without holding back and is live when they are confirmed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.audio import codec
from trunkline.protocol import events, wire
from trunkline.protocol import observations as seen
from trunkline.protocol.echoes import ITEM_MARK, Echoes, item_mark
from trunkline.protocol.entry import EntryKind
from trunkline.protocol.replay import Replay
from trunkline.protocol.resumption import Resumption
from trunkline.protocol.turns import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.bookkeeper import Bookkeeper
    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.events import Event
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.settings import JsonObject
    from trunkline.protocol.standby import Standby

__all__ = ["Progress", "Restore"]


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far the restore of the current epoch has come."""

    replay: Replay
    target: int
    """Capture position up to which audio belongs to the restore."""
    needed: bool
    began_at: float
    broken_answer: str
    """The item that was being given when the link broke."""
    replayed_samples: int = 0
    settings_id: str = ""
    release_id: str = ""
    told_before: int = 0
    """Items that the session had when the restore began: it was the second of a rotation."""
    unconfirmed: int = 0
    """Settings of that time whose confirmation is still to come."""
    settings_before: frozenset[str] = frozenset()
    """Event ids of the updates that told them."""
    items: deque[JsonObject] = field(init=False)
    echoes: Echoes = field(default_factory=Echoes)

    def __post_init__(self) -> None:
        self.items = deque(self.replay.items)
        behind = ""
        for item in self.items:
            self.echoes.expect(item, behind=behind)
            behind = item["id"]
        self.replayed_samples = self.replay.audio_samples

    def inherit(self, heir: Standby) -> None:
        """Goes on where the rotation stopped."""
        self.told_before, self.unconfirmed = heir.items, heir.unconfirmed
        self.settings_before = frozenset(heir.settings_ids)
        self.echoes = heir.echoes


class Restore:
    """The restores of one line; `connection.py` says when, `stream.py` sends."""

    def __init__(
        self,
        policy: LinePolicy,
        conversation: Conversation,
        drains: Drains,
        *,
        bookkeeper: Bookkeeper,
        new_id: Callable[[], str],
    ) -> None:
        self._policy = policy
        self._conversation = conversation
        self._drains = drains
        self.bookkeeper = bookkeeper
        """The line's; a handover asks for it here."""
        self.new_id = new_id
        self.had_session = False
        """Whether there was one to restore from."""
        self.backlog_end = 0
        """Capture position up to which audio is late and goes out at the pace of a replay."""
        self._gap_before = 0
        """Sum of the gaps when the line was last made live."""
        self.broken_answer = ""
        """The item that was being given when the link broke."""
        self.heir: Standby | None = None
        """What the session of the next restore was told already."""
        self.progress: Progress | None = None
        self.is_attached = policy.attached
        """Whether the session is a call that goes on without us: then it is no new one, and told nothing."""
        self.resumption = Resumption(possible=policy.dialect.resumes)

    def take_over(self, *, had_session: bool) -> None:
        """The conversation was another process's: its first session here is restored like any other."""
        self.had_session = had_session
        self._gap_before = self._conversation.outbox.books().gap

    def dropped(self) -> None:
        """The link is gone: what was begun is forgotten, what was being said is remembered."""
        self.progress = None
        self.broken_answer = self._conversation.broken_answer() or self.broken_answer

    def configure(self, now: float, *, began_at: float) -> None:
        """Plans the restore and sends the settings."""
        conversation = self._conversation
        conversation.outbox.restart(
            limit_samples=self._policy.late_samples(),
            silent_until=conversation.silent_until(),
            reason=self._policy.outage.reason,
        )
        self.bookkeeper.tell(now)
        heir, self.heir = self.heir, None
        replay = self._replay(heir, now)
        waiting = conversation.outbox.books().waiting
        needed = bool(replay.items) or (self.had_session and waiting > 0) or heir is not None
        self.progress = Progress(
            replay=replay,
            target=conversation.outbox.end,
            needed=needed,
            began_at=began_at,
            broken_answer=self.broken_answer,
        )
        if heir is not None:
            self.progress.inherit(heir)
        self._offer_settings(self.progress)

    def _replay(self, heir: Standby | None, now: float) -> Replay:
        if heir is not None:
            self.resumption.forget()
            return self._inherit(heir, now)
        if self.is_attached or self.resumption.is_open:
            # The session is no new one, or is not expected to be.
            return Replay(items=(), audio_samples=0, dropped=0, wordless=0)
        return self._plan()

    def _plan(self) -> Replay:
        return self._conversation.ledger.replay(
            self._policy.replay_budget, new_id=self.new_id, audio_of=self._audio_text
        )

    def _inherit(self, heir: Standby, now: float) -> Replay:
        """The session was the second of a rotation: it is told the rest, in front of everything else."""
        heir.sync(now, complete=True)
        self._conversation.ledger.move(heir.names())
        self._drains.messages.extend(heir.outgoing)
        return Replay(
            items=(), audio_samples=heir.audio_samples, dropped=heir.items_dropped, wordless=0
        )

    def swallows(self, event: Event) -> bool:
        """Whether the event answers settings of before the restore, which were told again since."""
        progress = self.progress
        if progress is None or not progress.unconfirmed:
            return False
        refused = isinstance(event, events.Refusal) and event.request_id in progress.settings_before
        answered = refused or isinstance(event, events.SessionUpdated)
        progress.unconfirmed -= answered
        return answered

    def _offer_settings(self, progress: Progress) -> None:
        settings = self._conversation.ledger.settings
        wanted = settings.held_back() if progress.needed else settings.desired()
        settings.offered()
        if self.is_attached and wanted.keys() <= {"type"}:
            return
        progress.settings_id = self.new_id()
        self._update(progress.settings_id, wanted)

    def _audio_text(self, span: tuple[int, int]) -> str:
        return codec.encode(self._conversation.outbox.pcm(*span), law=self._policy.law).decode(
            "ascii"
        )

    def _update(self, event_id: str, session: JsonObject) -> None:
        request = {"type": "session.update", "event_id": event_id, "session": session}
        self._drains.messages.append(("session.update", wire.encode(request)))

    def release(self) -> None:
        """Everything was sent: ends the holding back, once."""
        if self.progress is not None and not self.progress.release_id:
            self.progress.release_id = self.new_id()
            self._update(self.progress.release_id, self._conversation.ledger.settings.released())

    def reconfigure(self) -> list[str] | None:
        """The settings were refused: tries without the updates that no session has taken yet, if there are any.

        An update that was on its way when a link broke would otherwise end the line if it is a bad one. Gives the
        event ids of the updates that are given up; None if the settings cannot be done without.
        """
        refused = self._conversation.ledger.settings.refused_together()
        if self.progress is None or refused is None:
            return None
        self._offer_settings(self.progress)
        return refused

    def adopt(self) -> bool:
        """The settings were taken; gives whether those are all, and no update is left that must be tried alone."""
        settings = self._conversation.ledger.settings
        settings.adopt()
        if self.progress is None or not settings.try_next():
            return True
        self._offer_settings(self.progress)
        return False

    # A conversation that the server kept.

    def named(self, conversation_id: str, now: float, *, configuring: bool) -> None:
        """The server names the conversation; if it is not the one that was asked for, all of it is told again."""
        if self.resumption.named(conversation_id) and configuring:
            self._start_over(now, unconfirmed=1)

    def is_given_back(self, event: Event) -> bool:
        """Whether the event is an item of the conversation that goes on, told before our settings are confirmed."""
        if not self.resumption.is_open or not isinstance(event, events.ItemAdded | events.ItemDone):
            return False
        if isinstance(event, events.ItemAdded):
            self.resumption.keep(event.item)
        return True

    def goes_on(self, now: float) -> bool:
        """The settings are confirmed: whether the session is what they were meant for.

        If the conversation was asked for and not named, it is a new one, and begins again with everything.
        """
        if not self.resumption.is_open:
            return True
        if self.resumption.is_granted:
            assert self.progress is not None
            self.progress.told_before = self.resumption.settle(self._conversation.ledger)
            return True
        self._start_over(now, unconfirmed=0)
        return False

    def _start_over(self, now: float, *, unconfirmed: int) -> None:
        assert self.progress is not None
        before = self.progress
        self.resumption.refused()
        self.configure(now, began_at=before.began_at)
        self.progress.unconfirmed = unconfirmed
        self.progress.settings_before = frozenset({before.settings_id})

    def awaits_settings(self) -> bool:
        """Whether settings were sent that the session has to confirm."""
        return self.progress is not None and bool(self.progress.settings_id)

    def needed(self) -> bool:
        """Whether the new session must be told anything but its settings."""
        return self.progress is not None and self.progress.needed

    def is_settings(self, request_id: str) -> bool:
        """Whether a refusal means our settings, without which there is no session to speak of."""
        progress = self.progress
        # The server does not always know which request it refuses; no name is nobody's.
        ours = () if progress is None else (progress.settings_id, progress.release_id)
        return bool(request_id) and request_id in ours

    def absorbs(self, event: Event, now: float) -> bool:
        """Whether the event is an answer to the restore itself, and not the application's."""
        progress = self.progress
        if progress is None or not progress.needed:
            return False
        if isinstance(event, events.ItemAdded):
            progress.echoes.take(event.item, event.previous_item_id)
        if isinstance(event, events.ItemAdded | events.ItemDone):
            return self._is_echo(event.item["id"])
        if not isinstance(event, events.Refusal) or not event.request_id.startswith(ITEM_MARK):
            return False
        progress.echoes.differences.append(event.message)
        self._anomaly(now, "the restore was refused in part", event.message)
        return True

    def _is_echo(self, item_id: str) -> bool:
        """Whether an item is one the application has seen before, under the id of a session that is gone."""
        ledger = self._conversation.ledger
        entry = ledger.get(item_id)
        if entry is None:
            return ledger.names.is_deleted(item_id)
        # What the application created has the id it knows, and it may still wait for the echo.
        return entry.replayed and entry.kind is not EntryKind.CREATED

    def _anomaly(self, now: float, kind: str, sample: str) -> None:
        self._drains.observations.append(
            seen.Anomaly(at=now, epoch=self._drains.epoch, kind=kind, sample=sample)
        )

    def is_last_word(self, event: Event) -> bool:
        """Whether the event ends the restore: its release was confirmed."""
        progress = self.progress
        released = progress is not None and bool(progress.release_id)
        return released and isinstance(event, events.SessionUpdated)

    def item_request(self, item: JsonObject) -> bytes:
        """The request for one item."""
        event_id = item_mark(item["id"])
        request = {"type": "conversation.item.create", "event_id": event_id, "item": item}
        return wire.encode(request)

    def finish(self, now: float) -> None:
        """The session is live: asks for the answer that is owed, and tells the books of the outage."""
        progress, self.progress = self.progress, None
        assert progress is not None
        self._catch_up(now)
        owed = self._resume(progress.broken_answer)
        gap = self._conversation.outbox.books().gap
        lost_samples, self._gap_before = gap - self._gap_before, gap
        if self.had_session:
            self._tell_restored(progress, now, lost_samples=lost_samples, owed=owed)
        self.had_session = True
        self._drains.events.append(
            events.LineLive(
                epoch=self._drains.epoch,
                items_restored=progress.told_before + len(progress.replay.items),
                replayed_ms=self._policy.milliseconds(progress.replayed_samples),
                lost_ms=self._policy.milliseconds(lost_samples),
            )
        )

    def _catch_up(self, now: float) -> None:
        """What was captured while the session was restored is late as well."""
        outbox = self._conversation.outbox
        if self._policy.outage.is_late_audio_unwanted:
            limit = self._policy.late_samples()
            outbox.catch_up(limit_samples=limit, reason=self._policy.outage.reason)
            self.bookkeeper.tell(now)
        self.backlog_end = outbox.end

    def switched(self) -> bool:
        """A rotation took the place of a restore: the session is live. Gives whether an answer is asked for again."""
        outbox = self._conversation.outbox
        self.backlog_end, self._gap_before = outbox.end, outbox.books().gap
        self.resumption.forget()
        return self._resume(self.broken_answer)

    def _resume(self, broken_answer: str) -> bool:
        """Asks for the answer that is owed, if one is; then the one that broke off is given anew."""
        self.broken_answer = ""
        turns = self._conversation.turns
        if self.is_attached and not turns.waiting():
            # The call went on without us, and so did its answers.
            turns.owed = False
        request = self._conversation.turns.resume(self._plain_request())
        self._conversation.request(request)
        if request is not None and broken_answer:
            self._conversation.interrupt(broken_answer, "the answer is given anew")
        return request is not None

    def _plain_request(self) -> Request:
        event_id = self.new_id()
        request = {"type": "response.create", "event_id": event_id}
        return Request(event_id=event_id, message=wire.encode(request), ours=True)

    def _tell_restored(
        self, progress: Progress, now: float, *, lost_samples: int, owed: bool
    ) -> None:
        verified = progress.echoes.end()
        for difference in progress.echoes.differences:
            self._anomaly(now, "restored differently", difference)
        if progress.replay.wordless:
            count = f"{progress.replay.wordless} of the user's turns"
            self._anomaly(now, "neither words nor audio left", count)
        self._drains.observations.append(
            seen.Restored(
                at=now,
                epoch=self._drains.epoch,
                items=progress.told_before + len(progress.replay.items),
                items_dropped=progress.replay.dropped,
                replayed_samples=progress.replayed_samples,
                lost_samples=lost_samples,
                duplicated_samples=progress.replayed_samples,
                verified=verified,
                owed=owed,
                took=now - progress.began_at,
            )
        )
