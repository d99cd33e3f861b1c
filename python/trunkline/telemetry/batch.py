"""Seconds of a line that are all alike, as one frame.

Problem: a line that streams tells a beat and a ping each second, and to make two frames of them, to take both to
another thread and to fold each costs more there than the sums themselves. While nobody looks, none of it is waited for.
So seconds of which the same is told are held back as rows of numbers, which are no objects for the garbage collector,
and are handed on together (`BATCH_SECONDS`); whatever else is told sends them ahead.

A batch is nothing but its frames: it stays within the process, and whoever wants them one by one has `frames()`.
"""

from __future__ import annotations

from array import array
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from trunkline.protocol.observations import RoundTrip
from trunkline.telemetry import beat
from trunkline.telemetry.frames import Beat, Told
from trunkline.telemetry.pulse import TRACK_OF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trunkline.telemetry.frames import Frame

__all__ = ["BATCH_SECONDS", "Batch", "Batcher"]

BATCH_SECONDS = 10
"""How many a batch holds at most. More would save little: what is told once for all of it is a twentieth by then."""

_GAPS = frozenset({beat.DELTA_GAP})


class Batch:
    """Beats that end at whole seconds in a row, and the pings between them."""

    __slots__ = ("ends", "epoch", "first", "gaps", "line", "pings", "rows", "shape")

    def __init__(self, line: str, epoch: int, first: int, shape: Shape) -> None:
        self.line = line
        self.epoch = epoch
        self.first = first
        """The second that its first beat is of."""
        self.shape = shape
        self.rows = array("d")
        """What each beat holds, one after another: sums, gauges and counts of types as its shape names them."""
        self.gaps = array("H")
        """The buckets of all gaps between deltas."""
        self.ends = array("I")
        """How many of them there were at the end of each beat."""
        self.pings = array("d")
        """When each was answered, and how long it took."""

    def __len__(self) -> int:
        """How many beats there are."""
        return len(self.ends)

    @property
    def until(self) -> float:
        """The end of its last beat."""
        return float(self.first + len(self.ends))

    def row(self, number: int) -> array[float]:
        """What a beat holds."""
        width = len(self.shape.kinds)
        return self.rows[number * width : (number + 1) * width]

    def column(self, name: str) -> array[float]:
        """A sum, a gauge or the count of a type in all beats; nothing if they do not hold it."""
        place = self.shape.places.get(name)
        return array("d") if place is None else self.rows[place :: len(self.shape.kinds)]

    def gaps_of(self, number: int) -> array[int]:
        """The buckets of the gaps of a beat."""
        before = self.ends[number - 1] if number else 0
        return self.gaps[before : self.ends[number]]

    def frames(self) -> Iterator[Beat | Told]:
        """What the line would have told, in that order."""
        pings, told = self.pings, 0
        for number in range(len(self)):
            at = self.first + number + 1.0
            while told < len(pings) and pings[told] < at:
                yield self.ping(told)
                told += 2
            yield self._beat(number, at)
        for late in range(told, len(pings), 2):
            yield self.ping(late)

    def ping(self, place: int) -> Told:
        """One that was answered, by its place among them."""
        at, rtt = self.pings[place : place + 2]
        return Told(line=self.line, fact=RoundTrip(at=at, epoch=self.epoch, rtt=rtt))

    def _beat(self, number: int, at: float) -> Beat:
        shape, row, gaps = self.shape, self.row(number), tuple(self.gaps_of(number))
        values = [kind(value) for kind, value in zip(shape.kinds, row, strict=True)]
        gauges_at, types_at = len(shape.sums), len(shape.sums) + len(shape.gauges)
        return Beat(
            line=self.line,
            at=at,
            epoch=self.epoch,
            sums=dict(zip(shape.sums, values, strict=False)),
            gauges=dict(zip(shape.gauges, values[gauges_at:], strict=False)),
            spreads={beat.DELTA_GAP: gaps} if gaps else {},
            types=dict(zip(shape.types, map(int, values[types_at:]), strict=True)),
        )


class Shape(NamedTuple):
    """What the beats of a batch hold, by name, and which of it is whole numbers."""

    sums: tuple[str, ...]
    gauges: tuple[str, ...]
    types: tuple[str, ...]
    names: tuple[str, ...]
    """All of them, in that order: no name is of two."""
    kinds: tuple[type[float], ...]
    """Of each."""
    places: dict[str, int]
    """Where in a row each is."""
    grown: tuple[tuple[str, int], ...]
    """Sums that have a column in the history, and which one."""


