"""`trunkline completion`, by the shells; one that is not here is played by the protocol that its script uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import trunkline as package
from cli.running import environment, trunkline
from trunkline.cli.completion import profiles
from trunkline.cli.main import COMPLETE
from trunkline.cli.main import trunkline as command

PYTHON = Path(package.__file__).parents[1]

BASH = """
source "$SCRIPTS/bash"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
compopt() { printf 'option %s %s\\n' "$@"; }
_trunkline_completion trunkline
printf '%s\\n' "${COMPREPLY[@]}"
"""
# `_describe` and `compadd` are what the completion system gives a script; here they print what they get.
ZSH = """
compdef() { print -r -- "compdef $*" >/dev/null; }
_describe() { print -rl -- ${(P)3}; }
compadd() { print -rl -- ${(P)argv[-1]}; }
_path_files() { print file; }
source "$SCRIPTS/zsh"
words=("$@")
CURRENT=$#
_trunkline_completion
"""
FISH = """
source "$SCRIPTS/fish"
complete --do-complete "$argv"
"""
SHELLS = {
    "bash": lambda words: ["bash", "--norc", "-c", BASH, "-", *words],
    "zsh": lambda words: ["zsh", "-f", "-c", ZSH, "-", *words],
    "fish": lambda words: ["fish", "--no-config", "-c", FISH, " ".join(words)],
}


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> dict[str, str]:
    """An environment in which `trunkline` is a command, with a profile in the user's file and a file beside."""
    folder = tmp_path_factory.mktemp("completing")
    started = folder / "bin" / "trunkline"
    started.parent.mkdir()
    started.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(PYTHON)!r})\n"
        "from trunkline.cli.main import main\nmain()\n"
    )
    started.chmod(0o755)
    for shell in SHELLS:
        (folder / shell).write_text(CliRunner().invoke(command, ["completion", shell]).output)
    kept = folder / "config" / "trunkline" / "config.toml"
    kept.parent.mkdir(parents=True)
    kept.write_text("[profile.work]\n[profile.home]\n")
    return environment(
        PATH=f"{started.parent}:{os.environ['PATH']}",
        XDG_CONFIG_HOME=str(kept.parents[1]),
        XDG_DATA_HOME=str(folder),
        HOME=str(folder),
        SCRIPTS=str(folder),
    )


def _completed(shell: str, words: list[str], program: dict[str, str]) -> list[str]:
    """What the shell would offer, without descriptions."""
    if shutil.which(shell) is None:
        return _by_protocol(shell, words, program)
    told = subprocess.run(
        SHELLS[shell](words), capture_output=True, text=True, env=program, timeout=50, check=False
    )
    assert told.stderr == ""
    mark = {"bash": "\n", "zsh": ":", "fish": "\t"}[shell]
    return [line.partition(mark)[0].replace("\\", "") for line in told.stdout.split("\n") if line]


def _by_protocol(shell: str, words: list[str], program: dict[str, str]) -> list[str]:
    asked = {
        COMPLETE: f"{shell}_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1),
        "XDG_CONFIG_HOME": program["XDG_CONFIG_HOME"],
    }
    told = CliRunner().invoke(command, [], env=asked, complete_var=COMPLETE)
    lines = [line for line in told.output.splitlines() if line]
    if shell == "zsh":
        return lines[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in lines]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["trunkline", "trans"], ["translate"]),
        (["trunkline", "talk", "--ec"], ["--echo"]),
        (["trunkline", "talk", "--echo", "ca"], ["cancel"]),
        (["trunkline", "--profile", "w"], ["work"]),
        (["trunkline", "--profile", "work", "config", "pa"], ["path"]),
        (["trunkline", "completion", "z"], ["zsh"]),
        (["trunkline", "talk", "--echo", "x"], []),
    ],
    ids=lambda each: " ".join(each[1:]) or "",
)
def test_commands_options_choices_and_profiles_are_completed(shell, words, offered, program):
    assert _completed(shell, words, program) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_file_names_are_the_shell_s_own_to_complete(shell, program, tmp_path, monkeypatch):
    (tmp_path / "heard.wav").write_text("")
    monkeypatch.chdir(tmp_path)
    offered = _completed(shell, ["trunkline", "talk", "--wav", "hea"], program)
    if shutil.which(shell) is None:
        assert offered == ["hea"]
        return
    wanted = {"bash": ["option -o default"], "zsh": ["file"], "fish": ["heard.wav"]}[shell]
    assert offered[: len(wanted)] == wanted


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_printed_for_the_installed_command(shell):
    told = trunkline("completion", shell)
    assert told.returncode == 0
    assert told.stderr == ""
    assert f"_TRUNKLINE_COMPLETE={shell}_complete" in told.stdout
    assert "__main__" not in told.stdout


def test_a_shell_that_there_is_no_script_for_is_refused():
    told = trunkline("completion", "powershell")
    assert told.returncode == 2
    assert "'powershell' is not one of 'bash', 'zsh', 'fish'" in told.stderr


def test_completing_a_command_loads_none_of_them(program):
    script = (
        "import os, sys; os.environ |= {'_TRUNKLINE_COMPLETE': 'bash_complete', 'COMP_WORDS': 'trunkline t', "
        "'COMP_CWORD': '1'}\n"
        "from trunkline.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*(name for name in sys.modules if name.startswith('trunkline.cli.')))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=50
    )
    assert "plain,talk" in told.stdout
    assert "trunkline.cli.talk" not in told.stdout


def test_profiles_of_a_wrong_file_are_not_offered_and_break_nothing(keeper):
    keeper.user("[profile.work]\n[profile.home]\n")
    assert [each.value for each in profiles("w")] == ["work"]
    keeper.user("[profile.work]\nmodle = 1\n")
    assert profiles("w") == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_itself_has_read_its_script(shell, program):
    if shutil.which(shell) is None:
        pytest.skip(
            f"NOT PROVEN: no {shell} here (apt-get install {shell}), so its script was not read by it"
        )
    assert _completed(shell, ["trunkline", "completion", "ba"], program) == ["bash"]
