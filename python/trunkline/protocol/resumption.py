"""Going on with a conversation that the server kept, where it can: the new link names it, and nothing is told again.

xAI names each conversation (`conversation.created`, right behind `session.created`); a link dialed with
`conversation_id` gets the same name back if the server still has it, and between our settings and their confirmation
the items it kept, under new ids (recorded traffic: pydantic-ai's test_session_resumption_after_drop, 2026-08). A
conversation that comes back under another name, or under none, is a new one: then it is restored like any other.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from trunkline.protocol.entry import Entry, EntryKind

if TYPE_CHECKING:
    from trunkline.protocol.ledger import Ledger
    from trunkline.protocol.settings import JsonObject

__all__ = ["Resumption"]


class Resumption:
    """What is known of the server's own copy of the conversation; one for each line."""

    def __init__(self, *, possible: bool) -> None:
        self._possible = possible
        self._conversation_id = ""
        self._asked = ""
        """What the current link was dialed for, until that is decided."""
        self._granted = False
        self._kept: list[JsonObject] = []
        """Items the server gave back, in its order."""

    def ask(self) -> str:
        """The conversation that the next link names; nothing if there is none."""
        self._kept.clear()
        self._granted = False
        self._asked = self._conversation_id
        return self._asked

    @property
    def is_open(self) -> bool:
        """Whether the current link asked for a conversation, and has not been refused it."""
        return bool(self._asked)

    @property
    def is_granted(self) -> bool:
        """Whether the server said that it is the conversation that was asked for."""
        return self.is_open and self._granted

    def named(self, conversation_id: str) -> bool:
        """The server names the conversation; gives whether it is another than the one that was asked for."""
        self._conversation_id = conversation_id if self._possible else ""
        self._granted = conversation_id == self._asked
        return self.is_open and not self._granted

    def keep(self, item: JsonObject) -> None:
        """An item that the server gives back."""
        self._kept.append(item)

    def refused(self) -> None:
        """The conversation is a new one."""
        self._asked = ""
        self._kept.clear()

    def forget(self) -> None:
        """The line's conversation is another one, whose name is not known."""
        self._conversation_id = self._asked = ""
        self._kept.clear()

    def settle(self, ledger: Ledger) -> int:
        """The conversation goes on: gives the items their new ids, and says how many the server gave back.

        What it gave back that is not known happened while nobody listened, and is added. What it did not
        give back it may know all the same, but not by an id that could be named to it.
        """
        ledger.forget_unheard()
        names: dict[str, str] = {}
        left = deque(ledger)
        for item in self._kept:
            entry = _found(item, left)
            if entry is not None:
                names[entry.id] = item["id"]
        ledger.move(names)
        known = set(names.values())
        for item in self._kept:
            if item["id"] not in known:
                ledger.reported(item, None, done=True)
                ledger.answer_text(item["id"], _words(item)[1])
        count = len(self._kept)
        self._asked = ""
        self._kept.clear()
        return count


def _found(item: JsonObject, left: deque[Entry]) -> Entry | None:
    """The first entry that says the same; what stands before it was not given back."""
    who, words = _words(item)
    for index, entry in enumerate(left):
        speaker, said = _says(entry)
        # Of an answer that broke off we keep what was heard, and the server all of it.
        is_start = entry.kind is EntryKind.ANSWERED and said and words.startswith(said)
        if speaker == who and (said == words or is_start):
            for _ in range(index + 1):
                left.popleft()
            return entry
    return None


def _says(entry: Entry) -> tuple[str, str]:
    if entry.kind is EntryKind.SPOKEN:
        return "user", entry.text.strip()
    if entry.kind is EntryKind.ANSWERED:
        return "assistant", entry.text.strip()
    return _words(entry.body)


def _words(item: JsonObject) -> tuple[str, str]:
    """Who says an item, and what; of a call and its output, that and its `call_id`."""
    who = str(item.get("role") or item.get("type"))
    if "call_id" in item:
        return who, str(item["call_id"])
    content = item.get("content")
    parts = [p for p in content if isinstance(p, dict)] if isinstance(content, list) else []
    words = "".join(str(part.get("text") or part.get("transcript") or "") for part in parts)
    return who, words.strip()
