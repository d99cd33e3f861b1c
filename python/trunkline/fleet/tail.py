"""What lines tell, one line of text each, as it comes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trunkline.fleet.cleaning import cleaned
from trunkline.fleet.part import Part
from trunkline.fleet.state import FleetState
from trunkline.telemetry import wireform
from trunkline.telemetry.frames import Began, Ended, Told
from trunkline.telemetry.sentences import describe
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trunkline.fleet.block import Stamped
    from trunkline.fleet.breath import Breath
    from trunkline.fleet.state import Keyframe
    from trunkline.protocol.observations import Observation

__all__ = ["Tail"]


class Tail(Part):
    """Facts that are told one by one; those that come for every chunk are summed, and not among them.

    `write` gets each line, from the worker's thread. `line` is a part of a line's name or its key; `types` are names of
    observations (`LinkEnded`), none for all.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        as_json: bool = False,
        line: str | None = None,
        types: frozenset[str] = frozenset(),
    ) -> None:
        self._write = write
        self._as_json = as_json
        self._line = line
        self._types = types
        self._names: dict[str, tuple[Clean, int]] = {}

    def adopt(self, keyframe: Keyframe) -> None:
        """A line that was there before; its name is in its state."""
        state = FleetState()
        state.adopt(keyframe)
        known = state.fold.lines[keyframe.line]
        self._names[keyframe.line] = (known.name, known.began.rate_hz)

    def take(self, stamped: Sequence[Stamped], breath: Breath) -> None:
        """Writes what is told."""
        del breath
        for at, frame in stamped:
            if isinstance(frame, Began):
                self._names[frame.line] = (clean(frame.name, limit_chars=60), frame.rate_hz)
            name, rate_hz = self._names.get(frame.line, (clean(frame.line), 24_000))
            if self._line is not None and self._line not in (name, frame.line):
                continue
            if isinstance(frame, Told):
                self._tell(at, frame, name, rate_hz)
            elif isinstance(frame, Began | Ended) and not self._types:
                self._tell_life(at, frame, name)

    def forget(self, key: str) -> None:
        """A line leaves the fleet."""
        self._names.pop(key, None)

    def _tell(self, at: float, frame: Told, name: Clean, rate_hz: int) -> None:
        kind = type(frame.fact).__name__
        if self._types and kind not in self._types:
            return
        if self._as_json:
            fact = json.loads(wireform.encode(cleaned(frame)))["fact"]
            told = {"at": round(at, 3), "line": frame.line, "name": name, "observation": kind}
            self._write(json.dumps(told | {"fact": fact}, ensure_ascii=False))
        else:
            self._write(f"{_clock(at)}  {name:<16} {_words(frame.fact, rate_hz)}")

    def _tell_life(self, at: float, frame: Began | Ended, name: Clean) -> None:
        gone = isinstance(frame, Ended) and frame.gone
        word = "began" if isinstance(frame, Began) else "gone" if gone else "ended"
        if self._as_json:
            told = {"at": round(at, 3), "line": frame.line, "name": name, "observation": None}
            self._write(json.dumps(told | {"life": word}, ensure_ascii=False))
        else:
            self._write(f"{_clock(at)}  {name:<16} {word}")


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, tz=UTC).strftime("%H:%M:%S.%f")[:-3] + "Z"


def _words(fact: Observation, rate_hz: int) -> Clean:
    sentence = describe(fact, rate_hz)
    if sentence is not None:
        return sentence.text
    return clean(repr(fact), limit_chars=300)
