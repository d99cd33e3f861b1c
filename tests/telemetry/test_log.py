from __future__ import annotations

import json
import logging

import pytest

from telemetry.recorded import RATE_HZ, recorded
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import (
    Anomaly,
    AudioGap,
    LinkEnded,
    Muted,
    ServerError,
    SettingsConfirmed,
    Speaker,
    Transcript,
    Transition,
)
from trunkline.telemetry.log import BURST, MOST_OF_A_KIND, WINDOW_SECONDS, LogFold, facts_of


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.DEBUG, logger="trunkline")
    return caplog


def _anomaly(at):
    return Anomaly(at=at, epoch=1, kind="odd", sample="{}")


def test_a_record_carries_its_facts_as_fields(logged):
    LogFold("kiosk", RATE_HZ).observe(
        AudioGap(at=5.0, epoch=3, start_sample=0, samples=2_400, reason="budget")
    )
    (record,) = logged.records
    assert record.getMessage() == "kiosk: gap of 100 ms at 0.00 s: budget"
    assert (record.line, record.epoch, record.at) == ("kiosk", 3, 5.0)
    assert record.observation == "AudioGap"
    assert record.levelno == logging.ERROR


def test_audio_makes_no_record(logged):
    fold = LogFold("kiosk", RATE_HZ)
    for fact in recorded():
        fold.observe(fact)
    assert not {record.observation for record in logged.records} & {"AudioSent", "AudioAccepted"}


def test_nothing_a_terminal_obeys_gets_into_a_record(logged):
    LogFold("kiosk", RATE_HZ).observe(
        Anomaly(at=1.0, epoch=1, kind="odd", sample="\x1b]0;owned\x07 sk-abcdef123456")
    )
    message = logged.records[0].getMessage()
    assert "\x1b" not in message
    assert "\x07" not in message
    assert "sk-abc" not in message


def test_a_flood_of_anomalies_is_told_in_part_and_counted(logged):
    fold = LogFold("kiosk", RATE_HZ)
    for n in range(1000):
        fold.observe(_anomaly(n * 0.01))
    assert len(logged.records) == BURST
    fold.observe(_anomaly(WINDOW_SECONDS))
    assert "(995 more like it were not logged)" in logged.records[-1].getMessage()


def test_a_peer_that_invents_kinds_does_not_fill_the_memory(logged):
    fold = LogFold("kiosk", RATE_HZ)
    for n in range(500):
        fold.observe(Anomaly(at=1.0, epoch=1, kind=f"kind {n}", sample=""))
    assert len(logged.records) < 100


def test_what_a_fact_says_is_a_field_as_plain_values(logged):
    closure = Closure(code=1011, reason="server_error")
    LogFold("kiosk", RATE_HZ).observe(
        LinkEnded(at=5.0, epoch=3, closure=closure, verdict=judge(closure), lived=4.5)
    )
    told = logged.records[0].fact
    assert json.loads(json.dumps(told)) == told
    assert told["lived"] == 4.5
    assert told["closure"] == {
        "code": 1011, "reason": "server_error", "ephemeral_key": False, "by_us": False
    }  # fmt: skip
    assert told["verdict"]["disposition"] == "retry"


def test_a_secret_in_any_field_of_a_fact_is_masked(logged):
    secret = "sk-canary0123456789"
    closure = Closure(code=4000, reason=secret, detail=f"Bearer {secret}")
    fold = LogFold(secret, RATE_HZ)
    fold.observe(LinkEnded(at=1.0, epoch=1, closure=closure, verdict=judge(closure), lived=1.0))
    fold.observe(ServerError(at=2.0, epoch=1, code=secret, type=secret, message=secret))
    assert len(logged.records) == 2
    assert secret not in "".join(str(vars(record)) for record in logged.records)


def test_nothing_that_was_said_is_ever_in_a_record():
    words = Transcript(at=1.0, epoch=1, speaker=Speaker.USER, item_id="i", text="x", final=True)
    assert facts_of(words) == facts_of(SettingsConfirmed(at=1.0, epoch=1, settings="{}")) == {}


def test_every_kind_has_its_share_and_the_rest_is_told_with_the_end(logged):
    fold = LogFold("kiosk", RATE_HZ)
    for n in range(500):
        fold.observe(ServerError(at=n * 0.01, epoch=1, code="x", type="y", message="z"))
    assert len(logged.records) == MOST_OF_A_KIND
    over = Transition(at=6.0, epoch=1, source=State.LIVE, target=State.FAILED, cause="link lost")
    fold.observe(over)
    assert [record.getMessage() for record in logged.records[MOST_OF_A_KIND:]] == [
        "kiosk: live → failed (link lost)",
        "kiosk: 440 more of ServerError were not logged",
    ]
    assert logged.records[-1].suppressed == 440


def test_a_level_that_nobody_wants_costs_no_share(caplog):
    caplog.set_level(logging.WARNING, logger="trunkline")
    fold = LogFold("kiosk", RATE_HZ)
    fold.observe(Muted(at=1.0, epoch=1, on=True))
    assert (caplog.records, fold._windows) == ([], {})
