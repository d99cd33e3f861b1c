"""What sits at a line, in its event loop: makes frames of its facts, and takes wishes to it."""

from __future__ import annotations

import contextlib
import copy
import itertools
import os
import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trunkline.fleet.block import moment
from trunkline.fleet.wishes import carry_out
from trunkline.protocol.compound_facts import FREQUENT_FACTS, expanded
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import (
    Milestone,
    Observation,
    SettingsConfirmed,
    Suspended,
    Transition,
)
from trunkline.telemetry.digester import BEAT_SECONDS, WATCHED_BEAT_SECONDS, Digester
from trunkline.telemetry.ear import Ear
from trunkline.telemetry.frames import Began, Ended
from trunkline.telemetry.inspector import KEPT_TURNS, Inspector
from trunkline.telemetry.turns import Turns
from trunkline.text import clean

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Sequence

    from trunkline.fleet.intake import Intake
    from trunkline.fleet.wishes import Wish
    from trunkline.protocol.compound_facts import Fact
    from trunkline.telemetry.batch import Batch
    from trunkline.telemetry.frames import Frame

__all__ = ["Look", "Tap"]

_OVER = frozenset({State.CLOSED, State.FAILED})
_QUIET_SECONDS = 1.5
# All that is kept of a line has whole seconds; more often is for eyes.
_UNSEEN_BEAT_SECONDS = 1.0
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Look:
    """How closely somebody looks at a line."""

    looked: bool = False
    """Somebody looks at any line of the process: beats come twice a second, else once."""
    measured: bool = False
    """What costs something to know is wanted: levels, lateness (`Line.measure`)."""
    inspected: bool = False
    """Its messages are wanted one by one: some 40 µs each."""
    watched: bool = False
    """It is the one that somebody has on the screen: beats come ten times a second."""
    heard: bool = False
    """Its audio is kept by somebody who was told to: some 10 µs a message."""
    held: bool = False
    """Nobody would notice if seconds that are alike came some seconds late."""


