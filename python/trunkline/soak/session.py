"""One session of the simulated server: an engine at the far end of a link, and what can be done to what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from trunkline.simulator.engine import Engine
from trunkline.soak.consumed import Consumed

if TYPE_CHECKING:
    from trunkline.simulator.timing import Timing
    from trunkline.simulator.voice import Voice
    from trunkline.soak.agenda import Agenda
    from trunkline.soak.link import Link

__all__ = ["FarJudge", "Session"]

_ITEM = "conversation.item"
_REPEATED = frozenset({
    f"{_ITEM}.added", f"{_ITEM}.done", f"{_ITEM}.input_audio_transcription.completed",
    "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed",
    "response.created", "response.done", "rate_limits.updated", "response.output_audio.done",
})  # fmt: skip
"""What a repetition of changes nothing, or should not."""
_UNORDERED = frozenset({
    f"{_ITEM}.added", f"{_ITEM}.done", f"{_ITEM}.input_audio_transcription.delta", "input_audio_buffer.committed",
    f"{_ITEM}.input_audio_transcription.completed", "rate_limits.updated",
})  # fmt: skip
"""What no order is promised for, among themselves (protocol pitfalls: transcripts come in any order)."""


_REQUEST = re.compile(rb'"event_id":"([^"]*)"')


class FarJudge(Protocol):
    """Whoever watches the server's side."""

    def opened(self, session: Session) -> None:
        """A session begins."""

    def appended(self, session: Session, pcm: bytes, at: float) -> None:
        """The server consumed audio."""

    def told(self, session: Session) -> None:
        """The server took a request; its record says what came of it."""


class Session:
    """The far end of one link."""

    def __init__(
        self,
        agenda: Agenda,
        link: Link,
        judge: FarJudge,
        *,
        number: int,
        seed: int,
        voice: Voice,
        timing: Timing,
    ) -> None:
        self.number = number
        self.link = link
        self.is_gone = False
        self.request = ""
        """The name of the latest request for an answer, until an answer began."""
        self.repeats = 0
        """How many of the next events are said twice."""
        self.swaps = 0
        """How many of the next events change places with their successors."""
        self.record = Consumed(epoch=number, opened_at=agenda.now)
        self.engine = Engine(
            model="gpt-realtime-2.1", voice=voice, seed=seed, wall=1.8e9 + agenda.now, timing=timing,
            history=self.record,
        )  # fmt: skip
        self._agenda = agenda
        self._judge = judge
        self._frozen = False
        self._is_deaf = False
        self._inbox: list[Any] = []
        self._waiting: bytes | None = None
        self._due: float | None = None
        self.record.heard = self._heard
        link.far = self
        judge.opened(self)

    def begin(self) -> None:
        """Says session.created."""
        self.engine.opened(self._agenda.now)
        self._flush()

    def _heard(self, pcm: bytes, at: float) -> None:
        self._judge.appended(self, pcm, at)

    # The link's far end.

    def take(self, message: bytes) -> None:
        """A request of the client."""
        if self._frozen:
            self._inbox.append(message)
        elif self.engine.ending is None:
            if b'"type":"response.create"' in message:
                found = _REQUEST.search(message)
                self.request = found.group(1).decode() if found else "unnamed"
            self.engine.receive_text(message, self._agenda.now)
            self._judge.told(self)
            self._flush()

    def take_ping(self, payload: bytes) -> None:
        """A ping of the client."""
        if self._frozen:
            self._inbox.append((payload,))
        else:
            self.link.pong(payload)

    def take_close(self, code: int) -> None:
        """The client's goodbye, which is answered."""
        if not self._frozen:
            self.link.say_goodbye(code, "")

    def gone(self) -> None:
        """The link is no more."""
        self.is_gone = True

    # Misfortune.

    def freeze(self, seconds: float) -> None:
        """The process stands still; its kernel goes on."""
        self._frozen = True
        self._agenda.after(seconds, self._thaw)

    def leave_unread(self, seconds: float) -> None:
        """It stands still and then ends: its library answers the pings that wait, and nobody reads the rest."""
        self._is_deaf = True
        self.freeze(seconds)

    def _thaw(self) -> None:
        self._frozen = False
        inbox, self._inbox = self._inbox, []
        for thing in inbox:
            if self.is_gone:
                return
            if not isinstance(thing, bytes):
                self.take_ping(thing[0])
            elif not self._is_deaf:
                self.take(thing)
        if self._is_deaf and not self.is_gone:
            self.link.say_goodbye(1001, "going away")
        self._wake()

    def blurt(self, message: bytes) -> None:
        """Says something that no session should."""
        if not self.is_gone:
            self.link.say(message)

    def call_tool(self, arguments: str) -> None:
        """The model calls a function."""
        if self.is_gone:
            return
        self.engine.inject_call("look_up", arguments, self._agenda.now)
        self._judge.told(self)
        self._flush()

    def call_out(self) -> None:
        """Says what was put into the engine from outside."""
        self._flush()

    # The way out.

    def _flush(self) -> None:
        while (event := self.engine.next_event()) is not None:
            self._say(event["type"], orjson.dumps(event))
        ending = self.engine.ending
        if ending is not None and not self.is_gone:
            self.link.say_goodbye(ending.code or 1000, ending.reason)
        else:
            self._arm()

    def _say(self, type_: str, text: bytes) -> None:
        if self.is_gone:
            return
        if self._waiting is None and self.swaps and type_ in _UNORDERED:
            self.swaps -= 1
            self._waiting = text
            # Nothing may come after it for a long time.
            self._agenda.after(0.2, self._say_waiting)
            return
        if self._waiting is not None and type_ not in _UNORDERED:
            self._say_waiting()
        self.link.say(text)
        if self.repeats and type_ in _REPEATED:
            self.repeats -= 1
            self.link.say(text)
        self._say_waiting()

    def _say_waiting(self) -> None:
        text, self._waiting = self._waiting, None
        if text is not None and not self.is_gone:
            self.link.say(text)

    def _arm(self) -> None:
        due = self.engine.deadline()
        if due is not None and (self._due is None or due < self._due):
            self._due = due
            self._agenda.at(due, self._wake)

    def _wake(self) -> None:
        if self.is_gone or self._frozen:
            return
        if self._due is not None and self._agenda.now >= self._due:
            self._due = None
        self.engine.handle_timeout(self._agenda.now)
        self._judge.told(self)
        self._flush()
