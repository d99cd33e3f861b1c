"""What rare facts add to counters and histograms."""

from __future__ import annotations

import pytest

from telemetry.counting import Counted, beat, ended, fact, live, went
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure, Fault, Phase
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import MilestoneKind
from trunkline.telemetry import families as of
from trunkline.telemetry.reckoning import error_type, token_kinds

SERVER_DOWN = Closure(code=1011, reason="server_error")


def single(counted, family, at=0.0):
    """Labels, count and sum of the only histogram."""
    ((labels, one),) = counted.values(family, at).items()
    return labels, one.count, one.sum


def milestone(kind, at, response="r", **more):
    return fact(seen.Milestone, at, kind=kind, response_id=response, **more)


def test_pings_are_counted_whether_answered_or_not():
    counted = Counted().take(
        *live(), fact(seen.RoundTrip, 1.0, rtt=0.05), fact(seen.PingTimedOut, 2.0)
    )
    assert counted.values(of.PINGS) == {("ok",): 1, ("timeout",): 1}
    assert single(counted, of.RTT) == ((), 1, 0.05)


def test_a_dial_is_counted_with_its_phases():
    opened = fact(seen.LinkOpened, 0.1, took=0.1, phases=(("tcp", 0.03), ("tls", 0.05)))
    counted = Counted().take(*live(), opened)
    assert counted.values(of.CONNECT_ATTEMPTS) == {("ok", ""): 1}
    told = {labels: one.sum for labels, one in counted.values(of.CONNECT).items()}
    assert told == {("all",): 0.1, ("tcp",): 0.03, ("tls",): 0.05}


def test_an_outage_is_one_reconnect_however_many_dials_it_took():
    counted = Counted().take(*live(), fact(seen.RoundTrip, 8.0, rtt=0.05))
    counted.take(ended(10.0, SERVER_DOWN), went(State.LIVE, State.WAITING, 10.0))
    counted.take(ended(11.0, Closure(fault=Fault.REFUSED, phase=Phase.TCP), lived=0.0))
    counted.take(went(State.WAITING, State.LIVE, 12.5, epoch=2))
    counted.take(
        fact(
            seen.Restored,
            12.5,
            epoch=2,
            items=1,
            items_dropped=0,
            replayed_samples=2400,
            lost_samples=0,
            duplicated_samples=1200,
            verified=True,
            owed=False,
            took=2.5,
        )
    )
    assert counted.values(of.RECONNECTS) == {("close_1011",): 1}
    assert counted.values(of.CONNECT_ATTEMPTS) == {("error", "refused"): 1}
    assert counted.values(of.CLOSES) == {("1011", "remote"): 1}
    assert single(counted, of.OUTAGE) == ((), 1, 2.5)
    assert counted.values(of.DUPLICATE) == {("up", "reconnect"): 0.05}


def test_how_long_an_end_took_to_be_seen_is_known_where_the_last_byte_is():
    counted = Counted().take(*live(), beat(9.0, gauges={"heard_at_s": 8.0}), ended(10.0, SERVER_DOWN))  # fmt: skip
    assert single(counted, of.OUTAGE_DETECTION) == ((), 1, 2.0)


def test_a_goodbye_of_ours_is_a_close_and_no_outage():
    counted = Counted().take(*live(), ended(10.0, Closure(code=1000, by_us=True)))
    assert counted.values(of.CLOSES) == {("1000", "local"): 1}
    assert counted.values(of.RECONNECTS) == counted.values(of.CONNECT_ATTEMPTS) == {}
    counted.take(ended(11.0, Closure(fault=Fault.RESET), epoch=2))
    assert counted.values(of.CLOSES)[("none", "remote")] == 1


def test_a_second_link_that_was_not_had_is_an_attempt():
    lost = {"cause": "x", "advice": "", "final": False}
    counted = Counted().take(*live(), fact(seen.RotationFailed, 1.0, closure=None, **lost))
    closure = Closure(status=503, phase=Phase.UPGRADE)
    counted.take(fact(seen.RotationFailed, 2.0, closure=closure, **lost))
    assert counted.values(of.CONNECT_ATTEMPTS) == {("error", "http_503"): 1}


def test_audio_that_is_said_again_after_a_rotation_says_so():
    rotated = {
        "old_epoch": 1,
        "items": 0,
        "items_dropped": 0,
        "replayed_samples": 1,
        "lost_samples": 0,
        "verified": True,
        "owed": False,
        "moment": "in silence",
        "took": 1.0,
    }
    counted = Counted().take(*live(), fact(seen.Rotated, 1.0, epoch=2, **rotated))
    counted.take(beat(2.0, sums={"replayed_samples": 24_000}))
    assert counted.values(of.REPLAYED) == {("up", "rotation"): 1.0}


def test_gaps_are_counted_by_reasons_without_their_figures():
    counted = Counted().take(*live())
    for reason in ("older than the latest 500 ms", "older than the latest 2500 ms", "budget"):
        counted.take(fact(seen.AudioGap, 1.0, start_sample=0, samples=2400, reason=reason))
    assert counted.values(of.LOST) == {
        ("up", "older than the latest"): 0.2,
        ("up", "budget"): 0.1,
    }


