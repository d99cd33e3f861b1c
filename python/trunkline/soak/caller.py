"""The application of a soak: it speaks and listens, runs tools, changes its mind, and reads what it is told.

It does what an honest application may do at any moment, and keeps to what the API asks of one: it changes between
automatic and manual turns only in a pause.
"""

from __future__ import annotations

from collections import Counter, deque
from functools import partial
from typing import TYPE_CHECKING, Any

from trunkline.protocol import events
from trunkline.protocol.lifecycle import State
from trunkline.soak.speaker import Speaker
from trunkline.soak.tape import RATE_HZ, place_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from trunkline.protocol.events import Event
    from trunkline.soak.agenda import Agenda
    from trunkline.soak.driver import Driver
    from trunkline.soak.judge import Judge
    from trunkline.soak.profile import Habits
    from trunkline.soak.tape import Microphone

__all__ = ["Caller", "settings_of"]

_TAIL = (0.7, 1.4)
"""Silence after an utterance: more than the detector waits for."""
_PATIENCE = 12.0
"""How long an answer is waited for before the next turn."""


def settings_of(habits: Habits, *, by_hand: bool, version: int) -> dict[str, Any]:
    """What the application wants of a session; `version` lets the judge see how new it is."""
    vad = {"type": "server_vad", "silence_duration_ms": 500, "prefix_padding_ms": 300}
    words = {"model": "gpt-realtime-whisper"} if habits.transcribes else None
    listening = {"transcription": words, "turn_detection": None if by_hand else vad}
    return {"instructions": f"v{version}", "audio": {"input": listening}}


