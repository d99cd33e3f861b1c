"""Reply audio for a telephone: whole frames, each when it is due, and an exact count of what was heard.

The problem: a reply arrives several times faster than it plays. A provider of telephony takes all of it at once and
plays it from a buffer of its own, so an interruption comes too late, and how much of it was heard nobody knows.

Our way: frames wait here and go out so that what was sent and not yet played is `lead_ms` at most. Every frame has a
number that the provider is asked to say back when it has played it (Twilio's `mark`); only that counts as heard. A
provider that empties its buffer says back at once what was in it, so numbers from before a flush mean nothing.

A pacer that is asked late catches up while the provider still has something to play. Once that ran dry the rest
begins anew from now: catching up further would send the lead and the pause together.

Time is an argument, in seconds of any clock that only goes forward. Left out on purpose: a limit, since a reply of
4096 tokens, some 200 s, is 1.6 MB here; and the provider's own delay, which its numbers tell better than any guess.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.audio import codec
from trunkline.audio.g711 import PCMU
from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from trunkline.audio.codec import Law, Samples

__all__ = ["FRAME_MS", "LEAD_MS", "Frame", "Pacer"]

FRAME_MS = 20
"""What telephone networks carry in one packet (RFC 3551 §4.2), and media streams in one message."""
LEAD_MS = 160
"""Eight frames: covers the jitter of a network and a busy event loop, and is soon emptied at an interruption."""

_TOLERANCE = 1e-6
"""Of seconds: sums of floating point must not make a frame late by one round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame that is to be sent now."""

    number: int
    """Counts from 1 over the pacer's life."""
    item_id: str
    samples: int
    """Of the item; the last frame of an item is filled up with silence, which no item is charged for."""
    codes: bytes = field(repr=False)
    """A byte each, always a whole frame."""


class Pacer:
    """Between a line that gives audio in a hurry and a telephone that plays it in real time.

    Whoever reads the line's events calls `push`, `finish` and `flush`, whoever writes to the provider `take`, and
    whoever reads from it `heard`, all in one thread. At any time pushed = sent + waiting + dropped. What was heard is
    remembered for each item, some 100 bytes, for as long as the pacer lives.
    """

    __slots__ = (
        "_codes",
        "_flushed",
        "_frame_samples",
        "_frame_seconds",
        "_frames",
        "_free_at",
        "_heard",
        "_item_id",
        "_law",
        "_lead_seconds",
        "_number",
        "_unheard",
    )

    def __init__(
        self, *, law: Law = "ulaw", frame_ms: int = FRAME_MS, lead_ms: int = LEAD_MS
    ) -> None:
        if not 0 < frame_ms <= lead_ms:
            raise ConfigError(
                "lead_ms", f"must be one frame of {frame_ms} ms or more, is {lead_ms}"
            )
        self._law: Law = law
        self._frame_samples = PCMU.samples_of_ms(frame_ms)
        self._frame_seconds = frame_ms / 1000
        self._lead_seconds = lead_ms / 1000 + _TOLERANCE
        self._frames: deque[tuple[str, bytes]] = deque()
        self._item_id = ""
        self._codes = b""
        self._number = 0
        self._unheard: deque[tuple[float, Frame]] = deque()
        self._heard: dict[str, int] = {}
        self._flushed: set[str] = set()
        self._free_at = -math.inf

    @property
    def waiting_samples(self) -> int:
        """What was pushed and is neither sent nor dropped, the beginning of a frame included."""
        return sum(len(codes) for _, codes in self._frames) + len(self._codes)

    @property
    def next_at(self) -> float | None:
        """When the next frame is due, which may be over; None if no frame waits."""
        if not self._frames:
            return None
        return self._free_at + self._frame_seconds - self._lead_seconds

    def push(self, item_id: str, samples: Samples) -> None:
        """Takes a delta's audio, int16 or float32 at 8 kHz; what comes for an item that was flushed is dropped.

        Another item ends the one before. Raises CodecError for what are no whole samples.
        """
        codes = codec.to_pcm(samples, law=self._law)
        if item_id in self._flushed:
            return
        if item_id != self._item_id:
            self.finish(self._item_id)
            self._item_id = item_id
        codes, size = self._codes + codes, self._frame_samples
        end = len(codes) - len(codes) % size
        self._codes = codes[end:]
        self._frames.extend((item_id, codes[at : at + size]) for at in range(0, end, size))

    def finish(self, item_id: str) -> None:
        """Says that no more audio comes for that item: what is short of a frame goes out as one."""
        if item_id == self._item_id and self._codes:
            self._frames.append((item_id, self._codes))
            self._codes = b""

    def take(self, now: float) -> Frame | None:
        """The next frame if it is due, else None; ask until it is None.

        One at a time, so that a flush is never too late for a frame that was taken and not yet written.
        """
        start = max(self._free_at, now)
        if not self._frames or start + self._frame_seconds > now + self._lead_seconds:
            return None
        self._free_at = start + self._frame_seconds
        self._number += 1
        item_id, codes = self._frames.popleft()
        frame = Frame(
            number=self._number, item_id=item_id, samples=len(codes), codes=self._filled(codes)
        )
        self._unheard.append((self._free_at, frame))
        return frame

    def heard(self, number: int) -> dict[str, int]:
        """Takes the provider's word that it has played that frame, and so all before it.

        Gives how many samples of each item have been heard in all, for `Line.played`, where that changed. Numbers of
        frames that were flushed, that are known to be heard, or that were never sent change nothing.
        """
        changed = {}
        while self._unheard and self._unheard[0][1].number <= number <= self._number:
            _, frame = self._unheard.popleft()
            changed[frame.item_id] = self._heard.get(frame.item_id, 0) + frame.samples
            self._heard.update(changed)
        return changed

    def played_by(self, now: float) -> int:
        """The last frame that is over by the clock, for providers that say nothing back: give it to `heard`.

        Too high by what the way to the telephone takes, so what was heard is a guess then; 0 if no frame is over.
        """
        over = (frame.number for ends_at, frame in self._unheard if ends_at <= now + _TOLERANCE)
        return max(over, default=0)

    def flush(self) -> int:
        """Drops what waits, of all items, and gives how many samples that were.

        For when the provider is told to empty its buffer: nothing that was sent and not heard will be, and what comes
        next may go out at once.
        """
        dropped = self.waiting_samples
        self._flushed |= {item_id for item_id, _ in self._frames}
        self._flushed |= {frame.item_id for _, frame in self._unheard} | {self._item_id}
        self._frames.clear()
        self._unheard.clear()
        self._codes, self._item_id = b"", ""
        self._free_at = -math.inf
        return dropped

    def _filled(self, codes: bytes) -> bytes:
        short = self._frame_samples - len(codes)
        return codes + codec.to_pcm(bytes(2 * short), law=self._law) if short else codes
