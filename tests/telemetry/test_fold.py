from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.strategies import any_fact
from telemetry.test_digester import _bounded
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import MilestoneKind
from trunkline.telemetry import beat, digester, fold
from trunkline.telemetry.alerts import RULES
from trunkline.telemetry.digester import Digester
from trunkline.telemetry.fold import RTT, LineFold
from trunkline.telemetry.frames import Beat, Began, Ended, Marked, Told
from trunkline.telemetry.history import Track
from trunkline.telemetry.levels import Level
from trunkline.telemetry.line_view import row_of, snapshot_of
from trunkline.telemetry.recordform import written
from trunkline.telemetry.turns import FIRST_AUDIO
from trunkline.telemetry.views import Mark

BEGAN = Began(line="x", at=100.0, wall_offset=0.0, name="x")


def _fold(*facts):
    line = LineFold.begun(BEGAN)
    for fact in facts:
        line.apply(Told(line="x", fact=fact))
    return line


def _beat(at, **sums):
    return Beat(line="x", at=at, epoch=1, sums=sums)


def _live(at=100.1, epoch=1):
    return seen.Transition(at=at, epoch=epoch, source=State.RESTORING, target=State.LIVE, cause="c")


def _ended(at, epoch=1):
    closure = Closure(code=1006)
    return seen.LinkEnded(at=at, epoch=epoch, closure=closure, verdict=judge(closure), lived=1.0)


def test_a_beat_that_ends_at_a_whole_second_belongs_to_the_second_before():
    line = _fold()
    for at in (100.5, 101.0, 101.5, 102.0, 102.5):
        line.apply(_beat(at, up_bytes=10))
    assert line.pulse.history.series(Track.UP_BYTES)[-2:] == (20.0, 20.0)


def test_a_second_is_closed_by_the_first_word_of_a_later_one():
    line = _fold(
        seen.RoundTrip(at=100.5, epoch=1, rtt=0.2), seen.RoundTrip(at=101.1, epoch=1, rtt=0.1)
    )
    assert line.pulse.history.series(Track.RTT)[-1] == pytest.approx(0.2)


def test_a_line_that_was_silent_for_hours_goes_on_at_once():
    line = _fold(_live(), seen.RoundTrip(at=9000.5, epoch=1, rtt=0.2))
    line.settle(9001)
    assert line.pulse.second == 9001
    assert line.pulse.history.series(Track.RTT)[-2:] == (None, pytest.approx(0.2))


def test_a_line_is_lost_the_moment_its_session_is():
    pings = [seen.RoundTrip(at=101.0 + n, epoch=1, rtt=0.02) for n in range(4)]
    line = _fold(_live(), *pings)
    assert line.scorer.grade == "excellent"
    line.apply(Told(line="x", fact=_ended(104.2)))
    lost = seen.Transition(at=104.2, epoch=1, source=State.LIVE, target=State.WAITING, cause="c")
    line.apply(Told(line="x", fact=lost))
    assert line.scorer.grade == "lost"
    line.apply(Told(line="x", fact=_live(105.3, 2)))
    assert line.scorer.grade != "lost"


def test_stalls_and_late_chunks_are_held_against_the_link():
    line = _fold(_live(), *(seen.RoundTrip(at=101.0 + n, epoch=1, rtt=0.0) for n in range(3)))
    line.apply(_beat(104.0, silent_s=0.1, played_s=1.0, timed_chunks=50, late_chunks=5))
    line.settle(104)
    assert line.scorer.taken["stalls"] == pytest.approx(25.0)
    assert line.scorer.taken["late"] == pytest.approx(5.0)


def test_the_second_link_of_a_rotation_is_not_yet_the_lines():
    rotating = seen.Transition(
        at=101.0, epoch=1, source=State.LIVE, target=State.ROTATING, cause="c"
    )
    line = _fold(_live(), seen.RoundTrip(at=100.5, epoch=1, rtt=0.2), rotating,
                 seen.LinkOpened(at=102.0, epoch=2, took=0.1, phases=(("tcp", 0.02),)))  # fmt: skip
    assert (line.epoch, line.round_trips.last) == (1, 0.2)
    assert line.standing.phases == (("tcp", 0.02),)


