"""Spans of lines: one of the line itself, and in it one of each session, outage and response.

A session's span is linked to that of the session before it, an outage's to the session that ended, and a response that
is asked for again to the one that was lost. Nothing that was said is in them: who wants words has recordings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trunkline.fleet.attributes import Attributes, server_attributes
from trunkline.fleet.line_spans import LineSpans
from trunkline.telemetry.frames import Ended, Told

if TYPE_CHECKING:
    from trunkline.telemetry.fold import LineFold
    from trunkline.telemetry.frames import Frame

__all__ = ["Spans"]


@dataclass(slots=True)
class Spans:
    """Draws the spans of all lines; belongs to telemetry's thread. `drafts` names things as the GenAI drafts do."""

    tracer: Any
    drafts: bool = False
    _lines: dict[str, LineSpans] = field(default_factory=dict, init=False)

    def take(self, frame: Frame, fold: LineFold) -> None:
        """Take a frame that the fold of its line has just taken."""
        spans = self._lines.get(frame.line)
        if spans is None:
            if fold.is_over:
                return
            spans = self._lines[frame.line] = self._begun(fold)
        if isinstance(frame, Told):
            spans.take(frame.fact, fold)
        if fold.is_over:
            at = frame.at if isinstance(frame, Ended) else fold.ended_at
            spans.end(at if at is not None else fold.presence.since, fold.presence.state)
            del self._lines[frame.line]

    def forget(self, key: str, now_unix: float) -> None:
        """A line leaves; what is open of it ends."""
        spans = self._lines.pop(key, None)
        if spans is not None:
            spans.end(now_unix - spans.wall_offset, "left")

    def close(self, now_unix: float) -> None:
        """Nothing more comes."""
        for key in tuple(self._lines):
            self.forget(key, now_unix)

    def _begun(self, fold: LineFold) -> LineSpans:
        began = fold.began
        attributes: Attributes = {
            "network.protocol.name": "websocket",
            "trunkline.line.id": began.line,
            "trunkline.line.name": fold.name,
            **server_attributes(fold.server),
        }
        if self.drafts:
            attributes["gen_ai.conversation.id"] = began.line
        return LineSpans.begun(self.tracer, began.at, began.wall_offset, attributes, self.drafts)
