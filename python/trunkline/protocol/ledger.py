"""What a new session must be told: the settings, and the items of the conversation in their order.

Nothing survives a link: a new one begins with default settings and an empty conversation. So the ledger
follows what the application asked for and what the server reported, and can at any moment say how to build
the same conversation again. It is a pure function of what it was told; a restore that is interrupted starts
over from the same ledger.

What an item becomes (OpenAI Realtime guide; openai-agents-js#963, #977, #1175): the user's speech its transcript, or
its audio while no transcript exists; the assistant's speech the text of the part that was heard, since assistant
audio is refused; tool calls in pairs or not at all; whatever the application created, itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from trunkline.protocol.settings import JsonObject, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Entry", "EntryKind", "Ledger", "Replay", "ReplayBudget"]

INAUDIBLE = "[inaudible]"


class EntryKind(Enum):
    """Where an item came from, which decides what it is replayed as."""

    CREATED = "created"
    """By the application, as it is."""
    SPOKEN = "spoken"
    """The user's committed audio."""
    ANSWERED = "answered"
    """The assistant's message."""
    CALLED = "called"
    """A function call of the model."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One item."""

    id: str
    kind: EntryKind
    body: JsonObject = field(default_factory=dict)
    """The item as created, or as the server completed it; empty for spoken and answered ones."""
    text: str = ""
    """The words, as far as known."""
    transcribed: bool = False
    span: tuple[int, int] | None = None
    """Capture range of the user's audio."""
    complete: bool = False
    received_samples: int = 0
    heard_samples: int | None = None
    """Of an answer: how much was played; None if the application does not tell."""
    cut: bool = False
    """Whether an answer was truncated: what still comes of it was not heard."""
    replayed: bool = False
    """Whether the current session has it from us; then an answer is text, and cannot be truncated there."""
    asked_by: str = ""
    """Event id of the request that created it."""
    absent: bool = False
    """Whether the current session was not told of it: a call that had no output yet."""

    def heard_text(self) -> str:
        """The part of an answer's words that was heard, cut at a word by the share of audio played.

        Words run ahead of audio by an unknown amount, so this is an estimate (no finer one exists
        on this protocol). A complete answer is taken as heard: its audio is here and will be played.
        """
        if self.complete or self.heard_samples is None or not self.received_samples:
            return self.text
        share = min(self.heard_samples / self.received_samples, 1.0)
        cut = round(len(self.text) * share)
        if cut >= len(self.text):
            return self.text
        return self.text[:cut].rpartition(" ")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayBudget:
    """How much of the conversation a new session is told, oldest dropped first."""

    items: int = 400
    """The server keeps no more of a long conversation in its context anyway."""
    characters: int = 96_000
    """About 24 k tokens, under the 28 k of usable input of the smallest model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How to build the conversation again."""

    items: tuple[JsonObject, ...]
    """Bodies for `conversation.item.create`, each with its id, in order."""
    audio_samples: int
    """Audio inside these items."""
    dropped: int
    """Oldest items that did not fit the budget."""
    wordless: int
    """User items whose words and audio are both gone."""


