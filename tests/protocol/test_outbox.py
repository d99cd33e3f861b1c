from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from protocol.driving import speech
from trunkline.protocol.books import Audio, Books, Consumed, Gap
from trunkline.protocol.marks import Mark
from trunkline.protocol.outbox import Outbox

LIMIT = 60
REASON = "older than the replay limit"


def outbox_of(samples: int, *, retention: int = 1000, slack: int = 0) -> Outbox:
    outbox = Outbox(retention_samples=retention, slack_samples=slack)
    outbox.accept(speech(0, samples))
    return outbox


def entries(outbox: Outbox) -> list[Consumed | Gap]:
    found = []
    while (entry := outbox.next_entry()) is not None:
        found.append(entry)
    return found


def taken(outbox: Outbox, limit: int = 1000) -> list[tuple[int, int] | str]:
    """What goes out: ranges of audio, and event ids of marks."""
    out: list[tuple[int, int] | str] = []
    while (thing := outbox.take(limit)) is not None:
        if isinstance(thing, Mark):
            out.append(thing.event_id)
        else:
            assert thing.pcm == speech(thing.start, thing.start + thing.samples)
            out.append((thing.start, thing.start + thing.samples))
    return out


def mark(outbox: Outbox, event_id: str, *, lasting: bool = False) -> None:
    outbox.mark("type", event_id, b"{}", lasting=lasting)


def restart(outbox: Outbox, *, limit: int = 1000, silent_until: int = 0) -> None:
    outbox.dropped()
    outbox.restart(limit_samples=limit, silent_until=silent_until, reason=REASON)


def test_audio_goes_out_once_in_pieces_of_the_limit():
    outbox = outbox_of(25)
    assert taken(outbox, 10) == [(0, 10), (10, 20), (20, 25)]
    assert outbox.books() == Books(accepted=25, consumed=0, retained=25, gap=0, waiting=0)


def test_a_mark_keeps_its_place_among_the_samples():
    outbox = outbox_of(10)
    mark(outbox, "a")
    outbox.accept(speech(10, 20))
    mark(outbox, "b")
    mark(outbox, "c")
    assert taken(outbox) == [(0, 10), "a", (10, 20), "b", "c"]


def test_a_new_link_gets_all_that_is_neither_settled_nor_part_of_an_item():
    outbox = outbox_of(40)
    taken(outbox)
    outbox.consume(0, 5, "heard")
    outbox.itemise(10, 20)
    outbox.consume(30, 33, "cleared")
    restart(outbox)
    outbox.accept(speech(40, 50))
    assert taken(outbox) == [(5, 10), (20, 30), (33, 40), (40, 50)]


def test_audio_an_earlier_link_had_is_told_apart():
    outbox = outbox_of(10)
    taken(outbox)
    restart(outbox)
    outbox.accept(speech(10, 20))
    replayed = [
        (audio.start, audio.replayed)
        for audio in (outbox.take(100), outbox.take(100))
        if isinstance(audio, Audio)
    ]
    assert replayed == [(0, True), (10, False)]


def test_only_lasting_marks_are_told_to_a_new_session_until_they_are_answered():
    outbox = outbox_of(10)
    mark(outbox, "commit", lasting=True)
    mark(outbox, "once")
    outbox.accept(speech(10, 20))
    mark(outbox, "commit 2", lasting=True)
    taken(outbox)
    assert outbox.marks.answered().event_id == "commit"
    restart(outbox)
    assert taken(outbox) == [(0, 20), "commit 2"]
    outbox.marks.withdraw("commit 2")
    assert outbox.marks.answered() is None


def test_what_is_beyond_the_replay_limit_becomes_a_gap_before_anything_after_it_goes_out():
    outbox = outbox_of(50)
    taken(outbox)
    restart(outbox, limit=20)
    assert entries(outbox) == [Gap(start=0, samples=30, reason="older than the replay limit")]
    assert taken(outbox) == [(30, 50)]


def test_silence_beyond_the_replay_limit_is_no_gap():
    outbox = outbox_of(50)
    restart(outbox, limit=20, silent_until=25)
    assert entries(outbox) == [
        Consumed(samples=25, evidence="heard"),
        Gap(start=25, samples=5, reason="older than the replay limit"),
    ]


