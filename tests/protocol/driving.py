"""A line driven by hand: the test is its driver, its server and its clock; one line per step."""

from __future__ import annotations

import base64
import json
from typing import Any

from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.connection import Connection
from trunkline.protocol.drains import Dial, Ping
from trunkline.protocol.events import Event
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Observation
from trunkline.protocol.policy import LinePolicy
from trunkline.protocol.snapshot import Snapshot

RATE = 1000
"""One sample is one millisecond, so positions and server times are the same numbers."""
SENDING = (State.RESTORING, State.LIVE, State.ROTATING)
RESET = Closure(code=1006, fault=Fault.RESET)
VAD = {"type": "server_vad", "prefix_padding_ms": 300}
BY_HAND = {"audio": {"input": {"turn_detection": None}}}


def speech(start: int, end: int) -> bytes:
    """Samples that carry their own position, modulo 32768, so that a server can say what it got."""
    return b"".join((position % 32768).to_bytes(2, "little") for position in range(start, end))


def positions(audio: str) -> list[int]:
    """The positions that such samples carry."""
    pcm = base64.b64decode(audio)
    return [int.from_bytes(pcm[i : i + 2], "little") for i in range(0, len(pcm), 2)]


class Line:
    """A connection with its clock turned by hand; every drain is collected as it is emptied."""

    def __init__(
        self,
        *,
        budget: RetryBudget | None = None,
        renewable: bool = True,
        snapshot: Snapshot | None = None,
        patient: bool = True,
        fast: bool = True,
        asks: bool = True,
        core: type[Connection] = Connection,
        **policy: Any,
    ) -> None:
        policy = {"rate_hz": RATE} | policy
        self.connection = core(
            LinePolicy(**policy), budget=budget, renewable=renewable, snapshot=snapshot
        )
        self.patient = patient
        """Whether the clock is turned on while late audio waits for nothing but its pace."""
        self.fast = fast
        """Whether ordinary audio goes the short way, as the client's driver has it."""
        self.asks = asks
        """Whether anything is asked after audio that went so; the client's driver does not."""
        self.now = 100.0
        self.captured = 0
        self.sent: list[dict[str, Any]] = []
        self.actions: list[Any] = []
        self.events: list[Event] = []
        self.facts: list[Observation] = []

    # The driver.

    @property
    def state(self) -> State:
        return self.connection.state

    @property
    def epoch(self) -> int:
        return self.connection.epoch

    def drain(self) -> None:
        self._empty()
        while self.patient and self.is_pacing:
            self.wait_for_pace()

    @property
    def is_pacing(self) -> bool:
        return self.connection._stream.waits_until is not None and self.state in SENDING

    def wait_for_pace(self) -> None:
        self.now = self.connection._stream.waits_until
        self.connection.handle_timeout(self.now, 0.5)
        self._empty()

    def _empty(self) -> None:
        for take, into in (
            (self.connection.next_action, self.actions),
            (self._message, self.sent),
            (self.connection.next_event, self.events),
            (self.connection.next_observation, self.facts),
        ):
            while (thing := take()) is not None:
                into.append(thing)

    def _message(self) -> dict[str, Any] | None:
        message = self.connection.next_message(self.now)
        return None if message is None else self._written(json.loads(message))

    def fresh(self, kind: str = "sent") -> list[Any]:
        """What was collected since the last time it was asked for."""
        things = getattr(self, kind)
        setattr(self, kind, [])
        return things

    def of(self, kind: type) -> list[Any]:
        """All events or facts of one type so far."""
        return [
            thing for thing in (*self.events, *self.facts, *self.actions) if isinstance(thing, kind)
        ]

    def wait(self, seconds: float, draw: float = 0.5) -> None:
        """Turns the clock, stopping at every deadline on the way."""
        end = self.now + seconds
        steps = 0
        while (at := self.connection.deadline()) is not None and at <= end:
            self.now = max(self.now, at)
            self._due(draw)
            steps += 1
            assert steps < 10_000, "a deadline that never moves"
        self.now = end

    def _due(self, draw: float) -> None:
        payload = self.connection.fast_path.heartbeat.ping(self.now) if self.fast else None
        if payload is None:
            self.connection.handle_timeout(self.now, draw)
        else:
            self.actions.append(Ping(epoch=self.epoch, payload=payload))
        if payload is None or self.asks:
            self.drain()

    def until(self, state: State, limit: float = 90_000.0, draw: float = 0.5) -> None:
        """Turns the clock from deadline to deadline until the line is in the state."""
        end = self.now + limit
        while self.state is not state:
            at = self.connection.deadline()
            assert at is not None
            assert at <= end, self.state
            self.now = max(self.now, at)
            self.connection.handle_timeout(self.now, draw)
            self.drain()

    # The application.

    def start(self) -> Line:
        self.connection.start(self.now)
        self.drain()
        return self

    def close(self) -> None:
        self.connection.close(self.now)
        self.drain()

    def speak(self, ms: int, chunk: int = 1000) -> None:
        for start in range(self.captured, self.captured + ms, chunk):
            end = min(start + chunk, self.captured + ms)
            if not self.give(speech(start, end)) or self.asks:
                self.drain()
        self.captured += ms

    def give(self, pcm: bytes) -> bool:
        """Gives whether it went the short way."""
        before, message = self.connection.deadline() if self.asks else None, None
        if self.fast:
            message = self.connection.fast_path.send(pcm, self.now)
        if message is None:
            self.connection.send_audio(pcm, self.now)
            return False
        self.sent.append(self._written(json.loads(message)))
        if self.asks:
            self._assert_not_earlier(before)
        return True

    def _written(self, message: dict[str, Any]) -> dict[str, Any]:
        return message

    def _assert_not_earlier(self, before: float | None) -> None:
        """What the driver trusts in: after the short way its timer is still in time."""
        after = self.connection.deadline()
        assert after is None or (before is not None and after >= before)

    def ask(self, type_: str, **fields: Any) -> str:
        event_id = self.connection.send({"type": type_, **fields}, self.now)
        self.drain()
        return event_id

    def played(self, item_id: str, ms: int) -> None:
        self.connection.played(item_id, ms, self.now)
        self.drain()

    # The server.

    def opened(self) -> None:
        self.connection.link_opened(self.epoch, self.now)
        self.drain()

    def ended(self, closure: Closure = RESET) -> None:
        self.connection.link_closed(self.epoch, closure, self.now)
        self.drain()

    def hear(self, type_: str, **fields: Any) -> None:
        event = {"type": type_, "event_id": "event_1", **fields}
        if not self.take(json.dumps(event, separators=(",", ":")).encode()) or self.asks:
            self.drain()

    def take(self, message: bytes, epoch: int | None = None) -> bool:
        """Gives whether it went the short way."""
        before, epoch = (
            self.connection.deadline() if self.asks else None,
            self.epoch if epoch is None else epoch,
        )
        if not self.fast or not self.connection.fast_path.receive(epoch, message, self.now):
            self.connection.receive(epoch, message, self.now)
            return False
        if self.asks:
            self._assert_not_earlier(before)
        return True

    def created(self, **session: Any) -> None:
        self.hear("session.created", session={"id": "sess", "model": "m", **session})

    def updated(self) -> None:
        self.hear("session.updated", session={})

    def refuse(self, request_id: str, code: str = "invalid_value", **fields: Any) -> None:
        error = {"type": "invalid_request_error", "code": code, "message": code, **fields}
        self.hear("error", error=error | {"event_id": request_id})

    def pong(self) -> None:
        """Answers the latest ping."""
        ping = [action for action in self.actions if isinstance(action, Ping)][-1]
        if self.fast and self.connection.fast_path.heartbeat.pong(
            self.epoch, ping.payload, self.now
        ):
            if self.asks:
                self.drain()
            return
        self.connection.pong(self.epoch, ping.payload, self.now)
        self.drain()

    def echo_items(self, sent: list[dict[str, Any]] | None = None) -> None:
        for request in self.sent if sent is None else sent:
            if request["type"] == "conversation.item.create":
                self.hear("conversation.item.added", item=request["item"])

    # Whole ways.

    def come_live(self, **session: Any) -> Line:
        """From anywhere with no link to live, echoing every item of a restore."""
        if self.state is State.IDLE:
            self.start()
        self.until(State.DIALING)
        self.opened()
        self.created(**session)
        before = len(self.sent)
        self.updated()
        if self.state is State.RESTORING:
            self.echo_items(self.sent[before:])
            self.updated()
        assert self.state is State.LIVE
        return self

    def turn(self, item_id: str, start: int, end: int, words: str | None = None) -> None:
        """A user's turn as the server tells it, with its words if there are any."""
        self.hear("input_audio_buffer.speech_started", item_id=item_id, audio_start_ms=start)
        self.hear("input_audio_buffer.speech_stopped", item_id=item_id, audio_end_ms=end)
        self.hear("input_audio_buffer.committed", item_id=item_id, previous_item_id=None)
        if words is not None:
            self.transcribed(item_id, words)

    def transcribed(self, item_id: str, words: str) -> None:
        self.hear(
            "conversation.item.input_audio_transcription.completed",
            item_id=item_id,
            transcript=words,
        )

    def reply(
        self, response_id: str, item_id: str, words: str, ms: int, *, done: bool = True
    ) -> None:
        """An answer, whole or broken off before its end."""
        self.hear("response.created", response={"id": response_id, "conversation_id": "conv"})
        item = {"id": item_id, "type": "message", "role": "assistant", "status": "in_progress"}
        self.hear("conversation.item.added", item=item, previous_item_id=None)
        ids = {"response_id": response_id, "item_id": item_id}
        self.hear("response.output_audio_transcript.delta", **ids, delta=words)
        self.delta(response_id, item_id, ms)
        if done:
            self.hear("response.output_audio_transcript.done", **ids, transcript=words)
            self.hear("conversation.item.done", item=item | {"status": "completed"})
            self.done(response_id)

    def delta(self, response_id: str, item_id: str, ms: int) -> None:
        self.hear(
            "response.output_audio.delta",
            response_id=response_id,
            item_id=item_id,
            output_index=0,
            content_index=0,
            delta=base64.b64encode(bytes(2 * ms)).decode(),
        )

    def done(self, response_id: str, status: str = "completed") -> None:
        self.hear("response.done", response={"id": response_id, "status": status})


def types(messages: list[dict[str, Any]]) -> list[str]:
    """The types of messages, in order."""
    return [message["type"] for message in messages]


def appended(messages: list[dict[str, Any]]) -> list[int]:
    """The positions of all audio appended by the messages, in order."""
    return [
        position
        for message in messages
        if message["type"] == "input_audio_buffer.append"
        for position in positions(message["audio"])
    ]


def dials(line: Line) -> list[Dial]:
    """All the dials a line asked for."""
    return [action for action in line.actions if isinstance(action, Dial)]