def test_what_a_server_says_is_kept_within_bounds():
    errors = [
        seen.ServerError(at=101.0, epoch=1, code=f"c{n}", type="t", message="") for n in range(40)
    ]
    line = _fold(*errors, seen.ServerError(at=101.0, epoch=1, code="", type="typed", message=""),
                 seen.ResponseFailed(at=101.0, epoch=1, response_id="r", code="", message=""))  # fmt: skip
    assert len(line.standing.errors) == 33
    assert line.standing.errors["other"] == 10


def test_tokens_add_up_and_limits_are_the_last():
    usage = seen.ResponseUsage(
        at=101.0, epoch=1, response_id="r", input_tokens=10, output_tokens=4, cached_tokens=2
    )
    limits = seen.RateLimits(at=101.0, epoch=1, limits=(("tokens\x1b", 100, 40, 1.5),))
    line = _fold(usage, usage, limits, seen.CaptureOverrun(at=101.0, epoch=1, lost_ms=40.0),
                 seen.CaptureOverrun(at=102.0, epoch=1, lost_ms=2.5))  # fmt: skip
    snapshot = snapshot_of(line, 103.0, 60)
    assert (
        snapshot.usage.input_tokens,
        snapshot.usage.output_tokens,
        snapshot.usage.cached_tokens,
    ) == (20, 8, 4)
    assert snapshot.usage.limits == (("tokens\u241b", 100, 40, 1.5),)
    assert snapshot.capture_lost_ms == 42.5


def test_durations_that_are_told_one_by_one_are_spread_and_handed_on():
    line = _fold(seen.RoundTrip(at=101.0, epoch=1, rtt=0.2))
    assert line.measured() == [(RTT, 0.2)]
    mark = {"at": 101.5, "epoch": 1}
    line.apply(Told(line="x", fact=seen.Milestone(kind=MilestoneKind.SPEECH_STARTED, **mark)))
    assert line.measured() == []
    line.apply(Told(line="x", fact=seen.Milestone(kind=MilestoneKind.SPEECH_STOPPED, **mark)))
    line.apply(
        Told(
            line="x",
            fact=seen.Milestone(kind=MilestoneKind.RESPONSE_CREATED, response_id="r", **mark),
        )
    )
    heard = seen.Milestone(at=102.0, epoch=1, kind=MilestoneKind.FIRST_AUDIO, response_id="r")
    line.apply(Told(line="x", fact=heard))
    assert line.measured() == [(FIRST_AUDIO, 0.5)]
    assert len(line.pulse.spread(FIRST_AUDIO).merged(102.0, 60)) == 1


def test_a_line_that_is_introduced_again_is_the_same_one():
    line = _fold(_live())
    line.apply(Ended(line="x", at=103.0, gone=True))
    assert line.is_over
    assert row_of(line, 200.0).state == "gone"
    assert row_of(line, 200.0).age_s == 3.0
    line.apply(Began(line="x", at=100.0, wall_offset=0.0, name="\x1bname", controllable=True))
    assert not line.is_over
    row = row_of(line, 200.0)
    assert (row.name, row.state, row.controllable) == ("\u241bname", "live", True)


def test_marks_are_kept_within_bounds():
    line = _fold()
    for n in range(100):
        line.apply(Marked(line="x", mark=Mark(at=float(n), number=n)))
    assert [mark.number for mark in line.marks] == list(range(36, 100))


