"""`trunkline console` without a screen and in a browser; its screens are tried in a terminal (`test_console`)."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from http.cookiejar import CookieJar

import pytest

from cli.running import COMMAND, environment, trunkline
from fleet.reels import write_words


@pytest.fixture
def alone(tmp_path):
    """A runtime directory in which nobody publishes."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return {"XDG_RUNTIME_DIR": str(folder), "TMPDIR": str(folder)}


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "calls.tlrec"
    write_words(path, 20)
    return str(path)


@pytest.fixture
def talking(tmp_path, alone):
    """A process with two lines that publishes."""
    folder = tmp_path / "run" / "trunkline"
    folder.mkdir(mode=0o700)
    process = subprocess.Popen(
        [sys.executable, "-m", "fleet.talking", str(folder), "--lines", "2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(PYTHONPATH=":".join(sys.path)),
    )
    assert process.stdout.readline() == "ready\n"
    yield alone
    process.communicate("", timeout=20)


def test_running_lines_are_told_once_in_a_table_and_a_document(talking):
    run = trunkline("console", "--once", **talking)
    assert (run.returncode, run.stderr) == (0, "")
    assert {line.split()[0] for line in run.stdout.splitlines()} == {
        "SESSION",
        "talker-1",
        "talker-2",
    }
    run = trunkline("console", "--json", "--wait", "1", **talking)
    told = json.loads(run.stdout)
    assert (run.returncode, told["ok"], len(told["lines"])) == (0, True, 2)
    assert told["totals"]["processes"] == 1


def test_running_lines_are_streamed_a_document_each_second_and_line(talking):
    run = trunkline("console", "--ndjson", "--count", "3", **talking)
    told = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 0
    assert 2 <= len(told) <= 6
    assert {one["name"] for one in told} == {"talker-1", "talker-2"}
    moments = [one["at"] for one in told if one["name"] == "talker-1"]
    assert moments == sorted(set(moments))


def test_a_process_can_be_chosen(talking):
    run = trunkline("console", "--once", "--process", "nobody", "--wait", "1", **talking)
    assert (run.returncode, run.stdout) == (1, "")


def test_nobody_to_look_at_is_said_and_no_success(alone):
    run = trunkline("console", "--once", "--wait", "0.3", **alone)
    assert (run.returncode, run.stdout) == (1, "")
    assert "no line of this user publishes" in run.stderr
    run = trunkline("console", "--json", "--wait", "0.3", **alone)
    told = json.loads(run.stdout)
    assert (run.returncode, told["ok"], told["lines"]) == (1, False, [])


def test_a_recording_is_told_as_it_ended(recording):
    run = trunkline("console", "--json", "--replay", recording)
    told = json.loads(run.stdout)
    assert (run.returncode, [line["line"] for line in told["lines"]]) == (0, ["a"])


def test_a_recording_is_streamed_at_its_speed_to_its_end(recording):
    run = trunkline("console", "--ndjson", "--replay", recording, "--speed", "10")
    told = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 0
    assert 1 <= len(told) <= 4


@pytest.mark.parametrize(
    "options",
    [
        ("--once", "--ndjson"),
        ("--json", "--serve"),
        ("--once", "--count", "2"),
        ("--serve", "--allow-control"),
        ("--serve", "--record", "x"),
        ("--ndjson", "--allow-control"),
        ("--min-score", "101"),
        ("--port", "70000"),
        ("--ndjson", "--count", "0"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options, alone):
    run = trunkline("console", *options, **alone)
    assert run.returncode == 2
    assert "Error: " in run.stderr


def test_a_file_that_is_no_recording_is_refused_before_anything_is_served(tmp_path):
    path = tmp_path / "x.tlrec"
    path.write_bytes(b"something else altogether")
    for face in ("--once", "--ndjson", "--serve"):
        run = trunkline("console", face, "--replay", str(path))
        assert (run.returncode, run.stdout) == (9, "")


def test_a_port_that_is_taken_is_said(recording):
    with Served(recording) as address:
        port = address.rpartition(":")[2].partition("/")[0]
        run = trunkline("console", "--serve", "--port", port, "--replay", recording)
        assert run.returncode == 1
        assert f"port {port}: Address already in use" in run.stderr


class Served:
    """The served console as a process; gives the address that it prints."""

    def __init__(self, recording):
        self._process = subprocess.Popen(
            [*COMMAND, "console", "--serve", "--replay", recording],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )

    def __enter__(self):
        return self._process.stdout.readline().strip()

    def __exit__(self, *_):
        self._process.terminate()
        self._process.communicate(timeout=20)


def test_the_address_that_is_printed_opens_the_page(recording):
    with Served(recording) as address:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        with opener.open(address, timeout=10) as answer:
            page = answer.read().decode()
        assert answer.geturl() == address.partition("?")[0]
        assert "<title>trunkline " in page
        assert "calls.tlrec" in page
