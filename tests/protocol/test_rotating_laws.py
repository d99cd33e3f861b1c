"""The invariants over random lives in which the line rotates at any step (I1 to I5, I10)."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from protocol.driving import BY_HAND, RESET, VAD, positions
from protocol.modelling import (
    assert_each_sample_is_there_once_and_in_order,
    assert_the_books_balance,
)
from protocol.rotating import Far, TwoLinks, Wire
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure
from trunkline.protocol.drains import AbortLink, CloseLink
from trunkline.protocol.lifecycle import State
from trunkline.protocol.outbox import Audio

LISTENING = {
    "audio": {"input": {"turn_detection": VAD, "transcription": {"model": "whisper"}}},
}
WAYS_TO_GO = [
    RESET,
    Closure(code=1011),
    Closure(code=1001, reason="Your session hit the maximum duration of 60 minutes."),
    Closure(status=503),
]
LIVE = (State.LIVE, State.ROTATING)


class Rotating(RuleBasedStateMachine):
    """One line with up to two links, each with its own model server."""

    def __init__(self) -> None:
        super().__init__()
        self.line = TwoLinks()
        self.far: dict[int, Far] = {}
        """The sessions whose links are open, by epoch."""
        self.past: dict[int, Far] = {}

    @initialize(by_hand=st.booleans())
    def begin(self, by_hand: bool) -> None:
        session = BY_HAND if by_hand else LISTENING
        self.line = TwoLinks(session=session, chunk_limit_ms=90)
        self.line.start()
        self.settle()

    @property
    def first(self) -> Far | None:
        return self.far.get(self.line.epoch)

    def second(self) -> Far | None:
        return next((far for epoch, far in self.far.items() if epoch > self.line.epoch), None)

    def follow(self) -> None:
        """What the line did with its links: those it gave up are gone."""
        for act in self.line.actions:
            if isinstance(act, AbortLink | CloseLink) and act.epoch in self.far:
                far = self.past[act.epoch] = self.far.pop(act.epoch)
                if isinstance(act, CloseLink):
                    far.wire.ended(Closure(code=1000))

    def dialing(self) -> int | None:
        """The epoch of a dial that waits for its answer."""
        epoch = self.line.dialed
        supervisor = self.line.connection._supervisor
        second = supervisor.rotation.second.link
        current = supervisor.link
        for link in (second, current):
            if link is not None and link.epoch == epoch and link.liveness is None:
                return None if epoch in self.past else epoch
        return None

    # The links.

    @rule(within=st.sampled_from([None, 0.0, 2.0]))
    def rotate(self, within: float | None) -> None:
        if self.line.state in LIVE:
            self.line.rotate(within)
        self.follow()

    @rule()
    def open(self) -> None:
        epoch = self.dialing()
        if epoch is not None and epoch not in self.far:
            self.far[epoch] = Far(Wire(self.line, epoch))
            self.far[epoch].wire.opened()
            self.far[epoch].wire.created()
        self.follow()

    @rule(limit=st.integers(1, 5), newest=st.booleans())
    def answer(self, limit: int, newest: bool) -> None:
        if self.far:
            self.far[max(self.far) if newest else min(self.far)].catch_up(limit)
        self.follow()

    @rule(closure=st.sampled_from(WAYS_TO_GO), newest=st.booleans())
    def lose(self, closure: Closure, newest: bool) -> None:
        if self.far:
            epoch = max(self.far) if newest else min(self.far)
            self.past[epoch] = self.far.pop(epoch)
            self.past[epoch].wire.ended(closure)
        self.follow()

    @rule(seconds=st.floats(0.0, 6.0))
    def pass_time(self, seconds: float) -> None:
        self.line.wait(seconds)
        self.follow()

    @precondition(lambda self: self.past)
    @rule()
    def speak_from_the_grave(self) -> None:
        far = self.past[min(self.past)]
        before = (self.line.state, self.line.connection.books(), len(self.line.events))
        far.line.hear("input_audio_buffer.committed", item_id="late", previous_item_id=None)
        far.line.transcribed("late", "0-5")
        assert before == (self.line.state, self.line.connection.books(), len(self.line.events))

    # The application.

    @rule(ms=st.integers(0, 200))
    def capture(self, ms: int) -> None:
        self.line.speak(ms)
        self.follow()

    @rule(
        type_=st.sampled_from(["input_audio_buffer.commit", "response.create", "response.cancel"])
    )
    def ask(self, type_: str) -> None:
        self.line.ask(type_)
        self.follow()

    @rule(word=st.sampled_from(["a", "b"]))
    def write(self, word: str) -> None:
        part = {"type": "input_text", "text": word}
        item = {"type": "message", "role": "user", "content": [part]}
        self.line.ask("conversation.item.create", item=item)
        self.line.ask("session.update", session={"instructions": word})
        self.follow()

    @rule()
    def delete(self) -> None:
        entries = list(self.line.connection._conversation.ledger._entries)
        if entries:
            self.line.ask("conversation.item.delete", item_id=entries[0].id)
        self.follow()

    # The first server.

    @precondition(lambda self: self.first is not None and self.line.state in LIVE)
    @rule(steps=st.integers(1, 6), back=st.integers(0, 200), ms=st.integers(1, 200))
    def converse(self, steps: int, back: int, ms: int) -> None:
        """A turn as it goes, broken off after some steps; a switch may come after any of them."""
        far = self.first
        assert far is not None
        self.line.speak(ms)
        for step in (
            lambda: far.detection and not far.speech and far.hear_start(back),
            lambda: self.line.speak(ms),
            lambda: far.speech and far.hear_stop(),
            lambda: far.unwritten and far.write_down(),
            lambda: far.response and far.speak(ms),
            lambda: far.response and far.end("completed"),
        )[:steps]:
            if self.first is not far or self.line.state not in LIVE:
                break
            far.catch_up()
            if len(far.appended) > far.open_from or far.speech or far.unwritten or far.response:
                step()
        self.follow()

    @precondition(lambda self: self.first is not None and self.first.response)
    @rule(ms=st.integers(0, 300))
    def play(self, ms: int) -> None:
        assert self.first is not None
        self.line.played(self.first.answer, ms)
        self.follow()

    # The laws.

    @invariant()
    def the_books_balance(self) -> None:
        assert_the_books_balance(self.line)

    @invariant()
    def a_switch_loses_nothing(self) -> None:
        assert all(fact.lost_samples == 0 for fact in self.line.of(seen.Rotated))

    @invariant()
    def at_most_two_links_are_open(self) -> None:
        assert len(self.far) <= 2

    @invariant()
    def the_second_link_carries_no_audio(self) -> None:
        second = self.second()
        if second is not None:
            kinds = {message["type"] for message in second.wire.sent}
            assert "input_audio_buffer.append" not in kinds
            assert "response.create" not in kinds

    @invariant()
    def each_sample_is_in_a_session_once_and_in_order(self) -> None:
        for far in self.far.values():
            assert_each_sample_is_there_once_and_in_order(far)

    @invariant()
    def a_live_session_has_all_that_is_not_settled(self) -> None:
        far = self.first
        if self.line.state not in LIVE or far is None:
            return
        outbox = self.line.connection._outbox
        coming = far.wire.sent[far.read :]
        known = set(far.appended)
        for message in coming:
            if message["type"] == "input_audio_buffer.append":
                known |= set(positions(message["audio"]))
            for part in message.get("item", {}).get("content", []):
                if part["type"] == "input_audio":
                    known |= set(positions(part["audio"]))
        known |= {sample for samples in far.items.values() for sample in samples}
        loose = {sample for low, high in outbox._loose(outbox.end) for sample in range(low, high)}
        assert loose <= known
        assert not isinstance(outbox.take(0), Audio)

    def settle(self) -> None:
        """Lets everything come that is on its way, until the line is live and nobody is behind."""
        for _ in range(200):
            self.follow()
            if self.line.state is State.WAITING:
                self.line.until(State.DIALING)
            elif self.dialing() is not None and self.dialing() not in self.far:
                self.open()
            elif any(far.behind for far in self.far.values()):
                for far in list(self.far.values()):
                    far.catch_up()
            elif self.line.state is State.ROTATING:
                self.line.wait(5.0)
            elif self.line.state is State.LIVE:
                return
        raise AssertionError(f"never live: {self.line.state}")

    def teardown(self) -> None:
        """Once misfortune stops the line is live, knows what its session knows, and can be closed (I20)."""
        if self.line.state is State.IDLE:
            return
        self.settle()
        far, ledger = self.first, self.line.connection._conversation.ledger
        assert far is not None
        spoken = [entry.id for entry in ledger._entries if entry.span is not None]
        assert set(spoken) <= set(far.items)
        self.line.close()
        self.line.wait(3.0)
        assert self.line.state is State.CLOSED


Rotating.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestRotating = Rotating.TestCase
