"""The tokens a minute allows: told after every response, and refused from when it is asked for.

The bucket refills evenly. Where nothing is to be refused it is full again once it is empty.
"""

from __future__ import annotations

from typing import Any

from trunkline.simulator.refusals import Refusal, rate_limited

__all__ = ["TOKENS_PER_MINUTE", "Allowance"]

TOKENS_PER_MINUTE = 40_000
"""Told where nothing else is asked for: some account's, since the API has no one limit."""
_MINUTE = 60.0


class Allowance:
    """Of one session. `limit` in tokens per minute; None tells the usual one and refuses nothing."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = TOKENS_PER_MINUTE if limit is None else limit
        self._is_enforced = limit is not None
        self._left = float(self._limit)
        self._at: float | None = None

    def refusal(self, needed: int, model: str, now: float) -> Refusal | None:
        """Why a response that needs so many tokens has to fail, if it has to."""
        self._refill(now)
        if not self._is_enforced or needed <= self._left:
            return None
        wait = (min(needed, self._limit) - self._left) * _MINUTE / self._limit
        used = self._limit - int(self._left)
        return rate_limited(model, limit=self._limit, used=used, requested=needed, wait=wait)

    def spend(self, tokens: int, now: float) -> None:
        """Take what a response cost; never below nothing."""
        self._refill(now)
        self._left -= tokens
        if self._left < 0:
            self._left = 0.0 if self._is_enforced else float(self._limit)

    def view(self) -> list[dict[str, Any]]:
        """The `rate_limits` of the event: tokens only, as recorded."""
        spent = 1 - self._left / self._limit
        return [
            {
                "name": "tokens",
                "limit": self._limit,
                "remaining": int(self._left),
                "reset_seconds": round(_MINUTE * spent, 3),
            }
        ]

    def _refill(self, now: float) -> None:
        if self._is_enforced and self._at is not None:
            gained = (now - self._at) * self._limit / _MINUTE
            self._left = min(float(self._limit), self._left + max(0.0, gained))
        self._at = now
