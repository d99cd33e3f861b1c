"""What is said on a line, for whoever was told to keep it: the audio of both directions, as frames.

Problem: where audio is kept, what is told of it must be laid beside each other later: user and model, each at its time.
What we send may be late (after an outage it goes out at eight times its speed), and a session that is taken up again
gets some of it a second time. So what was sent before is left out, and each piece says when it was captured.

It reads contents, so it costs some 10 µs a message, and there is none unless audio is kept (`fleet.tap`).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from trunkline.protocol import observations as seen
from trunkline.protocol.compound_facts import APPEND
from trunkline.protocol.observations import Direction
from trunkline.telemetry.contents import Coding, Contents, codings
from trunkline.telemetry.frames import Heard, Pcm
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import Observation
    from trunkline.telemetry.frames import Began
    from trunkline.text import Clean

__all__ = ["Ear"]

_DELTA = "audio.delta"
# Messages of 20 ms are told ten at a time.
_PIECE_SECONDS = 0.2
# A timer's lateness is no gap.
_JITTER_SECONDS = 0.1
# A delta may be of any length; a frame shall not be.
_LONGEST_SECONDS = 2.0
# Five minutes of an outage in chunks of 20 ms.
_MOST_MARKS = 15_000
_MOST_ITEMS = 8


class Ear:
    """Turns the messages of one line into audio; `turn` says which one it is now."""

    def __init__(
        self, began: Began, emit: Callable[[Heard], None], turn: Callable[[], int]
    ) -> None:
        self._line = began.line
        self._emit = emit
        self._turn = turn
        self._rate_hz = began.rate_hz
        usual = Coding(rate_hz=began.rate_hz)
        self._coding = {Direction.UP: usual, Direction.DOWN: usual}
        self._replayed = False
        self._accepted = 0
        self._sent = 0
        """Both since it listens: what was accepted before and is still to be sent counts as accepted now."""
        self._marks: deque[tuple[int, float]] = deque(maxlen=_MOST_MARKS)
        """How much had been accepted, and when."""
        self._piece: Heard | None = None
        """Of ours, as far as it has come."""
        self._items: dict[str, tuple[int, Clean]] = {}

    def observe(self, fact: Observation) -> None:
        """Take one fact; facts come in the order of `at`."""
        if isinstance(fact, seen.MessagePassed):
            self._message(fact)
        elif isinstance(fact, seen.AudioAccepted):
            self._accepted += fact.samples
            self._marks.append((self._accepted, fact.at))
        elif isinstance(fact, seen.AudioSent):
            # Told right before its message.
            self._replayed = fact.replayed
        elif isinstance(fact, seen.AudioGap):
            self._sent += fact.samples
        elif isinstance(fact, seen.SettingsConfirmed):
            self._coding |= codings(fact.settings, self._rate_hz)

    def flush(self) -> None:
        """Tell what waits to be a whole piece."""
        if self._piece is not None:
            piece, self._piece = self._piece, None
            self._emit(piece)

    def _message(self, fact: seen.MessagePassed) -> None:
        if fact.direction is Direction.UP:
            replayed, self._replayed = self._replayed, False
            if fact.type == APPEND and not replayed:
                self._up(fact)
        elif fact.type.endswith(_DELTA):
            self._down(fact)

    def _up(self, fact: seen.MessagePassed) -> None:
        pcm = Contents(fact.message, self._coding[Direction.UP]).pcm()
        if not pcm:
            return
        captured_at = self._captured_at(len(pcm) // 2, fact.at)
        begins_at = captured_at - len(pcm) / 2 / self._rate_hz
        before = self._piece
        if before is not None and (
            before.turn != self._turn() or abs(begins_at - _end_of(before)) > _JITTER_SECONDS
        ):
            self.flush()
            before = None
        piece = self._piece = Heard(
            line=self._line,
            at=fact.at,
            begins_at=begins_at if before is None else before.begins_at,
            direction=Direction.UP,
            rate_hz=self._rate_hz,
            pcm=Pcm(pcm if before is None else before.pcm + pcm),
            turn=self._turn(),
        )
        if _end_of(piece) - piece.begins_at >= _PIECE_SECONDS:
            self.flush()

    def _captured_at(self, samples: int, at: float) -> float:
        """When the last of the next samples to be sent was accepted."""
        self._sent = min(self._sent + samples, self._accepted)
        while len(self._marks) > 1 and self._marks[0][0] < self._sent:
            self._marks.popleft()
        return min(self._marks[0][1], at) if self._marks else at

    def _down(self, fact: seen.MessagePassed) -> None:
        contents = Contents(fact.message, self._coding[Direction.DOWN])
        turn, item_id = self._item(contents.text("item_id"))
        pcm, most = contents.pcm(), int(_LONGEST_SECONDS * self._rate_hz) * 2
        for start in range(0, len(pcm), most):
            self._emit(
                Heard(
                    line=self._line,
                    at=fact.at,
                    begins_at=fact.at + start / 2 / self._rate_hz,
                    direction=Direction.DOWN,
                    rate_hz=self._rate_hz,
                    pcm=Pcm(pcm[start : start + most]),
                    turn=turn,
                    item_id=item_id,
                )
            )

    def _item(self, name: str) -> tuple[int, Clean]:
        """An answer belongs to the turn in which it began, also where it is interrupted."""
        known = self._items.get(name)
        if known is None:
            known = self._items[name] = (self._turn(), clean(name, limit_chars=64))
            while len(self._items) > _MOST_ITEMS:
                del self._items[next(iter(self._items))]
        return known


def _end_of(piece: Heard) -> float:
    return piece.begins_at + len(piece.pcm) / 2 / piece.rate_hz
