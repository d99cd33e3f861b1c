"""The audio of the last turns, kept in bounded memory by whoever was told to, and each turn's as two tracks.

Problem: what the user said and what the model answered must be heard as they were: with the pauses between them. So
each piece lies where it was captured, or where it would have been played: an answer comes faster than it is heard, and
lies in one piece from its first sample on, also what an interruption left unheard.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.protocol.observations import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trunkline.telemetry.frames import Heard

__all__ = ["KEPT_SECONDS", "KEPT_TURNS", "Sound", "SoundKeep"]

KEPT_TURNS = 10
KEPT_SECONDS = 120.0
"""Of each direction of a line."""

# Two lines of 24 kHz whole make 23 MB; with six and more each has its share.
_MOST_BYTES = 64 * 2**20
# Eleven minutes at 24 kHz: times that make no sense must not take all memory.
_MOST_TRACK_BYTES = 32 * 2**20
# The server tells that somebody speaks some 0.3 s later, and the way back comes on top.
_LEAD_SECONDS = 1.5
_TAIL_SECONDS = 0.5
# Timers are late by so much; what is nearer to its neighbour lies beside it.
_JITTER_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Sound:
    """What was said in a turn: little-endian int16, mono, both from the same moment on."""

    rate_hz: int
    user: bytes
    model: bytes


@dataclass(slots=True)
class _Kept:
    """Of one line, oldest first."""

    pieces: dict[Direction, deque[Heard]] = field(
        default_factory=lambda: {Direction.UP: deque(), Direction.DOWN: deque()}
    )
    size_bytes: dict[Direction, int] = field(
        default_factory=lambda: dict.fromkeys((Direction.UP, Direction.DOWN), 0)
    )

    def put(self, piece: Heard) -> None:
        self.pieces[piece.direction].append(piece)
        self.size_bytes[piece.direction] += len(piece.pcm)

    def trim(self, most_bytes: int, first_turn: int) -> None:
        """At most so much of each direction, and nothing of turns before."""
        for direction, pieces in self.pieces.items():
            while pieces and (
                self.size_bytes[direction] > most_bytes or pieces[0].turn < first_turn
            ):
                self.size_bytes[direction] -= len(pieces.popleft().pcm)


class SoundKeep:
    """Audio of any number of lines: the last 10 turns and 120 s of each, and 64 MiB of all together.

    Not for two threads at once.
    """

    def __init__(
        self,
        *,
        seconds: float = KEPT_SECONDS,
        turns: int = KEPT_TURNS,
        most_bytes: int = _MOST_BYTES,
    ) -> None:
        self._seconds = seconds
        self._turns = turns
        self._most_bytes = most_bytes
        self._lines: dict[str, _Kept] = {}

    @property
    def size_bytes(self) -> int:
        """Of the audio that is kept now."""
        return sum(sum(kept.size_bytes.values()) for kept in self._lines.values())

    def take(self, piece: Heard) -> None:
        """Keep a piece; those of one line and direction come in order."""
        kept = self._lines.get(piece.line)
        if kept is None:
            kept = self._lines[piece.line] = _Kept()
            for other in self._lines.values():
                other.trim(self._share, 0)
        kept.put(piece)
        limit = min(int(self._seconds * piece.rate_hz) * 2, self._share)
        # The user's speech of the oldest turn began before the turn did.
        kept.trim(limit, piece.turn - self._turns)

    def forget(self, key: str) -> None:
        """The line leaves."""
        self._lines.pop(key, None)

    def clear(self) -> None:
        """Forget all lines."""
        self._lines.clear()

    def turns(self, key: str) -> tuple[int, ...]:
        """The turns of a line of which there is sound, oldest first."""
        kept = self._lines.get(key)
        if kept is None:
            return ()
        found = {piece.turn for pieces in kept.pieces.values() for piece in pieces}
        newest = max(found, default=0)
        return tuple(sorted(turn for turn in found if turn > max(newest - self._turns, 0)))

    def sound(self, key: str, turn: int) -> Sound | None:
        """What was said in a turn of a line; None if nothing of it is kept."""
        if turn not in self.turns(key):
            return None
        kept = self._lines[key]
        model = [piece for piece in kept.pieces[Direction.DOWN] if piece.turn == turn]
        user = _around(kept.pieces[Direction.UP], turn, _end_of(model))
        rate_hz = (model or user)[0].rate_hz
        answered, spoken = [piece.begins_at for piece in model], _spoken(user)
        begins_at = min(answered[:1] + spoken[:1])
        return Sound(
            rate_hz,
            user=_track(user, [at - begins_at for at in spoken], rate_hz),
            model=_track(model, [at - begins_at for at in answered], rate_hz),
        )

    @property
    def _share(self) -> int:
        """Bytes of one direction of one line."""
        return self._most_bytes // (2 * len(self._lines))


def _around(pieces: Iterable[Heard], turn: int, answered_at: float | None) -> list[Heard]:
    """What was captured in a turn, from before it was told to have begun until its answer was heard."""
    own = [piece for piece in pieces if piece.turn == turn]
    if not own:
        return []
    first = own[0].begins_at
    ends_at = float("inf") if answered_at is None else answered_at + _TAIL_SECONDS
    before = [
        piece
        for piece in pieces
        if piece.turn < turn and first - _LEAD_SECONDS <= piece.begins_at < first
    ]
    return [*before, *(piece for piece in own if piece.begins_at < ends_at)]


def _end_of(answer: list[Heard]) -> float | None:
    """When the answer was heard to its end; None if there is none."""
    end: float | None = None
    for piece in answer:
        begins_at = piece.begins_at if end is None else max(piece.begins_at, end)
        end = begins_at + len(piece.pcm) / 2 / piece.rate_hz
    return end


def _spoken(pieces: list[Heard]) -> list[float]:
    """When each piece began, at the latest: a loop that was busy takes late what was captured in time, all at once."""
    found: list[float] = []
    for piece in reversed(pieces):
        latest = found[-1] - len(piece.pcm) / 2 / piece.rate_hz if found else piece.begins_at
        found.append(min(piece.begins_at, latest))
    return found[::-1]


def _track(pieces: list[Heard], starts: list[float], rate_hz: int) -> bytes:
    """The pieces one after the other, with silence where there was none for longer than a timer is late."""
    track = bytearray()
    for piece, start in zip(pieces, starts, strict=True):
        room = (_MOST_TRACK_BYTES - len(track)) // 2
        if piece.rate_hz != rate_hz or room <= 0:
            continue
        gap = round(start * rate_hz) - len(track) // 2
        if gap > (_JITTER_SECONDS * rate_hz if track else 0):
            track += bytes(2 * min(gap, room))
        track += piece.pcm
    return bytes(track)
