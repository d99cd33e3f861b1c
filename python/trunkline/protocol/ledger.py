"""What a new session must be told: the settings, and the items of the conversation in their order.

Nothing survives a link: a new one begins with default settings and an empty conversation. So the ledger
follows what the application asked for and what the server reported, and can at any moment say how to build
the same conversation again. It is a pure function of what it was told; a restore that is interrupted starts
over from the same ledger.

It is bounded: what lies beyond twice the replay budget could never be told again, even if the application deleted as
many of the newer items, and is forgotten. Its ids are known for a while longer, so that whoever names one does
no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.protocol.entry import Entry, EntryKind, entry_of, known_call
from trunkline.protocol.limits import LONGEST_ITEM_SECONDS
from trunkline.protocol.names import Names
from trunkline.protocol.replay import Replay, ReplayBudget
from trunkline.protocol.settings import JsonObject, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Ledger"]

_ECHOED = (EntryKind.CREATED, EntryKind.CALLED)
"""What is in the books before the server tells where it stands; calls are, if they are told anew for a late output."""
_KEPT_BUDGETS = 2
_TIDY_EVERY = 64
"""Items: measuring all of them at each new one would make a long talk quadratic."""


class Ledger:
    """The settings and the items; the conversation and the requests write it, the restore reads it."""

    def __init__(
        self, session: JsonObject, budget: ReplayBudget | None = None, rate_hz: int = 24_000
    ) -> None:
        self.most_samples = LONGEST_ITEM_SECONDS * rate_hz
        """Of audio in one item."""
        self.settings = Settings(session)
        self.names = Names()
        self.budget = budget or ReplayBudget()
        self.forgotten = 0
        """Items that are kept no longer since no replay could hold them."""
        self._entries: list[Entry] = []
        self._by_id: dict[str, Entry] = {}
        self._since_tidy = 0
        self.growing: tuple[str, Entry] | None = None
        """The answer whose audio came last, and how it was called; None if items came or went since."""

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def name(self, item_id: str) -> str:
        """The id the item has in the current session."""
        return self.names.current(item_id)

    def get(self, item_id: str) -> Entry | None:
        """The item, by any id it ever had."""
        return self._by_id.get(self.name(item_id))

    def place(self, item_id: str) -> str:
        """The id to name in the current session as the one before a new item; `root` is the beginning.

        An item that this session was not told is stood for by the one before it that it has.
        """
        current = self.name(item_id)
        present = "root"
        for entry in self._entries:
            if not entry.absent:
                present = entry.id
            if entry.id == current:
                return present
        return "root" if self.names.is_gone(item_id) else current

    # What the application asks for.

    def created(
        self, item: JsonObject, previous_item_id: str | None, *, asked_by: str = ""
    ) -> None:
        """The application creates an item; it must have an id."""
        entry = Entry(id=item["id"], kind=EntryKind.CREATED, body=item, asked_by=asked_by)
        self.names.create(entry.id)
        self._insert(entry, previous_item_id)

    def missing_call(self, item: JsonObject, previous_item_id: str | None) -> Entry | None:
        """The call that an output answers, if the current session was not told it: it must be, first.

        It is moved to where the output will stand.
        """
        output = Entry(id="", kind=EntryKind.CREATED, body=item)
        if not output.is_a("function_call_output") or output.call_id is None:
            return None
        for entry in self._entries:
            if entry.absent and entry.is_a("function_call") and entry.call_id == output.call_id:
                self._entries.remove(entry)
                self._entries.insert(self._index_behind(previous_item_id), entry)
                entry.absent = False
                entry.replayed = True
                return entry
        return None

    def refused(self, event_id: str) -> None:
        """The server refused a request: an item that it was to create does not exist."""
        if event_id:
            self._keep([entry for entry in self._entries if entry.asked_by != event_id])

    def delete(self, item_id: str) -> None:
        """The item is gone; one that is not known was gone before."""
        current = self.name(item_id)
        self.names.delete(current)
        self._keep([entry for entry in self._entries if entry.id != current])

    def truncate(self, item_id: str, heard_samples: int) -> None:
        """Only this much of an answer was heard; the rest is forgotten here as on the server."""
        entry = self._answer(item_id)
        if entry is not None:
            entry.truncate(heard_samples)

    # What the server reports.

    def committed(
        self, item_id: str, previous_item_id: str | None, span: tuple[int, int] | None
    ) -> None:
        """The user's audio became an item; of one that was deleted since, that is no news."""
        entry = self.get(item_id)
        if entry is None and not self.names.is_deleted(item_id):
            entry = Entry(id=item_id, kind=EntryKind.SPOKEN, span=span, complete=True)
            self._insert(entry, previous_item_id)
        elif entry is not None and entry.kind is EntryKind.SPOKEN and entry.span is None:
            # Its words, or the item itself, came first: neither has an order with the commit.
            entry.span = span

    def reported(self, item: JsonObject, previous_item_id: str | None, *, done: bool) -> None:
        """The server added or completed an item; of one that was deleted since, that is no news."""
        entry = self.get(item["id"])
        if entry is None:
            entry = None if self.names.is_deleted(item["id"]) else entry_of(item)
            if entry is None:
                return
            self._insert(entry, previous_item_id)
        elif entry.kind in _ECHOED and not done:
            self._settle(entry, previous_item_id)
        entry.reported = True
        if done and entry.kind is EntryKind.CALLED:
            entry.body = known_call(item)
        entry.complete = entry.complete or (done and item.get("status") != "incomplete")

    def heard_words(self, item_id: str, text: str) -> None:
        """The whole transcript of the user's audio."""
        entry = self.get(item_id)
        if entry is not None and entry.kind is EntryKind.SPOKEN:
            entry.text = text
            entry.transcribed = True

    def answer_words(self, item_id: str, delta: str) -> None:
        """Some more words of an answer."""
        entry = self._growing(item_id)
        if entry is not None:
            entry.text += delta

    def answer_text(self, item_id: str, text: str) -> None:
        """All words of an answer."""
        entry = self._growing(item_id)
        if entry is not None:
            entry.text = text

    def answer_audio(self, item_id: str, samples: int) -> bool:
        """Some more audio of an answer; whether there was room for it."""
        entry = self._growing(item_id)
        if entry is not None and entry.received_samples + samples > self.most_samples:
            self.growing = None
            return False
        self.growing = None if entry is None else (item_id, entry)
        if entry is not None:
            entry.received_samples += samples
        return True

    def played(self, item_id: str, samples: int) -> int | None:
        """How much of an answer was played, in all; never goes back, never past what came (I15)."""
        entry = self._answer(item_id)
        if entry is None:
            return None
        entry.heard_samples = min(max(entry.heard_samples or 0, samples), entry.received_samples)
        return entry.heard_samples

    def _answer(self, item_id: str) -> Entry | None:
        entry = self.get(item_id)
        return entry if entry is not None and entry.kind is EntryKind.ANSWERED else None

    def _growing(self, item_id: str) -> Entry | None:
        entry = self._answer(item_id)
        return None if entry is None or entry.cut else entry

    def _settle(self, entry: Entry, previous_item_id: str | None) -> None:
        """Moves an item to where the server put it: speech may have become one while the request was on its way."""
        if previous_item_id is not None and self.get(previous_item_id) not in (None, entry):
            self._entries.remove(entry)
            self._insert(entry, previous_item_id)

    def _insert(self, entry: Entry, previous_item_id: str | None) -> None:
        self.growing = None
        self._entries.insert(self._index_behind(previous_item_id), entry)
        self._by_id[entry.id] = entry
        self._since_tidy += 1
        if self._since_tidy >= _TIDY_EVERY:
            self.tidy()

    def _index_behind(self, previous_item_id: str | None) -> int:
        if previous_item_id is None:
            return len(self._entries)
        previous = self.name(previous_item_id)
        if previous == "root" or self.names.is_gone(previous):
            return 0
        known = (index for index, entry in enumerate(self._entries, 1) if entry.id == previous)
        return next(known, len(self._entries))

    def tidy(self) -> None:
        """Forgets what no replay could ever hold."""
        self.growing = None
        self._since_tidy = 0
        start = self.budget.first_within(self._entries, _KEPT_BUDGETS)
        for entry in self._entries[:start]:
            self.names.forget(entry.id)
            self._by_id.pop(entry.id, None)
        del self._entries[:start]
        self.forgotten += start

    def _keep(self, entries: list[Entry]) -> None:
        kept = {entry.id for entry in entries}
        for entry in self._entries:
            if entry.id not in kept:
                self.names.drop(entry.id)
        self._set(entries)

    def _set(self, entries: list[Entry]) -> None:
        self.growing = None
        self._entries = entries
        self._by_id = {entry.id: entry for entry in entries}

    # What a new session must be told.

    def replay(
        self,
        budget: ReplayBudget | None = None,
        *,
        new_id: Callable[[], str],
        audio_of: Callable[[tuple[int, int]], str],
    ) -> Replay:
        """How to build the conversation again.

        Items that the server named get an id of ours (`new_id`), and keep it. `audio_of` gives the base64
        text of a capture range, or nothing if it is no longer retained.
        """
        self.forget_unheard()
        self.names.new_session()
        chosen, dropped = (budget or self.budget).choose(self._entries)
        self._mark_told(chosen)
        bodies, audio_samples, wordless = [], 0, 0
        for entry in chosen:
            audio = audio_of(entry.span) if entry.span and not entry.transcribed else ""
            if audio and entry.span:
                audio_samples += entry.span[1] - entry.span[0]
            wordless += entry.kind is EntryKind.SPOKEN and not (audio or entry.transcribed)
            self._rename(entry, new_id)
            bodies.append(entry.replay_body(audio))
        self._set(self._entries)
        return Replay(
            items=tuple(bodies),
            audio_samples=audio_samples,
            dropped=self.forgotten + dropped,
            wordless=wordless,
        )

    def _mark_told(self, chosen: list[Entry]) -> None:
        for entry in self._entries:
            entry.absent = True
        for entry in chosen:
            entry.absent = False
            entry.replayed = True

    def forget_unheard(self) -> None:
        """An answer of which nothing was heard never happened; one that broke off ends where it was heard."""
        for entry in self._entries:
            if entry.kind is EntryKind.ANSWERED and not entry.complete:
                entry.text = entry.heard_text()
                entry.complete = True
        self._keep(
            [entry for entry in self._entries if entry.kind is not EntryKind.ANSWERED or entry.text]
        )

    def _rename(self, entry: Entry, new_id: Callable[[], str]) -> None:
        if entry.kind is not EntryKind.CREATED and not entry.id.startswith("tk"):
            self._call(entry, new_id())

    def _call(self, entry: Entry, name: str) -> None:
        if entry.id != name:
            self.names.rename(entry.id, name)
            entry.id = name

    # What a session is told that stands beside the current one.

    def chosen(self) -> tuple[list[Entry], int]:
        """The entries that a new session is told, and how many older ones it is not for want of room."""
        entries, dropped = self.budget.choose(self._entries)
        return entries, self.forgotten + dropped

    def has_open_calls(self) -> bool:
        """Whether a function call of the current session waits for its output: a new one could take neither."""
        calls = {
            entry.call_id
            for entry in self._entries
            if entry.body and entry.is_a("function_call") and entry.complete and not entry.absent
        }
        if not calls:
            return False
        outputs = {entry.call_id for entry in self._entries if entry.is_a("function_call_output")}
        return bool(calls - outputs - {None})

    def move(self, names: dict[str, str]) -> None:
        """The current session is another one, which has these items (by present id) under these ids, and no others."""
        self.names.new_session()
        for entry in self._entries:
            name = names.get(entry.id)
            entry.absent = name is None
            if name is not None:
                self._call(entry, name)
                entry.replayed = True
        self._set(self._entries)

    # For another process.

    def adopt(self, entries: list[Entry], *, forgotten: int) -> None:
        """Takes the items of a snapshot over."""
        self._set(entries)
        self.forgotten = forgotten
