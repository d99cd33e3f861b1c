"""What is known of all lines that a part follows, and how it is handed on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.errors import StreamError
from trunkline.telemetry.fleet import FleetFold
from trunkline.telemetry.transcript import Transcripts

if TYPE_CHECKING:
    from trunkline.telemetry.frames import Frame

__all__ = ["FleetState", "Keyframe"]


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The state of one line, for somebody who has not followed it."""

    line: str
    wall_offset: float
    """Unix seconds are the line's seconds plus this."""
    document: bytes
    """As `FleetFold.dump_line` gives it."""

    def encode(self) -> bytes:
        """One line of JSON, and the document."""
        head = json.dumps({"line": self.line, "wall_offset": self.wall_offset})
        return head.encode() + b"\n" + self.document

    @classmethod
    def decode(cls, payload: bytes) -> Keyframe:
        """Raises StreamError for what is none."""
        head, _, document = payload.partition(b"\n")
        try:
            told = json.loads(head)
            return cls(str(told["line"]), float(told["wall_offset"]), document)
        except (ValueError, TypeError, LookupError):
            raise StreamError("a keyframe has no head") from None


class FleetState:
    """A fold of all lines that can give and take the state of each."""

    def __init__(self) -> None:
        self.fold = FleetFold()

    def keys(self) -> tuple[str, ...]:
        """Of the lines that are known, in the order in which they came."""
        return tuple(self.fold.lines)

    def knows(self, key: str) -> bool:
        """Whether it is one of them."""
        return key in self.fold.lines

    def line_time(self, key: str, now: float) -> float:
        """Unix seconds in those of a line that is known."""
        return now - self.fold.lines[key].began.wall_offset

    def apply(self, frame: Frame) -> None:
        """Folds a frame; one of a line that nobody introduced is passed over."""
        self.fold.apply(frame)

    def adopt(self, keyframe: Keyframe) -> None:
        """Takes the state of a line in place of what was known of it."""
        self.fold.adopt(keyframe.document)

    def keyframe(self, key: str) -> Keyframe:
        """The state of a line that is known. Cost: about a millisecond."""
        return Keyframe(key, self.fold.lines[key].began.wall_offset, self.fold.dump_line(key))

    def silence(self, key: str) -> None:
        """Forgets what was said on a line that is known, and nothing else."""
        self.fold.lines[key].transcripts = Transcripts()

    def forget(self, key: str) -> None:
        """The line leaves."""
        self.fold.forget(key)
