"""`trunkline console` in a real terminal: attached, and on a recording."""

from __future__ import annotations

import pytest

from cli.running import trunkline
from cli.terminal import Terminal
from fleet.children import talking
from fleet.places import only_place
from fleet.reels import write_words
from trunkline.fleet.framing import opening


@pytest.fixture
def place(monkeypatch):
    with only_place(monkeypatch) as path:
        yield path


@pytest.mark.timeout(120)
def test_attached_it_shows_the_lines_of_other_processes(place):
    with talking(place, "--lines", "2"):
        terminal = Terminal("console", columns=120, rows=36)
        terminal.wait_for("talker-1")
        terminal.wait_for("talker-2")
        terminal.type("q")
        assert terminal.end() == 0


@pytest.mark.timeout(120)
def test_a_recording_is_shown_in_the_same_screens(place, tmp_path):
    path = tmp_path / "a.tlrec"
    write_words(path, 30)
    terminal = Terminal("console", "--replay", str(path), "--speed", "0", columns=120, rows=36)
    terminal.wait_for("line a")
    terminal.type("q")
    assert terminal.end() == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"RIFF....WAVE", "begins with something else"),
        (opening()[:8] + b"\x09\x00\x00\x00", "a newer trunkline"),
    ],
)
def test_what_is_no_recording_is_one_line_and_exit_code_9(tmp_path, content: bytes, words: str):
    path = tmp_path / "a.tlrec"
    path.write_bytes(content)
    run = trunkline("console", "--replay", str(path))
    assert run.returncode == 9
    assert words in run.stderr
    assert run.stderr.count("\n") == 1
    assert run.stdout == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--replay", "/nowhere/a.tlrec"], "No such file"),
        (["--replay", "/dev/null", "--allow-control"], "neither recorded"),
    ],
)
def test_options_that_do_not_fit_are_told_before_a_screen_is_drawn(options, words):
    run = trunkline("console", *options)
    assert run.returncode == 2
    assert words in run.stderr