def test_the_slack_of_memory_is_used_up_before_the_oldest_leaves_it_down_to_the_retention():
    outbox = outbox_of(25, retention=20, slack=5)
    assert (outbox.room(), outbox.is_overfull()) == (0, False)
    outbox.accept(speech(25, 26))
    assert outbox.is_overfull()
    outbox.make_room(silent_until=0)
    assert outbox.room() == 5
    assert entries(outbox) == [Gap(start=0, samples=6, reason="older than the retention limit")]
    assert taken(outbox) == [(6, 26)]


def test_what_is_beyond_the_retention_leaves_memory_ahead_of_time_where_it_says_nothing():
    outbox = outbox_of(25, retention=20, slack=10)
    assert taken(outbox) == [(0, 25)]
    before = outbox.books()
    outbox.let_go(silent_until=0)
    assert outbox.room() == 10
    assert (outbox.books(), entries(outbox)) == (before, [])
    outbox.let_go(silent_until=0)
    assert outbox.room() == 10
    assert outbox.memory()[0] == 5


@pytest.mark.parametrize("reason", ["unsent", "silent", "item", "done"])
def test_nothing_leaves_memory_ahead_of_time_that_the_books_would_have_to_tell(reason: str):
    outbox = outbox_of(25, retention=20, slack=10)
    if reason != "unsent":
        taken(outbox)
    if reason == "item":
        outbox.itemise(2, 4)
    if reason == "done":
        outbox.consume(2, 4, "heard")
    outbox.let_go(silent_until=1 if reason == "silent" else 0)
    assert outbox.memory()[0] == 0


def test_memory_is_bounded_and_silence_leaves_it_first():
    outbox = outbox_of(30, retention=20)
    assert outbox.is_overfull()
    outbox.make_room(silent_until=4)
    assert not outbox.is_overfull()
    assert entries(outbox) == [
        Consumed(samples=4, evidence="heard"),
        Gap(start=4, samples=6, reason="older than the retention limit"),
    ]
    assert taken(outbox) == [(10, 30)]


def test_what_the_session_has_un_committed_stays_on_the_books_without_memory():
    outbox = outbox_of(30, retention=20)
    taken(outbox)
    outbox.make_room(silent_until=0)
    assert entries(outbox) == []
    assert outbox.books().retained == 30
    assert outbox.pcm(0, 5) == b""
    outbox.itemise(0, 30)
    outbox.accept(speech(30, 31))
    outbox.make_room(silent_until=0)
    assert entries(outbox) == [Consumed(samples=11, evidence="committed")]


def test_the_end_of_the_session_makes_a_gap_of_what_left_memory():
    outbox = outbox_of(30, retention=20)
    taken(outbox)
    outbox.make_room(silent_until=0)
    outbox.dropped()
    assert entries(outbox) == [Gap(start=0, samples=10, reason="older than the retention limit")]
    assert outbox.books().waiting == 20


def test_clearing_spares_what_a_commit_on_its_way_will_hold():
    outbox = outbox_of(10)
    mark(outbox, "commit", lasting=True)
    outbox.accept(speech(10, 30))
    taken(outbox)
    outbox.clear()
    assert entries(outbox) == [Consumed(samples=20, evidence="cleared")]
    assert outbox.pcm(0, 10) == speech(0, 10)


def test_the_first_loose_position_is_behind_what_is_settled():
    outbox = outbox_of(30)
    outbox.consume(0, 10, "cleared")
    outbox.consume(15, 20, "cleared")
    assert outbox.first_loose(0) == 10
    assert outbox.first_loose(15) == 20
    assert outbox.first_loose(25) == 25


def test_places_on_the_sessions_clock_are_found_on_the_capture_axis():
    outbox = outbox_of(30)
    outbox.consume(0, 10, "heard")
    assert outbox.locate(0) is None
    taken(outbox)
    assert outbox.locate(5) == 15
    assert outbox.locate(99, as_end=True) == 30


def test_a_far_end_never_reads_more_than_was_accepted():
    outbox = outbox_of(30)
    outbox.heard(99)
    outbox.heard(5)
    assert outbox.read == 30


def test_evidence_twice_is_counted_once():
    outbox = outbox_of(10)
    outbox.consume(0, 6, "transcribed")
    outbox.consume(2, 8, "transcribed")
    outbox.consume(0, 8, "transcribed")
    assert [entry.samples for entry in entries(outbox)] == [6, 2]


