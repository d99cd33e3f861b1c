"""A recording that runs: its frames reach the parts when it is their time.

To show a moment, the state of all lines is taken from the last cut before it, and the frames since then are folded.
Cuts are a minute apart, so however long the recording is, the work is that of a minute.
"""

from __future__ import annotations

import math
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from trunkline.errors import StreamError
from trunkline.fleet.attachment import read_block, read_cut, read_keyframe
from trunkline.fleet.block import Stamped
from trunkline.fleet.breath import Breath
from trunkline.fleet.framing import OPENING_BYTES, Damage, Kind, Packet
from trunkline.fleet.preroll import preroll
from trunkline.fleet.state import Cut, Keyframe
from trunkline.fleet.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.fleet.part import Part
    from trunkline.fleet.recording import Recording
    from trunkline.telemetry.frames import Frame

__all__ = ["FASTEST", "SLOWEST", "Reel"]

SLOWEST, FASTEST = 0.25, 120.0
"""Of the speeds that can be played at."""
# So long the thread may fold before the screens get their snapshots; what is not done by then is played late.
_LONGEST_TURN_SECONDS = 0.2
_DAMAGED: Packet | None = Packet(kind=0, at=0.0, payload=b"")
_T = TypeVar("_T")


class Reel(Worker):
    """A `telemetry.desk.Playback`.

    `rewind` is called before parts get the state of another moment, `arrived` once it was reached by a jump.
    """

    def __init__(
        self,
        recording: Recording,
        *parts: Part,
        rewind: Callable[[], None],
        arrived: Callable[[], None] = lambda: None,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # Nobody in this process is due at a moment.
        super().__init__(*parts, thread="trunkline player", breath=Breath(longest=math.inf))
        self._recording = recording
        self._rewind = rewind
        self._arrived = arrived
        self._clock = clock
        self._clock_at = clock()
        self._speed = speed
        self._wanted: float | None = recording.begins_at
        self._position = recording.begins_at
        self._entered = False
        self._is_late = False
        self._offset = 0
        self._pending: deque[tuple[float, Frame | Keyframe]] = deque()
        self._reading = 0
        """Offset of what is being given to the parts."""
        self._knows_states = True
        """Whether the parts understand the states in it; else it is folded from its beginning."""
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

    def pause(self) -> float:
        """None while it is late."""
        return 0.0 if self._is_late else super().pause()

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
            self._arrived()
        elif self._speed:
            until = min(self._position + elapsed * self._speed, self.ends_at)
            self._advance(until, now + _LONGEST_TURN_SECONDS)

    def refused(self, error: StreamError) -> None:
        """A state that a part does not understand."""
        self._knows_states = False
        self._note(self._reading, error)

    def _jump(self, position: float) -> None:
        entry = self._entry(position)
        if not self._entered or position < self._position or entry > self._offset:
            self._rewind()
            self._enter(entry)
            if entry > self._entry(position):
                # Now it is known that the states cannot be read.
                self._rewind()
                self._enter(OPENING_BYTES)
            else:
                self._hear(entry, position)
        self._advance(position, math.inf)

    def _entry(self, position: float) -> int:
        return self._recording.enter(position) if self._knows_states else OPENING_BYTES

    def _enter(self, offset: int) -> None:
        """Takes the state at a cut."""
        self._entered = True
        self._offset, self._passed_over = offset, 0
        self._pending.clear()
        self._position = self.begins_at
        packet = self._take_if(Kind.INTRODUCTION) or self._take_if(Kind.CUT)
        if packet is not None and packet.kind == Kind.INTRODUCTION:
            packet = self._take_if(Kind.CUT)
        if packet is not None:
            # Another moment may be wanted before this one is reached.
            self._position = max(self.begins_at, packet.at)
        for _ in range(0 if packet is None else self._resume(packet)):
            packet = self._take_if(Kind.KEYFRAME)
            if packet is not None:
                at = self._offset - packet.size_bytes
                self._tried(at, lambda packet=packet: self._adopt(read_keyframe(packet)), None)  # type: ignore[misc]

    def _hear(self, entry: int, position: float) -> None:
        """The audio of the turns that began before the cut."""
        nothing: list[Stamped] = []
        self.give(self._tried(entry, partial(preroll, self._recording, entry, position), nothing))

    def _take_if(self, kind: Kind) -> Packet | None:
        """The next packet, if it is of this kind."""
        packet = self._packet()
        if packet is None or packet.kind != kind:
            return None
        self._offset += packet.size_bytes
        return packet

    def _resume(self, packet: Packet) -> int:
        """Takes what a cut says of all lines, and gives how many keyframes follow."""
        at = self._offset - packet.size_bytes
        cut = self._tried(at, partial(read_cut, packet), Cut(0, b""))
        if cut.document:
            self._tried(at, lambda: self.each(lambda part: part.resume(cut)), None)
        return cut.lines

    def _advance(self, until: float, deadline: float) -> None:
        """Plays up to a moment, unless it takes too long or another one is wanted."""
        wanted = self._wanted
        self._is_late = False
        while True:
            reached = self._give_until(until)
            if self._pending or not self._load():
                self._position = until
                return
            if reached is not None:
                self._position = max(self._position, reached)
            self._is_late = self._clock() > deadline
            if self._wanted != wanted or self._is_late:
                return

    def _give_until(self, until: float) -> float | None:
        """Hands out what is due, and gives the time of the last of it."""
        due: list[Stamped] = []
        reached = None
        while self._pending and self._pending[0][0] <= until:
            reached, what = self._pending.popleft()
            if isinstance(what, Keyframe):
                self.give(due)
                due = []
                self._adopt(what)
            else:
                due.append(Stamped(reached, what))
        self.give(due)
        return reached

    def _load(self) -> bool:
        """Reads on until there is something to hand out; False at the end."""
        while (packet := self._packet()) is not None:
            at, self._offset = self._offset, self._offset + packet.size_bytes
            self._tried(at, partial(self._understand, packet), None)
            if self._pending:
                return True
        return False

    def _understand(self, packet: Packet) -> None:
        if packet.kind == Kind.BLOCK:
            self._pending += read_block(packet)
        elif packet.kind == Kind.CUT:
            self._passed_over = read_cut(packet).lines
        elif packet.kind == Kind.KEYFRAME:
            # One of a cut says what is known; any other brings a line that was followed from then on.
            if self._passed_over:
                self._passed_over -= 1
            else:
                self._pending.append((packet.at, read_keyframe(packet)))

    def _adopt(self, keyframe: Keyframe) -> None:
        self.each(lambda part: part.adopt(keyframe))

    def _packet(self) -> Packet | None:
        """The next one that is whole; None at the end."""
        while True:
            at = self._offset
            packet = self._tried(at, partial(self._recording.packet, at), _DAMAGED)
            if packet is not _DAMAGED:
                return packet
            self._offset = self._tried(at, partial(self._recording.after, at), self._recording.end)

    def _tried(self, offset: int, read: Callable[[], _T], otherwise: _T) -> _T:
        """What does not make sense is told by its place, and the reading goes on behind it."""
        self._reading = offset
        try:
            return read()
        except (StreamError, OSError, LookupError, TypeError, ValueError) as error:
            self._note(offset, error)
            return otherwise

    def _note(self, offset: int, error: Exception) -> None:
        if self.damage is None:
            self.damage = Damage.of(offset, error)
