"""The law of a translation line, over random lives: every sample once, in order, and told where it is."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from protocol.driving import RESET
from protocol.interpreting import APPEND, LOUD, appended, interpreted, say
from trunkline.errors import LocalError
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import BackoffPolicy
from trunkline.protocol.books import Audio
from trunkline.protocol.closure import Closure, Fault
from trunkline.protocol.lifecycle import FLOWING, State
from trunkline.protocol.outage import Outage

WAYS_TO_GO = [
    RESET,
    Closure(code=1011),
    Closure(code=1000),
    Closure(code=1001, reason="Your session hit the maximum duration of 60 minutes."),
    Closure(fault=Fault.DEAD, by_us=True),
]
OVER = (State.CLOSING, State.CLOSED, State.FAILED)
LINKED = (State.OPENING, State.CONFIGURING, State.RESTORING, *FLOWING)


class Life(RuleBasedStateMachine):
    """One line, its speaker, its interpreter and its misfortunes."""

    @initialize(
        outage=st.sampled_from([Outage.replay(), Outage.latest(300), Outage.drop()]),
        limit=st.sampled_from([400, 3000]),
        retention=st.sampled_from([1500, 60_000]),
    )
    def begin(self, outage: Outage, limit: int, retention: int) -> None:
        self.line = interpreted(
            outage=outage,
            replay_limit_ms=min(limit, retention),
            retention_ms=retention,
            chunk_limit_ms=90,
            backoff=BackoffPolicy(patience=1e9),
        )
        self.given = bytearray()
        self.finished_at: int | None = None
        self.epoch, self.sent_to = 0, 0
        """Where the audio that the current session was sent ends."""
        self.once: set[int] = set()
        """Samples that some session was sent."""
        self.again = 0
        """Samples that a later one was sent, too."""
        self.gaps: set[int] = set()
        self.read = 0
        """How many of the facts were looked at for gaps."""
        self.elapsed_ms = 0
        self._watch_what_is_taken()
        self.line.start()

    def _watch_what_is_taken(self) -> None:
        outbox = self.line.connection._outbox
        take = outbox.take

        def watched(limit: int) -> Any:
            taken = take(limit)
            if isinstance(taken, Audio):
                self._taken(taken)
            return taken

        outbox.take = watched  # type: ignore[method-assign]

    def _taken(self, audio: Audio) -> None:
        if self.line.epoch != self.epoch:
            self.epoch, self.sent_to, self.elapsed_ms = self.line.epoch, 0, 0
        end = audio.start + audio.samples
        assert audio.start >= self.sent_to, "out of order, or twice in one session"
        assert audio.pcm == bytes(self.given[2 * audio.start : 2 * end])
        samples = set(range(audio.start, end))
        assert not samples & self._announced(), "sent after it was announced as lost"
        repeated = samples & self.once
        assert len(repeated) == (len(samples) if audio.replayed else 0)
        self.again += len(repeated)
        self.once |= samples
        self.sent_to = end

    def _announced(self) -> set[int]:
        for fact in self.line.facts[self.read :]:
            if isinstance(fact, seen.AudioGap):
                self.gaps |= set(range(fact.start_sample, fact.start_sample + fact.samples))
        self.read = len(self.line.facts)
        return self.gaps

    @property
    def state(self) -> State:
        return self.line.state

    # The application.

    @precondition(lambda self: self.state not in OVER)
    @rule(ms=st.integers(1, 400), loud=st.booleans())
    def give(self, ms: int, loud: bool) -> None:
        pcm = LOUD * ms if loud else bytes(2 * ms)
        self.given += pcm
        self.line.connection.send_audio(pcm, self.line.now)
        self.line.drain()

    @precondition(lambda self: self.finished_at is None and self.state not in OVER)
    @rule()
    def finish(self) -> None:
        self.finished_at = len(self.given) // 2
        self.line.connection.drain(self.line.now)
        self.line.drain()

    @precondition(lambda self: self.state in FLOWING and self.finished_at is None)
    @rule()
    def ask_for_another_language(self) -> None:
        self.line.ask("session.update", session={"audio": {"output": {"language": "pt"}}})

    # The interpreter.

    @precondition(lambda self: self.state in LINKED)
    @rule(count=st.integers(1, 6), loud=st.booleans(), told=st.booleans())
    def say(self, count: int, loud: bool, told: bool) -> None:
        for _ in range(count):
            say(self.line, self.elapsed_ms if told else None, loud=loud)
            self.elapsed_ms += 200

    @precondition(lambda self: self.state in LINKED)
    @rule(
        elapsed_ms=st.sampled_from([None, 0, 700, 10**9]), delta=st.sampled_from(["", " a", "b."])
    )
    def write(self, elapsed_ms: int | None, delta: str) -> None:
        where = {} if elapsed_ms is None else {"elapsed_ms": elapsed_ms}
        self.line.hear("session.output_transcript.delta", delta=delta, **where)
        self.line.hear("session.input_transcript.delta", delta=delta, **where)

    @precondition(lambda self: self.state in FLOWING and self.finished_at is not None)
    @rule()
    def close(self) -> None:
        """Only a session that was asked to closes, and it was asked behind the last of the audio."""
        if not any(request["type"] == "session.close" for request in self.line.sent):
            return
        if self.line.connection._closing_epoch != self.line.epoch:
            return
        self.line.hear("session.closed")
        assert self.state is State.CLOSING
        assert self.line.connection.books().retained == self._held_back()

    # The link.

    @precondition(lambda self: self.state not in (State.IDLE, State.CLOSED, State.FAILED))
    @rule()
    def go_on(self) -> None:
        steps = {
            State.WAITING: lambda: self.line.until(State.DIALING),
            State.DIALING: self.line.opened,
            State.OPENING: self.line.created,
            State.CONFIGURING: self.line.updated,
            State.RESTORING: self.line.updated,
            State.CLOSING: self.line.ended,
        }
        steps.get(self.state, lambda: self.line.wait(0.3))()

    @precondition(lambda self: self.state in LINKED)
    @rule(way=st.sampled_from(WAYS_TO_GO))
    def lose(self, way: Closure) -> None:
        self.line.ended(way)

    @rule(seconds=st.sampled_from([0.1, 3.0, 12.0]))
    def wait(self, seconds: float) -> None:
        self.line.wait(seconds)

    # The law.

    @invariant()
    def the_books_balance(self) -> None:
        if not hasattr(self, "line"):
            return
        books = self.line.connection.books()
        assert books.accepted == books.consumed + books.retained + books.gap
        assert books.accepted == len(self.given) // 2
        told = {kind: sum(fact.samples for fact in self.line.of(kind)) for kind in
                (seen.AudioAccepted, seen.AudioConsumed, seen.AudioGap)}  # fmt: skip
        assert list(told.values()) == [books.accepted, books.consumed, books.gap]

    @invariant()
    def the_application_is_told_what_was_lost_and_what_was_said_again(self) -> None:
        if not hasattr(self, "line"):
            return
        lost = sum(event.duration_ms for event in self.line.of(events.LineGap))
        assert lost == self.line.connection.books().gap
        sent = [fact for fact in self.line.of(seen.AudioSent) if fact.replayed]
        assert sum(fact.samples for fact in sent) == self.again

    @invariant()
    def what_is_sent_has_the_names_of_a_translation(self) -> None:
        if not hasattr(self, "line"):
            return
        kinds = {request["type"] for request in self.line.sent}
        assert kinds <= {"session.update", APPEND, "session.close"}
        assert not any("type" in request.get("session", {}) for request in self.line.sent)

    def teardown(self) -> None:
        """However it went, the line can still be brought to its end with everything said."""
        if not hasattr(self, "line") or self.state in OVER:
            return
        self.finish_if_not_yet()
        self.line.come_live() if self.state not in LINKED else self._come_live_from_here()
        self.line.wait(0.1)
        assert self.line.sent[-1]["type"] == "session.close"
        assert len(appended(self.line.sent)) == len(self.once) + self.again
        self.line.hear("session.closed")
        assert self.line.connection.books().retained == self._held_back()
        self.line.ended(Closure(code=1000))
        assert self.state is State.CLOSED
        try:
            self.line.connection.send_audio(b"\0\0", self.line.now)
        except LocalError:
            self.the_books_balance()
        else:
            raise AssertionError("a line that is over took audio")

    def _held_back(self) -> int:
        """What was given after the end was asked for, less what an outage's policy had no room for."""
        return len(set(range(self.finished_at or 0, len(self.given) // 2)) - self._announced())

    def finish_if_not_yet(self) -> None:
        if self.finished_at is None:
            self.finish()

    def _come_live_from_here(self) -> None:
        self.line.ended(RESET)
        self.line.come_live()


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestTranslationLife = Life.TestCase


def test_the_law_can_fail():
    life = Life()
    life.begin(Outage.replay(), 3000, 60_000)
    life.given += LOUD
    try:
        life.the_books_balance()
    except AssertionError:
        return
    raise AssertionError("books that lack a sample were taken for balanced")
