from __future__ import annotations

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.recorded import RATE_HZ, START, recorded
from telemetry.strategies import any_fact
from telemetry.test_digester import _bounded
from trunkline.audio import codec
from trunkline.protocol import observations as seen
from trunkline.protocol.observations import Direction, MilestoneKind
from trunkline.telemetry.entries import Entries
from trunkline.telemetry.entry import Way
from trunkline.telemetry.frames import Began, Inspected
from trunkline.telemetry.inspector import Inspector
from trunkline.telemetry.levels import Level

BEGAN = Began(line="x", at=0.0, wall_offset=0.0, name="x", rate_hz=RATE_HZ)
CHUNK = 480
UP, DOWN = Direction.UP, Direction.DOWN


def _message(at, direction, type_, **fields):
    message = orjson.dumps({"type": type_, **fields})
    return seen.MessagePassed(
        at=at, epoch=1, direction=direction, type=type_, size_bytes=len(message), message=message
    )


def _append(at):
    """A chunk as the line tells it."""
    message = codec.append_message(bytes(2 * CHUNK))
    return (
        seen.AudioSent(at=at, epoch=1, samples=CHUNK, replayed=False),
        seen.ChunkLate(at=at, epoch=1, late=0.0004, samples=CHUNK),
        seen.MessagePassed(at=at, epoch=1, direction=UP, type="input_audio_buffer.append",
                           size_bytes=len(message), message=message),
    )  # fmt: skip


def _delta(at, item="i"):
    pcm = (b"\x00\x40" * 2400) if item == "loud" else bytes(4800)
    audio = base64.b64encode(pcm).decode()
    return (
        _message(
            at, DOWN, "response.output_audio.delta", response_id="r", item_id=item, delta=audio
        ),
        seen.AudioReceived(at=at, epoch=1, response_id="r", item_id=item, samples=2400),
    )


def _mark(at, kind, **fields):
    return seen.Milestone(at=at, epoch=1, kind=kind, **fields)


def _inspected(*facts, **options):
    entries, told = Entries(), []

    def emit(frame):
        assert isinstance(frame, Inspected)
        told.append(frame.entry)
        entries.put(frame.entry)

    inspector = Inspector(BEGAN, emit, **options)
    for fact in facts:
        inspector.observe(fact)
    inspector.flush(facts[-1].at if facts else 0.0)
    return entries.view(), told


def test_chunks_of_a_second_are_one_entry():
    facts = [fact for n in range(120) for fact in _append(n * 0.02)]
    entries, _ = _inspected(*facts)
    assert [entry.count for entry in entries] == [50, 50, 20]
    first = entries[0]
    assert (first.way, first.type, first.audio_ms) == (Way.UP, "input_audio_buffer.append", 1000.0)
    assert first.size_bytes == 50 * facts[2].size_bytes
    assert first.until == pytest.approx(0.98)
    assert first.latency_ms == 0.4
    assert "20 ms PCM16" in first.detail
    assert len(first.wave) <= 32


def test_an_answer_is_one_entry_though_other_things_come_between():
    facts = []
    for n in range(43):
        facts += _delta(1.0 + n * 0.02)
        facts.append(_message(1.0 + n * 0.02, DOWN, "response.output_audio_transcript.delta",
                              response_id="r", item_id="i", delta=f"word{n} "))  # fmt: skip
        facts += _append(1.0 + n * 0.02)
    entries, _ = _inspected(*facts)
    kinds = {entry.type: entry for entry in entries}
    assert len(entries) == 3
    audio = kinds["response.output_audio.delta"]
    assert (audio.count, audio.audio_ms, audio.item_id, audio.response_id) == (43, 4300.0, "i", "r")
    assert "<base64 6 400 B → 4 800 B → 100 ms PCM16>" in audio.detail
    words = kinds["response.output_audio_transcript.delta"]
    assert words.note.startswith('"word0 word1 word2')


