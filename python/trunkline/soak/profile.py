"""How a life is: which misfortunes, how many, and how busy it is. Everything of it is data, drawn from one seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.protocol.outage import Outage

if TYPE_CHECKING:
    from random import Random

__all__ = ["OPERATIONS", "PROFILES", "Habits", "Operation", "draw_habits"]

PROFILES = ("quiet", "storm", "swarm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Something the application does, now and then."""

    name: str
    weight: float
    enabled: bool = True
    """Whether the core can do it: one entry to switch on when it learns it."""


OPERATIONS: tuple[Operation, ...] = (
    Operation(name="cancel", weight=1.0),
    Operation(name="tool", weight=2.0),
    Operation(name="update", weight=2.0),
    Operation(name="bad_update", weight=0.5),
    Operation(name="toggle_vad", weight=1.0),
    Operation(name="type", weight=2.0),
    Operation(name="delete", weight=0.5),
    Operation(name="clear", weight=0.5),
    Operation(name="barge_in", weight=3.0),
    Operation(name="reopen", weight=0.5),
    Operation(name="rotate", weight=2.0),
    Operation(name="snapshot", weight=1.0),
)
"""What an application may do; swarm runs enable a random part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Of one segment."""

    fault_interval: float
    """Mean seconds between faults."""
    faults: frozenset[str]
    fault_weights: dict[str, float] = field(default_factory=dict)
    operations: tuple[Operation, ...]
    operation_interval: float
    chunk_ms: int
    always_open: bool
    """Whether the microphone also sends the silence between turns."""
    pause: float
    """Mean seconds between turns."""
    speech: tuple[float, float]
    reply_ms: tuple[int, int]
    by_hand: bool
    transcribes: bool
    delay: float
    jitter: float
    lifetime: float
    outage: Outage
    """What becomes of the audio that no session could take."""
    rotates_after: float
    """The age at which a session is exchanged; 0 leaves it to the default policy, which these sessions do not reach."""


def draw_habits(profile: str, dice: Random, kinds: tuple[str, ...]) -> Habits:
    """The habits of a segment: in a swarm, a random half of everything at a random pace."""
    interval = {
        "quiet": 600.0,
        "storm": dice.uniform(4.0, 12.0),
        "swarm": 10.0 ** dice.uniform(0.85, 2.1),
    }[profile]
    enabled = kinds if profile != "swarm" else tuple(one for one in kinds if dice.random() < 0.5)
    operations = tuple(
        one for one in OPERATIONS if one.enabled and (profile != "swarm" or dice.random() < 0.6)
    )
    busy = profile != "quiet" and dice.random() < 0.03
    return Habits(
        fault_interval=interval,
        faults=frozenset(enabled or kinds),
        fault_weights={kind: 0.2 + dice.random() for kind in kinds},
        operations=operations,
        operation_interval=10.0 ** dice.uniform(1.2, 2.2),
        chunk_ms=dice.choice((100, 100, 100, 100, 60, 40, 20)),
        always_open=busy,
        pause=dice.choice((4.0, 8.0, 15.0, 30.0)) if profile != "quiet" else 60.0,
        speech=(0.4, dice.choice((1.5, 3.0, 6.0))),
        reply_ms=(300, dice.choice((1500, 4000))),
        by_hand=dice.random() < 0.2,
        transcribes=dice.random() < 0.9,
        delay=dice.choice((0.002, 0.02, 0.05, 0.15)),
        jitter=dice.choice((0.0, 0.005, 0.03)),
        lifetime=dice.choice((240.0, 900.0, 3600.0)),
        outage=dice.choice((*[Outage.replay()] * 4, Outage.latest(2000), Outage.drop())),
        rotates_after=dice.choice((0.0, 60.0, 150.0, 600.0)),
    )
