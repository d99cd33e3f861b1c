"""Records as JSON: what collectors find, and what nobody may."""

from __future__ import annotations

import json
import logging

import pytest

from telemetry.recorded import RATE_HZ
from trunkline.protocol.observations import Anomaly, ServerError
from trunkline.telemetry.log import LogFold
from trunkline.telemetry.logformat import JsonFormatter


@pytest.fixture
def written():
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    logger = logging.getLogger("trunkline.jsontest")
    handler = Keeper()
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield logger, lines
    logger.removeHandler(handler)


def test_a_record_is_one_line_with_its_facts(written):
    logger, lines = written
    fold = LogFold("kiosk", RATE_HZ, logger=logger)
    fold.observe(ServerError(at=5.0, epoch=3, code="busy", type="server_error", message="later\n!"))
    (line,) = lines
    told = json.loads(line)
    assert "\n" not in line
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "warning",
        "logger": "trunkline.jsontest",
        "message": "kiosk: the server sent an error, busy: later\n!",
        "line": "kiosk",
        "epoch": 3,
        "at": 5.0,
        "observation": "ServerError",
        "suppressed": 0,
        "fact": {"code": "busy", "type": "server_error", "message": "later\n!"},
    }


def test_no_key_and_no_control_character_leaves_by_any_field(written):
    logger, lines = written
    secret = "sk-canary0123456789"
    hostile = f"\x1b]0;x\x07 {secret}"
    LogFold(hostile, RATE_HZ, logger=logger).observe(
        Anomaly(at=1.0, epoch=1, kind=hostile, sample=hostile)
    )
    logger.info("a %s", hostile, extra={"fact": {hostile: [hostile, (hostile,)]}})
    try:
        int(hostile)
    except ValueError:
        logger.exception("it broke")
    assert len(lines) == 3
    for line in lines:
        assert secret not in line
        assert "\x1b" not in line
        assert "\\u001b" not in line
        json.loads(line)
    assert "ValueError" in json.loads(lines[2])["exception"]


def test_records_of_others_are_written_too(written):
    logger, lines = written
    logger.warning("%d things", 3)
    told = json.loads(lines[0])
    assert (told["message"], told["level"]) == ("3 things", "warning")
    assert "line" not in told


def test_the_time_is_when_it_happened_and_not_when_it_was_written(written):
    logger, lines = written
    fold = LogFold("kiosk", RATE_HZ, logger=logger, wall_offset=1_790_000_000.0)
    fold.observe(ServerError(at=0.25, epoch=1, code="x", type="y", message="z"))
    told = json.loads(lines[0])
    assert told["time"] == "2026-09-21T14:13:20.250Z"
    assert "unix" not in told