class Ledger:
    """The settings and the items; `connection.py` is its only caller."""

    def __init__(self, session: JsonObject) -> None:
        self.settings = Settings(session)
        self._entries: list[Entry] = []
        self._names: dict[str, str] = {}
        """Every id an item ever had, to the one it has now."""

    def __len__(self) -> int:
        return len(self._entries)

    def name(self, item_id: str) -> str:
        """The id the item has in the current session."""
        return self._names.get(item_id, item_id)

    def get(self, item_id: str) -> Entry | None:
        """The item, by any id it ever had."""
        current = self.name(item_id)
        # Almost always one of the latest is meant.
        return next((entry for entry in reversed(self._entries) if entry.id == current), None)

    # What the application asks for.

    def created(
        self, item: JsonObject, previous_item_id: str | None, *, asked_by: str = ""
    ) -> None:
        """The application creates an item; it must have an id."""
        entry = Entry(id=item["id"], kind=EntryKind.CREATED, body=item, asked_by=asked_by)
        self._insert(entry, previous_item_id)

    def refused(self, event_id: str) -> None:
        """The server refused a request: an item that it was to create does not exist."""
        if event_id:
            self._entries = [entry for entry in self._entries if entry.asked_by != event_id]

    def delete(self, item_id: str) -> None:
        """The item is gone; one that is not known was gone before."""
        current = self.name(item_id)
        self._entries = [entry for entry in self._entries if entry.id != current]

    def truncate(self, item_id: str, heard_samples: int) -> None:
        """Only this much of an answer was heard; the rest is forgotten here as on the server."""
        entry = self.get(item_id)
        if entry is not None and entry.kind is EntryKind.ANSWERED:
            entry.heard_samples = min(max(0, heard_samples), entry.received_samples)
            entry.complete = False
            entry.text = entry.heard_text()
            entry.received_samples = entry.heard_samples
            entry.complete = entry.cut = True

    # What the server reports.

    def committed(
        self, item_id: str, previous_item_id: str | None, span: tuple[int, int] | None
    ) -> None:
        """The user's audio became an item."""
        entry = self.get(item_id)
        if entry is None:
            entry = Entry(id=item_id, kind=EntryKind.SPOKEN, span=span, complete=True)
            self._insert(entry, previous_item_id)
        elif entry.kind is EntryKind.SPOKEN and entry.span is None:
            # Its words, or the item itself, came first: neither has an order with the commit.
            entry.span = span

    def reported(self, item: JsonObject, previous_item_id: str | None, *, done: bool) -> None:
        """The server added or completed an item."""
        entry = self.get(item["id"])
        if entry is None:
            entry = _entry_of(item)
            if entry is None:
                return
            self._insert(entry, previous_item_id)
        elif entry.kind is EntryKind.CREATED and _is(entry, "message") and not done:
            self._settle(entry, previous_item_id)
        if done and entry.kind is EntryKind.CALLED:
            entry.body = _call(item)
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

    def answer_audio(self, item_id: str, samples: int) -> None:
        """Some more audio of an answer."""
        entry = self._growing(item_id)
        if entry is not None:
            entry.received_samples += samples

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
        previous = None if previous_item_id is None else self.name(previous_item_id)
        if previous == "root":
            self._entries.insert(0, entry)
            return
        for index, known in enumerate(self._entries):
            if known.id == previous:
                self._entries.insert(index + 1, entry)
                return
        self._entries.append(entry)

    # What a new session must be told.

    def replay(
        self,
        budget: ReplayBudget,
        *,
        new_id: Callable[[], str],
        audio_of: Callable[[tuple[int, int]], str],
    ) -> Replay:
        """How to build the conversation again.

        Items that the server named get an id of ours (`new_id`), and keep it. `audio_of` gives the base64
        text of a capture range, or nothing if it is no longer retained.
        """
        self._forget_unheard()
        chosen, dropped = self._within(budget, self._paired())
        told = {entry.id for entry in chosen}
        for entry in self._entries:
            entry.absent = entry.id not in told
        bodies, audio_samples, wordless = [], 0, 0
        for entry in chosen:
            audio = audio_of(entry.span) if entry.span and not entry.transcribed else ""
            if audio and entry.span:
                audio_samples += entry.span[1] - entry.span[0]
            wordless += entry.kind is EntryKind.SPOKEN and not (audio or entry.transcribed)
            self._rename(entry, new_id)
            entry.replayed = True
            bodies.append(_body(entry, audio))
        return Replay(
            items=tuple(bodies), audio_samples=audio_samples, dropped=dropped, wordless=wordless
        )

    def call_for(self, output: JsonObject, *, new_id: Callable[[], str]) -> JsonObject | None:
        """The call that must be created before its output, where the session was not told of it; once."""
        for entry in self._entries:
            if (
                entry.absent
                and _is(entry, "function_call")
                and _call_id(entry) == output.get("call_id")
            ):
                # There it stands after all that was said meanwhile, so here it does too.
                self._entries.remove(entry)
                self._entries.append(entry)
                self._rename(entry, new_id)
                entry.absent, entry.replayed = False, True
                return _body(entry, "")
        return None

    def _forget_unheard(self) -> None:
        """An answer of which nothing was heard never happened; one that broke off ends where it was heard."""
        for entry in self._entries:
            if entry.kind is EntryKind.ANSWERED and not entry.complete:
                entry.text = entry.heard_text()
                entry.complete = True
        self._entries = [
            entry for entry in self._entries if entry.kind is not EntryKind.ANSWERED or entry.text
        ]

    def _paired(self) -> list[Entry]:
        calls = {_call_id(entry) for entry in self._entries if _is(entry, "function_call")}
        outputs = {_call_id(entry) for entry in self._entries if _is(entry, "function_call_output")}
        both = (calls & outputs) - {None}
        return [
            entry
            for entry in self._entries
            if not _is(entry, "function_call", "function_call_output") or _call_id(entry) in both
        ]

    def _within(self, budget: ReplayBudget, entries: list[Entry]) -> tuple[list[Entry], int]:
        """The newest entries that fit; a pair that would lose one half loses both."""
        start = max(0, len(entries) - budget.items)
        room = budget.characters
        for index in range(len(entries) - 1, start - 1, -1):
            room -= _weight(entries[index])
            if room < 0:
                start = index + 1
                break
        kept = entries[start:]
        lost = {_call_id(entry) for entry in entries[:start]} - {None}
        kept = [entry for entry in kept if _call_id(entry) not in lost]
        return kept, len(entries) - len(kept)

    def _rename(self, entry: Entry, new_id: Callable[[], str]) -> None:
        if entry.kind is EntryKind.CREATED or entry.id.startswith("tk"):
            return
        # An id of ours is never given up again, so no name leads to a name.
        old, entry.id = entry.id, new_id()
        self._names[old] = entry.id


