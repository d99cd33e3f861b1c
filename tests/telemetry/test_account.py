"""What beats and time add to the counters."""

from __future__ import annotations

import pytest

from telemetry.counting import BASE, SERVER, WALL, Counted, beat, began, fact, live, went
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.telemetry import families as of
from trunkline.telemetry.frames import Ended
from trunkline.telemetry.histogram import RELATIVE_ERROR, bucket_of


def test_the_sums_of_a_beat_are_counters():
    sums = {
        "up_bytes": 100, "down_bytes": 50, "stalled_s": 0.5, "underruns": 2, "silent_s": 0.25,
        "input_clipped_samples": 7, "output_clipped_samples": 3, "sent_samples": 24_000,
        "replayed_samples": 12_000, "received_samples": 48_000, "consumed_samples": 5,
    }  # fmt: skip
    counted = Counted().take(*live(), beat(1.0, sums=sums), beat(2.0, sums=sums))
    assert counted.values(of.NETWORK) == {("up",): 200, ("down",): 100}
    assert counted.values(of.STALLED) == {(): 1.0}
    assert counted.values(of.UNDERRUNS) == {(): 4}
    assert counted.values(of.UNDERRUN_SECONDS) == {(): 0.5}
    assert counted.values(of.CLIPPED) == {("up",): 14, ("down",): 6}
    assert counted.values(of.AUDIO) == {("up",): 3.0, ("down",): 4.0}
    assert counted.values(of.REPLAYED) == {("up", "reconnect"): 1.0}


def test_messages_are_counted_by_direction_and_type():
    types = {"up session.update": 1, "down response.done": 4}
    counted = Counted().take(*live(), beat(1.0, types=types))
    assert counted.values(of.EVENTS) == {("up", "session.update"): 1, ("down", "response.done"): 4}


def test_durations_of_a_beat_are_off_by_no_more_than_the_steps_of_their_histogram():
    late = (0.0004, 0.0031, 0.7)
    spreads = {"lateness": tuple(map(bucket_of, late)), "strange": (1,)}
    counted = Counted().take(*live(), beat(1.0, spreads=spreads))
    (one,) = counted.values(of.LATENESS).values()
    assert one.counts == (1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0)
    assert one.sum == pytest.approx(sum(late), rel=RELATIVE_ERROR)


def test_the_least_lead_of_each_beat_counts_and_a_speaker_that_starved_is_0():
    counted = Counted().take(*live())
    for n, lead in enumerate((-0.5, 0.3), 1):
        counted.take(beat(float(n), gauges={"lead_least_s": lead}))
    (one,) = counted.values(of.DELTA_LEAD).values()
    assert (one.counts[0], one.counts[4], one.sum) == (1, 1, 0.3)


def test_retransmits_are_counted_over_links_although_each_counts_from_0():
    counted = Counted().take(*live())
    for n, (epoch, value) in enumerate([(1, 3), (1, 5), (2, 1), (2, 0), (2, 4)], 1):
        counted.take(beat(float(n), epoch=epoch, gauges={"retransmits": value}))
    assert counted.values(of.RETRANSMITS) == {(): 5 + 1 + 0 + 4}


def test_time_in_states_adds_up_and_never_falls_although_word_of_a_change_comes_late():
    counted = Counted().take(*live())
    assert counted.values(of.STATE_SECONDS, 11.0)[("live",)] == 10.0
    counted.take(went(State.LIVE, State.WAITING, 9.5))
    assert counted.values(of.STATE_SECONDS, 9.7)[("live",)] == 10.0
    told = counted.values(of.STATE_SECONDS, 13.0)
    assert (told[("live",)], told[("waiting",)]) == (10.0, 2.0)
    counted.take(went(State.WAITING, State.FAILED, 13.0))
    assert sum(counted.values(of.STATE_SECONDS, 99.0).values()) == 13.0


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (went(State.LIVE, State.CLOSED, 40.0), "closed"),
        (went(State.LIVE, State.FAILED, 40.0), "failed"),
        (Ended(line="a", at=40.0, gone=True), "gone"),
    ],
)
def test_a_line_that_ended_has_lived_so_long(last, reason):
    counted = Counted().take(*live(), last, Ended(line="a", at=60.0))
    ((labels, one),) = counted.values(of.SESSION_DURATION).items()
    assert (labels, one.count, one.sum) == ((reason,), 1, 40.0)


def test_a_line_that_is_forgotten_leaves_what_it_added():
    counted = Counted().take(*live(), beat(1.0, sums={"up_bytes": 100}))
    counted.take(went(State.LIVE, State.CLOSED, 2.0))
    counted.fleet.forget("a")
    counted.figures.forget("a")
    counted.take(*live("b"), beat(1.0, key="b", sums={"up_bytes": 11}))
    assert counted.values(of.NETWORK) == {("up",): 111}
    assert counted.values(of.STATE_SECONDS, 6.0)[("live",)] == 2.0 + 5.0


