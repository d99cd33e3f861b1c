"""What is measured, on the core's own clock; one sample is one millisecond."""

from __future__ import annotations

import math

import pytest

from protocol.driving import RATE, VAD, Line
from trunkline.protocol import observations as seen
from trunkline.protocol.observations import Direction

LISTENING = {"audio": {"input": {"turn_detection": VAD | {"silence_duration_ms": 200}}}}
SEMANTIC = {"audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}}


def metered(*, session: dict = LISTENING, **options) -> Line:
    line = Line(session=session, **options).come_live()
    line.connection.metering.turn(on=True)
    return line


def give(line: Line, pcm: bytes) -> None:
    line.connection.send_audio(pcm, line.now)
    line.drain()


def square(ms: int, magnitude: int) -> bytes:
    """Half of it up, half of it down."""
    up, down = (
        magnitude.to_bytes(2, "little", signed=True),
        (-magnitude).to_bytes(2, "little", signed=True),
    )
    return (up + down) * (ms // 2)


def test_nothing_is_measured_before_somebody_wants_it_and_after():
    line = Line(session=LISTENING).come_live()
    line.speak(500, chunk=100)
    line.reply("r", "a", "yes", 100)
    line.connection.metering.turn(on=True)
    line.connection.metering.turn(on=False)
    line.speak(500, chunk=100)
    line.turn("u", 0, 400)
    assert line.of(seen.ChunkLate) == []
    assert line.of(seen.LevelSampled) == []
    assert line.of(seen.SpeechEnded) == []


def test_to_begin_twice_forgets_nothing():
    line = metered()
    line.connection.send_audio(bytes(40), line.now)
    line.connection.metering.turn(on=True)
    line.now += 0.5
    line.drain()
    assert [fact.late for fact in line.of(seen.ChunkLate)] == [0.5]


# Lateness.


def test_a_chunk_that_goes_out_at_once_is_not_late():
    line = metered()
    line.speak(40, chunk=20)
    assert [(fact.late, fact.samples) for fact in line.of(seen.ChunkLate)] == [(0.0, 20)] * 2


def test_a_chunk_is_as_late_as_its_last_sample_waited():
    line = metered()
    for _ in range(3):
        line.connection.send_audio(bytes(40), line.now)
        line.now += 0.02
    line.drain()
    # Together they are one message, and its last sample is 20 ms old.
    (fact,) = line.of(seen.ChunkLate)
    assert fact.late == pytest.approx(0.02)
    assert fact.samples == 60


def test_a_long_piece_goes_out_in_chunks_that_are_late_by_the_whole_of_it():
    line = metered(chunk_limit_ms=100)
    line.connection.send_audio(bytes(500), line.now)
    line.now += 1.0
    line.drain()
    assert [fact.samples for fact in line.of(seen.ChunkLate)] == [100, 100, 50]
    assert all(fact.late == pytest.approx(1.0) for fact in line.of(seen.ChunkLate))


def test_audio_that_an_earlier_link_had_is_not_counted_and_what_waited_is():
    line = metered()
    line.speak(300)
    line.fresh("facts")
    line.ended()
    line.speak(200, chunk=100)
    line.come_live()
    late = line.of(seen.ChunkLate)
    replayed = sum(fact.samples for fact in line.of(seen.AudioSent) if fact.replayed)
    assert replayed == 300
    assert sum(fact.samples for fact in late) == 200
    assert all(fact.late > 0.0 for fact in late)


def test_what_was_given_before_the_measuring_began_is_not_counted():
    line = Line(session=LISTENING).come_live()
    line.connection.send_audio(bytes(200), line.now)
    line.connection.metering.turn(on=True)
    line.drain()
    assert line.of(seen.ChunkLate) == []


# Levels.


def test_the_input_is_metered_ten_times_a_second_as_it_is_given():
    line = metered()
    for _ in range(10):
        give(line, square(50, 16384))
    facts = line.of(seen.LevelSampled)
    assert [fact.samples for fact in facts] == [100] * 5
    assert {fact.direction for fact in facts} == {Direction.UP}
    assert facts[0].mean_square == pytest.approx(0.25)
    assert facts[0].peak == pytest.approx(0.5)
    assert facts[0].clipped == 0


def test_full_scale_is_one_and_runs_of_it_are_clipped():
    line = metered()
    give(line, b"\x00\x80" * 100)
    (fact,) = line.of(seen.LevelSampled)
    assert (fact.mean_square, fact.peak, fact.clipped) == (1.0, 1.0, 100)


def test_the_input_is_metered_during_an_outage_too():
    line = metered()
    line.ended()
    give(line, square(100, 8192))
    assert line.of(seen.LevelSampled)[-1].peak == 0.25


def test_a_line_that_is_muted_is_metered_as_the_silence_it_sends():
    line = metered()
    line.connection.devices.mute(on=True, now=line.now)
    give(line, square(100, 8192))
    assert line.of(seen.LevelSampled)[-1].peak == 0.0


def test_a_reply_is_metered_by_what_came():
    line = metered()
    line.reply("r", "a", "yes", 300)
    (fact,) = line.of(seen.LevelSampled)
    assert (fact.direction, fact.samples, fact.mean_square) == (Direction.DOWN, 300, 0.0)


def test_short_pieces_of_a_reply_are_metered_together():
    line = metered()
    line.reply("r", "a", "yes", 60, done=False)
    line.delta("r", "a", 60)
    assert [fact.samples for fact in line.of(seen.LevelSampled)] == [120]


def test_a_reply_that_nobody_hears_is_not_metered():
    line = metered()
    line.reply("r", "a", "yes", 300, done=False)
    line.hear("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    before = len(line.of(seen.LevelSampled))
    line.delta("r", "a", 300)
    assert len(line.of(seen.LevelSampled)) == before


# Where speech ended.


def spoken(line: Line, ms: int) -> None:
    """In real time, 20 ms at a time."""
    for _ in range(0, ms, 20):
        line.now += 0.02
        line.speak(20)


def stopped(line: Line, end_ms: int) -> None:
    line.hear("input_audio_buffer.speech_stopped", item_id="u", audio_end_ms=end_ms)


def test_the_end_of_speech_is_told_with_the_time_its_last_sample_was_given():
    line = metered()
    began_at = line.now
    spoken(line, 3000)
    line.now += 1.0
    stopped(line, 1900)
    (fact,) = line.of(seen.SpeechEnded)
    # 200 ms of the 1900 are the silence that decided it.
    assert fact.end_sample == 1700
    assert fact.captured_at == pytest.approx(began_at + 1.7, abs=0.021)


def test_the_axis_of_a_second_session_is_that_of_the_microphone():
    line = metered()
    spoken(line, 1000)
    line.turn("u1", 0, 900, words="one")
    line.ended()
    line.come_live()
    at = line.now
    spoken(line, 1000)
    line.fresh("facts")
    stopped(line, 700)
    (fact,) = line.of(seen.SpeechEnded)
    # The new session was given the last 100 ms of the first as well.
    assert fact.end_sample == 900 + 500
    assert fact.captured_at == pytest.approx(at + 0.4, abs=0.021)


def test_a_place_that_is_remembered_exactly_is_told_exactly():
    line = metered()
    began_at = line.now
    spoken(line, 1000)
    stopped(line, 220)
    (fact,) = line.of(seen.SpeechEnded)
    assert (fact.end_sample, round(fact.captured_at - began_at, 6)) == (20, 0.02)


def test_a_pause_in_the_audio_does_not_move_what_was_said_before_it():
    line = metered()
    began_at = line.now
    spoken(line, 400)
    line.now += 5.0
    spoken(line, 400)
    stopped(line, 600)
    (fact,) = line.of(seen.SpeechEnded)
    assert fact.captured_at == pytest.approx(began_at + 0.4, abs=0.021)


def test_what_was_said_too_long_ago_is_not_told():
    line = metered()
    spoken(line, 40_000)
    stopped(line, 500)
    assert line.of(seen.SpeechEnded) == []


def test_a_place_that_the_session_cannot_have_heard_is_not_told():
    line = metered()
    stopped(line, 500)
    assert line.of(seen.SpeechEnded) == []


def test_speech_between_two_remembered_places_is_where_it_would_be_if_it_came_evenly():
    line = metered()
    began_at = line.now
    line.connection.send_audio(bytes(2 * RATE), line.now)
    line.now += 1.0
    line.connection.send_audio(bytes(2 * RATE), line.now)
    line.drain()
    stopped(line, 1450)
    (fact,) = line.of(seen.SpeechEnded)
    assert fact.captured_at == pytest.approx(began_at + 0.25)


def test_audio_that_comes_faster_than_it_is_spoken_was_not_given_in_the_future():
    line = metered()
    for _ in range(50):
        line.speak(100)
        line.now += 0.001
    given_at = line.now - 0.001
    stopped(line, 4900)
    (fact,) = line.of(seen.SpeechEnded)
    assert fact.captured_at == pytest.approx(given_at)


@pytest.mark.parametrize(
    "detection",
    [
        {"type": "semantic_vad"},
        VAD | {"silence_duration_ms": "long"},
        None,
    ],
    ids=["semantic", "a nonsense", "by hand"],
)
def test_without_a_known_time_of_silence_the_end_is_not_told(detection: dict | None):
    line = metered(session={"audio": {"input": {"turn_detection": detection}}})
    spoken(line, 1000)
    stopped(line, 900)
    assert line.of(seen.SpeechEnded) == []


def test_a_server_that_does_not_say_takes_half_a_second():
    line = metered(session={"audio": {"input": {"turn_detection": VAD}}})
    spoken(line, 1000)
    stopped(line, 900)
    assert line.of(seen.SpeechEnded)[0].end_sample == 400


def test_the_measures_are_linear():
    line = metered()
    give(line, square(100, 3277))
    fact = line.of(seen.LevelSampled)[0]
    assert 10 * math.log10(fact.mean_square) == pytest.approx(-20.0, abs=0.01)
