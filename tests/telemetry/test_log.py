from __future__ import annotations

import logging

import pytest

from telemetry.recorded import RATE_HZ, recorded
from trunkline.protocol.observations import Anomaly, AudioGap
from trunkline.telemetry.log import BURST, WINDOW_SECONDS, LogFold


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
