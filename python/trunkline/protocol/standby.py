"""What the session of a rotation's second link has been told, and what it still must be.

A restore tells a new session everything in one burst, since nothing happens meanwhile. Beside a session that goes on,
everything may happen meanwhile: turns, answers, words that come late, items that are deleted or cut. So here the
ledger is compared with what was told, after every event, and the difference is told: a loop that ends whenever
the conversation pauses. The ledger itself is not touched before the switch: until then the names in it are those of
the first session, and a second one that dies leaves no trace.

What is still growing is not told before it is settled: speech waits for its words, an answer for its end and for
having been played. The switch settles all: speech without words is told as audio, a broken answer as far as it
was heard.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.audio import codec
from trunkline.protocol import events, wire
from trunkline.protocol.echoes import ITEM_MARK, Echoes, item_mark
from trunkline.protocol.entry import Entry, EntryKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.events import Event
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.settings import JsonObject

__all__ = ["Standby"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One item as the second session has it."""

    name: str
    content: object
    """What would have to be told anew if it changed; None of audio, which stands for any words."""


class Standby:
    """The second session of one attempt; `rotation.py` is its only caller."""

    def __init__(
        self,
        created: events.SessionCreated,
        policy: LinePolicy,
        conversation: Conversation,
        *,
        new_id: Callable[[], str],
    ) -> None:
        self.created = created
        self.updated: events.SessionUpdated | None = None
        self.outgoing: deque[tuple[str, bytes]] = deque()
        """Type and text of the messages for it."""
        self.is_pending = False
        """Whether something that will have to be told is not settled yet."""
        self.looks_at: float | None = None
        """When something is settled without anything happening."""
        self.unconfirmed = 0
        """Settings that it was told and has not confirmed."""
        self.items_dropped = 0
        self.audio_samples = 0
        """Inside items."""
        self.held: list[Event] = []
        """Echoes that the application has not seen, since the first session had none for it yet."""
        self.echoes = Echoes()
        self.settings_ids: set[str] = set()
        """Event ids of the updates that told settings."""
        self._policy = policy
        self._conversation = conversation
        self._new_id = new_id
        self._told: dict[str, _Told] = {}
        """By the id that the ledger knows."""
        self._settings: JsonObject | None = None
        self._requests: set[str] = set()
        """Event ids of the requests for items."""
        self._deleted: set[str] = set()
        self._seen_at: dict[str, float] = {}
        """Since when the words of an item are waited for."""
        self._unseen: set[str] = set()
        """Created items whose echo is still news to the application."""

    @property
    def items(self) -> int:
        """How many items it has from us."""
        return len(self._told)

    def is_level(self) -> bool:
        """Whether it has confirmed everything that it was told."""
        return not self.outgoing and not self.unconfirmed and self.echoes.are_all_here

    def names(self) -> dict[str, str]:
        """The ids of the ledger, each with the id that the item has here."""
        return {entry_id: told.name for entry_id, told in self._told.items()}

    # What it is told.

    def offer_settings(self) -> None:
        """Tells the settings, if they are not the ones it was told last."""
        desired = self._conversation.ledger.settings.desired()
        if desired != self._settings:
            self._settings = desired
            self.unconfirmed += 1
            event_id = self._new_id()
            self.settings_ids.add(event_id)
            self._send("session.update", event_id, session=desired)

    def sync(self, now: float, *, complete: bool = False) -> None:
        """Tells what changed and is settled; `complete` settles everything, for the switch that follows."""
        ledger = self._conversation.ledger
        if complete:
            ledger.forget_unheard()
        self.offer_settings()
        chosen, self.items_dropped = ledger.chosen()
        self._delete_gone()
        self.is_pending, self.looks_at = False, None
        # From the end, where it is found at once: this is asked after every event.
        indices = range(len(chosen) - 1, -1, -1)
        last = next((index for index in indices if chosen[index].id in self._told), -1)
        previous = "root"
        for index, entry in enumerate(chosen):
            told = self._told.get(entry.id)
            if not _is_known(entry, told) and (complete or self._is_settled(entry, now)):
                self._tell(entry, previous, at_end=index > last)
                told = self._told[entry.id]
            previous = previous if told is None else told.name

    def _delete_gone(self) -> None:
        ledger = self._conversation.ledger
        for entry_id in [each for each in self._told if ledger.get(each) is None]:
            self._delete(self._told.pop(entry_id).name)

    def _is_settled(self, entry: Entry, now: float) -> bool:
        settled = True
        if entry.kind is EntryKind.SPOKEN and not entry.transcribed:
            settled = self._waited_for_words(entry, now)
        elif entry.kind is EntryKind.ANSWERED:
            over = entry.complete or self._conversation.turns.active is None
            settled = over and not self._conversation.is_playing(entry.id)
        self.is_pending = self.is_pending or not settled
        return settled

    def _waited_for_words(self, entry: Entry, now: float) -> bool:
        if entry.span is not None and not self._conversation.ledger.settings.writes_down():
            return True
        # The item may have come before the event that says which audio it holds.
        until = self._seen_at.setdefault(entry.id, now) + self._policy.rotation.words_delay
        if now < until:
            self.looks_at = until if self.looks_at is None else min(self.looks_at, until)
        return now >= until

    def _tell(self, entry: Entry, previous: str, *, at_end: bool) -> None:
        told = self._told.get(entry.id)
        if told is not None:
            self._delete(told.name)
        name, audio = self._name(entry, told), self._audio(entry)
        item = entry.replay_body(audio) | {"id": name}
        if entry.kind is EntryKind.ANSWERED:
            item["content"] = [{"type": "output_text", "text": entry.heard_text()}]
        self._told[entry.id] = _Told(name=name, content=None if audio else _content(entry))
        self._deleted.discard(name)
        # What stands before the first is no item, or one that the budget has no room for any more.
        self.echoes.expect(item, behind=None if previous == "root" else previous)
        place = {} if at_end else {"previous_item_id": previous}
        self._send("conversation.item.create", item_mark(name), item=item, **place)

    def _name(self, entry: Entry, told: _Told | None) -> str:
        """An id of ours stays; one that was deleted here is not used again."""
        if entry.kind is EntryKind.CREATED or (told is None and entry.id.startswith("tk")):
            return entry.id
        return self._new_id()

    def _audio(self, entry: Entry) -> str:
        if entry.span is None or entry.transcribed:
            return ""
        audio = codec.encode(
            self._conversation.outbox.pcm(*entry.span), law=self._policy.law
        ).decode("ascii")
        self.audio_samples += entry.span[1] - entry.span[0] if audio else 0
        return audio

    def _delete(self, name: str) -> None:
        self.echoes.forget(name)
        self._deleted.add(name)
        self._send("conversation.item.delete", f"{ITEM_MARK}{self._new_id()}", item_id=name)

    def _send(self, type_: str, event_id: str, **fields: object) -> None:
        if event_id.startswith(ITEM_MARK):
            self._requests.add(event_id)
        request = {"type": type_, "event_id": event_id, **fields}
        self.outgoing.append((type_, wire.encode(request)))

    # What it answers.

    def is_settings(self, request_id: str) -> bool:
        """Whether a refusal means our settings."""
        return request_id in self.settings_ids

    def take(self, event: Event) -> None:
        """An event of the second session, before the switch."""
        if isinstance(event, events.SessionUpdated):
            self.updated = event
            self.unconfirmed = max(0, self.unconfirmed - 1)
        elif isinstance(event, events.ItemAdded | events.ItemDone):
            self.echoes.take(event.item, event.previous_item_id)
            if self._is_news(event.item["id"]):
                self.held.append(event)
        elif isinstance(event, events.Refusal) and event.request_id.startswith(ITEM_MARK):
            self.echoes.refused(event.request_id, event.message)

    def _is_news(self, item_id: str) -> bool:
        entry = self._conversation.ledger.get(item_id)
        return entry is not None and entry.kind is EntryKind.CREATED and not entry.reported

    def switched(self) -> None:
        """Its session is the line's: the echoes that are still to come are mostly not the application's."""
        ledger = self._conversation.ledger
        self.held = [event for event in self.held if self._is_news(_item_id(event))]
        self._unseen = {name for name in self.echoes.ids() if self._is_news(name)}
        for event in self.held:
            entry = ledger.get(_item_id(event))
            assert entry is not None
            entry.reported = True

    def absorbs(self, event: Event) -> bool:
        """After the switch: whether the event is an answer to what was told here, and not the application's."""
        if isinstance(event, events.ItemAdded | events.ItemDone):
            self.echoes.take(event.item, event.previous_item_id)
            item_id = event.item["id"]
            if item_id in self._deleted:
                # The rest of what it was told before: the books have forgotten the item.
                return True
            return item_id in self.names().values() and item_id not in self._unseen
        if isinstance(event, events.ItemDeleted):
            return event.item_id in self._deleted
        if isinstance(event, events.SessionUpdated) and self.unconfirmed:
            self.unconfirmed -= 1
            return True
        if isinstance(event, events.Refusal) and self.is_settings(event.request_id):
            # What is not in force is the application's business.
            self.unconfirmed -= 1
        return isinstance(event, events.Refusal) and event.request_id in self._requests


def _is_known(entry: Entry, told: _Told | None) -> bool:
    """Whether the session has the item as it is now."""
    if told is None:
        # An answer of which nothing was heard is nobody's; one that was told and is empty now is deleted by its end.
        return entry.kind is EntryKind.ANSWERED and not _content(entry)
    return told.content is None or told.content == _content(entry)


def _content(entry: Entry) -> object:
    if entry.kind is EntryKind.SPOKEN:
        return entry.text
    if entry.kind is EntryKind.ANSWERED:
        return entry.heard_text()
    return entry.body


def _item_id(event: Event) -> str:
    assert isinstance(event, events.ItemAdded | events.ItemDone)
    return str(event.item["id"])
