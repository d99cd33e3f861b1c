"""Workers and event loops that a test moves by hand: no thread, no clock of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from trunkline.fleet.block import Stamped
from trunkline.fleet.breath import Breath
from trunkline.fleet.part import Part
from trunkline.fleet.state import Keyframe
from trunkline.fleet.worker import Worker
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import (
    Direction,
    SessionReady,
    Speaker,
    Transcript,
    Transition,
)
from trunkline.telemetry.frames import Began, Frame, Heard, Pcm, Told

WALL = 1_790_000_000.0
BREATH = Breath(longest=float("inf"))


class Loop:
    """As much of an event loop as a tap needs."""

    def __init__(self, at: float = 100.0) -> None:
        self.now = at
        self.closed = False
        self._waiting: list[tuple[Callable, tuple]] = []

    def time(self) -> float:
        return self.now

    def is_closed(self) -> bool:
        return self.closed

    def call_soon(self, call, *arguments) -> None:
        if self.closed:
            raise RuntimeError("Event loop is closed")
        self._waiting.append((call, arguments))

    call_soon_threadsafe = call_soon

    def create_task(self, work):
        raise AssertionError(work)

    def turn(self) -> None:
        waiting, self._waiting = self._waiting, []
        for call, arguments in waiting:
            call(*arguments)


@contextlib.contextmanager
def moved(worker: Worker) -> Iterator[Callable[[], None]]:
    """The worker without its thread; each call is one turn of it."""
    worker._open()
    try:
        yield lambda: worker._step(0.0)
    finally:
        worker.each(lambda part: part.stop())
        worker._shut()


class Witness(Part):
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.stamped: list[Stamped] = []
        self.adopted: list[Keyframe] = []
        self.forgotten: list[str] = []
        self.watching: frozenset[str] = frozenset()
        self.ticks = self.starts = self.stops = 0

    def start(self, worker):
        self.starts += 1

    def adopt(self, keyframe):
        self.adopted.append(keyframe)

    def take(self, stamped, breath):
        self.stamped += stamped
        self.frames += [one.frame for one in stamped]

    def forget(self, key):
        self.forgotten.append(key)

    def tick(self, now):
        self.ticks += 1

    def watched(self):
        return self.watching

    def stop(self):
        self.stops += 1


def began(key: str = "a", at: float = 100.0, wall: float = WALL, **more) -> Began:
    return Began(line=key, at=at, wall_offset=wall - 100.0, name=f"line {key}", **more)


def life(key: str = "a", at: float = 100.0, wall: float = WALL) -> list[Frame]:
    """A line that becomes live and hears a word."""
    return [
        began(key, at, wall),
        entered(key, at, State.DIALING),
        Told(
            line=key,
            fact=SessionReady(at=at, epoch=1, session_id="s", model="gpt-x", expires_at=None),
        ),
        entered(key, at, State.LIVE),
        said(key, at, "hello"),
    ]


def entered(key: str, at: float, state: State) -> Told:
    return Told(
        line=key, fact=Transition(at=at, epoch=1, source=State.IDLE, target=state, cause="test")
    )


def said(key: str, at: float, words: str) -> Told:
    return Told(
        line=key,
        fact=Transcript(
            at=at, epoch=1, speaker=Speaker.USER, item_id=f"i{at}", text=words, final=True
        ),
    )


def heard(key: str, at: float, pcm: bytes, turn: int = 1, *, up: bool = True) -> Heard:
    """Audio of 8 kHz that began at a moment of the line's clock."""
    return Heard(
        line=key,
        at=at + len(pcm) / 16_000,
        begins_at=at,
        direction=Direction.UP if up else Direction.DOWN,
        rate_hz=8_000,
        pcm=Pcm(pcm),
        turn=turn,
    )


def stamped(*frames: Frame, at: float = WALL) -> list[Stamped]:
    return [Stamped(at, frame) for frame in frames]
