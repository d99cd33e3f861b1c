"""Frames of lines, folded and counted as an exporter does, without its thread."""

from __future__ import annotations

from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.lifecycle import State
from trunkline.telemetry.figures import Figures
from trunkline.telemetry.fleet import FleetFold
from trunkline.telemetry.frames import Beat, Began, Frame, Told

WALL = 1_790_000_000.0
MODEL, SERVER = "gpt-x", "host:443"
BASE = (MODEL, SERVER)


class Counted:
    """A fleet and its figures."""

    def __init__(self, **options) -> None:
        self.fleet = FleetFold()
        self.heard: list = []
        self.figures = Figures(
            self.fleet,
            listener=lambda *told: self.heard.append(told),
            build=("1", "2", "3"),
            **options,
        )

    def take(self, *frames: Frame) -> Counted:
        for frame in frames:
            self.fleet.apply(frame)
            self.figures.take(frame)
        return self

    def at(self, second: float):
        """The reading of a moment of the lines' clock."""
        return self.figures.reading(WALL + second)

    def values(self, family, second: float = 0.0) -> dict:
        """Labels, without those of all, and value."""
        return {labels[2:]: value for labels, value in self.at(second).of(family)}


def began(key: str = "a", at: float = 0.0, **more) -> Began:
    given = {"name": f"line {key}", "server": SERVER, "model": MODEL, "rate_hz": 24_000} | more
    return Began(line=key, at=at, wall_offset=WALL, **given)


def fact(kind: type, at: float, /, *, key: str = "a", epoch: int = 1, **fields) -> Told:
    return Told(line=key, fact=kind(at=at, epoch=epoch, **fields))


def went(source: State, target: State, at: float, *, key: str = "a", epoch: int = 1) -> Told:
    return fact(
        seen.Transition, at, key=key, epoch=epoch, source=source, target=target, cause="test"
    )


def live(key: str = "a", at: float = 0.0, **more) -> list[Frame]:
    """A line that is live at once."""
    return [
        began(key, at, **more),
        went(State.IDLE, State.DIALING, at, key=key),
        went(State.DIALING, State.LIVE, at, key=key),
    ]


def beat(at: float, *, key: str = "a", epoch: int = 1, **parts) -> Beat:
    return Beat(line=key, at=at, epoch=epoch, **parts)


def ended(at: float, closure: Closure, *, key: str = "a", epoch: int = 1, lived: float = 5.0):
    return fact(
        seen.LinkEnded,
        at,
        key=key,
        epoch=epoch,
        closure=closure,
        verdict=judge(closure),
        lived=lived,
    )