def test_seconds_below_an_excellent_score_are_counted_by_what_took_most():
    counted = Counted().take(*live())
    for n in range(1, 8):
        counted.take(fact(seen.RoundTrip, n - 0.5, rtt=0.6), beat(float(n), sums={"up_bytes": 1}))
    counted.take(beat(8.0))
    told = counted.values(of.DEGRADED, 8.0)
    assert list(told) == [("rtt_jitter",)]
    assert 3 <= told[("rtt_jitter",)] <= 7


def test_seconds_without_a_session_are_lost_ones():
    counted = Counted().take(*live(), went(State.LIVE, State.WAITING, 2.0))
    assert counted.values(of.DEGRADED, 12.0)[("lost",)] == pytest.approx(9, abs=1.1)


def test_the_model_is_the_one_asked_for_until_the_server_names_it():
    counted = Counted().take(*live(), beat(1.0, sums={"up_bytes": 1}))
    ready = {"session_id": "s", "model": "gpt-x-2026", "expires_at": None}
    counted.take(fact(seen.SessionReady, 2.0, **ready), beat(3.0, sums={"up_bytes": 1}))
    told = [labels for labels, _ in counted.at(4.0).of(of.NETWORK)]
    assert told == [(*BASE, "up"), ("gpt-x-2026", SERVER, "up")]


def test_names_of_lines_are_no_label_unless_they_are_asked_for_and_then_few():
    frames = [
        frame
        for n in range(150)
        for frame in (*live(f"k{n}"), beat(1.0, key=f"k{n}", sums={"up_bytes": 1}))
    ]
    assert len(Counted().take(*frames).at(2.0).of(of.NETWORK)) == 1
    named = Counted(names=True).take(*frames)
    reading = named.at(2.0)
    assert reading.labels(of.NETWORK) == ("model", "server_address", "line", "direction")
    told = dict(reading.of(of.NETWORK))
    assert len(told) == 101
    assert told[(*BASE, "other", "up")] == 50
    assert told[(*BASE, "line k7", "up")] == 1


def test_a_line_that_was_followed_elsewhere_is_counted_from_then_on():
    other = Counted().take(*live(), beat(1.0, sums={"up_bytes": 100}))
    counted = Counted()
    counted.fleet.put(other.fleet.lines["a"])
    counted.figures.adopt("a", WALL + 30.0)
    counted.take(beat(31.0, sums={"up_bytes": 5}))
    assert counted.values(of.NETWORK, 32.0) == {("up",): 5}
    assert counted.values(of.STATE_SECONDS, 33.0)[("live",)] == 2.0


def test_a_line_whose_process_is_back_is_counted_again():
    counted = Counted().take(*live(), Ended(line="a", at=5.0, gone=True), began())
    counted.take(beat(7.0, sums={"up_bytes": 5}))
    assert counted.values(of.NETWORK, 8.0) == {("up",): 5}
    assert counted.values(of.STATE_SECONDS, 9.0)[("live",)] == 8.0


def test_a_value_is_in_the_bucket_whose_end_it_is():
    counted = Counted().take(*live())
    for n, rtt in enumerate((0.005, 0.0051, 5.0, 5.5, -1.0)):
        counted.take(fact(seen.RoundTrip, n + 1.0, rtt=rtt))
    (one,) = counted.values(of.RTT).values()
    assert (one.counts[0], one.counts[1], one.counts[-2], one.counts[-1]) == (2, 1, 1, 1)
    assert one.sum == pytest.approx(0.005 + 0.0051 + 10.5)


def test_who_listens_hears_each_amount_as_it_is_counted():
    counted = Counted().take(*live())
    counted.take(beat(1.0, sums={"up_bytes": 7}, spreads={"lateness": (0, 0)}))
    counted.take(fact(seen.RoundTrip, 2.0, rtt=0.5))
    heard = [told for told in counted.heard if told[0] is not of.STATE_SECONDS]
    assert heard == [
        (of.NETWORK, (*BASE, "up"), 7),
        (of.LATENESS, BASE, 0.0),
        (of.LATENESS, BASE, 0.0),
        (of.RTT, BASE, 0.5),
        (of.PINGS, (*BASE, "ok"), 1),
    ]


def test_what_takes_back_is_passed_over():
    counted = Counted().take(*live(), beat(1.0, sums={"up_bytes": 7}))
    counted.take(beat(2.0, sums={"up_bytes": -5}))
    assert counted.values(of.NETWORK) == {("up",): 7}


def test_a_line_of_many_types_takes_no_memory():
    counted = Counted().take(*live())
    for n in range(100):
        counted.take(beat(n + 1.0, types={f"up t{n}.{m}": 1 for m in range(20)}))
    assert len(counted.figures.account.known(counted.fleet.lines["a"]).sums) <= 400
    assert sum(counted.values(of.EVENTS).values()) == 2000


def test_products_of_models_servers_and_names_are_bounded():
    counted = Counted(names=True)
    for n in range(1000):
        where = {"model": f"m{n % 10}", "server": f"s{n % 11}", "name": f"l{n % 97}"}
        counted.take(*live(f"k{n}", **where), beat(1.0, key=f"k{n}", sums={"up_bytes": 1}))
    told = dict(counted.at(2.0).of(of.NETWORK))
    assert len(told) == 201
    assert told[("other", "other", "other", "up")] == 800
    assert sum(told.values()) == 1000