def _is(entry: Entry, *types: str) -> bool:
    return entry.body.get("type") in types


def _call_id(entry: Entry) -> str | None:
    call_id = entry.body.get("call_id")
    return call_id if isinstance(call_id, str) else None


def _weight(entry: Entry) -> int:
    return len(entry.text) + (len(str(entry.body)) if entry.body else 0)


def _entry_of(item: JsonObject) -> Entry | None:
    """The entry for an item the server made by itself; None for kinds that are not replayed."""
    kind, role = item.get("type"), item.get("role")
    if kind == "function_call":
        return Entry(id=item["id"], kind=EntryKind.CALLED, body=_call(item))
    if kind == "message" and role == "assistant":
        return Entry(id=item["id"], kind=EntryKind.ANSWERED)
    if kind == "message" and role in ("user", "system"):
        written = _written(item)
        if written:
            body = {"type": "message", "role": role, "content": written}
            return Entry(id=item["id"], kind=EntryKind.CREATED, body=body, complete=True)
        if role == "user":
            return Entry(id=item["id"], kind=EntryKind.SPOKEN, complete=True)
    # MCP lists and calls come again from the tools in the settings.
    return None


def _call(item: JsonObject) -> JsonObject:
    """What is known of a call, and no more: the server's own structures are not sent back to it."""
    texts = {key: item.get(key) for key in ("call_id", "name", "arguments")}
    known = {key: text for key, text in texts.items() if isinstance(text, str)}
    return {"type": "function_call"} | known


def _written(item: JsonObject) -> list[JsonObject]:
    """The text parts of an item that another controller of the session wrote."""
    content = item.get("content")
    parts = (
        [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    )
    texts = [part.get("text") for part in parts if part.get("type") == "input_text"]
    return [{"type": "input_text", "text": text} for text in texts if isinstance(text, str)]


def _message(entry: Entry, role: str, part: JsonObject) -> JsonObject:
    return {"id": entry.id, "type": "message", "role": role, "content": [part]}


def _body(entry: Entry, audio: str) -> JsonObject:
    if entry.kind is EntryKind.SPOKEN:
        if audio:
            return _message(entry, "user", {"type": "input_audio", "audio": audio})
        words = entry.text if entry.transcribed and entry.text else INAUDIBLE
        return _message(entry, "user", {"type": "input_text", "text": words})
    if entry.kind is EntryKind.ANSWERED:
        return _message(entry, "assistant", {"type": "output_text", "text": entry.text})
    ignored = ("status", "object")
    body: dict[str, Any] = {key: value for key, value in entry.body.items() if key not in ignored}
    return body | {"id": entry.id}
