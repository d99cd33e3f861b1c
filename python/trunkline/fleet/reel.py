"""A recording that runs: its frames reach the parts when it is their time.

To show a moment, the state of all lines is taken from the last cut before it, and the frames since then are folded.
Cuts are a minute apart, so however long the recording is, the work is that of a minute.
"""

from __future__ import annotations

import math
import time
from collections import deque
from typing import TYPE_CHECKING

from trunkline.errors import StreamError
from trunkline.fleet.attachment import read_block, read_note
from trunkline.fleet.breath import Breath
from trunkline.fleet.coding import decompress
from trunkline.fleet.framing import Damage, Kind
from trunkline.fleet.state import Keyframe
from trunkline.fleet.worker import Worker
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.fleet.block import Stamped
    from trunkline.fleet.framing import Packet
    from trunkline.fleet.part import Part
    from trunkline.fleet.recording import Recording

__all__ = ["FASTEST", "SLOWEST", "Reel"]

SLOWEST, FASTEST = 0.25, 120.0
"""Of the speeds that can be played at."""
# So long the thread may fold before the screens get their snapshots; what is not done by then is played late.
_LONGEST_TURN_SECONDS = 0.2


class Reel(Worker):
    """A `telemetry.desk.Playback`; `rewind` is called with parts that must forget everything before a jump."""

    def __init__(
        self,
        recording: Recording,
        *parts: Part,
        rewind: Callable[[], None],
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # Nobody in this process is due at a moment.
        super().__init__(*parts, thread="trunkline player", breath=Breath(longest=math.inf))
        self._recording = recording
        self._rewind = rewind
        self._clock = clock
        self._clock_at = clock()
        self._speed = speed
        self._wanted: float | None = recording.begins_at
        self._position = recording.begins_at
        self._entered = False
        self._offset = 0
        self._pending: deque[Stamped] = deque()
        self._passed_over = 0
        """How many keyframes of a cut are still to come: what they say is known."""
        self.damage: Damage | None = recording.damage
        """Where it cannot be read any further, if that was met."""

    # What screens call.

    @property
    def begins_at(self) -> float:
        """Of its first frame."""
        return self._recording.begins_at

    @property
    def ends_at(self) -> float:
        """Of its last frame."""
        return self._recording.ends_at

    @property
    def position(self) -> float:
        """Where it is, or is about to be."""
        wanted = self._wanted
        return self._position if wanted is None else wanted

    @property
    def speed(self) -> float:
        """How many times faster than it was; 0 while paused."""
        return self._speed

    @property
    def has_ended(self) -> bool:
        """Whether everything was played."""
        return self._wanted is None and self._position >= self.ends_at

    def play(self, speed: float) -> None:
        """Goes on at this speed, brought within what can be played; 0 pauses."""
        self._speed = 0.0 if speed <= 0 else min(max(speed, SLOWEST), FASTEST)
        self.wake()

    def seek(self, position: float) -> None:
        """Goes to a moment, brought within the recording."""
        self._wanted = min(max(position, self.begins_at), self.ends_at)
        self.wake()

    # The thread.

    def now(self) -> float:
        """The moment that is shown."""
        return self._position

    def gather(self) -> None:
        """Plays what is due, or jumps."""
        now = self._clock()
        elapsed, self._clock_at = now - self._clock_at, now
        wanted = self._wanted
        if wanted is not None:
            self._jump(wanted)
            if self._wanted == wanted:
                self._wanted = None
            self._clock_at = self._clock()
        elif self._speed:
            until = min(self._position + elapsed * self._speed, self.ends_at)
            self._advance(until, now + _LONGEST_TURN_SECONDS)

    def _jump(self, position: float) -> None:
        entry = self._recording.enter(position)
        if not self._entered or position < self._position or entry > self._offset:
            self._rewind()
            self._enter(entry)
        self._advance(position, math.inf)

    def _enter(self, offset: int) -> None:
        """Takes the state at a cut."""
        self._entered = True
        self._offset, self._passed_over = offset, 0
        self._pending.clear()
        self._position = self.begins_at
        while (packet := self._packet()) is not None and packet.kind != Kind.BLOCK:
            self._offset += packet.size_bytes
            if packet.kind == Kind.KEYFRAME:
                self._adopt(packet)

    def _advance(self, until: float, deadline: float) -> None:
        """Plays up to a moment, unless it takes too long or another one is wanted."""
        wanted = self._wanted
        while True:
            due = []
            while self._pending and self._pending[0].at <= until:
                due.append(self._pending.popleft())
            self.give(due)
            if self._pending or not self._load():
                self._position = until
                return
            if due:
                self._position = max(self._position, due[-1].at)
            if self._wanted != wanted or self._clock() > deadline:
                return

    def _load(self) -> bool:
        """Reads the next block; False at the end."""
        while (packet := self._packet()) is not None:
            at, self._offset = self._offset, self._offset + packet.size_bytes
            try:
                if packet.kind == Kind.BLOCK:
                    self._pending += read_block(packet)
                    return True
                if packet.kind == Kind.CUT:
                    self._passed_over = int(read_note(packet)["lines"])
                elif packet.kind == Kind.KEYFRAME:
                    self._pass_keyframe(packet)
            except (StreamError, LookupError, TypeError, ValueError) as error:
                self._note(Damage(at, clean(error)))
        return False

    def _pass_keyframe(self, packet: Packet) -> None:
        """One of a cut says what is known; any other introduces a line that was followed from then on."""
        if self._passed_over:
            self._passed_over -= 1
        else:
            self._adopt(packet)

    def _adopt(self, packet: Packet) -> None:
        keyframe = Keyframe.decode(decompress(packet.payload, packet.coding))
        self.each(lambda part: part.adopt(keyframe))

    def _packet(self) -> Packet | None:
        """The next one that is whole; None at the end."""
        while True:
            try:
                return self._recording.packet(self._offset)
            except StreamError as error:
                self._note(Damage(self._offset, error.reason))
                self._offset = self._recording.after(self._offset)

    def _note(self, damage: Damage) -> None:
        if self.damage is None:
            self.damage = damage
