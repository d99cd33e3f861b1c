"""`trunkline probe` as a user runs it, against the simulator; other servers: scenarios/test_link_checks.py."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from cli.running import COMMAND, KEY, environment, simulator, trunkline
from cli.terminal import Terminal
from trunkline.cli.outcome import exit_code
from trunkline.cli.probe import probe
from trunkline.errors import ConfigError
from trunkline.simulator.background import BackgroundServer

QUICK = ("--count", "3", "--interval", "0.05")


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with BackgroundServer() as server:
        yield server.base_url


def run(*arguments: str, key: str | None = KEY, **variables: str) -> Result:
    """The command in this process; what it refuses is its exception."""
    env: dict[str, str | None] = dict.fromkeys(
        ("OPENAI_BASE_URL", "OPENAI_API_KEY_FILE", "TRUNKLINE_THRESHOLDS")
    )
    return CliRunner(env=env | {"OPENAI_API_KEY": key} | variables).invoke(probe, arguments)


def test_a_good_link_is_told_line_by_line_and_graded(base_url: str):
    told = trunkline("probe", base_url, *QUICK, "--dials", "2", OPENAI_API_KEY=KEY)
    assert told.returncode == 0, told.stdout + told.stderr
    rows = told.stdout.splitlines()
    assert rows[0].startswith("ws://127.0.0.1:")
    assert rows[1] == "no audio is sent, no answer asked for, nothing is billed"
    assert [row.split()[0] for row in rows[2:7]] == ["dial", "dial", "ping", "ping", "ping"]
    words = " ".join(told.stdout.split())
    assert "3 sent, 0 lost (0 %)" in words
    assert "ping_loss_percent ● ok" in words
    assert "\r" not in told.stdout
    assert KEY not in told.stdout + told.stderr


def test_the_document_and_the_stream_say_the_same(base_url: str):
    address = f"{base_url.replace('http', 'ws')}/realtime?model=gpt-realtime-2"
    one = run(address, *QUICK, "--json")
    many = run(*QUICK, "--ndjson", OPENAI_BASE_URL=base_url)
    document = json.loads(one.stdout)
    assert (one.exit_code, document["ok"], document["schema"]) == (0, True, "trunkline.probe/1")
    assert document["dials"][0]["model"] == "gpt-realtime-2"
    assert set(document["phases_ms"]) == {"lookup", "tcp", "upgrade", "session"}
    events = [json.loads(line) for line in many.stdout.splitlines()]
    assert [each["event"] for each in events] == ["dial", "ping", "ping", "ping", "report"]
    assert set(events[-1]) == {"event", *document}
    assert all(each["rtt_ms"] > 0 for each in events[1:4])


def test_thresholds_of_a_file_and_the_least_grade_decide_on_3(base_url: str, tmp_path):
    strict = tmp_path / "strict.toml"
    strict.write_text("[thresholds.rtt_ms]\nwarning = 0.000001\nbad = 0.000002\n")
    by_option = run(base_url, *QUICK, "--thresholds", str(strict))
    by_variable = run(base_url, *QUICK, "--json", TRUNKLINE_THRESHOLDS=str(strict))
    mild = run(base_url, *QUICK, "--min-grade", "bad", TRUNKLINE_THRESHOLDS=str(strict))
    assert (by_option.exit_code, by_variable.exit_code, mild.exit_code) == (3, 3, 0)
    assert "✖ bad" in by_option.stdout
    document = json.loads(by_variable.stdout)
    assert document["ok"] is False
    assert document["levels"]["rtt_ms"] == "bad"


def test_a_key_that_is_refused_ends_with_4_and_is_not_repeated(base_url: str):
    bad = "secret-of-no-known-shape"
    refused = run(base_url, key=bad)
    assert refused.exit_code == 4
    assert "check the API key" in refused.stdout
    assert "lookup" in refused.stdout
    assert bad not in refused.output
    without = run(base_url, "--json", key=None)
    assert without.exit_code == 4
    cause = json.loads(without.stdout)["error"]["cause"]
    assert cause == "the server wants a key, and there is none here"


def test_a_server_that_is_not_there_ends_with_6():
    told = run("ws://127.0.0.1:9/v1")
    assert told.exit_code == 6
    assert "connection refused" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--json", "--ndjson"], "exclude each other"),
        (["--count", "0"], "--count"),
        (["--interval", "0.001"], "--interval"),
        (["--min-grade", "excellent"], "--min-grade"),
    ],
)
def test_a_wrong_call_is_a_usage_error(arguments: list[str], words: str):
    told = run(*arguments)
    assert told.exit_code == 2
    assert words in told.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["host/v1"], "https://host/v1"),
        (["ws://host/v1"], "without TLS"),
        (["--thresholds", "/nowhere.toml"], "--thresholds"),
    ],
)
def test_what_cannot_be_probed_is_an_error_of_settings(arguments: list[str], words: str):
    told = run(*arguments)
    assert isinstance(told.exception, ConfigError)
    assert exit_code(told.exception) == 2
    assert words in str(told.exception)
    assert told.stdout == ""


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
        terminal.type("\x03")
        screen = terminal.wait_for("interrupted: this is what is known so far")
        assert terminal.end() == 130
    assert "/500  p95" not in screen
    assert "Traceback" not in screen
