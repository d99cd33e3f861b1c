"""The command itself: help, version, mistakes and ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import click
import pytest

from cli.running import COMMAND, environment, trunkline
from fleet.reels import write_pings
from trunkline import __version__
from trunkline.cli import main


def test_help_names_every_command_and_every_exit_code():
    run = trunkline("--help")
    assert run.returncode == 0
    told = " ".join(run.stdout.split())
    words = (
        "completion",
        "config",
        "console",
        "demo",
        "devices",
        "doctor",
        "explain",
        "probe",
        "record",
        "secret",
        "simulate",
        "tail",
        "talk",
        "version",
    )
    for word in (*words, "Exit codes", "9 recording not readable", "130 interrupted"):
        assert word in told


@pytest.mark.parametrize("command", sorted(main._COMMANDS))
def test_each_command_has_help_of_its_own(command: str):
    run = trunkline(command, "-h")
    assert run.returncode == 0
    assert "Usage:" in run.stdout


def test_the_version_is_the_packages():
    assert trunkline("--version").stdout == f"trunkline {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["demo", "--nonsense"], ["demo", "--seconds", "-1"]]
)
def test_a_wrong_call_is_a_usage_error(arguments: list[str]):
    run = trunkline(*arguments)
    assert run.returncode == 2
    assert run.stdout == ""
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("option", ["--profile=x", "--config=x"])
def test_no_files_and_one_of_them_contradict_each_other(keeper, option):
    told = keeper.call("--no-config", option, "version")
    assert "--no-config reads no file" in str(told.exception)


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["explain"], ["config", "show", "--origin"], ["talk", "--help"], ["nonsense"]],
    ids=" ".join,
)
def test_a_reader_that_leaves_is_no_error(arguments: list[str]):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        run = subprocess.run(
            [*COMMAND, *arguments],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            check=False,
        )
    finally:
        os.close(writer)
    assert run.returncode == (2 if arguments == ["nonsense"] else 0)
    assert "Traceback" not in run.stderr
    assert "BrokenPipe" not in run.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["explain", "--json", "nonsense"], 2, "usage"),
        (["secret", "--json"], 2, "usage"),
        (["report", "--json", "none.tlrec"], 2, "usage"),
        (["console", "--json", "--replay", "RECORDING"], 9, "recording"),
    ],
)
def test_whoever_asks_for_json_gets_the_failure_as_json_too(tmp_path, arguments, code, word):
    (tmp_path / "torn.tlrec").write_text("nonsense")
    said = [str(tmp_path / "torn.tlrec") if each == "RECORDING" else each for each in arguments]
    run = trunkline(*said)
    assert run.returncode == code
    document = json.loads(run.stdout)
    assert (document["schema"], document["ok"]) == ("trunkline.error/1", False)
    assert (document["error"]["code"], document["error"]["exit_code"]) == (word, code)
    assert " ".join(document["error"]["message"].split()) in " ".join(run.stderr.split())


def test_what_belongs_to_another_command_asks_for_nothing():
    run = trunkline("gauntlet", "--only", "nonsense", "--", "client", "--json")
    assert run.returncode == 2
    assert run.stdout == ""


def test_quiet_says_nothing_but_errors(tmp_path):
    recording = tmp_path / "calls.tlrec"
    write_pings(recording, 3, rtt=0.02)
    for arguments, is_quiet in (((), False), (("--quiet",), True)):
        page = tmp_path / f"{is_quiet}.html"
        run = trunkline(*arguments, "report", str(recording), "-o", str(page))
        assert run.returncode == 0
        assert (run.stderr == "") is is_quiet
    run = trunkline("-q", "report", str(recording), "-o", str(page))
    assert "is there; --force writes over it" in run.stderr


def test_verbose_logs_as_text_unless_something_else_is_said(keeper, monkeypatch):
    seen: list[str | None] = []

    @click.command()
    def version() -> None:
        seen.append(os.environ.get("TRUNKLINE_LOG"))

    monkeypatch.setattr("trunkline.cli.version.version", version)
    monkeypatch.setattr("trunkline.cli.logs.begin_logs", lambda: None)
    for arguments in ([], ["-v"], ["-v", "--log-format", "json"]):
        assert keeper.call(*arguments, "version").exception is None
    assert seen == [None, "text", "json"]


def test_an_interrupt_ends_with_130_and_without_a_traceback():
    process = subprocess.Popen(
        [*COMMAND, "demo", "--headless"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell's background job ignores interrupts, and its children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        env=environment(),
    )
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=3)
        # Only the command itself: its simulator must be stopped by it.
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=15)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in complaints


def test_the_codec_s_kernels_are_chosen_by_the_environment_and_a_wrong_name_is_told():
    def explain(backend: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, "explain", "1006"],
            capture_output=True,
            text=True,
            env=environment() | {"TRUNKLINE_CODEC_BACKEND": backend},
            timeout=60,
            check=False,
        )

    assert explain("scalar").returncode == 0
    refused = explain("abacus\x1b[2J")
    assert refused.returncode == 2
    assert "TRUNKLINE_CODEC_BACKEND is 'abacus" in refused.stderr
    assert "scalar" in refused.stderr
    assert "\x1b" not in refused.stderr


def test_the_code_of_a_command_that_exits_is_the_process_s(monkeypatch: pytest.MonkeyPatch):
    for given, code in [(1, 1), (None, 0)]:
        monkeypatch.setattr(main.trunkline, "main", lambda given=given, **_: given)
        with pytest.raises(SystemExit) as end:
            main.main()
        assert end.value.code == code