def test_every_kind_of_fact_is_taken():
    # These change no number of a fold: the digester sums some of them, the journal tells the others.
    summed = {"AudioAccepted", "AudioConsumed", "AudioHeard", "AudioReceived", "AudioSent", "ChunkLate",
              "KernelSampled", "LevelSampled", "LoopLagged", "MessagePassed", "PlayoutSampled",
              "QueueSampled", "WriterStalled"}  # fmt: skip
    told = {
        "Congested",
        "DrainBegun",
        "LoopBlocked",
        "RotationBegun",
        "Stalled",
        "Suspended",
    }
    kinds = {
        name
        for name in seen.__all__
        if isinstance(getattr(seen, name), type)
        and issubclass(getattr(seen, name), seen.Observation)
    } - {"Observation"}
    assert kinds - {kind.__name__ for kind in fold._STEPS} == summed | told
    assert summed <= {kind.__name__ for kind in digester._STEPS}
    # What may wait for others is what is summed, and a round trip: anything else must come at once.
    assert summed | {"RoundTrip"} == {kind.__name__ for kind in seen.FREQUENT}


@given(st.lists(st.tuples(st.floats(0, 0.7), any_fact()), max_size=60))
def test_no_order_of_facts_breaks_a_fold(steps):
    line, at = LineFold.begun(BEGAN), BEGAN.at
    summing = Digester(BEGAN, line.apply)
    for step, fact in steps:
        at += step
        summing.observe(_bounded(fact, at))
    summing.flush(at)
    line.settle(int(at) + 1)
    snapshot, row = snapshot_of(line, at, 60), row_of(line, at)
    assert snapshot.age_s == at - BEGAN.at
    assert row.key == "x"
    assert line.pulse.totals.get(beat.ACCEPTED, 0) >= 0


@pytest.mark.parametrize("end", [State.CLOSED, State.FAILED])
def test_a_line_that_is_closed_or_failed_grows_no_older(end):
    over = seen.Transition(at=104.0, epoch=1, source=State.CLOSING, target=end, cause="c")
    line = _fold(_live(), over)
    assert row_of(line, 500.0).age_s == 4.0
    assert row_of(line, 500.0).state == end.value


def _waiting(at, epoch=1):
    return seen.Transition(at=at, epoch=epoch, source=State.LIVE, target=State.WAITING, cause="c")


def _told(line, *facts):
    for fact in facts:
        line.apply(Told(line="x", fact=fact))
    return [(alert.level, alert.text) for alert in line.alerts.news()]


def test_an_outage_is_an_alert_at_once_and_says_how_it_goes_on():
    line = _fold(_live())
    (raised,) = _told(line, _ended(104.0))
    assert raised == (Level.BAD, "outage 0.0 s, close 1006")
    _told(line, _waiting(104.0), seen.RetryScheduled(at=104.0, epoch=1, attempt=3, delay=3.4))
    line.settle(106)
    assert line.alerts.news()[-1].text == "outage 2.0 s, close 1006, try 3 in 1.4 s"
    assert [alert.text for alert in line.alerts.raised()] == [
        "outage 2.0 s, close 1006, try 3 in 1.4 s"
    ]
    assert row_of(line, 106.5).level is Level.BAD
    (cleared,) = _told(line, _live(110.2, 2))[-1:]
    assert cleared == (Level.OK, "recovered after 6.2 s")
    assert [alert.text for alert in line.alerts.raised()] == []


def test_a_line_that_failed_stays_an_alert():
    closure = Closure(code=3000, reason="invalid_request_error.invalid_api_key")
    end = seen.LinkEnded(at=104.0, epoch=1, closure=closure, verdict=judge(closure), lived=1.0)
    failed = seen.Transition(at=104.0, epoch=1, source=State.LIVE, target=State.FAILED, cause="c")
    line = _fold(_live(), end, failed)
    line.settle(200)
    (alert,) = line.alerts.raised()
    assert alert.text.startswith("failed: the key was not accepted")
    assert row_of(line, 200.0).needs_attention


def test_a_line_that_is_closed_has_nothing_wrong_with_it():
    closed = seen.Transition(
        at=106.0, epoch=1, source=State.WAITING, target=State.CLOSED, cause="c"
    )
    line = _fold(_live(), _ended(104.0), closed)
    assert line.alerts.raised() == ()
    assert line.alerts.news()[-1].text == "closed"


