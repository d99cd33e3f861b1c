from __future__ import annotations

import json

from telemetry.recorded import RATE_HZ, recorded
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.observations import AudioAccepted, AudioConsumed, AudioGap, LinkEnded
from trunkline.telemetry.report import RunReport


def test_the_report_of_the_recorded_run():
    report = RunReport(RATE_HZ)
    for fact in recorded():
        report.observe(fact)
    found = report.as_dict()
    assert found["reconnects"] == 2
    assert [(end["code"], end["reason"]) for end in found["closures"]] == [
        (1006, "close 1006, connection reset, [Errno 104] reset by peer"),
        (1011, "server_error"),
    ]
    assert found["audio"] == {
        "accepted_ms": 17900.0, "consumed_ms": 9900.0, "replayed_ms": 1500.0,
        "gap_ms": 0.0, "retained_ms": 8000.0,
    }  # fmt: skip
    assert found["restore"] == [
        {"epoch": 2, "items": 2, "took_ms": 580.0},
        {"epoch": 3, "items": 5, "took_ms": 480.0},
    ]
    assert 1 < found["rtt_ms"]["p50"] <= found["rtt_ms"]["p95"] < 4
    json.dumps(found)


def test_an_empty_run_has_zeros_for_sums_and_none_for_what_nobody_measured():
    found = RunReport(RATE_HZ).as_dict()
    assert found["rtt_ms"] == {"p50": None, "p95": None}
    assert set(found["audio"].values()) == {0.0}
    assert found["closures"] == found["restore"] == []


def test_retained_is_what_the_law_leaves_to_the_sample():
    report = RunReport(RATE_HZ)
    report.observe(AudioAccepted(at=0.0, epoch=1, samples=1000))
    report.observe(AudioConsumed(at=0.0, epoch=1, samples=333, evidence="heard"))
    report.observe(AudioGap(at=0.0, epoch=1, start_sample=0, samples=333, reason="budget"))
    assert report.as_dict()["audio"]["retained_ms"] == round(334 / 24, 3)


def test_our_own_goodbye_is_not_among_the_closures():
    report = RunReport(RATE_HZ)
    closure = Closure(code=1000, by_us=True)
    report.observe(LinkEnded(at=1.0, epoch=1, closure=closure, verdict=judge(closure), lived=1.0))
    assert report.as_dict()["closures"] == []
