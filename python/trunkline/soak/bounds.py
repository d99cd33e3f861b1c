"""I13: what a line keeps is bounded, whatever is down and for however long.

Twice, from two sides: the sums on the books, every few seconds; and the document that another process would get,
whose bytes hold everything that the line knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.soak.tape import RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.books import Books
    from trunkline.protocol.policy import LinePolicy

    Accuse = Callable[[str, str], None]

__all__ = ["audio_kept", "document_bytes"]

_TIMES_BUDGET = 2
"""How often the replay's budget of words a ledger may keep (`protocol.ledger`)."""
_REST_BYTES = 512 * 1024
"""Ids, settings, calls and requests: 864 items at most, of some hundred bytes beside their words."""


def audio_kept(books: Books, policy: LinePolicy, accuse: Accuse) -> None:
    """No more audio than the retention allows."""
    limit = policy.samples(policy.retention_ms)
    if books.retained > limit:
        accuse(
            "I13", f"{books.retained / RATE_HZ:.2f} s of audio are kept, not {limit / RATE_HZ:.0f}"
        )


def document_bytes(document: bytes, policy: LinePolicy, accuse: Accuse) -> None:
    """No more of anything: audio as base64, words up to their budget, and names."""
    audio = policy.samples(policy.retention_ms) * 2 * 4 // 3
    limit = audio + _TIMES_BUDGET * policy.replay_budget.characters * 4 + _REST_BYTES
    if len(document) > limit:
        accuse("I13", f"the line's document has {len(document)} bytes, not {limit} at most")