def test_what_the_microphone_lost_is_counted():
    counted = Counted().take(*live(), fact(seen.CaptureOverrun, 1.0, lost_ms=250.0))
    assert counted.values(of.CAPTURE_OVERRUNS) == {(): 1}
    assert counted.values(of.CAPTURE_DROPPED) == {(): 0.25}


def test_a_turn_is_measured_from_the_end_of_speech():
    counted = Counted().take(
        *live(),
        milestone(MilestoneKind.SPEECH_STARTED, 1.0),
        milestone(MilestoneKind.SPEECH_STOPPED, 2.0),
        milestone(MilestoneKind.RESPONSE_CREATED, 2.1),
        milestone(MilestoneKind.FIRST_AUDIO, 2.5),
        milestone(MilestoneKind.RESPONSE_DONE, 4.1, status="completed"),
        milestone(MilestoneKind.BARGE_IN, 4.2),
    )
    assert single(counted, of.FIRST_AUDIO) == (("speech_stopped",), 1, 0.5)
    assert single(counted, of.RESPONSE_DURATION) == (("completed",), 1, pytest.approx(2.0))
    assert counted.values(of.RESPONSES) == {("completed", ""): 1}


def test_a_turn_by_hand_is_measured_from_its_commit():
    settings = '{"audio": {"input": {"turn_detection": null}}}'
    counted = Counted().take(
        *live(),
        fact(seen.SettingsConfirmed, 0.5, settings=settings),
        milestone(MilestoneKind.COMMITTED, 1.0),
        milestone(MilestoneKind.RESPONSE_CREATED, 1.1),
        milestone(MilestoneKind.FIRST_AUDIO, 1.75),
        milestone(MilestoneKind.FIRST_AUDIO, 2.5, response="strange"),
    )
    assert single(counted, of.FIRST_AUDIO) == (("committed",), 1, 0.75)


def test_a_failed_response_says_why_and_is_an_error():
    counted = Counted().take(
        *live(),
        milestone(MilestoneKind.RESPONSE_CREATED, 1.0),
        fact(seen.ResponseFailed, 2.0, response_id="r", code="rate_limit_exceeded", message="m"),
        milestone(MilestoneKind.RESPONSE_DONE, 2.0, status="failed"),
        fact(seen.ServerError, 3.0, code="", type="server_error", message="m"),
    )
    assert counted.values(of.RESPONSES) == {("failed", "rate_limit_exceeded"): 1}
    assert counted.values(of.API_ERRORS) == {
        ("response_failed", "rate_limit_exceeded"): 1,
        ("server_error", "server_error"): 1,
    }


def test_responses_that_never_end_take_no_memory():
    counted = Counted().take(*live())
    for n in range(200):
        counted.take(milestone(MilestoneKind.RESPONSE_CREATED, 1.0, response=f"r{n}"))
        counted.take(fact(seen.ResponseFailed, 1.0, response_id=f"f{n}", code="x", message=""))
    standing = counted.figures.account.known(counted.fleet.lines["a"])
    assert len(standing.created) == len(standing.failures) == 16


def test_a_cut_that_the_server_confirmed_is_a_stage_of_barge_in():
    counted = Counted().take(*live(), fact(seen.TruncateConfirmed, 1.0, item_id="i", took=0.2))
    assert single(counted, of.BARGE_IN) == (("confirmed",), 1, 0.2)


def tokens(**fields):
    return fact(seen.ResponseUsage, 1.0, response_id="r", **fields)


def test_tokens_are_told_apart_as_far_as_the_server_does_and_none_is_counted_twice():
    counted = Counted().take(
        *live(),
        tokens(
            input_tokens=100, output_tokens=50, cached_tokens=30, input_text_tokens=60,
            input_audio_tokens=40, cached_text_tokens=20, cached_audio_tokens=10,
            output_text_tokens=10, output_audio_tokens=40,
        ),
    )  # fmt: skip
    assert counted.values(of.TOKENS) == {
        ("input", "text", "false"): 40,
        ("input", "audio", "false"): 30,
        ("input", "text", "true"): 20,
        ("input", "audio", "true"): 10,
        ("output", "text", "false"): 10,
        ("output", "audio", "false"): 40,
    }


def test_where_nobody_says_what_the_cached_ones_are_they_are_unknown():
    told = tokens(
        input_tokens=100, output_tokens=50, cached_tokens=30, input_text_tokens=60,
        input_audio_tokens=40,
    ).fact  # fmt: skip
    assert list(token_kinds(told)) == [
        (70, "input", "unknown", "false"),
        (30, "input", "unknown", "true"),
        (50, "output", "unknown", "false"),
    ]


@pytest.mark.parametrize(
    ("closure", "word"),
    [
        (Closure(fault=Fault.REFUSED, phase=Phase.TCP), "refused"),
        (Closure(fault=Fault.RESET, code=1006), "reset"),
        (Closure(fault=Fault.DEAD, code=1000, by_us=True), "dead"),
        (Closure(fault=Fault.HANDSHAKE, status=503), "http_503"),
        (Closure(code=1011), "close_1011"),
        (Closure(code=1000, error_code="session_expired"), "session_expired"),
        (Closure(), "unknown"),
    ],
)
def test_the_reason_of_an_end_is_one_word(closure, word):
    assert error_type(closure) == word
