"""The words of both sides on the terminal, in the order of the conversation: the user's, then the answer to them.

They come in another order: what the user said is often written down only after the answer to it has begun. So an answer
waits for the words before it, but not for ever: those that stay away are given up when the next turn's come.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.protocol.observations import (
    LinkEnded,
    Milestone,
    MilestoneKind,
    Observation,
    Speaker,
    Transcript,
)
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Words"]

_BEGINNINGS = frozenset({MilestoneKind.SPEECH_STARTED, MilestoneKind.COMMITTED})
_LIMIT_CHARS = 20_000
# An item that waits, the one that answers it, and the first of the next turn.
_PATIENCE = 2


@dataclass(slots=True)
class _Item:
    speaker: Speaker
    item_id: str
    text: str = ""
    is_over: bool = False
    shown: str | None = None
    """What stands on the terminal of it; None before its line is begun."""

    @property
    def lead(self) -> str:
        return f"{self.speaker.value:<10}"


class Words:
    """An observer of a line; with `live` words are written as they come, without it each item is one whole line."""

    def __init__(self, write: Callable[[str], None], *, live: bool) -> None:
        self._write = write
        self._live = live
        self._queue: deque[_Item] = deque()
        self._written: dict[tuple[Speaker, str], str] = {}

    def __call__(self, fact: Observation) -> None:
        """Takes one fact."""
        if isinstance(fact, Milestone):
            if fact.item_id and fact.kind in _BEGINNINGS:
                self._item(Speaker.USER, fact.item_id)
        elif isinstance(fact, Transcript):
            self._take(fact)
            self._advance()
        elif isinstance(fact, LinkEnded):
            # Another session says again what was not complete, under another name.
            self.close()

    def close(self) -> None:
        """Nothing comes any more: writes what still waits."""
        for item in self._queue:
            item.is_over = True
        self._advance()

    def _take(self, fact: Transcript) -> None:
        item = self._item(fact.speaker, fact.item_id, whole=fact.text if fact.final else None)
        if item is not None and fact.final:
            item.text, item.is_over = fact.text, True
        elif item is not None and not item.is_over:
            item.text += fact.text

    def _item(self, speaker: Speaker, item_id: str, whole: str | None = None) -> _Item | None:
        """The item, begun if it is new; None for one that is written, unless its whole words come late and differ."""
        key = (speaker, item_id)
        found = next((one for one in self._queue if (one.speaker, one.item_id) == key), None)
        if found is None and key in self._written and not self._differs(key, whole):
            return None
        if found is None:
            found = _Item(speaker, item_id)
            self._queue.append(found)
        return found

    def _differs(self, key: tuple[Speaker, str], whole: str | None) -> bool:
        return whole is not None and _one_line(whole) != self._written[key]

    def _advance(self) -> None:
        while self._queue:
            head = self._queue[0]
            if any(one.text for one in list(self._queue)[_PATIENCE:]):
                head.is_over = True
            if self._live:
                self._show(head)
            if not head.is_over:
                return
            self._end(self._queue.popleft())

    def _show(self, item: _Item) -> None:
        """Writes what came of it, up to its last whole word: a key that is in pieces must not get out in pieces."""
        text = item.text if item.is_over else item.text[: item.text.rfind(" ") + 1]
        ready = _one_line(text)
        shown = item.shown or ""
        if ready and ready != shown and ready.startswith(shown):
            self._write((item.lead if item.shown is None else "") + ready[len(shown) :])
            item.shown = ready

    def _end(self, item: _Item) -> None:
        whole = _one_line(item.text)
        if item.shown is None:
            self._write(f"{item.lead}{whole}\n" if whole else "")
        elif item.shown == whole:
            self._write("\n")
        else:
            # The server thought better of it.
            self._write(f"\n{item.lead}{whole}\n")
        if whole:
            self._written[item.speaker, item.item_id] = whole


def _one_line(text: str) -> str:
    return " ".join(clean(text, limit_chars=_LIMIT_CHARS).split())
