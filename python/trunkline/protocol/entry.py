"""One item of the conversation as the ledger keeps it, and what it becomes when it is told again.

OpenAI Realtime guide; openai-agents-js#963, #977, #1175: the user's speech becomes its transcript, or its audio while
no transcript exists; the assistant's speech the text of the part that was heard, since assistant audio is refused;
whatever the application created, itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trunkline.protocol.settings import JsonObject

__all__ = ["SILENCE", "Entry", "EntryKind", "entry_of", "known_call"]

INAUDIBLE = "[inaudible]"
SILENCE = "[silence]"
"""Stands for an item of silence that the server committed by itself (`timeout_triggered`)."""


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


_NOTHING: JsonObject = {}
"""The body of what was said, one for all such items: a body is replaced and never changed."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One item."""

    id: str
    kind: EntryKind
    body: JsonObject = field(default_factory=lambda: _NOTHING)
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
    absent: bool = False
    """Whether the current session was not told it: the budget was too small, or half of its pair was missing."""
    asked_by: str = ""
    """Event id of the request that created it."""
    reported: bool = False
    """Whether a server has told of it."""

    def is_a(self, *types: str) -> bool:
        """Whether it is an item of one of the types."""
        return self.body.get("type") in types

    @property
    def call_id(self) -> str | None:
        """What pairs a function call with its output."""
        call_id = self.body.get("call_id")
        return call_id if isinstance(call_id, str) else None

    @property
    def weight(self) -> int:
        """How many characters it takes of a replay."""
        return len(self.text) + (len(str(self.body)) if self.body else 0)

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

    def truncate(self, heard_samples: int) -> None:
        """Only this much of an answer was heard; the rest is forgotten here as on the server."""
        self.heard_samples = min(max(0, heard_samples), self.received_samples)
        self.complete = False
        self.text = self.heard_text()
        self.received_samples = self.heard_samples
        self.complete = self.cut = True

    def replay_body(self, audio: str) -> JsonObject:
        """The item for `conversation.item.create`; `audio` is the base64 of the user's speech, if it is told so."""
        if self.kind is EntryKind.SPOKEN:
            if audio:
                return self._message("user", {"type": "input_audio", "audio": audio})
            words = self.text if self.transcribed and self.text else INAUDIBLE
            return self._message("user", {"type": "input_text", "text": words})
        if self.kind is EntryKind.ANSWERED:
            return self._message("assistant", {"type": "output_text", "text": self.text})
        ignored = ("status", "object")
        body: dict[str, Any] = {k: value for k, value in self.body.items() if k not in ignored}
        return body | {"id": self.id}

    def _message(self, role: str, part: JsonObject) -> JsonObject:
        return {"id": self.id, "type": "message", "role": role, "content": [part]}


def entry_of(item: JsonObject) -> Entry | None:
    """The entry for an item the server made by itself; None for kinds that are not replayed."""
    kind, role = item.get("type"), item.get("role")
    if kind == "function_call":
        return Entry(id=item["id"], kind=EntryKind.CALLED, body=known_call(item))
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


def known_call(item: JsonObject) -> JsonObject:
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
