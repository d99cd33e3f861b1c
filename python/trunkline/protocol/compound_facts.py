"""Facts that come together, as one: what the fast path tells of ordinary audio.

A chunk that is accepted and handed over at once is three facts, a delta two, and a line has a hundred of both a second.
To make the facts costs more than to use them. So where somebody wants each, a chunk and a delta are told as one tuple,
and `expanded` gives the facts that the ordinary path tells, in its order; and where everybody only sums, a quarter of
a second of both is told as one `Flow`.
"""

from __future__ import annotations

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
    from collections import deque
    from collections.abc import Iterable, Iterator

__all__ = [
    "APPEND",
    "DELTA",
    "FLOW_SECONDS",
    "FREQUENT_FACTS",
    "ChunkPassed",
    "DeltaPassed",
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


class Flow:
    """Ordinary audio of at most a quarter of a second, both ways; grows until it is taken.

    The driver takes it at its looks, which are as often, and at other times for each line.
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
        self.deltas: list[DeltaPassed] = []
        """Without their messages."""

    def facts(self) -> tuple[Observation, ...]:
        """None: nobody was there who wants them one by one."""
        return ()


FLOW_SECONDS = 0.25
Fact: TypeAlias = Observation | ChunkPassed | DeltaPassed | Flow
FREQUENT_FACTS: frozenset[type[Fact]] = FREQUENT | {ChunkPassed, DeltaPassed, Flow}


def expanded(facts: Iterable[Fact]) -> Iterator[Observation]:
    """The facts one by one."""
    for fact in facts:
        if isinstance(fact, Observation):
            yield fact
        else:
            yield from fact.facts()


def next_fact(facts: deque[Fact]) -> Observation | None:
    """Takes the first fact out; a compound one gives the first of those it is made of, and leaves the others."""
    while facts:
        fact = facts.popleft()
        if isinstance(fact, Observation):
            return fact
        facts.extendleft(reversed(fact.facts()))
    return None
