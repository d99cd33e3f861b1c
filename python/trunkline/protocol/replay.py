"""How much of a conversation a new session is told: the newest items that fit a budget, tool pairs whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.protocol.entry import Entry
    from trunkline.protocol.settings import JsonObject

__all__ = ["Replay", "ReplayBudget"]

_CALL, _OUTPUT = "function_call", "function_call_output"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayBudget:
    """How much of the conversation a new session is told, oldest dropped first."""

    items: int = 400
    """The server keeps no more of a long conversation in its context anyway."""
    characters: int = 96_000
    """About 24 k tokens, under the 28 k of usable input of the smallest model."""

    def choose(self, entries: Sequence[Entry]) -> tuple[list[Entry], int]:
        """The entries to tell, and how many were left out for want of room; a call goes with its output only."""
        return self._within(_paired(entries))

    def _within(self, entries: list[Entry]) -> tuple[list[Entry], int]:
        start = self.first_within(entries)
        if not start:
            return entries, 0
        lost = {entry.call_id for entry in entries[:start]} - {None}
        kept = [entry for entry in entries[start:] if entry.call_id not in lost]
        return kept, len(entries) - len(kept)

    def first_within(self, entries: Sequence[Entry], times: int = 1) -> int:
        """Index of the oldest entry from which on all fit into so many times the budget."""
        start = max(0, len(entries) - times * self.items)
        room = times * self.characters
        for index in range(len(entries) - 1, start - 1, -1):
            room -= entries[index].weight
            if room < 0:
                return index + 1
        return start


def _paired(entries: Sequence[Entry]) -> list[Entry]:
    # What was spoken has no body and is no tool's; it is most of a conversation.
    tools = [entry for entry in entries if entry.body and entry.is_a(_CALL, _OUTPUT)]
    calls = {entry.call_id for entry in tools if entry.is_a(_CALL)}
    outputs = {entry.call_id for entry in tools if entry.is_a(_OUTPUT)}
    both = (calls & outputs) - {None}
    if all(entry.call_id in both for entry in tools):
        return list(entries)
    return [entry for entry in entries if not entry.is_a(_CALL, _OUTPUT) or entry.call_id in both]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How to build the conversation again."""

    items: tuple[JsonObject, ...]
    """Bodies for `conversation.item.create`, each with its id, in order."""
    audio_samples: int
    """Audio inside these items."""
    dropped: int
    """Oldest items that did not fit the budget, those forgotten before included."""
    wordless: int
    """User items whose words and audio are both gone."""
