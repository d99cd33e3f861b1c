"""`trunkline probe` as a user runs it, against the simulator; other servers: scenarios/test_probe.py."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from cli.running import COMMAND, KEY, environment, simulator, trunkline
from cli.terminal import Terminal

QUICK = ("--count", "3", "--interval", "0.05")


def test_a_good_link_is_told_line_by_line_and_graded():
    with simulator() as base_url:
        run = trunkline("probe", base_url, *QUICK, "--dials", "2", OPENAI_API_KEY=KEY)
    assert run.returncode == 0, run.stdout + run.stderr
    rows = run.stdout.splitlines()
    assert rows[0].startswith("ws://127.0.0.1:")
    assert rows[1] == "no audio is sent, no answer asked for, nothing is billed"
    assert [row.split()[0] for row in rows[2:7]] == ["dial", "dial", "ping", "ping", "ping"]
    told = " ".join(run.stdout.split())
    assert "3 sent, 0 lost (0 %)" in told
    assert "ping_loss_percent ● ok" in told
    assert "\r" not in run.stdout
    assert KEY not in run.stdout + run.stderr


def test_the_document_and_the_stream_say_the_same():
    with simulator() as base_url:
        address = f"{base_url.replace('http', 'ws')}/realtime?model=gpt-realtime-2"
        one = trunkline("probe", address, *QUICK, "--json", OPENAI_API_KEY=KEY)
        many = trunkline("probe", *QUICK, "--ndjson", OPENAI_API_KEY=KEY, OPENAI_BASE_URL=base_url)
    document = json.loads(one.stdout)
    assert (one.returncode, document["ok"], document["schema"]) == (0, True, "trunkline.probe/1")
    assert document["dials"][0]["model"] == "gpt-realtime-2"
    assert set(document["phases_ms"]) == {"lookup", "tcp", "upgrade", "session"}
    events = [json.loads(line) for line in many.stdout.splitlines()]
    assert [each["event"] for each in events] == ["dial", "ping", "ping", "ping", "report"]
    assert set(events[-1]) == {"event", *document}
    assert all(each["rtt_ms"] > 0 for each in events[1:4])


def test_thresholds_of_a_file_and_the_least_grade_decide_on_3(tmp_path):
    strict = tmp_path / "strict.toml"
    strict.write_text("[thresholds.rtt_ms]\nwarning = 0.000001\nbad = 0.000002\n")
    with simulator() as base_url:
        by_option = ("--thresholds", str(strict))
        run = trunkline("probe", base_url, *QUICK, *by_option, OPENAI_API_KEY=KEY)
        variables = {"OPENAI_API_KEY": KEY, "TRUNKLINE_THRESHOLDS": str(strict)}
        same = trunkline("probe", base_url, *QUICK, "--json", **variables)
        mild = trunkline("probe", base_url, *QUICK, "--min-grade", "bad", **variables)
    assert (run.returncode, same.returncode, mild.returncode) == (3, 3, 0)
    assert "✖ bad" in run.stdout
    assert json.loads(same.stdout)["ok"] is False
    assert json.loads(same.stdout)["levels"]["rtt_ms"] == "bad"


def test_a_key_that_is_refused_ends_with_4_and_is_not_repeated():
    bad = "secret-of-no-known-shape"
    with simulator() as base_url:
        run = trunkline("probe", base_url, OPENAI_API_KEY=bad)
        without = trunkline("probe", base_url, "--json")
    assert run.returncode == 4
    assert "check the API key" in run.stdout
    assert "lookup" in run.stdout
    assert bad not in run.stdout + run.stderr
    assert without.returncode == 4
    assert (
        json.loads(without.stdout)["error"]["cause"]
        == "the server wants a key, and there is none here"
    )


def test_a_server_that_is_not_there_ends_with_6():
    run = trunkline("probe", "ws://127.0.0.1:9/v1", OPENAI_API_KEY=KEY)
    assert run.returncode == 6
    assert "connection refused" in run.stdout
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--json", "--ndjson"], "exclude each other"),
        (["host/v1"], "https://host/v1"),
        (["ws://host/v1"], "without TLS"),
        (["--count", "0"], "--count"),
        (["--interval", "0.001"], "--interval"),
        (["--min-grade", "excellent"], "--min-grade"),
        (["--thresholds", "/nowhere.toml"], "--thresholds"),
    ],
)
def test_what_cannot_be_probed_is_a_usage_error(arguments: list[str], words: str):
    run = trunkline("probe", *arguments, OPENAI_API_KEY=KEY)
    assert run.returncode == 2
    assert run.stdout == ""
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_an_interrupt_prints_the_report_so_far_and_ends_with_130():
    with simulator() as base_url:
        process = subprocess.Popen(
            [*COMMAND, "probe", base_url, "--count", "1000", "--interval", "0.05", "--ndjson"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell's background job ignores interrupts, and its children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
            env=environment(OPENAI_API_KEY=KEY),
        )
        try:
            assert process.stdout is not None
            seen = [json.loads(process.stdout.readline()) for _ in range(4)]
            process.send_signal(signal.SIGINT)
            rest, complaints = process.communicate(timeout=15)
        finally:
            process.kill()
            process.communicate()
    report = json.loads(rest.splitlines()[-1])
    assert process.returncode == 130
    assert [each["event"] for each in seen] == ["dial", "ping", "ping", "ping"]
    assert (report["event"], report["interrupted"]) == ("report", True)
    assert 3 <= report["pings"]["answered"] < 1000
    assert complaints == ""


def test_on_a_terminal_a_status_line_stands_below_and_an_interrupt_leaves_the_report():
    with simulator() as base_url:
        terminal = Terminal(
            *("probe", base_url, "--count", "500", "--interval", "0.05"),
            columns=100,
            rows=30,
            OPENAI_API_KEY=KEY,
        )
        terminal.wait_for("/500  p95 ")
        terminal.wait_for("ping 3 ")
        terminal.type("\x03")
        screen = terminal.wait_for("interrupted: this is what is known so far")
        assert terminal.end() == 130
    assert "/500  p95" not in screen
    assert "Traceback" not in screen