def test_a_pause_and_another_item_begin_another_run():
    facts = [*_delta(1.0), *_delta(1.1), *_delta(9.0), *_delta(9.1, "loud")]
    entries, _ = _inspected(*facts)
    assert [entry.count for entry in entries] == [2, 1, 1]
    assert [entry.peak_dbfs for entry in entries] == [-96.0, -96.0, -6.0]


def test_a_run_keeps_its_number_and_is_told_ten_times_a_second():
    facts = [fact for n in range(50) for fact in _append(n * 0.02)]
    _, told = _inspected(*facts)
    assert {entry.number for entry in told} == {1}
    assert 9 <= len(told) <= 12
    counts = [entry.count for entry in told]
    assert counts == sorted(counts)
    assert counts[-1] == 50


def test_turns_are_numbered_and_their_moments_say_how_long_they_took():
    facts = [
        _message(0.5, DOWN, "session.created", session={"id": "s"}),
        _message(1.0, DOWN, "input_audio_buffer.speech_started", audio_start_ms=900, item_id="u"),
        _mark(1.0, MilestoneKind.SPEECH_STARTED, item_id="u"),
        _message(3.0, DOWN, "input_audio_buffer.speech_stopped", audio_end_ms=2900, item_id="u"),
        _mark(3.0, MilestoneKind.SPEECH_STOPPED, item_id="u"),
        _message(3.1, DOWN, "response.created", response={"id": "r"}),
        _mark(3.1, MilestoneKind.RESPONSE_CREATED, response_id="r"),
        *_delta(4.42),
        _mark(4.42, MilestoneKind.FIRST_AUDIO, response_id="r"),
        _message(7.667, DOWN, "response.done", response={"id": "r"}),
        seen.ResponseUsage(
            at=7.667, epoch=1, response_id="r", input_tokens=812, output_tokens=96, cached_tokens=0
        ),
        _mark(7.667, MilestoneKind.RESPONSE_DONE, response_id="r", status="completed"),
    ]
    entries, _ = _inspected(*facts)
    created, started, stopped, response, audio, done = entries
    assert [entry.turn for entry in entries] == [None, 1, 1, 1, 1, 1]
    assert (started.note, stopped.note) == ("at 900 ms", "at 2900 ms")
    assert response.response_id == done.response_id == "r"
    assert (audio.note, audio.latency_ms) == ("first audio", pytest.approx(1420.0))
    assert (done.note, done.latency_ms) == ("completed  812/96 tok", pytest.approx(4567.0))
    assert created.type == "session.created"


def test_an_answer_to_a_request_says_how_long_it_took():
    facts = [
        _message(1.0, UP, "session.update", session={}),
        _message(1.5, UP, "session.update", session={}),
        _message(1.25 + 0.5, DOWN, "session.updated", session={}),
        _message(2.0, DOWN, "session.updated", session={}),
        _message(2.5, DOWN, "session.updated", session={}),
    ]
    entries, _ = _inspected(*facts)
    assert [entry.latency_ms for entry in entries] == [None, None, 750.0, 500.0, None]


def test_errors_stand_out_with_their_words():
    facts = [
        _message(1.0, DOWN, "error", error={"code": "c"}),
        seen.ServerError(at=1.0, epoch=1, code="c", type="t", message="said \x1b"),
        _message(2.0, DOWN, "response.done"),
        seen.ResponseFailed(at=2.0, epoch=1, response_id="r", code="rate", message="slow down"),
        _mark(2.0, MilestoneKind.RESPONSE_DONE, response_id="r", status="failed"),
    ]
    entries, _ = _inspected(*facts)
    assert [(entry.level, entry.note) for entry in entries] == [
        (Level.BAD, "c: said \u241b"), (Level.BAD, "failed  rate: slow down"),
    ]  # fmt: skip


def test_limits_are_said_in_short():
    limits = (("requests", 100, 99, 1.0), ("tokens", 40_000, 38_102, 2.0))
    facts = [
        _message(1.0, DOWN, "rate_limits.updated"),
        seen.RateLimits(at=1.0, epoch=1, limits=limits),
    ]
    assert _inspected(*facts)[0][0].note == "requests 99 left  tokens 38102 left"


