"""What a probe prints, form by form."""

from __future__ import annotations

import json

import pytest

from trunkline.cli.probe_lines import ProbeLines
from trunkline.diagnosis.probe import Dialed, Pinged, Plan, Probe
from trunkline.protocol.closure import Closure, Fault
from trunkline.telemetry.levels import THRESHOLDS
from trunkline.transports.base import Kernel, Target
from trunkline.transports.memory import MemoryTransport

KERNEL = Kernel(rtt=0.0123, rtt_var=0.001, rtt_min=0.0101, retransmits=2, unsent_bytes=0)
UP = Dialed(number=1, phases=(("tcp", 0.0125), ("session", 0.25)), model="gpt-x\x1b[2J")

MARKS = "[rtt_ms ▲ warning, jitter_ms ● ok, ping_loss_percent ● ok, score ● ok]"


def probed(**facts) -> Probe:
    target = Target(url="wss://host/v1/realtime?model=m")
    return Probe(transport=MemoryTransport(), target=target, plan=Plan(count=4), **facts)


def lines_of(probe: Probe, *, form: str = "text", is_live: bool = False) -> ProbeLines:
    return ProbeLines(probe, THRESHOLDS, form=form, is_live=is_live)


def answered(probe: Probe, number: int, seconds: float) -> Pinged:
    probe.pings.sent += 1
    probe.pings.answer(float(number), seconds)
    return Pinged(number=number, took=seconds, kernel=probe.kernel)


def test_a_probe_begins_with_its_address_and_what_it_does_not_do(capsys):
    lines_of(probed()).begin()
    assert capsys.readouterr().out.splitlines() == [
        "wss://host/v1/realtime?model=m",
        "no audio is sent, no answer asked for, nothing is billed",
    ]


def test_a_dial_and_a_ping_are_a_line_each(capsys):
    probe = probed(kernel=KERNEL)
    lines = lines_of(probe)
    lines.tell(UP)
    lines.tell(Dialed(number=2, closure=Closure(fault=Fault.RESET, detail="\x1b]0;x\x07")))
    lines.tell(answered(probe, 1, 0.1234))
    lines.tell(Pinged(number=2, took=None))
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert shown.splitlines()[0].startswith("dial 1    tcp 12.5  session 250  = 262 ms  (gpt-x")
    assert shown.splitlines()[1].startswith("dial 2    failed: connection reset, ")
    assert shown.splitlines()[2:] == ["ping 1    123 ms  tcp 12.3 ms", "ping 2    lost: no answer"]


def test_the_report_has_figures_kernel_and_grade(capsys):
    probe = probed(kernel=KERNEL, dials=[UP])
    for number in range(1, 5):
        answered(probe, number, 0.3)
    lines_of(probe).end(ok=True, is_interrupted=False)
    assert capsys.readouterr().out.splitlines() == [
        "",
        "ms              min   median      p95      max",
        "tcp            12.5     12.5     12.5     12.5",
        "session         250      250      250      250",
        "ping            300      300      300      300",
        "pings     4 sent, 0 lost (0 %), jitter 0.00 ms",
        "kernel    rtt 12.3 ms, least 10.1 ms, 2 segments sent again",
        f"grade     ▲ warning  score 82 excellent, rtt+jitter -18  {MARKS}",
    ]


def test_a_failure_is_told_with_its_advice_and_an_interrupt_as_one(capsys):
    dials = [Dialed(number=1, closure=Closure(status=401))]
    lines_of(probed(dials=dials)).end(ok=False, is_interrupted=True)
    shown = capsys.readouterr().out.splitlines()
    assert shown[1] == "failed    the server wants a key, and there is none here (HTTP 401)"
    assert shown[2].startswith("          > set OPENAI_API_KEY")
    assert shown[3] == "grade     ✖ bad  score unknown"
    assert shown[-1] == "interrupted: this is what is known so far"


def test_a_kernel_that_tells_nothing_is_said_to(capsys):
    probe = probed(dials=[UP])
    answered(probe, 1, 0.01)
    lines_of(probe).end(ok=True, is_interrupted=False)
    shown = capsys.readouterr().out
    assert "kernel    tells nothing of TCP here" in shown
    assert "jitter unknown" in shown


def test_on_a_terminal_the_status_line_gives_way_to_each_line(capsys):
    probe = probed()
    lines = lines_of(probe, is_live=True)
    lines.tell(UP)
    lines.tell(answered(probe, 1, 0.02))
    first = capsys.readouterr().out.splitlines()[-1]
    assert first == "1/4  p95 20.0  jitter -  lost 0  ● ok"
    lines.tell(answered(probe, 2, 0.02))
    second = capsys.readouterr().out
    assert second.startswith(f"\r{' ' * (len(first) + 2)}\rping 2 ")
    lines.end(ok=True, is_interrupted=False)
    assert not capsys.readouterr().out.rstrip().endswith("● ok")


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_for_programs_there_are_documents_and_nothing_else(capsys, form: str):
    probe = probed(kernel=KERNEL, dials=[UP])
    lines = lines_of(probe, form=form, is_live=True)
    lines.begin()
    lines.tell(UP)
    lines.tell(answered(probe, 1, 0.02))
    lines.tell(Pinged(number=2, took=None))
    lines.end(ok=True, is_interrupted=False)
    shown = capsys.readouterr().out
    if form == "json":
        assert json.loads(shown)["schema"] == "trunkline.probe/1"
        return
    dial, ping, lost, report = (json.loads(line) for line in shown.splitlines())
    assert (dial["event"], dial["phases_ms"]) == ("dial", {"tcp": 12.5, "session": 250})
    assert ping == {"event": "ping", "number": 1, "rtt_ms": 20, "kernel_rtt_ms": 12.3}
    assert lost == {"event": "ping", "number": 2, "rtt_ms": None, "kernel_rtt_ms": None}
    assert (report["event"], report["ok"]) == ("report", True)
