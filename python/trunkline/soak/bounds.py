"""I13: what a line keeps is bounded, whatever is down and for however long.

Judged by the document that another process would get, since its bytes hold everything that the line knows. The books
may name more audio as retained than is in memory: what lies in an utterance that is still open, and that its session
has read long ago, is neither settled nor kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from trunkline.soak.tape import RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.connection import Connection
    from trunkline.protocol.policy import LinePolicy

    Accuse = Callable[[str, str], None]

__all__ = ["look", "weigh"]

_TIMES_BUDGET = 2
"""How often the replay's budget of words a ledger may keep (`protocol.ledger`)."""
_REST_BYTES = 512 * 1024
"""Ids, settings, calls and requests: 864 items at most, of some hundred bytes beside their words."""
_WORTH_A_LOOK = 0.9
"""Of the retention: the document is large, and as long as the books name less there is nothing to find."""


def look(connection: Connection, accuse: Accuse) -> None:
    """Weighs what a line keeps, if there may be too much of it."""
    policy = connection.policy
    if connection.books().retained > _WORTH_A_LOOK * policy.samples(policy.retention_ms):
        weigh(connection.snapshot(), policy, accuse)


def weigh(document: dict[str, Any], policy: LinePolicy, accuse: Accuse) -> bytes:
    """No more audio than the retention and its slack, of words no more than their budget; gives the bytes."""
    audio, limit = document["audio"], sum(policy.room().values())
    kept = audio["accepted"] - audio["kept_from"]
    if kept > limit:
        accuse("I13", f"{kept / RATE_HZ:.2f} s of audio are kept, not {limit / RATE_HZ:g}")
    data = orjson.dumps(document)
    most = limit * 2 * 4 // 3 + _TIMES_BUDGET * policy.replay_budget.characters * 4 + _REST_BYTES
    if len(data) > most:
        accuse("I13", f"the line's document has {len(data)} bytes, not {most} at most")
    return data
