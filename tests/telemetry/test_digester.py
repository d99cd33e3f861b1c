from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.recorded import END, RATE_HZ, START, recorded
from telemetry.strategies import any_fact
from trunkline.protocol import observations as seen
from trunkline.protocol.observations import Direction, MilestoneKind, Speaker
from trunkline.telemetry import beat
from trunkline.telemetry.digester import WATCHED_BEAT_SECONDS, Digester
from trunkline.telemetry.frames import Beat, Began, Told
from trunkline.telemetry.histogram import bucket_of
from trunkline.telemetry.message_counts import MOST_TYPES

BEGAN = Began(line="x", at=0.0, wall_offset=0.0, name="x", rate_hz=RATE_HZ)


def _digester(*facts, at=0.0):
    frames = []
    digester = Digester(
        Began(line="x", at=at, wall_offset=0.0, name="x", rate_hz=RATE_HZ), frames.append
    )
    for fact in facts:
        digester.observe(fact)
    return digester, frames


def _beaten(*facts, now=0.4):
    digester, frames = _digester(*facts)
    digester.flush(now)
    return next(frame for frame in frames if isinstance(frame, Beat))


def _words(frames):
    return [
        f.fact.text for f in frames if isinstance(f, Told) and isinstance(f.fact, seen.Transcript)
    ]


def _message(at, kind="x", direction=Direction.UP, size=10):
    return seen.MessagePassed(at=at, epoch=1, direction=direction, type=kind, size_bytes=size)


def test_a_line_begins_with_its_introduction():
    _, frames = _digester(at=5.0)
    assert [type(frame) for frame in frames] == [Began]


def test_two_beats_are_a_second_exactly():
    facts = [seen.AudioAccepted(at=n * 0.02, epoch=1, samples=480) for n in range(101)]
    _, frames = _digester(*facts)
    beats = [frame for frame in frames if isinstance(frame, Beat)]
    assert [frame.at for frame in beats] == [0.5, 1.0, 1.5, 2.0]
    assert [frame.sums[beat.ACCEPTED] for frame in beats] == [12_000] * 4


def test_a_line_that_tells_nothing_beats_nothing():
    _, frames = _digester(_message(0.1), _message(7.3))
    assert [frame.at for frame in frames[1:]] == [0.5]


def test_a_watched_line_beats_ten_times_a_second():
    digester, frames = _digester()
    digester.beat_every(WATCHED_BEAT_SECONDS)
    for n in range(100):
        digester.observe(_message(0.5 + n * 0.01))
    assert len(frames) == pytest.approx(10, abs=1)


@given(st.lists(st.tuples(st.floats(0, 0.3), any_fact()), max_size=60))
def test_sums_are_whole_however_beats_fall(steps):
    facts, at = [], 0.0
    for step, fact in steps:
        at += step
        facts.append(_bounded(fact, at))
    digester, frames = _digester(*facts)
    digester.flush(at)
    sums = {}
    for frame in frames:
        if isinstance(frame, Beat):
            for name, amount in frame.sums.items():
                sums[name] = sums.get(name, 0) + amount
    accepted = sum(f.samples for f in facts if type(f) is seen.AudioAccepted)
    up = sum(
        f.size_bytes for f in facts if type(f) is seen.MessagePassed and f.direction is Direction.UP
    )
    assert sums.get(beat.ACCEPTED, 0) == accepted
    assert sums.get(beat.UP_BYTES, 0) == up