@lru_cache(maxsize=256)
def shape_of(
    sums: tuple[str, ...],
    gauges: tuple[str, ...],
    types: tuple[str, ...],
    kinds: tuple[type[float], ...],
) -> Shape:
    """One for all beats that are alike: most lines of a process are, and each is most of the time what it was."""
    names = sums + gauges + types
    places = {name: place for place, name in enumerate(names)}
    grown = tuple((name, TRACK_OF[name]) for name in sums if name in TRACK_OF)
    return Shape(sums, gauges, types, names, kinds, places, grown)


class Batcher:
    """Stands before whoever takes the frames of a line, and holds some of them back for who takes them in batches."""

    __slots__ = ("_batch", "_early", "_emit", "_line", "_phase", "_take")

    def __init__(self, line: str, emit: Callable[[Frame], None], *, phase: int = 0) -> None:
        self._line = line
        self._emit = emit
        self._phase = phase
        """Of the seconds at whose end a batch is handed on, so that many lines do not do it at once."""
        self._batch: Batch | None = None
        self._early: list[RoundTrip] = []
        """Pings behind a batch, for the next one."""
        self._take: Callable[[Batch], None] | None = None

    def hold(self, take: Callable[[Batch], None] | None) -> None:
        """From here on what may wait is held back for that; None: nothing is, and what was is handed on."""
        if take is None:
            self.release()
        self._take = take

    def emit(self, frame: Frame) -> None:
        """Hands a frame on, behind what was held back."""
        if self._batch is not None or self._early:
            self.release()
        self._emit(frame)

    def beat(
        self,
        at: float,
        epoch: int,
        *,
        sums: dict[str, float],
        spreads: dict[str, tuple[int, ...]],
        gauges: dict[str, float],
        types: dict[str, int],
    ) -> None:
        """Takes what a beat holds, and holds it back if it may be."""
        second = int(at) - 1
        if self._take is None or second + 1 != at or not spreads.keys() <= _GAPS:
            self.emit(
                Beat(
                    line=self._line,
                    at=at,
                    epoch=epoch,
                    sums=sums,
                    spreads=spreads,
                    gauges=gauges,
                    types=types,
                )
            )
            return
        values = [*sums.values(), *gauges.values(), *types.values()]
        names, kinds = (*sums, *gauges, *types), tuple(map(type, values))
        batch = self._batch
        if (
            batch is None
            or batch.first + len(batch.ends) != second
            or batch.epoch != epoch
            or batch.shape.names != names
            or batch.shape.kinds != kinds
        ):
            shape = shape_of(tuple(sums), tuple(gauges), tuple(types), kinds)
            batch = self._next(epoch, second, shape)
        batch.rows.fromlist(values)
        batch.gaps.fromlist(list(spreads.get(beat.DELTA_GAP, ())))
        batch.ends.append(len(batch.gaps))
        if (second + self._phase) % BATCH_SECONDS == 0:
            self.release()

    def ping(self, fact: RoundTrip) -> bool:
        """Takes a ping that was answered; False if nothing was done, and it must be told."""
        batch = self._batch
        if batch is None:
            if self._take is None or len(self._early) == BATCH_SECONDS:
                return False
            self._early.append(fact)
            return True
        if batch.epoch != fact.epoch or fact.at < batch.until:
            return False
        batch.pings.extend((fact.at, fact.rtt))
        return True

    def release(self) -> None:
        """Hands on what is held back."""
        batch, self._batch = self._batch, None
        if batch is not None and self._take is not None:
            self._take(batch)
        early, self._early = self._early, []
        for fact in early:
            self._emit(Told(line=self._line, fact=fact))

    def _next(self, epoch: int, second: int, shape: Shape) -> Batch:
        """Of another shape, or behind a pause."""
        early: list[RoundTrip] = []
        if all(fact.epoch == epoch and second <= fact.at < second + 1 for fact in self._early):
            early, self._early = self._early, early
        self.release()
        self._batch = batch = Batch(self._line, epoch, second, shape)
        for fact in early:
            batch.pings.extend((fact.at, fact.rtt))
        return batch
