"""`trunkline metrics`: as an operator runs it."""

from __future__ import annotations

import re
import signal
import subprocess
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cli.running import COMMAND, environment, trunkline
from fleet.children import talking, wait_for
from fleet.places import only_place

TOKEN = "a-token-of-some-length"


@pytest.fixture
def place(monkeypatch):
    with only_place(monkeypatch) as path:
        yield path


def scraped(address: str, **headers: str) -> str:
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def values(text: str, name: str) -> dict:
    return {
        tuple(one.labels.values()): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if one.name == name
    }


def test_it_serves_the_lines_of_all_processes_until_it_is_ended(place, tmp_path):
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    options = ["--port", "0", "--token-file", str(tmp_path / "token")]
    process = subprocess.Popen(
        [*COMMAND, "metrics", *options], stderr=subprocess.PIPE, text=True, env=environment()
    )
    try:
        address = re.search(r"http://127.0.0.1:\d+/metrics", process.stderr.readline()).group()
        with pytest.raises(urllib.error.HTTPError, match="401"):
            scraped(address)
        with talking(place, "--lines", "2"):
            text: list[str] = []

            def counted() -> bool:
                text.append(scraped(address, Authorization=f"Bearer {TOKEN}"))
                sent = values(text[-1], "trunkline_network_bytes_total")
                return sum(sent.values()) > 0

            wait_for(counted, "what the lines do")
            states = values(text[-1], "trunkline_sessions")
            assert sum(states.values()) == 2
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=20)
        assert (process.returncode, told) == (0, "")
    finally:
        process.kill()
        process.wait()


def test_once_prints_and_leaves(place):
    run = trunkline("metrics", "--once")
    assert run.returncode == 0
    assert values(run.stdout, "trunkline_build_info")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--host", "0.0.0.0"], "say remote"),
        (["--host", "0.0.0.0", "--remote"], "need one"),
        (["--token-file", "/nowhere"], "No such file"),
        (["--port", "70000"], "70000"),
    ],
)
def test_what_may_not_be_open_is_refused_in_a_line(place, options, complaint):
    run = trunkline("metrics", *options)
    assert run.returncode == 2
    assert complaint in run.stderr
    assert "Traceback" not in run.stderr


def test_a_token_that_is_no_text_or_too_short_is_refused(place, tmp_path):
    for content, complaint in ((b"\xff\xfe", "no text"), (b"short", "16 characters")):
        (tmp_path / "token").write_bytes(content)
        run = trunkline("metrics", "--token-file", str(tmp_path / "token"))
        assert (run.returncode, complaint in run.stderr) == (2, True)
