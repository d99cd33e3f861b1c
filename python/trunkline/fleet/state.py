"""What is known of all lines that a part follows, and how it is handed on."""

from __future__ import annotations

import json
import logging
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from trunkline.errors import StreamError
from trunkline.fleet.framing import OtherVersionError
from trunkline.telemetry.entries import Entries  # noqa: TC001 - `read` looks it up by the annotation
from trunkline.telemetry.fleet import KEYFRAME_VERSION, FleetFold
from trunkline.telemetry.fold import LineFold  # noqa: TC001 - `read` looks it up by the annotation
from trunkline.telemetry.levels import THRESHOLDS
from trunkline.telemetry.recordform import UnknownWordError, read, told, written
from trunkline.telemetry.transcript import Transcripts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trunkline.telemetry.batch import Batch
    from trunkline.telemetry.frames import Frame
    from trunkline.telemetry.levels import Threshold

__all__ = ["Cut", "FleetState", "Keyframe"]

# What of the inspector's lines is handed on: some seconds, enough to see what goes on.
_KEPT_ENTRIES = 100
_OF_LINES = frozenset({"lines", "kept_entries"})
_log = logging.getLogger("trunkline")

_Told = TypeVar("_Told")


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The state of one line, for somebody who has not followed it."""

    line: str
    wall_offset: float
    """Unix seconds are the line's seconds plus this."""
    document: bytes

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


@dataclass(frozen=True, slots=True)
class Cut:
    """The state of a whole fleet but for its lines, whose keyframes follow."""

    lines: int
    """How many keyframes that are."""
    document: bytes

    def encode(self) -> bytes:
        """One line of JSON, and the document."""
        return json.dumps({"lines": self.lines}).encode() + b"\n" + self.document

    @classmethod
    def decode(cls, payload: bytes) -> Cut:
        """Raises StreamError for what is none."""
        head, _, document = payload.partition(b"\n")
        try:
            return cls(int(json.loads(head)["lines"]), document)
        except (ValueError, TypeError, LookupError):
            raise StreamError("a cut has no head") from None


@dataclass(slots=True)
class _Line:
    """What is in a keyframe's document."""

    fold: LineFold
    entries: Entries | None = None


class FleetState:
    """A fold of all lines that can give and take the state of each; they are judged by these thresholds."""

    def __init__(self, thresholds: Mapping[str, Threshold] = THRESHOLDS) -> None:
        self.fold = FleetFold()
        self.fold.judge_by(thresholds)
        self._misread = 0

    def known(self) -> tuple[str, ...]:
        """Of the lines that are known, in the order in which they came."""
        return tuple(self.fold.lines)

    def knows(self, key: str) -> bool:
        """Whether it is one of them."""
        return key in self.fold.lines

    def line_time(self, key: str, now: float) -> float:
        """Unix seconds in those of a line that is known."""
        return now - self.fold.lines[key].began.wall_offset

    def apply(self, frame: Frame) -> None:
        """Folds a frame; one of a line that nobody introduced, or that cannot be folded, is passed over."""
        self._fold(self.fold.apply, frame)

    def apply_batch(self, batch: Batch) -> None:
        """The same for those of a batch of a line of this process."""
        self._fold(self.fold.apply_batch, batch)

    def _fold(self, apply: Callable[[_Told], None], told: _Told) -> None:
        try:
            apply(told)
        except Exception:  # noqa: BLE001 - it may be of another process and another version: its line alone suffers
            self._misread += 1
            if self._misread == 1:
                _log.exception("a frame could not be folded; more like it are not logged")

    def adopt(self, keyframe: Keyframe) -> None:
        """Takes the state of a line in place of what was known of it. Raises StreamError if it makes no sense."""
        found = _read(_Line, keyframe.document)
        self.fold.put(found.fold, found.entries)

    def keyframe(self, key: str) -> Keyframe:
        """The state of a line that is known, some 20 kB. Cost: about 0.1 ms."""
        kept = self.fold.kept_entries.get(key)
        if kept is not None:
            kept = replace(kept, kept=deque(list(kept.kept)[-_KEPT_ENTRIES:]))
        fold = self.fold.lines[key]
        document = written({"v": KEYFRAME_VERSION, "kind": "line", "fold": fold, "entries": kept})
        return Keyframe(key, fold.began.wall_offset, document)

    def cut(self) -> Cut:
        """The state of all that is known but the lines themselves, which follow as keyframes."""
        fields = {name: value for name, value in told(self.fold).items() if name not in _OF_LINES}
        document = written({"v": KEYFRAME_VERSION, "kind": "fleet", **fields})
        return Cut(len(self.fold.lines), document)

    def resume(self, cut: Cut) -> None:
        """Takes the state of all but the lines. Raises StreamError if it makes no sense."""
        found = _read(FleetFold, cut.document)
        for name in told(found):
            if name not in _OF_LINES:
                setattr(self.fold, name, getattr(found, name))

    def silence(self, key: str) -> None:
        """Forgets what was said on a line that is known, and nothing else."""
        self.fold.lines[key].transcripts = Transcripts()

    def forget(self, key: str) -> None:
        """The line leaves."""
        self.fold.forget(key)


def _read(kind: Any, document: bytes) -> Any:
    try:
        found = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise StreamError(f"a keyframe is no JSON: {error}") from None
    version = found.get("v") if isinstance(found, dict) else None
    if type(version) is not int:
        raise StreamError("a keyframe has no version")
    if version != KEYFRAME_VERSION:
        age = "a newer" if version > KEYFRAME_VERSION else "an older"
        raise OtherVersionError(f"its states were made by {age} version of trunkline")
    try:
        return read(kind, found)
    except UnknownWordError:
        raise StreamError("a keyframe holds a word that is not known here") from None
    except StreamError as error:
        # Check sums say that it is as it was written. The form has changed without its version before a release.
        raise OtherVersionError(
            f"its states were made by an older version of trunkline ({error.reason})"
        ) from None