class Conservation(RuleBasedStateMachine):
    """Every sample in exactly one place, whatever happens."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox(retention_samples=LIMIT)
        self.end = 0
        self.consumed = 0
        self.gaps: set[int] = set()
        self.settled: set[int] = set()
        self.items: set[int] = set()
        self.last_sent = -1
        self.sent: set[int] = set()
        self.marks: list[tuple[int, str]] = []
        self.count = 0

    def tell(self) -> None:
        for entry in entries(self.outbox):
            if isinstance(entry, Gap):
                places = set(range(entry.start, entry.start + entry.samples))
                assert not places & self.gaps
                assert not places & self.items
                self.gaps |= places
            elif isinstance(entry, Consumed):
                self.consumed += entry.samples

    @rule(samples=st.integers(0, 25), silence=st.integers(0, 30))
    def accept(self, samples: int, silence: int) -> None:
        self.outbox.accept(speech(self.end, self.end + samples))
        self.end += samples
        if self.outbox.is_overfull():
            self.outbox.make_room(silent_until=self.outbox.read - silence)
        assert not self.outbox.is_overfull()
        self.tell()

    @rule(lasting=st.booleans())
    def mark(self, lasting: bool) -> None:
        self.count += 1
        self.outbox.mark("t", str(self.count), b"", lasting=lasting)
        self.marks.append((self.end, str(self.count)))

    @rule(limit=st.integers(1, 30))
    def take(self, limit: int) -> None:
        thing = self.outbox.take(limit)
        self.tell()
        if isinstance(thing, Mark):
            assert (thing.position, thing.event_id) in self.marks
            assert self.last_sent < thing.position or thing.position <= self.outbox.cursor
            return
        if thing is None:
            assert self.outbox.books().waiting == 0
            return
        places = range(thing.start, thing.start + thing.samples)
        assert 0 < thing.samples <= limit
        assert thing.pcm == speech(places.start, places.stop)
        assert thing.start > self.last_sent
        assert not set(places) & (self.items | self.settled | self.gaps)
        assert thing.replayed == (thing.start in self.sent)
        assert all(event[0] >= places.stop for event in self.pending_marks())
        self.last_sent = places.stop - 1
        self.sent |= set(places)

    def pending_marks(self) -> list[tuple[int, str]]:
        return [(mark.position, mark.event_id) for mark in self.outbox.marks.waiting]

    @rule(back=st.integers(0, 20))
    def heard(self, back: int) -> None:
        self.outbox.heard(self.outbox.cursor - back)

    @precondition(lambda self: self.last_sent >= 0)
    @rule(start=st.integers(0, 100), length=st.integers(0, 40))
    def itemise(self, start: int, length: int) -> None:
        end = self.last_sent + 1 - start % (self.last_sent + 1)
        self.outbox.itemise(max(0, end - length), end)
        self.items |= set(range(max(0, end - length), end)) - self.settled - self.gaps

    @rule(start=st.integers(0, 200), length=st.integers(0, 40))
    def consume(self, start: int, length: int) -> None:
        self.outbox.consume(start, start + length, "transcribed")
        self.settled |= set(range(start, min(start + length, self.end))) - self.gaps
        self.tell()

    @rule(back=st.integers(0, 60))
    def consume_silence(self, back: int) -> None:
        self.outbox.consume_silence(self.outbox.cursor - back)
        self.tell()

    @rule()
    def clear(self) -> None:
        self.outbox.clear()
        self.tell()

    @rule()
    def answer(self) -> None:
        self.outbox.marks.answered()

    @rule(limit=st.integers(0, 80), silence=st.integers(0, 30))
    def restart(self, limit: int, silence: int) -> None:
        self.outbox.dropped()
        self.outbox.restart(
            limit_samples=limit, silent_until=self.outbox.read - silence, reason=REASON
        )
        self.tell()
        self.last_sent = -1
        assert self.outbox.books().waiting <= max(limit, 0)

    @rule(limit=st.integers(0, 40))
    def catch_up(self, limit: int) -> None:
        self.outbox.catch_up(limit_samples=limit, reason=REASON)
        self.tell()
        assert self.outbox.books().waiting <= limit

    @invariant()
    def the_books_balance(self) -> None:
        books = self.outbox.books()
        assert books.accepted == self.end == books.consumed + books.retained + books.gap
        assert (books.consumed, books.gap) == (self.consumed, len(self.gaps))
        assert 0 <= books.waiting <= books.retained
        assert len(self.outbox._tape) <= 2 * LIMIT
        positions = [position for position, _ in self.pending_marks()]
        assert positions == sorted(positions)


Conservation.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestConservation = pytest.mark.timeout(60)(Conservation.TestCase)
