"""The short way of ordinary audio: that it is one, and that it leads where the ordinary one does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.driving import BY_HAND, Line, speech
from protocol.rotating import TwoLinks, Wire
from trunkline.errors import LocalError
from trunkline.protocol import observations as seen
from trunkline.protocol.compound_facts import FLOW_SECONDS, ChunkPassed, DeltaPassed, Flow
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.drains import Ping
from trunkline.protocol.events import AudioDelta
from trunkline.protocol.lifecycle import Phase, State

SAMPLES = 20
CHUNK = speech(0, SAMPLES)
ANSWER = {"id": "a", "type": "message", "role": "assistant", "status": "in_progress"}


def delta(response_id: str = "r", item_id: str = "a", ms: int = 20) -> bytes:
    event = {
        "type": "response.output_audio.delta",
        "event_id": "event_1",
        "response_id": response_id,
        "item_id": item_id,
        "output_index": 0,
        "content_index": 0,
        "delta": "AAAA" * (ms * 2 // 3) + "AAA=" * (ms * 2 % 3 == 2) + "AA==" * (ms * 2 % 3 == 1),
    }
    return json.dumps(event, separators=(",", ":")).encode()


DELTA = delta()


def live(**policy) -> Line:
    """A line whose audio flows: it was pinged, and a chunk went out since."""
    line = Line(**policy).come_live()
    line.wait(0.0)
    line.pong()
    line.speak(20)
    line.speak(20)
    return line


def answering(**policy) -> Line:
    """And an answer is being given."""
    line = live(**policy)
    line.hear("response.created", response={"id": "r", "conversation_id": "conv"})
    line.hear("conversation.item.added", item=ANSWER, previous_item_id=None)
    line.delta("r", "a", 20)
    return line


def sends(line: Line) -> bool:
    """Whether a chunk goes the short way."""
    return line.connection.fast_path.send(CHUNK, line.now) is not None


def receives(line: Line, message: bytes = DELTA) -> bool:
    return line.connection.fast_path.receive(line.epoch, message, line.now)


# That it is taken.


def test_a_chunk_of_a_call_goes_the_short_way():
    line = live()
    message = line.connection.fast_path.send(CHUNK, line.now)
    assert json.loads(message)["type"] == "input_audio_buffer.append"
    assert line.connection.next_message(line.now) is None
    assert line.connection.books().accepted == 60
    assert line.connection.books().waiting == 0


def test_a_delta_of_the_answer_goes_the_short_way():
    line = answering()
    line.fresh("events")
    assert receives(line)
    (event,) = (line.connection.next_event(), line.connection.next_event())[:1]
    assert event == AudioDelta(
        response_id="r", item_id="a", output_index=0, content_index=0, pcm=bytes(40)
    )


def test_g711_goes_the_short_way_as_well():
    law = {"format": {"type": "audio/pcmu"}}
    line = answering(session={"audio": {"input": law, "output": law}}, rate_hz=8000)
    assert sends(line)
    message = json.loads(delta()) | {"delta": "/////w=="}
    assert receives(line, json.dumps(message, separators=(",", ":")).encode())
    assert line.connection.next_event().pcm == bytes(8)


def test_while_a_second_link_is_made_ready_chunks_and_deltas_go_it_too():
    line = TwoLinks(session=BY_HAND).come_live()
    line.speak(20)
    wire = line.rotate()
    line.pong()
    line.speak(20)
    assert (line.state, sends(line)) == (State.ROTATING, True)
    line.hear("response.created", response={"id": "r", "conversation_id": "conv"})
    line.hear("conversation.item.added", item=ANSWER, previous_item_id=None)
    line.delta("r", "a", 20)
    assert receives(line)
    wire.come_up()
    line.speak(20)
    assert (line.state, sends(line), receives(line)) == (State.ROTATING, True, True)
    assert not line.connection.fast_path.receive(wire.epoch, DELTA, line.now)


# That it is left where it leads elsewhere.


def draining(line: Line) -> None:
    line.connection.drain(line.now)


def muted(line: Line) -> None:
    line.connection.devices.mute(on=True, now=line.now)


def dropped(line: Line) -> None:
    line.ended()


def asking(line: Line) -> None:
    line.connection.send({"type": "input_audio_buffer.commit"}, line.now)


def waiting(line: Line) -> None:
    line.connection.send_audio(CHUNK, line.now)


def pinged(line: Line) -> None:
    line.wait(1.0)


def controlling(line: Line) -> None:
    line.connection.send({"type": "response.cancel"}, line.now)


@pytest.mark.parametrize("change", [draining, muted, dropped, asking, waiting, pinged, controlling])
def test_a_chunk_that_is_not_next_or_not_ordinary_does_not(change):
    line = live(session=BY_HAND)
    assert sends(line)
    change(line)
    before = line.connection.snapshot(), line.connection.books()
    assert not sends(line)
    assert (line.connection.snapshot(), line.connection.books()) == before


@pytest.mark.parametrize("pcm", [b"", CHUNK[:-1], bytes(2 * 20_000)])
def test_a_chunk_of_an_odd_size_does_not(pcm):
    line = live()
    if pcm:
        assert line.connection.fast_path.send(pcm, line.now) is None


def test_a_chunk_that_would_be_too_much_does_not():
    line = live(retention_ms=100, session=BY_HAND)
    assert sends(line)
    line.speak(40)
    assert not sends(line)


def test_chunks_that_are_only_noted_take_up_room():
    line = live(retention_ms=100, session=BY_HAND)
    assert [sends(line) for _ in range(5)] == [True, True, True, False, False]
    assert line.connection.books().retained == 100


def test_late_audio_keeps_its_pace():
    line = live()
    line.connection.fast_path.shut()
    line.connection._restore.backlog_end = line.connection._outbox.end + 1
    assert not sends(line)


def test_lines_with_another_wire_do_not():
    assert not sends(live(dialect=Dialect.BETA))
    line = Line(attached=True).start()
    line.until(State.DIALING)
    line.opened()
    assert not sends(line)
    with pytest.raises(LocalError):
        line.connection.send_audio(CHUNK, line.now)


def silenced(line: Line) -> None:
    line.hear("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)


def cut(line: Line) -> None:
    line.connection.send(
        {
            "type": "conversation.item.truncate",
            "item_id": "a",
            "content_index": 0,
            "audio_end_ms": 10,
        },
        line.now,
    )
    line.drain()


def deleted(line: Line) -> None:
    line.hear("conversation.item.deleted", item_id="a")


def stalled(line: Line) -> None:
    for _ in range(30):
        line.wait(1.0)
        line.pong()
    assert line.of(seen.Stalled)


def blocked(line: Line) -> None:
    line.now += 0.3


def complained(line: Line) -> None:
    line.refuse("x")


@pytest.mark.parametrize(
    "change",
    [draining, dropped, silenced, cut, deleted, stalled, blocked, complained],
)
def test_a_delta_that_may_mean_more_does_not(change):
    line = answering()
    assert receives(line)
    change(line)
    before = line.connection.snapshot()
    assert not receives(line)
    assert line.connection.snapshot() == before


@pytest.mark.parametrize(
    "message",
    [
        delta("other"),
        delta(item_id="other"),
        delta().replace(b'"delta":"A', b'"delta":"*'),
        delta()[:-5],
        delta(ms=0).replace(b'"delta":""', b'"delta":"AA=="'),
        delta(ms=0).replace(b'"delta":""', b'"delta":"AAAA*AAA"'),
        b'{"type":"response.done","response":{"id":"r","status":"completed"}}',
        b"",
    ],
)
def test_messages_of_another_kind_do_not(message):
    assert not receives(answering(), message)


def test_more_than_an_item_may_hold_is_for_the_ordinary_way():
    line = answering()
    ledger = line.connection._conversation.ledger
    line.connection.fast_path.shut()
    entry = ledger.get("a")
    entry.received_samples = ledger.most_samples - 60
    assert [receives(line) for _ in range(5)] == [True, True, True, False, False]
    assert entry.received_samples == ledger.most_samples


def test_a_flood_of_deltas_is_counted():
    line = answering()
    link = line.connection._supervisor.link
    before = link.heard
    assert receives(line)
    assert link.heard == before + 1


def test_the_link_of_another_epoch_is_not_heard():
    line = answering()
    assert not line.connection.fast_path.receive(line.epoch + 1, delta(), line.now)


def test_an_answer_that_nobody_waits_for_is_not_given():
    line = answering()
    line.connection.fast_path.shut()
    line.connection._conversation.unwanted.begin("r")
    assert not receives(line)


# That it leads to the same.

STEPS = st.one_of(
    st.tuples(st.just("speak"), st.integers(1, 60)),
    st.tuples(st.just("delta"), st.integers(1, 60)),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.02, 0.02, 0.1, 0.3, 1.0, 6.0])),
    st.tuples(st.just("pong"), st.none()),
    st.tuples(st.just("words"), st.none()),
    st.tuples(st.just("barge in"), st.none()),
    st.tuples(st.just("answer"), st.sampled_from(["r", "s"])),
    st.tuples(st.just("done"), st.none()),
    st.tuples(st.just("played"), st.integers(0, 500)),
    st.tuples(st.just("mute"), st.booleans()),
    st.tuples(st.just("measure"), st.booleans()),
    st.tuples(st.just("commit"), st.none()),
    st.tuples(st.just("drop"), st.none()),
    st.tuples(st.just("delete"), st.none()),
    st.tuples(st.just("truncate"), st.integers(0, 60)),
    st.tuples(st.just("refuse"), st.none()),
    st.tuples(st.just("drain"), st.none()),
)


class Walk:
    """A line that is walked step by step."""

    def __init__(self, *, fast: bool, asks: bool = True, **policy) -> None:
        self.line = Line(fast=fast, asks=asks, retention_ms=2000, **policy).come_live()
        self.response, self.item, self.count = "r", "a", 0

    def answering(self) -> Walk:
        """In the middle of a call."""
        steps = [("wait", 0.0), ("pong", None), ("speak", 20), ("answer", "r"), ("delta", 20)]
        for step in steps:
            self.step(*step)
        return self

    def step(self, name: str, value) -> None:
        line = self.line
        if line.state in (State.CLOSING, State.CLOSED):
            return
        if name == "speak":
            line.speak(value)
        elif name == "wait":
            line.wait(value)
        elif name == "tick":
            line.now += value
        elif name == "mute":
            line.connection.devices.mute(on=value, now=line.now)
            line.drain()
        elif name == "measure":
            line.connection.metering.turn(on=value)
        elif name == "drain":
            line.connection.drain(line.now)
            line.drain()
        elif name == "played":
            line.played(self.item, value)
        elif line.state in (State.LIVE, State.ROTATING):
            self._tell(name, value)
        elif name == "answer" and line.state is State.WAITING:
            line.come_live()

    def _tell(self, name: str, value) -> None:
        line = self.line
        if name == "delta":
            line.delta(self.response, self.item, value)
        elif name == "pong" and line.of(Ping):
            line.pong()
        elif name == "words":
            ids = {"response_id": self.response, "item_id": self.item}
            line.hear("response.output_audio_transcript.delta", **ids, delta="la ")
        elif name == "barge in":
            line.hear("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
        elif name == "answer":
            self.count += 1
            self.response, self.item = f"{value}{self.count}", f"a{self.count}"
            created = {"id": self.response, "conversation_id": "conv"}
            line.hear("response.created", response=created)
            line.hear("conversation.item.added", item=ANSWER | {"id": self.item})
        elif name == "done":
            line.done(self.response)
        elif name == "commit":
            line.ask("input_audio_buffer.commit")
        elif name == "drop":
            line.ended()
        elif name == "delete":
            line.hear("conversation.item.deleted", item_id=self.item)
        elif name == "truncate":
            ms = {"content_index": 0, "audio_end_ms": value}
            line.ask("conversation.item.truncate", item_id=self.item, **ms)
        elif name == "refuse":
            line.refuse("x")

    def all(self) -> tuple:
        line = self.line
        told = line.sent, line.events, line.facts, line.actions
        return *told, line.connection.deadline(), line.connection.books(), line.state


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_both_ways_say_and_do_the_same(steps):
    fast, ordinary = Walk(fast=True), Walk(fast=False)
    for name, value in steps:
        fast.step(name, value)
        ordinary.step(name, value)
        assert fast.all() == ordinary.all()
        assert fast.line.connection.snapshot() == ordinary.line.connection.snapshot()


TURNS = st.one_of(
    STEPS,
    st.tuples(st.just("rotate"), st.sampled_from([None, 0.0, 0.5, 5.0])),
    st.tuples(st.sampled_from(["second", "second", "second ends"]), st.none()),
)


class Turning(Walk):
    """One that may rotate."""

    def __init__(self, *, fast: bool) -> None:
        self.line = TwoLinks(fast=fast, retention_ms=2000).come_live()
        self.response, self.item, self.count = "r", "a", 0
        self.wire: Wire | None = None

    def step(self, name: str, value) -> None:
        line, wire = self.line, self.wire
        if name == "rotate":
            if line.state is State.LIVE and not line.connection._draining.is_on:
                self.wire = line.rotate(value)
        elif name in ("second", "second ends"):
            if wire is not None and line.connection._rotation.owns(wire.epoch):
                self._go_on(wire, ends=name != "second")
        else:
            super().step(name, value)

    def _go_on(self, wire: Wire, *, ends: bool) -> None:
        if ends:
            wire.ended()
        elif self.line.connection._rotation.second.phase is Phase.DIALING:
            wire.opened()
            wire.created()
        else:
            wire.answer()

    def all(self) -> tuple:
        return *super().all(), self.line.sent_on


@settings(max_examples=300, deadline=None)
@given(st.lists(TURNS, max_size=60))
def test_both_ways_rotate_the_same(steps):
    fast, ordinary = Turning(fast=True).answering(), Turning(fast=False).answering()
    for name, value in steps:
        fast.step(name, value)
        ordinary.step(name, value)
        assert fast.all() == ordinary.all()
        assert fast.line.connection.snapshot() == ordinary.line.connection.snapshot()


def books(line: Line) -> object:
    return line.connection.books()


def snapshot(line: Line) -> object:
    return line.connection.snapshot()


def deadline(line: Line) -> object:
    return line.connection.deadline()


def acknowledged(line: Line) -> object:
    connection = line.connection
    return connection.kernel.acknowledged(line.epoch, 1000, line.now), connection.deadline()


def sampled(line: Line) -> object:
    line.connection.kernel.progress(line.epoch, line.now, acked_bytes=1000, unsent_bytes=10)
    told = [fact for fact in line.connection.observations if isinstance(fact, seen.QueueSampled)]
    return told[-1:]


def inside(line: Line) -> tuple:
    """What no question tells at once, and a later one would."""
    connection = line.connection
    link, growing = connection._supervisor.link, connection._conversation.ledger.growing
    watchdog, stream = connection._watchdog, connection._stream
    received = growing and growing[1].received_samples
    told = stream.due, watchdog._due_at, watchdog._check_at, connection._supervisor.attention.ran_at
    return link.heard, link.liveness, received, *told


AUDIO = st.lists(st.sampled_from([("speak", 20), ("delta", 20), ("tick", 0.02)]), max_size=12)
LOOKS = st.sampled_from([books, snapshot, deadline, acknowledged, sampled])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(AUDIO, st.none() | LOOKS, AUDIO, STEPS), max_size=12))
def test_what_is_only_noted_is_on_the_books_when_anybody_asks(runs):
    fast, ordinary = Walk(fast=True, asks=False).answering(), Walk(fast=False).answering()
    for first, look, second, step in runs:
        for one in first:
            fast.step(*one)
            ordinary.step(*one)
        assert look is None or look(fast.line) == look(ordinary.line)
        for one in second:
            fast.step(*one)
            ordinary.step(*one)
        assert fast.line.sent == ordinary.line.sent
        fast.step(*step)
        ordinary.step(*step)
        fast.line.drain()
        ordinary.line.drain()
        assert inside(fast.line) == inside(ordinary.line)
        assert fast.all() == ordinary.all()


# What it tells.


def test_a_chunk_and_a_delta_are_one_fact_each_where_somebody_wants_them():
    line = answering()
    assert sends(line)
    assert receives(line)
    told = line.connection.observations
    assert [type(fact) for fact in told] == [ChunkPassed, DeltaPassed]
    assert told[0].samples == told[1].samples == 20


def summed(line: Line) -> list[Flow]:
    line.connection.fast_path.post()
    return [fact for fact in line.connection.observations if isinstance(fact, Flow)]


def test_where_all_sum_a_second_that_nobody_takes_is_one_fact():
    line = answering()
    line.connection.fast_path.is_detailed = False
    line.now += 0.01
    for _ in range(12):
        assert sends(line)
        assert receives(line)
        line.now += 0.24
    first, second = summed(line)
    for flow in (first, second):
        assert (flow.chunks, flow.samples, flow.down_bytes) == (6, 120, 6 * len(delta()))
        (deltas,) = flow.deltas
        assert (deltas.response_id, deltas.item_id) == ("r", "a")
        assert list(deltas.samples) == [20] * 6
        assert deltas.times == pytest.approx([flow.at + 0.24 * n for n in range(6)])
    assert first.until == first.at + FLOW_SECONDS
    assert second.at >= first.until


def test_nothing_is_added_to_a_flow_that_something_else_stands_behind_or_that_was_taken():
    line = answering()
    line.connection.fast_path.is_detailed = False
    line.now += 0.01
    assert sends(line)
    line.connection.devices.overran(5.0, line.now)
    assert sends(line)
    assert [flow.chunks for flow in summed(line)] == [1, 1]
    line.connection.observations.clear()
    assert sends(line)
    assert [flow.chunks for flow in summed(line)] == [1]


def test_a_flow_goes_on_growing_behind_the_answers_of_pings():
    line = answering()
    line.connection.fast_path.is_detailed = False
    line.now += 0.01
    assert sends(line)
    line.connection.fast_path.post()
    trip = seen.RoundTrip(at=line.now, epoch=1, rtt=0.01)
    line.connection.observations.append(trip)
    assert sends(line)
    assert [flow.chunks for flow in summed(line)] == [2]
    assert line.connection.observations[-1] is trip


def test_what_was_noted_while_all_summed_is_told_as_a_sum():
    line = answering()
    fast_path = line.connection.fast_path
    fast_path.is_detailed = False
    line.now += 0.01
    for _ in range(3):
        assert sends(line)
        assert receives(line)
    fast_path.is_detailed = True
    assert sends(line)
    (flow,) = summed(line)
    assert (flow.chunks, len(flow.deltas[0].times)) == (3, 3)
    assert [type(fact) for fact in line.connection.observations] == [Flow, ChunkPassed]


def test_a_look_at_the_kernel_leaves_the_short_way_open():
    line = answering()
    assert receives(line)
    sampled(line)
    assert line.connection.fast_path.notes.heard_at == line.now
    assert line.connection.fast_path.notes.send(CHUNK, line.now) is None
    assert sends(line)
    sampled(line)
    assert line.connection.fast_path.notes.send(CHUNK, line.now) is not None


def test_detail_is_asked_for_and_left_again():
    fast_path = answering().connection.fast_path
    assert fast_path.is_detailed
    fast_path.is_detailed = False
    assert not fast_path.is_detailed


def test_audio_flows_while_deltas_come_and_nobody_wants_each():
    line = answering()
    fast_path = line.connection.fast_path
    assert receives(line)
    assert not fast_path.is_flowing(line.now)
    fast_path.is_detailed = False
    assert not fast_path.is_flowing(line.now)
    assert receives(line)
    assert fast_path.is_flowing(line.now + 0.24)
    assert not fast_path.is_flowing(line.now + 0.26)
    fast_path.shut()
    assert not fast_path.is_flowing(line.now)


def test_a_delta_that_is_only_noted_begins_a_flow_as_well_and_says_when_there_is_news():
    line = answering()
    fast_path, told = line.connection.fast_path, line.connection.observations
    fast_path.is_detailed = False
    line.now += 0.01

    def counts() -> list[int]:
        return [len(flow.deltas[0].times) for flow in summed(line)]

    assert receives(line)
    told.clear()
    fast_path.has_news = False
    assert receives(line)
    assert (counts(), fast_path.has_news) == ([1], False)
    for _ in range(5):
        line.now += FLOW_SECONDS / 6
        assert receives(line)
    assert (counts(), fast_path.has_news) == ([6], False)
    line.now += FLOW_SECONDS / 6 + 0.001
    assert receives(line)
    assert (counts(), fast_path.has_news) == ([6, 1], True)


def test_what_is_measured_is_told_between():
    line = answering()
    line.connection.fast_path.is_detailed = False
    line.connection.metering.turn(on=True)
    for _ in range(6):
        assert sends(line)
    kinds = [type(fact) for fact in line.connection.observations]
    assert Flow not in kinds
    assert kinds[:3] == [seen.AudioAccepted, seen.AudioSent, seen.ChunkLate]
    assert kinds.count(seen.LevelSampled) == 1
    assert receives(line)
    assert type(line.connection.observations[-1]) is seen.AudioReceived


# A look that lets it go on.


def summing(**policy) -> Walk:
    walk = Walk(fast=True, asks=False, **policy).answering()
    walk.line.connection.fast_path.is_detailed = False
    return walk


def told(walk: Walk) -> dict:
    """What all flows until now add up to, and the other facts in order; takes them from the line."""
    connection, sums = walk.line.connection, walk.__dict__.setdefault("sums", {})
    connection.fast_path.post()
    while connection.observations:
        fact = connection.observations.pop(0)
        if not isinstance(fact, Flow):
            sums.setdefault("facts", []).append(fact)
            continue
        for name in ("chunks", "samples", "up_bytes", "down_bytes"):
            sums[name] = sums.get(name, 0) + getattr(fact, name)
        for one in fact.deltas:
            sums.setdefault((one.response_id, one.item_id), []).extend(one.times)
    return sums


def look(walk: Walk, *, renews: bool) -> dict:
    line = walk.line
    sampled(line)
    sums = told(walk)
    if renews:
        line.connection.fast_path.renew(line.now)
    return sums


TICKS = st.lists(
    st.sampled_from([("speak", 20), ("delta", 20), ("tick", 0.02), ("tick", 0.2)]), max_size=12
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TICKS, TICKS, st.none() | STEPS), max_size=12))
def test_a_flow_that_goes_on_unasked_leads_to_the_same(runs):
    renewed, asked = summing(), summing()
    for first, second, step in runs:
        for one in first:
            renewed.step(*one)
            asked.step(*one)
        assert look(renewed, renews=True) == look(asked, renews=False)
        for one in second:
            renewed.step(*one)
            asked.step(*one)
        if step is not None:
            renewed.step(*step)
            asked.step(*step)
        # What is drained is read here, too, but the flows.
        assert told(renewed) == told(asked)
        assert inside(renewed.line) == inside(asked.line)
        assert books(renewed.line) == books(asked.line)
        assert snapshot(renewed.line) == snapshot(asked.line)
        assert deadline(renewed.line) == deadline(asked.line)
        assert renewed.line.sent == asked.line.sent
        assert list(renewed.line.connection.events) == list(asked.line.connection.events)


def narrow() -> Walk:
    """One whose memory holds three chunks, and two more of slack, in a long utterance."""
    walk = summing(session=BY_HAND)
    outbox = walk.line.connection._outbox
    outbox._retention, outbox._slack = 3 * SAMPLES, 2 * SAMPLES
    return walk


@settings(max_examples=100, deadline=None)
@given(st.lists(TICKS, max_size=12))
def test_what_a_look_lets_go_of_is_missed_by_nobody_while_the_session_lasts(runs):
    looked_at, asked = narrow(), narrow()
    for steps in runs:
        for step in steps:
            looked_at.step(*step)
            asked.step(*step)
        # Where memory is full audio goes the ordinary way, and is told otherwise.
        look(looked_at, renews=True)
        look(asked, renews=False)
        assert books(looked_at.line) == books(asked.line)
        assert looked_at.line.sent == asked.line.sent
        assert deadline(looked_at.line) == deadline(asked.line)
        outbox = looked_at.line.connection._outbox
        kept = outbox.end - outbox.memory()[0]
        assert min(3 * SAMPLES, outbox.end) <= kept <= 3 * SAMPLES


def test_a_flow_goes_on_behind_a_look_for_more_than_a_second_without_a_question():
    line = answering()
    fast_path = line.connection.fast_path
    fast_path.is_detailed = False
    assert sends(line)
    assert receives(line)
    line.now += 0.1
    line.connection.observations.clear()
    fast_path.post()
    line.connection.observations.clear()
    fast_path.renew(line.now)
    for _ in range(11):
        line.now += 0.1
        assert fast_path.notes.send(CHUNK, line.now) is not None
        assert fast_path.notes.receive(line.epoch, DELTA, line.now) is not None
    line.now += 0.2
    assert fast_path.notes.send(CHUNK, line.now) is None


@pytest.mark.parametrize("change", [muted, controlling, complained, dropped])
def test_what_was_shut_is_not_opened_by_a_look(change):
    line = answering()
    fast_path = line.connection.fast_path
    fast_path.is_detailed = False
    assert sends(line)
    change(line)
    line.connection.observations.clear()
    fast_path.renew(line.now)
    assert fast_path.notes.send(CHUNK, line.now) is None
    assert fast_path.notes.receive(line.epoch, DELTA, line.now) is None


def test_a_flow_that_still_grows_ends_when_it_must():
    line = answering()
    fast_path = line.connection.fast_path
    fast_path.is_detailed = False
    line.now += 0.01
    assert sends(line)
    line.now += FLOW_SECONDS - 0.1
    fast_path.renew(line.now)
    line.now += 0.2
    assert fast_path.notes.send(CHUNK, line.now) is None


def test_a_look_at_a_full_memory_lets_nothing_more_in():
    line = live(retention_ms=100, session=BY_HAND)
    fast_path = line.connection.fast_path
    fast_path.is_detailed = False
    assert sends(line)
    line.connection.observations.clear()
    line.connection._outbox._slack -= 50
    fast_path.renew(line.now)
    assert fast_path.notes.send(CHUNK, line.now) is None


def test_a_look_at_a_memory_that_is_fuller_than_it_must_be_makes_room():
    line = live(retention_ms=100, session=BY_HAND)
    fast_path, outbox = line.connection.fast_path, line.connection._outbox
    outbox._slack = len(CHUNK) // 2
    fast_path.is_detailed = False
    while sends(line):
        pass
    assert outbox.room() < outbox._slack
    line.connection.observations.clear()
    before = line.connection.books()
    fast_path.renew(line.now)
    assert outbox.room() == outbox._slack
    assert line.connection.books() == before
    assert fast_path.notes.send(CHUNK, line.now) is not None


def test_a_look_lets_no_more_into_an_item_than_it_may_hold():
    line = answering()
    fast_path, ledger = line.connection.fast_path, line.connection._conversation.ledger
    fast_path.is_detailed = False
    ledger.get("a").received_samples = ledger.most_samples - 60
    assert receives(line)
    line.connection.observations.clear()
    fast_path.renew(line.now)
    noted = [fast_path.notes.receive(line.epoch, DELTA, line.now) for _ in range(3)]
    assert [event is not None for event in noted] == [True, True, False]
