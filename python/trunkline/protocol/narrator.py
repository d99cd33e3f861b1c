"""Tells what happens in the conversation as observations of the current link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.protocol import observations as seen
from trunkline.protocol.limits import LONGEST_ITEM_SECONDS

if TYPE_CHECKING:
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.events import Speaker, ToolCall
    from trunkline.protocol.failures import Failure
    from trunkline.protocol.observations import MilestoneKind, Observation

__all__ = ["Narrator"]


class Narrator:
    """Writes the facts of a conversation."""

    def __init__(self, drains: Drains) -> None:
        self._drains = drains

    def milestone(
        self,
        now: float,
        kind: MilestoneKind,
        *,
        item_id: str = "",
        response_id: str = "",
        status: str = "",
    ) -> None:
        """A moment of a turn."""
        self._tell(
            seen.Milestone(
                at=now,
                epoch=self._drains.epoch,
                kind=kind,
                item_id=item_id,
                response_id=response_id,
                status=status,
            )
        )

    def transcript(
        self, now: float, speaker: Speaker, item_id: str, text: str, *, final: bool
    ) -> None:
        """Some words."""
        self._tell(
            seen.Transcript(
                at=now,
                epoch=self._drains.epoch,
                speaker=speaker,
                item_id=item_id,
                text=text,
                final=final,
            )
        )

    def truncated(self, now: float, item_id: str, heard_ms: int) -> None:
        """An answer is cut to what was heard of it."""
        epoch = self._drains.epoch
        self._tell(seen.AudioTruncated(at=now, epoch=epoch, item_id=item_id, heard_ms=heard_ms))

    def failure(self, response_id: str, failure: Failure, now: float) -> None:
        """A response failed."""
        self._tell(
            seen.ResponseFailed(
                at=now,
                epoch=self._drains.epoch,
                response_id=response_id,
                code=failure.code,
                message=failure.message,
            )
        )

    def called(self, call: ToolCall, now: float) -> None:
        """The model calls a function."""
        self._tell(
            seen.FunctionCalled(
                at=now, epoch=self._drains.epoch, call_id=call.call_id, name=call.name
            )
        )

    def anomaly(self, now: float, kind: str, sample: str) -> None:
        """Something that should not have come, and was survived."""
        self._tell(seen.Anomaly(at=now, epoch=self._drains.epoch, kind=kind, sample=sample))

    def overlong(self, item_id: str, now: float) -> bool:
        """Audio of an item that has had all it may have: it goes nowhere, which is what `False` says."""
        self.anomaly(now, "item too long", f"{item_id} has {LONGEST_ITEM_SECONDS} s of audio")
        return False

    def _tell(self, fact: Observation) -> None:
        self._drains.observations.append(fact)
