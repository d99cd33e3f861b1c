"""Why a response failed: said inside `response.done` only, since the session itself is well.

A rate limit is the one that an application can do something about: wait. The time is in the sentence and nowhere
else ("Please try again in 1.2s", "in 20ms", "in 1m3s").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.protocol import events

if TYPE_CHECKING:
    from trunkline.protocol.settings import JsonObject

__all__ = ["Failure", "failure_of"]

# OpenAI's, and Azure's for the model behind it.
_RATE_LIMITS = frozenset({"rate_limit_exceeded", "inference_rate_limit_exceeded"})
_WAIT = re.compile(r"try again in ((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)", re.IGNORECASE)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)", re.IGNORECASE)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The error that a failed response names."""

    code: str
    message: str

    @property
    def is_rate_limit(self) -> bool:
        """Whether waiting would help."""
        return self.code in _RATE_LIMITS

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, if the message says."""
        told = _WAIT.search(self.message)
        if told is None:
            return None
        parts = _PART.findall(told.group(1))
        return sum(float(count) * _SECONDS[unit.lower()] for count, unit in parts)

    def as_event(self, response_id: str) -> events.RateLimited:
        """What the application is told of a rate limit."""
        return events.RateLimited(
            response_id=response_id,
            code=self.code,
            message=self.message,
            retry_after=self.retry_after,
        )


def failure_of(response: JsonObject) -> Failure | None:
    """The failure that a response tells of; None if it tells of none."""
    details = response.get("status_details")
    error = details.get("error") if isinstance(details, dict) else None
    if not isinstance(error, dict):
        return None
    texts = (error.get("code") or error.get("type"), error.get("message"))
    code, message = (text if isinstance(text, str) else "" for text in texts)
    return Failure(code=code, message=message)
