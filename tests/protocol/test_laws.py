"""The invariants of the whole core, over random lives of a line with a model server (I1 to I5, I11, I18).

`TRUNKLINE_RULE_STEPS` says how many steps to try, 60 000 if it does not; `make laws STEPS=2000000` is the long way.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from protocol.driving import BY_HAND, RESET, VAD, Line, dials, positions
from protocol.modelling import (
    Server,
    Session,
    assert_each_sample_is_there_once_and_in_order,
    assert_the_books_balance,
)
from trunkline.errors import LocalError
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import BackoffPolicy
from trunkline.protocol.books import Consumed
from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.lifecycle import FLOWING, State
from trunkline.protocol.outage import Outage
from trunkline.protocol.snapshot import Snapshot

RULE_STEPS = int(os.environ.get("TRUNKLINE_RULE_STEPS", "60000"))
STEPS_OF_A_LIFE = 45
OUTAGES = [Outage.replay(), Outage.latest(200), Outage.drop()]
LISTENING = {"audio": {"input": {"turn_detection": VAD}}}
WAYS_TO_GO = [
    RESET,
    Closure(code=1011),
    Closure(code=1000),
    Closure(code=1001, reason="Your session hit the maximum duration of 60 minutes."),
    Closure(status=503, retry_after=2.0),
    Closure(fault=Fault.DEAD, by_us=True),
    Closure(),
]
JUNK = [
    b"",
    b"{}",
    b"[1]",
    b'{"type":"session.updated"}',
    b'{"type":"input_audio_buffer.speech_stopped","item_id":"x","audio_end_ms":-1}',
    b'{"type":"response.done","response":{"id":"nobody"}}',
    b'{"type":"conversation.item.truncated","item_id":"x","audio_end_ms":5}',
    b'{"type":"conversation.item.deleted","item_id":"x"}',
]


def has_session(self: Life) -> bool:
    return self.server.session is not None


def is_heard(self: Life) -> bool:
    session = self.server.session
    return (
        session is not None
        and session.detection is not None
        and session.speech is None
        and len(session.appended) > session.open_from
    )


def is_speaking(self: Life) -> bool:
    session = self.server.session
    return (
        session is not None
        and session.speech is not None
        and len(session.appended) > session.speech[1]
    )


def is_answering(self: Life) -> bool:
    return self.server.session is not None and self.server.session.response is not None


def told_anew(line: Line) -> list[dict[str, Any]]:
    """What a new session is sent if the link breaks now; ids as numbers in their order."""
    if line.state not in (State.IDLE, State.WAITING):
        line.ended()
    line.fresh()
    line.patient = True
    line.come_live()
    text = json.dumps(line.fresh())
    ids = dict.fromkeys(re.findall(r"tk-?[-\w]*", text))
    for number, name in enumerate(ids):
        text = text.replace(f'"{name}"', f'"#{number}"')
    messages: list[dict[str, Any]] = json.loads(text)
    return messages


class Life(RuleBasedStateMachine):
    """One line, its application, its server and its misfortunes."""

    steps = 0
    """Of all lives: how much was tried."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Line()
        self.server = Server(self.line)
        self.gone: set[int] = set()
        self.told = 0

    @initialize(
        by_hand=st.booleans(),
        limit=st.sampled_from([300, 3000]),
        outage=st.sampled_from(OUTAGES),
        patient=st.booleans(),
        measured=st.booleans(),
    )
    def begin(
        self, by_hand: bool, limit: int, outage: Outage, patient: bool, measured: bool
    ) -> None:
        self.threw_away = False
        self.policy: dict[str, Any] = {
            "session": BY_HAND if by_hand else LISTENING,
            "replay_limit_ms": limit,
            "outage": outage,
            "chunk_limit_ms": 90,
            "patient": patient,
            # Giving up has its own tests; here misfortune may go on for hours.
            "backoff": BackoffPolicy(patience=1e9),
        }
        self.line = Line(**self.policy)
        self.server = Server(self.line)
        self.line.connection.metering.turn(on=measured)
        self.line.start()

    @property
    def session(self) -> Session:
        assert self.server.session is not None
        return self.server.session

    # Another process takes the conversation over, at any step.

    def successor(self) -> Line:
        document = json.loads(json.dumps(self.line.connection.snapshot()))
        snapshot = Snapshot.read(document)
        line = Line(snapshot=snapshot, **self.policy | {"session": snapshot.session})
        line.now, line.captured = self.line.now, self.line.captured
        return line

    @precondition(lambda self: self.line.state is not State.IDLE)
    @rule()
    def take_over(self) -> None:
        self.line = self.successor()
        self.server = Server(self.line, self.server.numbers)
        self.line.start()

    @precondition(lambda self: self.line.state is not State.IDLE)
    @rule(ms=st.integers(0, 200))
    def drain_and_hand_over(self, ms: int) -> None:
        """Whatever is under way ends within its time, and nothing that was said meanwhile is lost by it."""
        self.line.connection.drain(self.line.now, 2.0)
        self.line.drain()
        if self.line.state in FLOWING:
            self.line.speak(ms)
            self.line.ask("response.create")
        self.line.wait(5.0)
        assert self.line.state is State.CLOSED
        self.the_books_balance()
        self.take_over()

    @precondition(lambda self: self.line.state is not State.IDLE)
    @rule()
    def reconnect(self) -> None:
        self.server.lose()
        self.line.connection.reconnect(self.line.now)
        self.line.drain()
        assert self.line.state is State.DIALING

    @precondition(lambda self: self.line.state is not State.IDLE)
    @rule()
    def compare_with_a_successor(self) -> None:
        """Whoever takes over tells a new session what we would tell it; then both go on as one."""
        other = self.successor()
        mine = told_anew(self.line)
        assert told_anew(other) == mine
        self.line, self.server = other, Server(other, self.server.numbers)
        self.line.patient = self.policy["patient"]
        self.line.ended()

    @precondition(lambda self: self.line.state is State.WAITING)
    @rule(points=st.lists(st.integers(0, 8), min_size=1, max_size=3))
    def interrupt_restores(self, points: list[int]) -> None:
        """The link breaks again, after any number of the messages of the restore."""
        for point in points:
            if self.line.state is not State.WAITING:
                return
            self.server.lose()
            self.line.until(State.DIALING)
            self.server.open()
            self.server.created()
            self.server.answer(point)
            self.server.lose()
            self.line.ended()

    # A turn as it mostly goes: random single steps alone would rarely make one.

    @rule(
        before=st.integers(0, 150),
        during=st.integers(1, 150),
        back=st.integers(0, 200),
        steps=st.integers(0, 5),
    )
    def converse(self, before: int, during: int, back: int, steps: int) -> None:
        self.server.settle()
        self.line.speak(before)
        self.server.answer()
        self.line.speak(during)
        self.server.answer()
        if self.session.detection is None:
            self.line.ask("input_audio_buffer.commit")
            self.line.speak(before)
            if steps:
                self.server.answer()
        for step, is_possible, happen in (
            (1, is_heard, lambda: self.session.hear_start(back)),
            (2, is_speaking, self.session.hear_stop),
            (3, lambda life: life.session.unwritten, self.session.write_down),
            (4, is_answering, lambda: self.session.speak(during)),
            (5, is_answering, lambda: self.session.end("completed")),
        ):
            if step <= steps and is_possible(self):
                happen()

    # The application.

    @rule(ms=st.integers(0, 200))
    def capture(self, ms: int) -> None:
        self.line.speak(ms)

    @rule(type_=st.sampled_from(["input_audio_buffer.commit", "input_audio_buffer.clear"]))
    def ask_of_the_buffer(self, type_: str) -> None:
        self.threw_away |= type_ == "input_audio_buffer.clear"
        self.line.ask(type_)

    @rule(type_=st.sampled_from(["response.create", "response.cancel"]))
    def ask_for_an_answer(self, type_: str) -> None:
        self.line.ask(type_)

    @rule()
    def ask_for_something_else(self) -> None:
        try:
            self.line.ask("conversation.item.retrieve", item_id="x")
        except LocalError:
            assert self.server.session is None or self.line.state is State.OPENING

    @rule()
    def create(self) -> None:
        part = {"type": "input_text", "text": "typed"}
        self.line.ask(
            "conversation.item.create", item={"type": "message", "role": "user", "content": [part]}
        )

    @rule(word=st.text(max_size=3))
    def update(self, word: str) -> None:
        self.line.ask("session.update", session={"instructions": word})

    @precondition(is_answering)
    @rule(ms=st.integers(0, 300))
    def play(self, ms: int) -> None:
        self.line.played(self.session.answer, ms)

    # The server.

    @precondition(lambda self: self.line.state is State.DIALING)
    @rule()
    def open(self) -> None:
        self.server.lose()
        self.server.open()

    @precondition(lambda self: self.line.state is State.OPENING)
    @rule()
    def create_session(self) -> None:
        self.server.created()

    @rule(limit=st.integers(1, 6))
    def answer(self, limit: int) -> None:
        self.server.answer(limit)

    @rule()
    def answer_all(self) -> None:
        self.server.settle()

    @precondition(is_heard)
    @rule(back=st.integers(0, 300))
    def hear_start(self, back: int) -> None:
        self.session.hear_start(back)

    @precondition(is_speaking)
    @rule()
    def hear_stop(self) -> None:
        self.session.hear_stop()

    @precondition(lambda self: has_session(self) and self.session.unwritten)
    @rule()
    def write_down(self) -> None:
        self.session.write_down()

    @precondition(is_answering)
    @rule(ms=st.integers(0, 300))
    def reply(self, ms: int) -> None:
        self.session.speak(ms)

    @precondition(is_answering)
    @rule(status=st.sampled_from(["completed", "failed", "incomplete"]))
    def end_reply(self, status: str) -> None:
        self.session.end(status)

    @rule(message=st.sampled_from(JUNK))
    def talk_nonsense(self, message: bytes) -> None:
        self.line.connection.receive(self.line.epoch, message, self.line.now)
        self.line.drain()

    # Misfortune and time.

    @rule(closure=st.sampled_from(WAYS_TO_GO))
    def lose(self, closure: Closure) -> None:
        self.server.lose()
        self.line.ended(closure)

    @rule(message=st.sampled_from([b'{"type":"session.created","session":{}}', *JUNK]))
    def speak_from_the_grave(self, message: bytes) -> None:
        before = (self.line.state, self.line.connection.books(), len(self.line.events))
        self.line.connection.receive(self.line.epoch - 1, message, self.line.now)
        self.line.connection.link_opened(self.line.epoch - 1, self.line.now)
        self.line.connection.link_closed(self.line.epoch - 1, RESET, self.line.now)
        self.line.drain()
        assert before == (self.line.state, self.line.connection.books(), len(self.line.events))

    @rule(seconds=st.floats(0.0, 8.0))
    def pass_time(self, seconds: float) -> None:
        epoch = self.line.epoch
        self.line.wait(seconds)
        if self.line.epoch != epoch or self.line.state is State.WAITING:
            self.server.lose()

    @precondition(lambda self: self.server.session is not None and self.line.of(seen.LinkOpened))
    @rule()
    def pong(self) -> None:
        self.line.wait(0.0)
        liveness = self.line.connection._supervisor.link.liveness
        if liveness is not None and liveness._pending:
            self.line.pong()

    # The laws.

    @invariant()
    def the_books_balance(self) -> None:
        assert_the_books_balance(self.line)

    @invariant()
    def every_hole_is_announced_before_the_audio_after_it(self) -> None:
        """I3b: what was skipped since the session began is consumed, in an item, or a gap that was told."""
        type(self).steps += 1
        outbox = self.line.connection._outbox
        untold = [entry for entry in outbox._entries if not isinstance(entry, Consumed)]
        assert untold == []

    @invariant()
    def late_audio_keeps_to_the_policy(self) -> None:
        outage = self.policy["outage"] if hasattr(self, "policy") else Outage.replay()
        if outage.kind == "replay" or self.line.state is not State.CONFIGURING:
            return
        waiting = self.line.connection.books().waiting
        since = self.line.captured - self.line.connection._restore.progress.target
        assert waiting <= self.line.connection.policy.late_samples() + since

    @invariant()
    def there_is_one_dial_per_epoch(self) -> None:
        assert [dial.epoch for dial in dials(self.line)] == list(range(1, self.line.epoch + 1))

    @invariant()
    def time_never_stands_still(self) -> None:
        at = self.line.connection.deadline()
        assert self.line.state in (State.CLOSED, State.FAILED) or at is not None

    @invariant()
    def each_sample_is_in_a_session_once_and_in_order(self) -> None:
        session = self.server.session
        if session is None:
            return
        assert_each_sample_is_there_once_and_in_order(session)
        # What the application threw away is gone, even if the server heard speech in it before it read that.
        assert self.threw_away or session.inaudible == []

    @invariant()
    def a_live_session_has_all_that_is_not_settled(self) -> None:
        if self.line.state is not State.LIVE or self.server.session is None:
            return
        if self.line.connection._stream.waits_until is not None:
            # What came while the session was restored follows at the pace of late audio.
            return
        outbox = self.line.connection._outbox
        sent = {
            sample
            for message in self.line.sent[self.server.read :]
            if message["type"] == "input_audio_buffer.append"
            for sample in positions(message["audio"])
        }
        known = sent | set(self.session.appended)
        known |= {sample for samples in self.session.items.values() for sample in samples}
        loose = {sample for low, high in outbox._loose(outbox.end) for sample in range(low, high)}
        items = {
            sample
            for low, high in outbox._items
            for sample in range(low, high)
            if outbox._done.end_of(sample) is None
        }
        assert (loose | items) <= known

    def teardown(self) -> None:
        """Once misfortune stops the line is live, nothing waits, and closing ends it (I20)."""
        if self.line.state is State.IDLE:
            return
        self.server.settle()
        assert self.line.state is State.LIVE
        assert self.line.connection.books().waiting == 0
        self.a_live_session_has_all_that_is_not_settled()
        self.line.close()
        self.line.wait(3.0)
        assert self.line.state is State.CLOSED


@pytest.mark.timeout(60 + RULE_STEPS // 50)
def test_the_laws_hold_in_every_life():
    # Some lives end early, so a few more are begun than full ones would need.
    lives = 1 + RULE_STEPS * 3 // (2 * STEPS_OF_A_LIFE)
    run_state_machine_as_test(
        Life, settings=settings(max_examples=lives, stateful_step_count=STEPS_OF_A_LIFE)
    )
    assert Life.steps >= RULE_STEPS
    sys.stdout.write(f"{Life.steps} rule steps in {lives} lives\n")
