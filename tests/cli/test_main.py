"""The command itself: help, version, mistakes and ends."""

from __future__ import annotations

import signal
import subprocess

import pytest

from cli.running import COMMAND, environment, trunkline
from trunkline import __version__
from trunkline.cli import main


def test_help_names_every_command_and_every_exit_code():
    run = trunkline("--help")
    assert run.returncode == 0
    told = " ".join(run.stdout.split())
    words = (
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
    )
    for word in (*words, "Exit codes", "9 recording not readable", "130 interrupted"):
        assert word in told


@pytest.mark.parametrize(
    "command",
    [
        *(
            "console",
            "demo",
            "devices",
            "doctor",
            "explain",
            "probe",
            "record",
            "secret",
            "simulate",
        ),
        *("tail", "talk"),
    ],
)
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


def test_a_reader_that_leaves_is_no_error():
    run = subprocess.run(
        f"{' '.join(COMMAND)} --help | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert "Traceback" not in run.stderr
    assert "BrokenPipe" not in run.stderr


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
