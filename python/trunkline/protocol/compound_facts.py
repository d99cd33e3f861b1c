"""Facts that come together, as one: what the fast path tells of ordinary audio.

A chunk that is accepted and handed over at once is three facts, a delta two, and a line has a hundred of both a second.
To make the facts costs more than to use them. So where somebody wants each, a chunk and a delta are told as one tuple,
and `expanded` gives the facts that the ordinary path tells, in its order; and where everybody only sums, what passed
from one look at the line to the next is told as one `Flow`.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from trunkline.protocol.observations import (
    FREQUENT,
    AudioAccepted,
    AudioReceived,
    AudioSent,
    Direction,
    MessagePassed,
    Observation,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "APPEND",
    "DELTA",
    "FLOW_SECONDS",
    "FREQUENT_FACTS",
    "ChunkPassed",
    "DeltaPassed",
    "Deltas",
    "Fact",
    "Flow",
    "expanded",
    "next_fact",
]

APPEND = "input_audio_buffer.append"
DELTA = "response.output_audio.delta"


class ChunkPassed(NamedTuple):
    """Audio was accepted, and handed to the link at once, for the first time."""

    at: float
    epoch: int
    samples: int
    message: bytes

    def facts(self) -> tuple[Observation, ...]:
        """The three of it."""
        at, epoch, samples, message = self
        return (
            AudioAccepted(at=at, epoch=epoch, samples=samples),
            AudioSent(at=at, epoch=epoch, samples=samples, replayed=False),
            MessagePassed(
                at=at,
                epoch=epoch,
                direction=Direction.UP,
                type=APPEND,
                size_bytes=len(message),
                message=message,
            ),
        )


class DeltaPassed(NamedTuple):
    """Some more audio of the answer that is being given arrived."""

    at: float
    epoch: int
    response_id: str
    item_id: str
    samples: int
    message: bytes

    def facts(self) -> tuple[Observation, ...]:
        """The two of it."""
        at, epoch, response_id, item_id, samples, message = self
        return (
            MessagePassed(
                at=at,
                epoch=epoch,
                direction=Direction.DOWN,
                type=DELTA,
                size_bytes=len(message),
                message=message,
            ),
            AudioReceived(
                at=at, epoch=epoch, response_id=response_id, item_id=item_id, samples=samples
            ),
        )


class Deltas(NamedTuple):
    """Audio of one item, as it arrived."""

    response_id: str
    item_id: str
    times: array[float]
    """When each delta came; no object for each, which the garbage collector would go through."""
    samples: array[int]
    """Of each."""


class Flow:
    """Ordinary audio of at most `FLOW_SECONDS`, both ways; grows until it is taken.

    The driver takes it at its looks, each quarter of a second, and at other times for each line.
    """

    __slots__ = ("at", "chunks", "deltas", "down_bytes", "epoch", "samples", "until", "up_bytes")

    def __init__(self, at: float, epoch: int, until: float) -> None:
        self.at = at
        self.epoch = epoch
        self.until = until
        """Nothing of this moment or later is in it."""
        self.chunks = 0
        self.samples = 0
        """Of the chunks."""
        self.up_bytes = 0
        self.down_bytes = 0
        self.deltas: list[Deltas] = []

    def add_chunks(self, chunks: int, samples: int, message_bytes: int) -> None:
        """Audio that went out, and the length of its messages."""
        self.chunks += chunks
        self.samples += samples
        self.up_bytes += message_bytes

    def add_deltas(
        self,
        response_id: str,
        item_id: str,
        times: Iterable[float],
        samples: Iterable[int],
        message_bytes: int,
    ) -> None:
        """Audio of an item that arrived, and the length of its messages."""
        self.down_bytes += message_bytes
        if not self.deltas or self.deltas[-1][:2] != (response_id, item_id):
            self.deltas.append(Deltas(response_id, item_id, array("d"), array("Q")))
        self.deltas[-1].times.extend(times)
        self.deltas[-1].samples.extend(samples)

    def facts(self) -> tuple[Observation, ...]:
        """None: nobody was there who wants them one by one."""
        return ()


FLOW_SECONDS = 1.25
"""Of a flow that nobody takes; then the short way asks its questions once more. The driver looks each second, and a
quarter of one later if it is late."""
Fact: TypeAlias = Observation | ChunkPassed | DeltaPassed | Flow
FREQUENT_FACTS: frozenset[type[Fact]] = FREQUENT | {ChunkPassed, DeltaPassed, Flow}


def expanded(facts: Iterable[Fact]) -> Iterator[Observation]:
    """The facts one by one."""
    for fact in facts:
        if isinstance(fact, Observation):
            yield fact
        else:
            yield from fact.facts()


def next_fact(facts: list[Fact]) -> Observation | None:
    """Takes the first fact out; a compound one gives the first of those it is made of, and leaves the others."""
    while facts:
        fact = facts.pop(0)
        if isinstance(fact, Observation):
            return fact
        facts[:0] = fact.facts()
    return None