def _bounded(fact, at):
    """The fact at this time; amounts as a line would tell them."""
    values = {}
    for name in fact.__dataclass_fields__:
        value = getattr(fact, name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = abs(value) % 10_000
        elif isinstance(value, float):
            value = abs(value) % 100.0
        values[name] = value
    return type(fact)(**values | {"at": at, "epoch": 1})


def test_every_fact_goes_out_summed_or_as_it_is():
    _, frames = _digester(*recorded(), at=START)
    told = {type(frame.fact) for frame in frames if isinstance(frame, Told)}
    assert told == {
        seen.Transition, seen.LinkOpened, seen.SessionReady, seen.LinkEnded, seen.RetryScheduled,
        seen.Restored, seen.Milestone, seen.Transcript, seen.RoundTrip, seen.Anomaly, seen.Fenced,
    }  # fmt: skip
    assert len(frames) < len(recorded()) / 10


def test_messages_are_counted_by_direction_and_type_within_bounds():
    many = [_message(0.1, f"t{n}") for n in range(MOST_TYPES + 5)]
    told = _beaten(*many, _message(0.2, "down there", Direction.DOWN))
    assert told.types["up other"] == 5
    assert told.types["down down there"] == 1
    assert len(told.types) == MOST_TYPES + 2
    assert told.gauges[beat.HEARD_AT] == 0.2


def test_words_wait_for_the_beat_and_come_as_one():
    def word(at, text, item="i", final=False):
        return seen.Transcript(
            at=at, epoch=1, speaker=Speaker.ASSISTANT, item_id=item, text=text, final=final
        )

    digester, frames = _digester(word(0.1, "so"), word(0.2, " we"), word(0.2, "and", "j"))
    assert _words(frames) == []
    digester.observe(word(0.6, " go"))
    assert _words(frames) == ["so we", "and"]
    digester.observe(seen.Anomaly(at=0.7, epoch=1, kind="k", sample=""))
    assert _words(frames) == ["so we", "and", " go"]
    assert isinstance(frames[-1].fact, seen.Anomaly)
    digester.observe(word(0.8, "lost"))
    digester.observe(word(0.8, "the whole", final=True))
    assert _words(frames)[3:] == ["the whole"]


def test_what_a_milestone_ends_is_told_before_it():
    audio = seen.AudioReceived(at=0.1, epoch=1, response_id="r", item_id="i", samples=480)
    done = seen.Milestone(at=0.2, epoch=1, kind=MilestoneKind.RESPONSE_DONE, response_id="r")
    _, frames = _digester(audio, done)
    assert [type(frame) for frame in frames] == [Began, Beat, Told]
    assert frames[1].sums[beat.RECEIVED] == 480


def test_the_books_are_compared_when_both_are_of_one_moment():
    accepted = seen.AudioAccepted(at=0.1, epoch=1, samples=480)
    taken = seen.TakenOver(
        at=0.0, epoch=0, items=0, accepted_samples=10, consumed_samples=3, gap_samples=2
    )
    gap = seen.AudioGap(at=0.2, epoch=1, start_sample=0, samples=80, reason="r")
    consumed = seen.AudioConsumed(at=0.2, epoch=1, samples=100, evidence="heard")
    queued = seen.QueueSampled(
        at=0.3, epoch=1, outbox_samples=7, retained_samples=305, transport_bytes=2
    )
    told = _beaten(taken, accepted, gap, consumed, queued)
    assert told.gauges[beat.IMBALANCE] == 0
    assert told.gauges[beat.OUTBOX_MOST] == 7
    digester, frames = _digester(accepted)
    digester.observe(
        seen.QueueSampled(
            at=0.6, epoch=1, outbox_samples=0, retained_samples=481, transport_bytes=0
        )
    )
    digester.flush(0.7)
    assert frames[-1].gauges[beat.IMBALANCE] == 1


def test_lateness_and_lag_are_spreads():
    late = [
        seen.ChunkLate(at=0.1, epoch=1, late=value, samples=480) for value in (0.001, 0.001, 0.2)
    ]
    lag = seen.LoopLagged(at=0.1, epoch=1, lag=0.004)
    told = _beaten(*late, lag)
    assert told.spreads == {
        beat.LATENESS: (bucket_of(0.001), bucket_of(0.001), bucket_of(0.2)),
        beat.LOOP_LAG: (bucket_of(0.004),),
    }
    assert (told.sums[beat.TIMED_CHUNKS], told.sums[beat.LATE_CHUNKS]) == (3, 1)


def test_levels_are_energies_that_add_up():
    def level(direction, square, peak):
        return seen.LevelSampled(
            at=0.1,
            epoch=1,
            direction=direction,
            mean_square=square,
            peak=peak,
            clipped=2,
            samples=10,
        )

    up, down = Direction.UP, Direction.DOWN
    told = _beaten(level(up, 0.5, 0.9), level(up, 0.1, 0.4), level(down, 0.25, 0.5))
    assert told.sums[beat.INPUT_ENERGY] == pytest.approx(6.0)
    assert (told.sums[beat.INPUT_SAMPLES], told.sums[beat.INPUT_CLIPPED]) == (20, 4)
    assert told.sums[beat.OUTPUT_ENERGY] == pytest.approx(2.5)
    assert (told.gauges[beat.INPUT_PEAK], told.gauges[beat.OUTPUT_PEAK]) == (0.9, 0.5)


def test_underruns_are_what_was_added_and_a_new_playout_counts_from_zero():
    def playout(at, underruns, silent):
        return seen.PlayoutSampled(
            at=at,
            epoch=1,
            buffered_ms=50.0,
            underruns=underruns,
            underrun_ms=silent,
            target_ms=180.0,
        )

    told = _beaten(playout(0.1, 3, 200.0), playout(0.2, 4, 250.0), playout(0.3, 1, 10.0))
    assert told.sums[beat.UNDERRUNS] == 4
    assert told.sums[beat.SILENT] == pytest.approx(0.25)
    assert told.gauges[beat.TARGET] == 180.0
    assert beat.BUFFERED_LEAST not in told.gauges


def test_a_buffer_is_watched_for_its_least_while_an_answer_is_unfinished():
    def playout(at, buffered):
        return seen.PlayoutSampled(at=at, epoch=1, buffered_ms=buffered, underruns=0)

    audio = seen.AudioReceived(at=0.1, epoch=1, response_id="r", item_id="i", samples=480)
    told = _beaten(playout(0.05, 5.0), audio, *(playout(0.2, each) for each in (90.0, 40.0, 60.0)))
    assert told.gauges[beat.BUFFERED_LEAST] == 40.0
    assert told.gauges[beat.BUFFERED] == 60.0


def test_playing_is_time_that_passes_over_beats():
    started = seen.PlayStarted(at=0.2, epoch=1, item_id="i", samples=0)
    stopped = seen.PlayStopped(at=1.3, epoch=1, item_id="i", cut=False)
    digester, frames = _digester(started, _message(0.6), _message(1.1), stopped)
    digester.flush(1.4)
    played = [frame.sums.get(beat.PLAYED, 0.0) for frame in frames if isinstance(frame, Beat)]
    assert played == pytest.approx([0.3, 0.5, 0.3])


def test_what_was_heard_is_counted_by_item():
    facts = [("a", 10), ("a", 30), ("a", 20), ("b", 5)]
    heard = [seen.AudioHeard(at=0.1, epoch=1, item_id=item, samples=n) for item, n in facts]
    assert _beaten(*heard).sums[beat.HEARD] == 35


def test_the_kernel_tells_what_it_can():
    kernel = seen.KernelSampled(
        at=0.1, epoch=1, rtt=0.03, rtt_min=None, retransmits=2, unsent_bytes=0
    )
    gauges = _beaten(kernel).gauges
    assert gauges == {beat.KERNEL_RTT: 0.03, beat.RETRANSMITS: 2, beat.UNSENT: 0}


def test_stalls_and_replays_are_sums():
    sent = seen.AudioSent(at=0.1, epoch=1, samples=480, replayed=False)
    again = seen.AudioSent(at=0.1, epoch=1, samples=960, replayed=True)
    stall = seen.WriterStalled(at=0.1, epoch=1, took=0.3)
    told = _beaten(sent, again, stall)
    assert told.sums == {beat.SENT: 480, beat.REPLAYED: 960, beat.UP_CHUNKS: 2, beat.STALLED: 0.3}


def test_gaps_between_deltas_and_the_lead_are_told_with_the_beat():
    def delta(at):
        return seen.AudioReceived(at=at, epoch=1, response_id="r", item_id="i", samples=2400)

    played = seen.PlayStarted(at=0.15, epoch=1, item_id="i", samples=0)
    told = _beaten(delta(0.1), played, delta(0.2))
    assert told.spreads == {beat.DELTA_GAP: (bucket_of(0.1),)}
    assert told.gauges[beat.LEAD_LEAST] == pytest.approx(0.05)
    assert told.gauges[beat.DELTA_JITTER] == pytest.approx(0.0, abs=1e-9)


def test_a_beat_says_which_link_the_line_talks_over():
    _, frames = _digester(*recorded(), at=START)
    assert [frame.epoch for frame in frames if isinstance(frame, Beat)][-1] == 3
    assert END > START