def test_what_happens_here_stands_between_the_messages():
    def playout(at, underruns, silent):
        return seen.PlayoutSampled(
            at=at, epoch=1, buffered_ms=0.0, underruns=underruns, underrun_ms=silent
        )

    facts = [
        seen.KernelSampled(at=0.9, epoch=1, rtt=0.298, rtt_min=None, retransmits=None, unsent_bytes=None),
        seen.RoundTrip(at=1.0, epoch=1, rtt=0.391),
        playout(1.1, 2, 100.0), playout(1.2, 2, 100.0), playout(1.3, 3, 174.0),
        seen.PingTimedOut(at=2.0, epoch=1),
    ]  # fmt: skip
    entries, _ = _inspected(*facts)
    assert [(entry.type, entry.note, entry.level, entry.latency_ms) for entry in entries] == [
        ("ping", "tcp 298 ms", Level.OK, 391.0),
        ("playout.underrun", "74 ms", Level.WARNING, None),
        ("ping.timeout", "no pong in time", Level.WARNING, None),
    ]
    assert {entry.way for entry in entries} == {Way.LOCAL}
    assert {entry.size_bytes for entry in entries} == {None}


def test_audio_is_read_as_the_session_writes_it():
    settings = orjson.dumps(
        {"audio": {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": 3}}}
    ).decode()
    message = codec.append_message(bytes(320), law="ulaw")
    facts = [
        seen.SettingsConfirmed(at=0.5, epoch=1, settings=settings),
        seen.AudioSent(at=1.0, epoch=1, samples=160, replayed=False),
        seen.MessagePassed(at=1.0, epoch=1, direction=UP, type="input_audio_buffer.append",
                           size_bytes=len(message), message=message),
    ]  # fmt: skip
    entry = _inspected(*facts)[0][0]
    assert "PCMU" in entry.detail
    assert entry.rms_dbfs is not None


def test_contents_may_be_left_out():
    facts = [
        *_append(1.0),
        _message(1.5, DOWN, "response.output_text.delta", item_id="i", delta="secret"),
    ]
    entries, _ = _inspected(*facts, contents=False)
    assert {entry.detail for entry in entries} == {""}
    assert "secret" not in repr(entries)
    assert {entry.wave for entry in entries} == {()}
    assert entries[0].audio_ms == 20.0


def test_another_inspector_of_a_line_goes_on_where_the_last_one_ended():
    inspector = Inspector(BEGAN, lambda frame: None)
    inspector.observe(seen.PingTimedOut(at=1.0, epoch=1))
    entries, told = _inspected(*_append(2.0), first_number=inspector.next_number)
    assert told[0].number == 2
    assert len(entries) == 1


def test_a_recorded_run_is_folded_to_what_a_person_can_read():
    began = Began(line="x", at=START, wall_offset=0.0, name="x", rate_hz=RATE_HZ)
    entries = Entries()
    inspector = Inspector(began, lambda frame: entries.put(frame.entry))
    for fact in recorded():
        inspector.observe(fact)
    inspector.flush(START + 40)
    types = [entry.type for entry in entries.view()]
    assert len(types) < len(recorded()) / 10
    assert {"state", "link.ended", "retry", "ping", "anomaly", "fenced"} <= set(types)
    numbers = [entry.number for entry in entries.view()]
    assert numbers == list(range(1, len(numbers) + 1))


@given(st.lists(st.tuples(st.floats(0, 0.7), any_fact()), max_size=60))
def test_no_order_of_facts_breaks_it(steps):
    told, at = [], 0.0
    inspector = Inspector(BEGAN, told.append)
    for step, fact in steps:
        at += step
        inspector.observe(_bounded(fact, at))
    inspector.flush(at)
    assert all(isinstance(frame, Inspected) for frame in told)
