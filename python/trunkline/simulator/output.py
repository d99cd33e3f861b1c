"""One item of a response on its way out, rung by rung of its ladder.

output_item.added → conversation.item.added → its own events → conversation.item.done →
output_item.done. Beside the conversation there are no conversation.* rungs. What is closed early is
incomplete.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.simulator.items import Item
from trunkline.simulator.tokens import characters, text_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.simulator.conversation import Conversation
    from trunkline.simulator.emitter import Emitter
    from trunkline.simulator.formats import WireFormat
    from trunkline.simulator.timing import Timing

__all__ = ["Outlet", "Output", "Step", "within_tokens"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Where a response's events go."""

    response_id: str
    emitter: Emitter
    conversation: Conversation | None
    """None for a response beside it."""
    audio_format: WireFormat


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at a time."""

    at: float
    take: Callable[[], None]
    is_delta: bool = False


class Output(ABC):
    """An item being made; `limit` is what is left of the response's tokens, None for any number."""

    def __init__(self, body: dict[str, Any], limit: int | None) -> None:
        self.item = Item(body=body)
        self.limit = limit
        self.is_open = False
        self.is_closed = False
        self.index = 0
        self._outlet: Outlet | None = None
        self._previous: str | None = None

    @property
    @abstractmethod
    def whole_tokens(self) -> int:
        """What it costs in full."""

    @abstractmethod
    def text_tokens(self) -> int:
        """Tokens of text given out so far."""

    def audio_tokens(self) -> int:
        """Tokens of audio given out so far."""
        return 0

    @abstractmethod
    def schedule(self, begin: float, timing: Timing) -> tuple[list[Step], float]:
        """Its deltas in time, and when the last of them is over."""

    @property
    def is_cut(self) -> bool:
        """Whether the token limit ends it before its end."""
        return self.limit is not None and self.limit < self.whole_tokens

    def place(self, outlet: Outlet, index: int) -> None:
        """Say where it belongs, before anything else."""
        self._outlet, self.index = outlet, index

    def open(self) -> None:
        """Begin it."""
        self.is_open = True
        self.emit("response.output_item.added", item=self.item.view())
        outlet = self.outlet
        if outlet.conversation is not None:
            self._previous = outlet.conversation.add(self.item)
            self._mirror("conversation.item.added")

    def close(self, *, is_complete: bool) -> None:
        """End it."""
        self.is_closed = True
        if "status" in self.item.body:
            self.item.body["status"] = "completed" if is_complete else "incomplete"
        self._close(is_complete=is_complete)
        self._mirror("conversation.item.done")
        self.emit("response.output_item.done", item=self.item.view())

    @abstractmethod
    def _close(self, *, is_complete: bool) -> None:
        """Its own last rungs."""

    @property
    def outlet(self) -> Outlet:
        """Where its events go."""
        assert self._outlet is not None, "it has no place yet"
        return self._outlet

    def _mirror(self, kind: str) -> None:
        outlet = self.outlet
        if outlet.conversation is not None:
            outlet.emitter.emit(kind, previous_item_id=self._previous, item=self.item.view())

    def emit(self, kind: str, **fields: Any) -> None:
        """Emit an event of the response about this item."""
        outlet = self.outlet
        outlet.emitter.emit(kind, response_id=outlet.response_id, output_index=self.index, **fields)


def within_tokens(pieces: list[str], tokens: int | None) -> list[str]:
    """The pieces that a token limit lets through; of the first always a part."""
    kept = [
        piece
        for count, piece in enumerate(pieces)
        if tokens is None or text_tokens("".join(pieces[: count + 1])) <= tokens
    ]
    return kept or [piece[: characters(max(1, tokens or 1))] for piece in pieces[:1]]
