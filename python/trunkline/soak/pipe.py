"""One direction of a TCP connection: in order, with a delay, a rate, and times in which nothing gets through."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from trunkline.soak.agenda import Agenda

__all__ = ["Pipe", "Weather"]


@dataclass(slots=True, kw_only=True)
class Weather:
    """How a path is."""

    delay: float = 0.03
    jitter: float = 0.01
    rate: float = 4e6
    """Bytes per second."""


class Pipe:
    """What is put in comes out later, or never."""

    def __init__(
        self, agenda: Agenda, dice: Random, weather: Weather, deliver: Callable[[Any], None]
    ) -> None:
        self.weather = weather
        self.sent_bytes = 0
        self.arrived_bytes = 0
        self.held = False
        """Nothing gets through; what was sent is sent again afterwards."""
        self._agenda = agenda
        self._dice = dice
        self._deliver = deliver
        self._busy_until = 0.0
        self._last = 0.0
        self._kept: deque[tuple[Any, int]] = deque()
        self._cut = 0

    @property
    def unsent_bytes(self) -> int:
        """What was put in and has not come out."""
        return self.sent_bytes - self.arrived_bytes

    def send(self, thing: Any, size: int) -> None:
        """Puts something in; it comes out after what was put in before."""
        now, weather = self._agenda.now, self.weather
        self.sent_bytes += size
        self._busy_until = max(now, self._busy_until) + size / weather.rate
        travel = weather.delay + weather.jitter * self._dice.random()
        self._last = max(self._last, self._busy_until + travel)
        self._agenda.at(self._last, partial(self._arrive, thing, size, self._cut))

    def hold(self) -> None:
        """From now on nothing gets through."""
        self.held = True

    def release(self) -> None:
        """The path is whole again: a retransmission brings what was held."""
        if self.held:
            self._agenda.after(0.05 + 0.25 * self._dice.random(), self._flush)

    def cut(self) -> None:
        """What is on its way is lost."""
        self._cut += 1
        self._kept.clear()
        self.held = False

    def _flush(self) -> None:
        self.held = False
        while self._kept and not self.held:
            thing, size = self._kept.popleft()
            self.arrived_bytes += size
            self._deliver(thing)

    def _arrive(self, thing: Any, size: int, cut: int) -> None:
        if cut != self._cut:
            return
        if self.held:
            self._kept.append((thing, size))
            return
        self.arrived_bytes += size
        self._deliver(thing)
