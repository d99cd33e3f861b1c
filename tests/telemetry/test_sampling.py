from __future__ import annotations

import pytest

from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import MilestoneKind
from trunkline.telemetry import beat
from trunkline.telemetry.alerts import RULES
from trunkline.telemetry.fold import LineFold
from trunkline.telemetry.frames import Beat, Began, Told
from trunkline.telemetry.histogram import bucket_of
from trunkline.telemetry.sampling import backlog_s, samples_of, silenced_percent

BEGAN = Began(line="x", at=100.0, wall_offset=0.0, name="x")
SECOND = 24_000
CLOSURE = Closure(code=1006)


def _sampled(*frames, until=101):
    line = LineFold.begun(BEGAN)
    for frame in frames:
        line.apply(frame)
    line.settle(until)
    return dict(samples_of(line, RULES, float(until)))


def _beat(at=101.0, sums=None, gauges=None, **more):
    return Beat(line="x", at=at, epoch=1, sums=sums or {}, gauges=gauges or {}, **more)


def _told(fact):
    return Told(line="x", fact=fact)


def test_what_is_unknown_is_no_sample():
    assert _sampled() == {"reconnects": 0.0, "silence": 0.0}


def test_a_link_is_judged_by_its_pings_its_score_and_its_past():
    live = seen.Transition(at=100.0, epoch=1, source=State.RESTORING, target=State.LIVE, cause="c")
    pings = [
        _told(seen.RoundTrip(at=100.1 + n / 10, epoch=1, rtt=rtt))
        for n, rtt in enumerate((0.1, 0.1, 0.26))
    ]
    found = _sampled(_told(live), *pings)
    assert found["rtt"] == pytest.approx(260.0)
    assert found["jitter"] == pytest.approx(10.0)
    assert 80 < found["score"] < 90
    assert found["reconnects"] == 0.0
    assert "availability" not in found


def test_availability_is_judged_of_a_line_that_is_old_enough():
    live = seen.Transition(at=106.0, epoch=1, source=State.RESTORING, target=State.LIVE, cause="c")
    dialing = seen.Transition(at=100.0, epoch=1, source=State.IDLE, target=State.DIALING, cause="c")
    assert _sampled(_told(dialing), _told(live), until=700)["availability"] == pytest.approx(0.99)


def test_lateness_and_lag_are_of_the_last_second_alone():
    late, lag = (
        (bucket_of(0.05),) * 20 + (bucket_of(0.5),),
        (bucket_of(0.004),) * 9 + (bucket_of(0.0045),),
    )
    spreads = {beat.LATENESS: late, beat.LOOP_LAG: lag}
    found = _sampled(_beat(spreads=spreads))
    assert found["lateness"] == pytest.approx(50, rel=0.04)
    # Good at its worst: that is what is told then.
    assert found["loop_lag"] == pytest.approx(4.5, rel=0.04)
    assert "lateness" not in _sampled(_beat(spreads=spreads), until=102)


def test_what_waits_is_milliseconds_of_audio():
    sums = {beat.SENT: SECOND, beat.UP_BYTES: 64_000}
    found = _sampled(_beat(sums=sums, gauges={beat.OUTBOX: 2400, beat.UNSENT: 6400}))
    assert found["queue"] == 100.0
    assert found["unsent"] == pytest.approx(100.0)


def test_a_buffer_is_judged_while_an_answer_is_unfinished():
    gauges = {beat.TARGET: 180.0, beat.BUFFERED: 90.0, beat.BUFFERED_LEAST: 45.0}
    assert _sampled(_beat(gauges=gauges))["buffer"] == pytest.approx(25.0)
    assert "buffer" not in _sampled(_beat(gauges=gauges), until=102)


def test_a_voice_is_judged_while_it_speaks_and_its_silence_always():
    sums = {beat.INPUT_SAMPLES: SECOND, beat.INPUT_ENERGY: 0.005 * SECOND, beat.INPUT_CLIPPED: 24}
    found = _sampled(_beat(sums=sums))
    assert found["clipping"] == pytest.approx(0.1)
    assert found["input_silent"] == 0.0
    assert "input_low" not in found
    speech = _told(seen.Milestone(at=100.2, epoch=1, kind=MilestoneKind.SPEECH_STARTED))
    found = _sampled(speech, _beat(sums=sums))
    assert found["input_low"] == found["input_high"] == -20.0


def _speech(at, kind=MilestoneKind.SPEECH_STARTED):
    return _told(seen.Milestone(at=at, epoch=1, kind=kind))


def _heard(at, square, seconds=0.5):
    samples = seconds * SECOND
    return _beat(at, {beat.INPUT_SAMPLES: samples, beat.INPUT_ENERGY: square * samples})


_VOICE, _HUSH = 0.005, 5e-7  # -20 and -60 dBFS


def test_the_silence_before_a_server_calls_it_one_is_not_the_level_of_a_voice():
    found = _sampled(
        _speech(100.0), _heard(100.5, _VOICE), _heard(101.0, _VOICE), _heard(101.5, _HUSH),
        _speech(101.5, MilestoneKind.SPEECH_STOPPED), _heard(102.0, _HUSH), until=102,
    )  # fmt: skip
    assert found["input_silent"] == 1.0
    assert not {"input_low", "input_high"} & set(found)


@pytest.mark.parametrize(
    "end",
    [
        seen.LinkEnded(at=101.0, epoch=1, closure=CLOSURE, verdict=judge(CLOSURE), lived=1.0),
        seen.Milestone(at=101.0, epoch=1, kind=MilestoneKind.COMMITTED),
    ],
    ids=["a link ended", "it was committed by hand"],
)
def test_speech_whose_end_no_server_tells_is_over_all_the_same(end):
    noise = 5e-5
    found = _sampled(
        _speech(100.0), _heard(100.5, 2 * noise), _heard(101.0, noise), _told(end),
        _heard(101.5, noise), _heard(102.0, noise), until=102,
    )  # fmt: skip
    assert "input_low" not in found


def test_speech_that_is_silenced_is_a_share_of_what_was_played():
    line = LineFold.begun(BEGAN)
    line.apply(_beat(sums={beat.SILENT: 0.05, beat.PLAYED: 1.0}))
    line.settle(101)
    assert silenced_percent(line.pulse, 60) == pytest.approx(5.0)
    line.apply(_beat(102.0, {beat.SILENT: 9.0}))
    line.settle(102)
    assert silenced_percent(line.pulse, 60) == 100.0


def test_bytes_are_no_audio_where_none_was_sent():
    assert backlog_s(LineFold.begun(BEGAN).pulse, 1000.0) == 0.0


def test_every_sample_has_a_rule():
    gauges = {beat.TARGET: 1.0, beat.BUFFERED_LEAST: 1.0, beat.OUTBOX: 1, beat.UNSENT: 1}
    sums = {beat.SILENT: 1, beat.PLAYED: 1, beat.INPUT_SAMPLES: SECOND, beat.INPUT_ENERGY: SECOND}
    speech = _told(seen.Milestone(at=100.0, epoch=1, kind=MilestoneKind.SPEECH_STARTED))
    live = seen.Transition(at=100.0, epoch=1, source=State.RESTORING, target=State.LIVE, cause="c")
    pings = [_told(seen.RoundTrip(at=100.1, epoch=1, rtt=0.1)) for _ in range(3)]
    spreads = {beat.LATENESS: (1,), beat.LOOP_LAG: (1,)}
    found = _sampled(speech, _told(live), *pings, _beat(sums=sums, gauges=gauges, spreads=spreads))
    assert set(found) | {"availability", "first_audio", "turn_gap", "barge_in"} == set(RULES)