def test_a_process_that_went_without_a_word_is_an_alert_until_it_is_back():
    line = _fold(_live())
    line.apply(Ended(line="x", at=103.0, gone=True))
    assert [alert.metric for alert in line.alerts.raised()] == ["gone"]
    line.apply(BEGAN)
    assert line.alerts.raised() == ()


def test_three_slow_turns_are_an_alert_and_one_is_not():
    line, at, levels = _fold(_live()), 110.0, []
    for n in range(4):
        mark = {"epoch": 1, "response_id": f"r{n}"}
        levels.append(line.alerts.worst)
        _told(line,
              seen.Milestone(at=at, kind=MilestoneKind.SPEECH_STARTED, **mark),
              seen.Milestone(at=at + 1, kind=MilestoneKind.SPEECH_STOPPED, **mark),
              seen.Milestone(at=at + 1, kind=MilestoneKind.RESPONSE_CREATED, **mark),
              seen.Milestone(at=at + 3, kind=MilestoneKind.FIRST_AUDIO, **mark),
              seen.Milestone(at=at + 4, kind=MilestoneKind.RESPONSE_DONE, status="completed", **mark))  # fmt: skip
        at += 30.0
    assert levels == [Level.OK, Level.OK, Level.OK, Level.BAD]
    (alert,) = line.alerts.raised()
    assert alert.text == "first audio 2000 ms > 1500 ms (3 of 3)"


def test_slow_pings_are_an_alert_with_its_figures():
    line = _fold(_live(), *(seen.RoundTrip(at=101.5 + n, epoch=1, rtt=0.64) for n in range(6)))
    assert "RTT 640 ms > 400 ms (3 of 3)" in [alert.text for alert in line.alerts.news()]
    assert snapshot_of(line, 107.0, 60).alerts == line.alerts.raised()
    assert row_of(line, 107.0).alerts == len(line.alerts.raised()) > 0


def test_the_timeline_has_an_outage_that_was_over_within_its_second():
    line = _fold(_live(), _ended(104.1), _waiting(104.1), _live(104.3, 2))
    line.settle(110)
    timeline = snapshot_of(line, 110.0, 60).timeline
    assert timeline.state[-3:] == (None, "reconnecting", "live")
    assert timeline.alerts[-3:] == (Level.OK, Level.BAD, Level.WARNING)


def test_the_timeline_shares_out_speech():
    mark = {"epoch": 1, "response_id": "r"}
    line = _fold(
        _live(),
        seen.Milestone(at=101.0, kind=MilestoneKind.SPEECH_STARTED, **mark),
        seen.Milestone(at=103.5, kind=MilestoneKind.SPEECH_STOPPED, **mark),
    )
    line.apply(_beat(104.5, received_samples=24_000, underruns=2))
    line.settle(106)
    timeline = snapshot_of(line, 106.0, 60).timeline
    assert timeline.user[-2:] == pytest.approx((0.5, 0.0))
    assert timeline.model[-2:] == pytest.approx((0.2, 0.0))
    assert timeline.underruns[-2:] == (2, 0)


def test_a_process_that_goes_takes_no_line_along_that_was_over_before():
    fold = LineFold.begun(Began(line="a", at=0.0, wall_offset=0.0, name="a"))
    fold.apply(Ended(line="a", at=5.0))
    fold.apply(Ended(line="a", at=9.0, gone=True))
    assert (fold.ended_at, fold.gone) == (5.0, False)
    other = LineFold.begun(Began(line="b", at=0.0, wall_offset=0.0, name="b"))
    other.apply(Ended(line="b", at=9.0, gone=True))
    assert other.gone


def test_an_outage_says_how_long_it_took_to_be_seen():
    line = _fold(_live())
    line.apply(Beat(line="x", at=104.0, epoch=1, gauges={beat.HEARD_AT: 103.2}))
    line.apply(Told(line="x", fact=_ended(106.5)))
    assert snapshot_of(line, 107.0, 60).outages[0].detected_s == pytest.approx(3.3)