class Tap:
    """One line's; all but the methods that say otherwise belong to the line's event loop."""

    def __init__(
        self,
        line: object,
        loop: AbstractEventLoop,
        *,
        intake: Intake,
        name: str = "",
        server: str = "",
        rate_hz: int = 24_000,
        process: str = "",
        controllable: bool = False,
        look: Look | None = None,
    ) -> None:
        number = next(_numbers)
        self.key = f"{os.getpid()}.{number}.{secrets.token_hex(4)}"
        self._line: Any = line
        self._loop = loop
        self._intake = intake
        at = loop.time()
        self._wall_offset = time.time() - at
        self._began = Began(
            line=self.key,
            at=at,
            wall_offset=self._wall_offset,
            name=name or f"line-{number}",
            server=server,
            process=process,
            rate_hz=rate_hz,
            controllable=controllable,
            model=_model_of(line),
        )
        self._digester = Digester(self._began, self._emit, interval=_beat_seconds(look or Look()))
        self._told_at = at
        self._tasks: dict[Any, None] = {}
        self._looked = look or Look()
        self._is_measured = False
        self._inspector: Inspector | None = None
        self._ear: Ear | None = None
        self._turns: Turns | None = None
        """Once there are any."""
        self._settings: SettingsConfirmed | None = None
        """What an inspector or an ear that comes later must know."""
        self._next_entry = 1
        self._ended = False
        self._look(self._looked)

    def __call__(self, fact: Observation) -> None:
        """Takes one fact."""
        self.observe_all((fact,))

    @property
    def sums(self) -> bool:
        """Whether nobody wants its messages or its audio, or has it on the screen."""
        watched = self._looked.watched
        return self._inspector is None and self._ear is None and not watched

    def observe_all(self, facts: Sequence[Fact]) -> None:
        """Takes facts; the tap is what `connect(telemetry=…)` puts among the line's observers."""
        self._digester.observe_all(facts)
        for listener in (self._inspector, self._ear):
            if listener is not None:
                for fact in expanded(facts):
                    listener.observe(fact)
        self._told_at = facts[-1].at
        newest = facts[-1]
        if isinstance(newest, Observation) and type(newest) not in FREQUENT_FACTS:
            # A rare one comes at once, and so at the end of a list.
            self._note(newest)

    # Called by telemetry's thread.

    def look(self, look: Look) -> None:
        """How closely it is looked at from now on."""
        if look != self._looked and self._call(self._look, look):
            self._looked = look

    def nudge(self) -> None:
        """A line that was quiet for a second tells what it has summed up."""
        now = self._loop.time()
        if now - self._told_at > _QUIET_SECONDS:
            self._told_at = now
            self._call(self._flush)

    def is_over(self) -> bool:
        """Whether nothing more comes; a loop that was closed under its line is told here."""
        if not self._ended and self._loop.is_closed():
            self._end()
        return self._ended

    def wish(self, wish: Wish) -> bool:
        """Takes a wish to the line's loop; gives whether there is one."""
        return not self._ended and self._call(carry_out, self._line, wish, self._spawn)

    def _call(self, call: Callable[..., None], *arguments: Any) -> bool:
        # The loop may be closed at any moment, and then the line is over.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)
            return True
        return False

    # In the line's loop.

    def _emit(self, frame: Frame) -> None:
        self._intake.put(moment(frame) + self._wall_offset, frame)

    def _emit_batch(self, batch: Batch) -> None:
        self._intake.put_batch(self._wall_offset, batch)

    def _note(self, fact: Observation) -> None:
        """What the tap itself must know of the line."""
        if isinstance(fact, Milestone):
            turns = self._begun_turns()
            turns.milestone(fact)
            turns.measured()
        elif isinstance(fact, SettingsConfirmed):
            self._settings = fact
        elif isinstance(fact, Suspended):
            self._restart_clock()
        elif isinstance(fact, Transition) and fact.target in _OVER:
            # What else the line tells of its end comes in this turn of the loop.
            self._loop.call_soon(self._end)

    def _begun_turns(self) -> Turns:
        if self._turns is None:
            self._turns = Turns(self._began.rate_hz, limit=KEPT_TURNS)
        return self._turns

    def _emit_audio(self, frame: Frame) -> None:
        self._intake.put_audio(moment(frame) + self._wall_offset, frame)

    def _look(self, look: Look) -> None:
        self._digester.beat_every(_beat_seconds(look))
        self._digester.hold(self._emit_batch if look.held else None)
        if look.measured != self._is_measured:
            # What costs something to know is known only while somebody wants to.
            self._is_measured = look.measured
            self._line.measure(look.measured)
        if look.inspected and self._inspector is None:
            number, turns = self._next_entry, copy.deepcopy(self._begun_turns())
            self._inspector = Inspector(self._began, self._emit, first_number=number, turns=turns)
            self._inform(self._inspector)
        elif not look.inspected and self._inspector is not None:
            self._inspector.flush(self._loop.time())
            self._next_entry, self._inspector = self._inspector.next_number, None
        if look.heard and self._ear is None:
            self._ear = Ear(self._began, self._emit_audio, lambda: self._begun_turns().total)
            self._inform(self._ear)
        elif not look.heard and self._ear is not None:
            self._ear.flush()
            self._ear = None

    def _inform(self, listener: Inspector | Ear) -> None:
        """Somebody who came later learns how audio is written."""
        if self._settings is not None:
            listener.observe(self._settings)

    def _flush(self) -> None:
        at = self._loop.time()
        self._digester.flush(at)
        if self._inspector is not None:
            self._inspector.flush(at)
        if self._ear is not None:
            self._ear.flush()

    def _end(self) -> None:
        if not self._ended:
            self._flush()
            self._digester.hold(None)
            at = self._loop.time()
            self._emit(Ended(line=self.key, at=at))
            self._ended = True

    def _restart_clock(self) -> None:
        """The machine slept, and the line's clock with it."""
        self._wall_offset = time.time() - self._loop.time()
        self._began = replace(self._began, wall_offset=self._wall_offset)
        self._emit(self._began)

    def _spawn(self, work: Any) -> Any:
        """Holds on to what a wish began, until it is done."""
        task = work if hasattr(work, "add_done_callback") else self._loop.create_task(work)
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)
        return task


def _model_of(line: object) -> str:
    """The model that a line asks for, as far as it says so."""
    return clean(getattr(getattr(line, "config", None), "model", "") or "", limit_chars=80)


def _beat_seconds(look: Look) -> float:
    if look.watched:
        return WATCHED_BEAT_SECONDS
    return BEAT_SECONDS if look.looked else _UNSEEN_BEAT_SECONDS
