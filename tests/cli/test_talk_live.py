"""`trunkline talk` as a live conversation on a real pty, against the simulator of its own."""

from __future__ import annotations

import re
import signal
import time
import wave

import pytest

from cli.running import KEY, SPEECH, simulator, trunkline
from cli.terminal import Terminal

LIVE = ("talk", "--simulated", "--output", "none")
USER = "user      Good morning. I would like to change my train ticket to Thursday afternoon."
MODEL = "assistant Buenos días. Quisiera cambiar mi billete de tren al jueves por la tarde."


def opened(*arguments: str, columns: int = 120, rows: int = 36, **variables: str) -> Terminal:
    return Terminal(*LIVE, *arguments, columns=columns, rows=rows, **variables)


def left(terminal: Terminal, how) -> tuple[int, float]:
    """The exit code, and how long it took."""
    began = time.monotonic()
    how()
    return terminal.end(), time.monotonic() - began


def given_back(terminal: Terminal) -> bool:
    """The cursor is shown, and nothing stays of the status."""
    return terminal.shows_cursor and "? keys" not in terminal.text()


def test_the_status_stays_below_while_both_sides_words_scroll_above_it():
    terminal = opened()
    modes = terminal.modes()
    terminal.wait_for("● live 00:0")
    terminal.wait_for("hearing")
    terminal.wait_for("speaking")
    terminal.wait_for(MODEL)
    # The status is drawn again below it.
    screen = terminal.wait_for("rtt")
    assert USER in screen
    lines = [line.rstrip() for line in screen.splitlines() if line.strip()]
    assert lines.index(USER) + 1 == lines.index(MODEL)
    assert lines[-1].startswith("● live 00:")
    assert lines[-1].count("▕") == 2
    assert "rtt" in lines[-1]
    assert terminal.modes() != modes
    code, took = left(terminal, lambda: terminal.type("q"))
    assert code == 0
    assert took < 1.5
    assert given_back(terminal)
    assert USER in terminal.text()
    # No alternate screen was ever entered: what was said is in the scrollback.
    assert b"\x1b[?1049h" not in terminal.output


@pytest.mark.parametrize(
    ("how", "code"),
    [
        (lambda terminal: terminal.type("\x03"), 130),
        (lambda terminal: terminal.signal(signal.SIGTERM), 143),
    ],
    ids=["ctrl-c", "sigterm"],
)
def test_however_it_is_ended_the_terminal_is_as_it_was(how, code: int):
    terminal = opened(columns=80, rows=24)
    modes = terminal.modes()
    terminal.wait_for("● live 00:0")
    found, took = left(terminal, lambda: how(terminal))
    assert found == code
    assert took < 1.5
    assert terminal.last_modes == modes
    assert "Traceback" not in terminal.text()
    assert given_back(terminal)


def test_m_mutes_and_says_so_until_it_is_pressed_again():
    terminal = opened()
    terminal.wait_for("hearing")
    terminal.type("m")
    terminal.wait_for("MUTED, m unmutes")
    terminal.type("m")
    terminal.wait_until_gone("MUTED")
    terminal.type("q")
    assert terminal.end() == 0


def test_question_mark_lists_the_keys_that_do_something():
    terminal = opened()
    terminal.wait_for("● live 00:0")
    terminal.type("?")
    screen = terminal.wait_for("· q: end the conversation, as Ctrl-C does")
    assert "· m: " in screen
    assert "space" not in screen
    # Keys that send a sequence, and others, do nothing.
    terminal.type("\x1b[Ax ")
    terminal.type("q")
    assert terminal.end() == 0


@pytest.mark.timeout(90)
def test_c_opens_the_console_on_this_call_and_q_comes_back_with_what_was_said_meanwhile():
    terminal = opened()
    terminal.wait_for("hearing")
    terminal.type("c")
    terminal.wait_for("SESSION  talk")
    terminal.wait_for("model Buenos días.")
    terminal.type("q")
    screen = terminal.wait_for(MODEL)
    assert USER in screen
    assert "SESSION" not in screen
    assert "● live 00:" in screen
    # A second time, and the call ends under it.
    terminal.type("c")
    terminal.wait_for("SESSION  talk")
    terminal.signal(signal.SIGTERM)
    assert terminal.end() == 143
    assert terminal.shows_cursor
    assert "Traceback" not in terminal.text()


def test_push_to_talk_sends_a_turn_by_the_space_bar_and_interrupts_the_answer_by_it():
    terminal = opened("--push-to-talk", "--input", "tone")
    terminal.wait_for("off, space talks")
    terminal.type(" ")
    terminal.wait_for("ON AIR, space sends")
    terminal.linger(0.6)
    terminal.type(" ")
    terminal.wait_for("speaking")
    terminal.type(" ")
    terminal.wait_until_gone("speaking", seconds=3)
    terminal.wait_for("ON AIR")
    terminal.linger(0.5)
    # The server took both the cancelling and the cut.
    assert "refused" not in terminal.text()
    terminal.type("q")
    assert terminal.end() == 0