def test_audio_that_was_not_delivered_is_told_by_its_reason():
    gaps = [seen.AudioGap(at=101.0, epoch=1, start_sample=0, samples=n, reason=reason)
            for n, reason in ((24, "budget"), (240, "overflow"), (24, "budget"))]  # fmt: skip
    assert snapshot_of(_fold(*gaps), 102.0, 60).gaps == (("overflow", 10.0), ("budget", 2.0))


def test_the_time_of_responses_is_spread():
    mark = {"epoch": 1, "response_id": "r"}
    line = _fold(seen.Milestone(at=101.0, kind=MilestoneKind.RESPONSE_CREATED, **mark),
                 seen.Milestone(at=105.0, kind=MilestoneKind.RESPONSE_DONE, status="completed", **mark))  # fmt: skip
    assert snapshot_of(line, 106.0, 60).response.p50_ms == pytest.approx(4000, rel=0.04)


def test_what_a_broken_link_silences_was_not_barged_into():
    def moment(at, kind, response_id=""):
        return seen.Milestone(at=at, epoch=1, kind=kind, response_id=response_id)

    line = _fold(
        moment(101.0, MilestoneKind.RESPONSE_CREATED, "r"),
        moment(101.2, MilestoneKind.FIRST_AUDIO, "r"),
        seen.PlayStarted(at=101.3, epoch=1, item_id="i", samples=0),
        moment(102.0, MilestoneKind.SPEECH_STARTED),
        moment(102.0, MilestoneKind.BARGE_IN),
        _ended(102.1),
        seen.PlayStopped(at=105.8, epoch=1, item_id="i", cut=True),
    )
    assert [turn.barge_in_ms for turn in line.turns.view()] == [None, None]
    assert "barge_in" not in line.pulse.spreads


def _spoken(line, at, *squares):
    """Half a second of the microphone for each mean square."""
    for n, square in enumerate(squares, 1):
        sums = {beat.INPUT_SAMPLES: 12_000, beat.INPUT_ENERGY: 12_000 * square}
        line.apply(_beat(at + n / 2, **sums))
    return at + len(squares) / 2


@pytest.mark.parametrize(("voice", "is_raised"), [(5e-3, False), (5e-5, True)])
def test_an_input_is_low_by_its_speech_and_not_by_the_silence_around_it(voice, is_raised):
    line, at = _fold(), 101.0
    for _ in range(6):
        line.apply(_moment(at, MilestoneKind.SPEECH_STARTED))
        at = _spoken(line, at, voice, voice, 1e-6)
        line.apply(_moment(at, MilestoneKind.SPEECH_STOPPED))
        at = _spoken(line, at, 1e-6)
    line.settle(int(at))
    texts = [alert.text for alert in line.alerts.raised()]
    assert texts == (["input level -40 dBFS < -35 dBFS (3 of 3)"] if is_raised else [])


def _moment(at, kind):
    return Told(line="x", fact=seen.Milestone(at=at, epoch=1, kind=kind))


def test_a_voice_knows_who_detects_it_and_that_it_was_muted():
    by_hand = '{"audio":{"input":{"turn_detection":null}}}'
    line = _fold(seen.SettingsConfirmed(at=100.1, epoch=1, settings=by_hand))
    assert not line.pulse.voice.detected
    assert line.turns.by_hand
    _spoken(line, 101.0, 0.1)
    assert line.pulse.voice.ranges
    line.apply(Told(line="x", fact=seen.Muted(at=102.0, epoch=1, on=True)))
    assert line.pulse.voice.ranges == []


def test_what_a_line_is_judged_by_is_not_written_down_with_it():
    """It is whoever reads that judges, and it was a quarter of a keyframe."""
    one = LineFold.begun(Began(line="x", at=100.0, wall_offset=1e9, name="x"))
    assert one.rules is RULES
    assert "threshold" not in str(json.loads(written({"fold": one})))
