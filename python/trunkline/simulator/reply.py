"""What an answer is made of: speech and function calls.

A voice gives one of them, or several in the order they are to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "WORD_DELAY",
    "Answer",
    "ApprovalRequest",
    "Call",
    "McpCall",
    "Part",
    "Reply",
    "parts_of",
]

WORD_DELAY = 0.02
"""Seconds between the words of an answer that is only text: five in 40 ms were recorded, or fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is said: 24 kHz pcm and the text it speaks; neither is ever empty."""

    text: str
    pcm: bytes
    phase: str | None = None
    """`commentary` or `final_answer`, as the 2.x models mark messages beside others; None for none."""
    word_delay: float = WORD_DELAY
    """Seconds between two words where it is only text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function the client is to run."""

    name: str
    arguments: str
    """A JSON document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class McpCall:
    """A tool the server runs by itself; exactly one of `output` and `error` says how it ended."""

    server_label: str
    name: str
    arguments: str
    """A JSON document."""
    output: str | None = None
    error: str | None = None
    """Why the tool failed."""
    approval_request_id: str | None = None
    """The request that the client agreed to, if it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """The question whether the server may run a tool."""

    server_label: str
    name: str
    arguments: str
    """A JSON document."""


Part = Reply | Call | McpCall | ApprovalRequest
Answer = Part | Sequence[Part]


def parts_of(answer: Answer) -> tuple[Part, ...]:
    """The answer's parts in their order."""
    return (answer,) if isinstance(answer, Part) else tuple(answer)