def test_a_turn_that_is_too_short_is_not_sent():
    terminal = opened("--push-to-talk", "--input", "tone")
    terminal.wait_for("off, space talks")
    terminal.type("  ")
    terminal.wait_for("· that was too short to be a turn")
    terminal.type("q")
    assert terminal.end() == 0


@pytest.mark.parametrize("columns", [80, 40])
def test_a_narrow_terminal_wraps_nothing(columns: int):
    terminal = opened(columns=columns, rows=24)
    terminal.wait_for("● live")
    terminal.wait_for("Buenos")
    terminal.linger(3)
    lines = [line for line in terminal.text().splitlines() if line.strip()]
    assert [line for line in lines if "● live" in line] == [lines[-1]]
    assert all(line[10:12].strip() or line.startswith(("●", "m ")) for line in lines[-4:])
    terminal.type("q")
    assert terminal.end() == 0


def test_a_window_that_is_pulled_leaves_one_status_line():
    terminal = opened(columns=120, rows=24)
    terminal.wait_for("● live")
    terminal.resize(60, 20)
    terminal.linger(1.5)
    assert terminal.text().count("● live") == 1
    terminal.type("q")
    assert terminal.end() == 0


def test_without_colours_and_with_ascii_alone_nothing_else_is_drawn():
    terminal = opened("--ascii", NO_COLOR="1")
    terminal.wait_for("* live 00:0")
    terminal.type("q")
    assert terminal.end() == 0
    assert not re.search(rb"\x1b\[[0-9;]*m", terminal.output)
    assert all(sign not in terminal.output.decode() for sign in "●▕▏█…")


def test_an_outage_is_told_in_words_and_what_it_cost(tmp_path):
    scenario = tmp_path / "break.toml"
    scenario.write_text('[[faults]]\nwhen = { utterance = 1, ms = 900 }\naction = "rst"\n')
    with simulator("--scenario", str(scenario)) as base_url:
        terminal = Terminal(
            *("talk", "--input", "demo", "--output", "none"),
            columns=120,
            rows=36,
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=base_url,
        )
        screen = terminal.wait_for("▲ link lost: ")
        assert "; coming back in 0." in screen
        screen = terminal.wait_for("● restored in ")
        assert "nothing lost" in screen
        terminal.wait_for("assistant Buenos")
        terminal.type("q")
        assert terminal.end() == 0
    assert "canary" not in terminal.text()


def test_a_line_that_fails_gives_the_terminal_back_and_says_why():
    with simulator() as base_url:
        terminal = Terminal(
            *("talk", "--input", "demo", "--output", "none"),
            columns=80,
            rows=24,
            OPENAI_API_KEY="sk-proj-canary0123456789",
            OPENAI_BASE_URL=base_url,
        )
        modes = terminal.modes()
        assert terminal.end() == 4
    assert "check the API key" in " ".join(terminal.text().split())
    assert terminal.last_modes == modes
    assert terminal.shows_cursor
    assert "canary" not in terminal.text()


def test_what_was_heard_is_saved_after_ctrl_c(tmp_path):
    saved = tmp_path / "out.wav"
    terminal = opened("--save", str(saved))
    terminal.wait_for("speaking")
    terminal.wait_until_gone("speaking")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "s of answer to" in terminal.text()
    with wave.open(str(saved)) as ours, wave.open(str(SPEECH / "interpreter_1.wav")) as theirs:
        assert ours.getframerate() == 24_000
        assert ours.readframes(10**6) == theirs.readframes(10**6)


@pytest.mark.timeout(90)
def test_without_a_terminal_whole_lines_are_printed_and_a_file_ends_with_its_answer(tmp_path):
    saved = tmp_path / "out.wav"
    run = trunkline(*LIVE, "--input", f"wav:{SPEECH / 'caller_3.wav'}", "--save", str(saved))
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0].startswith("user      ")
    assert run.stdout.splitlines()[1].startswith("assistant ")
    assert "\x1b" not in run.stdout + run.stderr
    assert saved.is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--input", "wav:/nowhere/in.wav"), 8, "no such file"),
        (("--output", "wav:/nowhere/out.wav"), 8, "cannot be written"),
        (("--save", "/nowhere/out.wav"), 8, "no such folder"),
        (("--headphones", "--echo", "gate"), 2, "it means --echo none"),
        (("--wav", "in.wav"), 2, "--wav has no live call"),
        (("--echo", "magic"), 2, "gate"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments, code: int, words: str):
    run = trunkline("talk", "--simulated", *arguments)
    assert run.returncode == code, run.stderr
    assert words in run.stderr
    assert "Traceback" not in run.stderr
