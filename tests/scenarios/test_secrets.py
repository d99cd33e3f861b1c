"""The key is nowhere but in the header, and nothing from outside reaches a terminal as it came."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

import trunkline
from scenarios.calling import TIMING, VAD
from scenarios.judging import caller_stream
from trunkline.errors import LineFailed
from trunkline.fleet.coding import Coding
from trunkline.protocol import events
from trunkline.protocol.backoff import RetryBudget
from trunkline.simulator.scenario import Scenario
from trunkline.simulator.server import SimulatorServer
from trunkline.telemetry.log import LogFold
from trunkline.telemetry.metrics import LineMetrics
from trunkline.telemetry.report import RunReport

KEY = "sk-test-CANARY0123456789abcdef"


def _call(key: str, faults: list[dict], recording: Path) -> str:
    """Everything a call shows of itself, as one text; its recording as well."""
    shown: list[str] = []
    recorder = trunkline.Recorder(recording, messages=True, coding=Coding.PLAIN)
    metrics, report = LineMetrics("canary", 24_000), RunReport(24_000)
    log = LogFold("canary", 24_000)

    async def run() -> None:
        scenario = Scenario.from_dict({"faults": faults})
        async with SimulatorServer(scenario=scenario, timing=TIMING) as server:
            line = trunkline.connect(
                api_key=key,
                base_url=server.base_url,
                session=VAD,
                observers=[
                    metrics.observe,
                    report.observe,
                    log.observe,
                    lambda o: shown.append(repr(o)),
                ],
                budget=RetryBudget(),
                seed=1,
                telemetry=recorder,
            )
            shown.extend([repr(line.config), str(line.config), repr(vars(line))])
            try:
                async with line:
                    for piece in caller_stream([3])[0]:
                        line.send_audio(piece)
                    async for event in line:
                        shown.append(repr(event))
                        if isinstance(event, events.ResponseDone):
                            break
            except LineFailed as error:
                shown.extend([str(error), repr(error), repr(error.closures)])
            shown.append(repr([session.to_dict() for session in server.sessions]))
            shown.extend(server.rejections)

    asyncio.run(asyncio.wait_for(run(), 30))
    recorder.close()
    recorded = recording.read_bytes().decode(errors="replace")
    assert '"kind":"inspected"' in recorded
    shown.append(recorded)
    shown.extend([repr(metrics.snapshot(0.0)), repr(report.as_dict())])
    return "\n".join(shown)


@pytest.mark.parametrize(
    ("key", "faults"),
    [
        (KEY, []),
        (KEY, [{"when": {"utterance": 1, "ms": 500}, "action": "rst"}]),
        ("sk-proj-CANARY0123456789abcdef", []),
    ],
    ids=["quiet", "reset", "refused"],
)
def test_the_key_is_in_no_repr_log_error_or_report(
    key: str,
    faults: list[dict],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
):
    with caplog.at_level(logging.DEBUG):
        shown = _call(key, faults, tmp_path / "a.tlrec")
    printed = capfd.readouterr()
    assert "CANARY" not in shown
    assert "CANARY" not in caplog.text
    assert "CANARY" not in printed.out + printed.err


def test_a_key_that_the_server_repeats_does_not_reach_the_log_or_a_recording(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    close = {"action": "close", "code": 1011, "reason": f"who is {KEY}?"}
    with caplog.at_level(logging.DEBUG):
        shown = _call(KEY, [{"when": {"reply": 1, "ms": 100}} | close], tmp_path / "a.tlrec")
    assert "who is" in caplog.text
    assert "CANARY" not in caplog.text
    # The observation holds it as it was sent; the snapshot and the report, which are shown, do not, nor what is kept.
    assert not any("CANARY" in line for line in shown.splitlines()[-2:])
    recorded = (tmp_path / "a.tlrec").read_bytes()
    assert b"who is" in recorded
    assert b"CANARY" not in recorded


def test_control_sequences_of_a_server_reach_neither_log_nor_snapshot(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    evil = "\x1b]52;c;aGk=\x07 \x9b2J \u202e boo"
    faults = [{"when": {"reply": 1, "ms": 100}, "action": "close", "code": 1011, "reason": evil}]
    with caplog.at_level(logging.DEBUG):
        shown = _call(KEY, faults, tmp_path / "a.tlrec")
    assert "boo" in caplog.text
    assert not set(caplog.text) & {"\x1b", "\x07", "\x9b", "\u202e"}
    snapshot = shown.splitlines()[-2]
    assert "boo" in snapshot
    assert not set(snapshot) & {"\x1b", "\x07", "\x9b", "\u202e"}
