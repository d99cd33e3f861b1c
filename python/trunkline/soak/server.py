"""The simulated server as a host: it is up or not, it refuses, it crashes, and it answers dials with sessions."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from trunkline.protocol.closure import Closure, Fault
from trunkline.simulator.timing import Timing
from trunkline.soak.link import Link, NearEnd
from trunkline.soak.session import FarJudge, Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from trunkline.simulator.voice import Voice
    from trunkline.soak.agenda import Agenda
    from trunkline.soak.pipe import Weather

__all__ = ["Server"]

_ROUND_TRIPS_OF_A_DIAL = 4
"""TCP, TLS, and the upgrade, with one for a name."""


class _Mute:
    """A far end that is alive and says nothing: its pongs keep the link, so only the phase's deadline ends it."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def take(self, message: bytes) -> None:
        """Goes unanswered."""

    def take_ping(self, payload: bytes) -> None:
        """Is answered by the library, not by the session."""
        self._link.pong(payload)

    def take_close(self, code: int) -> None:
        """Is answered by the library too."""
        self._link.say_goodbye(code, "")

    def gone(self) -> None:
        """The link is no more."""


class Server:
    """The one host of a world."""

    def __init__(self, agenda: Agenda, dice: Random, *, seed: int, weather: Weather) -> None:
        self.weather = weather
        self.refusals: deque[Closure] = deque()
        """How the next dials fail, oldest first."""
        self.silences = 0
        """How many of the next sessions never say a word."""
        self.dark_until = 0.0
        """Until then the network carries nothing."""
        self.down_until = 0.0
        """Until then nobody listens at the port."""
        self.loops_until = 0.0
        """Until then every session dies young."""
        self.lifetime = 3600.0
        self.sessions = 0
        self.messages = 0
        self._links: list[Link] = []
        """Those that may still be open."""
        self._sessions: list[Session] = []
        """Those whose messages are not counted yet."""
        self._agenda = agenda
        self._dice = dice
        self._seed = seed

    @property
    def is_fit(self) -> bool:
        """Whether nothing keeps a client from a session."""
        now = self._agenda.now
        return now >= max(self.dark_until, self.down_until, self.loops_until)

    def dial(
        self,
        near: NearEnd,
        epoch: int,
        judge: FarJudge,
        voice: Voice,
        opened: Callable[[Link], None],
    ) -> None:
        """Answers a dial, when the network lets it."""
        trip = 2 * self.weather.delay + self.weather.jitter * self._dice.random()
        begin = max(self._agenda.now, self.dark_until)
        answer = partial(self._answer, near, epoch, judge, voice, opened)
        self._agenda.at(begin + _ROUND_TRIPS_OF_A_DIAL * trip, answer)

    def _answer(
        self,
        near: NearEnd,
        epoch: int,
        judge: FarJudge,
        voice: Voice,
        opened: Callable[[Link], None],
    ) -> None:
        refusal = self._refusal()
        if refusal is not None:
            near.take_end(epoch, refusal)
            return
        link = Link(self._agenda, self._dice, self.weather, epoch=epoch, near=near)
        opened(link)
        if not link.is_open:
            return
        self._links = [one for one in self._links if one.is_open] + [link]
        if self.silences:
            self.silences -= 1
            link.far = _Mute(link)
            return
        self._serve(link, judge, voice)

    def _refusal(self) -> Closure | None:
        if self._agenda.now < self.down_until:
            return Closure(fault=Fault.REFUSED)
        return self.refusals.popleft() if self.refusals else None

    def _serve(self, link: Link, judge: FarJudge, voice: Voice) -> None:
        self._retire()
        self.sessions += 1
        dice = self._dice
        timing = Timing(
            pace=dice.choice((2.0, 5.0, 8.0)), delta_ms=400, response_delay=dice.uniform(0.1, 0.6),
            transcription_delay=dice.choice((0.2, 0.8, 3.0)), leak_ms=dice.choice((0, 0, 600)),
            lifetime=self.lifetime,
        )  # fmt: skip
        seed = self._seed * 1_000_003 + self.sessions
        session = Session(
            self._agenda, link, judge, number=self.sessions, seed=seed, voice=voice, timing=timing
        )
        self._sessions.append(session)
        session.begin()
        if self._agenda.now < self.loops_until:
            link.later(dice.uniform(0.0, 4.0), "crash_loop_end")

    def _retire(self) -> None:
        gone = [one for one in self._sessions if one.is_gone]
        self._sessions = [one for one in self._sessions if not one.is_gone]
        self.messages += sum(one.record.messages for one in gone)

    def crash(self, seconds: float) -> None:
        """The process is gone with all its sessions, and comes back later."""
        self.down_until = max(self.down_until, self._agenda.now + seconds)
        for link in self._links:
            link.reset()

    def darken(self, seconds: float) -> None:
        """Nothing gets through in either direction, and nobody is told."""
        self.dark_until = max(self.dark_until, self._agenda.now + seconds)
        for link in self._links:
            link.up.hold()
            link.down.hold()
            link.later(seconds, "heal")