class Caller:
    """One application, from its line's start to its end."""

    def __init__(
        self, agenda: Agenda, dice: Random, habits: Habits, microphone: Microphone, judge: Judge
    ) -> None:
        self.by_hand = habits.by_hand
        self.version = 0
        self.turns = 0
        self.is_speaking = False
        self.hangs_up = False
        """No new turn begins, and no new operation."""
        self.barges_in = False
        """Whether the next answer is spoken into."""
        self.stays_closed = False
        self._agenda = agenda
        self._dice = dice
        self._habits = habits
        self._microphone = microphone
        self._judge = judge
        self._driver: Driver
        self._loud = self._quiet = self._tail = 0
        self._ticks = False
        self._round = 0
        self._delays = 4
        self._typed: list[str] = []
        self._reads_at = 0.0
        self._unread: deque[Event] = deque()
        self._tools: Counter[str] = Counter()
        self._readers: dict[type, Callable[[Any], None]] = {
            events.AudioDelta: self._audio,
            events.Interrupted: self._interrupted,
            events.ItemDone: self._item,
            events.ResponseDone: self._answered,
            events.LineGap: self._gap,
            events.Refusal: self._refused,
        }

    def attach(self, driver: Driver) -> None:
        """The line this application holds."""
        self._driver = driver
        self.speaker = Speaker(self._agenda, self._played)
        self._agenda.after(self._dice.uniform(0.0, 2.0), partial(self._begin_turn, 0))
        if self._habits.always_open:
            self._listen()

    def moves_to(self, driver: Driver) -> None:
        """Another line goes on with the conversation."""
        self._driver = driver

    def _played(self, item_id: str, samples: int) -> None:
        self._driver.played(item_id, samples)

    @property
    def captured_seconds(self) -> int:
        """How much the microphone gave."""
        return self._microphone.position // RATE_HZ

    # Speaking.

    def _begin_turn(self, round_: int) -> None:
        if round_ != self._round:
            return
        self._round += 1
        if self.hangs_up or self.stays_closed:
            return
        if self._delays > 0 and not self._judge.is_ready():
            # The one before is not answered yet, and the line not back: a person would wait.
            self._delays -= 1
            self._wait(_PATIENCE)
            return
        self._delays = 4
        self.turns += 1
        self.is_speaking = True
        chunk = self._habits.chunk_ms / 1000
        self._loud = max(2, int(self._dice.uniform(*self._habits.speech) / chunk))
        self._quiet = self._tail = int(self._dice.uniform(*_TAIL) / chunk) + 1
        self._judge.turn_began(self._microphone.position)
        self._listen()

    def _listen(self) -> None:
        if not self._ticks:
            self._ticks = True
            self._tick()

    def _tick(self) -> None:
        if self._driver.state in (State.CLOSED, State.FAILED, State.CLOSING):
            return
        self._driver.enter(self._capture)
        self._ticks = self._quiet > 0 or (self._habits.always_open and not self.hangs_up)
        if self._ticks:
            self._agenda.after(self._habits.chunk_ms / 1000, self._tick)

    def _capture(self) -> None:
        samples = self._habits.chunk_ms * RATE_HZ // 1000
        loud = self._loud > 0
        if loud:
            self._loud -= 1
        else:
            self._quiet -= 1
        pcm = self._microphone.next(samples, loud=loud)
        # It is on the microphone's log before the core can say a word about it.
        self._microphone.captured(samples, loud=loud)
        if not self._driver.send_audio(pcm):
            self._microphone.take_back(samples)
        if self._quiet == 0 and self.is_speaking:
            self._end_turn()

    def _end_turn(self) -> None:
        self.is_speaking = False
        if self.by_hand:
            self._driver.send({"type": "input_audio_buffer.commit"})
            self._ask()
        quiet = self._tail * self._habits.chunk_ms / 1000
        self._judge.turn_ended(self._microphone.position, quiet=quiet)
        self._wait(_PATIENCE)

    def _wait(self, seconds: float) -> None:
        self._round += 1
        self._agenda.after(seconds, partial(self._begin_turn, self._round))

    def _ask(self) -> None:
        self._driver.send({"type": "response.create", "event_id": self._judge.asked()})

    # Listening.

    def read(self, event: Event) -> None:
        """An event for the application; a slow one reads it later."""
        if self._unread or self._agenda.now < self._reads_at:
            self._unread.append(event)
        else:
            self._take(event)

    def slow_down(self, seconds: float) -> None:
        """Reads nothing for a while."""
        self._reads_at = self._agenda.now + seconds
        self._agenda.at(self._reads_at, self._catch_up)

    def _catch_up(self) -> None:
        while self._unread and self._agenda.now >= self._reads_at:
            self._take(self._unread.popleft())

    def _take(self, event: Event) -> None:
        reader = self._readers.get(type(event))
        if reader is not None:
            reader(event)

    def _audio(self, event: events.AudioDelta) -> None:
        place = place_of(event.pcm)
        samples = len(event.pcm) // 2
        if place is None:
            return
        before = self.speaker.take(event.item_id, samples, place)
        self._judge.played(event.item_id, before, place)
        if self.barges_in and not self.is_speaking:
            self.barges_in = False
            self._wait(self._dice.uniform(0.0, 1.0))

    def _interrupted(self, event: events.Interrupted) -> None:
        self.speaker.stop(event.item_id)

    def _answered(self, _event: events.ResponseDone) -> None:
        if not self.is_speaking:
            self._wait(self._dice.expovariate(1 / self._habits.pause))

    def _gap(self, event: events.LineGap) -> None:
        """Told to the judge where it leaves the core; here an application would tell its user."""

    def _refused(self, event: events.Refusal) -> None:
        """A bad update takes all with it that no session had confirmed: asks for what is wanted once more."""
        if event.param.startswith("session."):
            self._driver.enter(partial(self._do_update, self._driver))

    def _item(self, event: events.ItemDone) -> None:
        if event.item.get("type") != "function_call":
            return
        call_id = str(event.item.get("call_id"))
        self._tools[call_id] += 1
        self._judge.ran_tool(call_id, self._tools[call_id])
        self._agenda.after(self._dice.uniform(0.05, 3.0), partial(self._give_output, call_id))

    def _give_output(self, call_id: str) -> None:
        item = {"type": "function_call_output", "call_id": call_id, "output": f"out {call_id}"}
        self._driver.send({"type": "conversation.item.create", "item": item})

    # Changing its mind: one method per operation of the profile.

    def do(self, name: str) -> None:
        """One operation, as the process gets to it."""
        if not self.hangs_up:
            self._driver.enter(partial(getattr(self, f"_do_{name}"), self._driver))

    def _do_cancel(self, driver: Driver) -> None:
        if not self.is_speaking:
            self._judge.cancelled()
            driver.send({"type": "response.cancel"})
            self._wait(self._dice.expovariate(1 / self._habits.pause))

    def _do_update(self, driver: Driver) -> None:
        self.version += 1
        settings = settings_of(self._habits, by_hand=self.by_hand, version=self.version)
        driver.send({"type": "session.update", "session": settings})

    def _do_bad_update(self, driver: Driver) -> None:
        # The server refuses it whole; nothing of it may be in force, now or after a restore.
        wrong = {"instructions": "bad", "audio": {"output": {"speed": 9.0}}}
        driver.send({"type": "session.update", "session": wrong})

    def _do_toggle_vad(self, driver: Driver) -> None:
        if self.is_speaking or self._habits.always_open or not self._judge.is_ready():
            # What the server has not committed by itself would wait for a commit by hand.
            return
        if self.by_hand:
            driver.send({"type": "input_audio_buffer.commit"})
        self.by_hand = not self.by_hand
        self._do_update(driver)

    def _do_type(self, driver: Driver) -> None:
        text = f"typed {len(self._typed)}"
        part = {"type": "input_text", "text": text}
        item_id = f"app_{len(self._typed)}"
        item = {"id": item_id, "type": "message", "role": "user", "content": [part]}
        self._typed.append(item_id)
        if driver.send({"type": "conversation.item.create", "item": item}):
            self._judge.typed(text)
        if not self.is_speaking:
            # While the user speaks the end of the utterance is what asks.
            self._ask()

    def _do_delete(self, driver: Driver) -> None:
        if self._typed:
            number = self._dice.randrange(len(self._typed))
            self._judge.deleted(f"typed {number}")
            driver.send({"type": "conversation.item.delete", "item_id": self._typed[number]})

    def _do_clear(self, driver: Driver) -> None:
        if driver.send({"type": "input_audio_buffer.clear"}):
            self._judge.cleared(self._microphone.position)

    def _do_barge_in(self, _driver: Driver) -> None:
        self.barges_in = True

    def _do_rotate(self, driver: Driver) -> None:
        within = self._dice.choice((None, 0.5, 5.0, 30.0))
        if driver.rotate(within):
            self._judge.rotates(within)
            # The second session has most of the conversation soon, and must follow what becomes of it.
            if not self._typed:
                self._do_type(driver)
            self._agenda.after(self._dice.uniform(0.3, 3.0), partial(self.do, "delete"))
