"""Which answer the latest reply audio belongs to."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Latest"]


@dataclass(slots=True)
class Latest:
    """The conversation writes it, and the fast path compares with it."""

    item_id: str = ""
    """The assistant item whose audio came last; nothing if it was interrupted since."""
    response_id: str = ""
    """The response whose audio came last."""
