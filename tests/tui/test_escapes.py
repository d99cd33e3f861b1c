"""No string from outside gives an order to the terminal, on any screen, at the end of a real pty."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

import trunkline
from cli.terminal import Terminal
from trunkline.text import clean
from tui.escapes import Control, take_apart
from tui.hostile import CORPUS

PROGRAM = Path(__file__).with_name("hostile_console.py")
TESTS = PROGRAM.parents[1]
PACKAGES = Path(trunkline.__file__).parents[1]

# What Textual says to a terminal, whatever stands on the screen: where to write, in which style, and which modes it
# needs and asks for. Everything else is an order of somebody else.
MODES = (
    "1000",
    "1002",
    "1003",
    "1004",
    "1006",
    "1015",
    "1016",
    "1049",
    "2004",
    "2026",
    "2031",
    "2048",
    "25",
    "7",
)
OWN = {
    *(Control("CSI", f"?{mode}{set_or_reset}") for mode in MODES for set_or_reset in "hl"),
    *(
        Control("CSI", name)
        for name in (
            "H",
            "m",
            "J",
            "K",
            "A",
            "B",
            "C",
            "D",
            "G",
            "?$p",
            ">u",
            "<u",
            ">m",
            "?u",
            "c",
        )
    ),
    # The shape of the mouse's pointer.
    *(Control("OSC", f"22;{shape}") for shape in ("default", "pointer", "text", "")),
    Control("C0", "0a"),
    Control("C0", "0d"),
}
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200d\u2028\u2029\u2060\ufeff\ufe00-\ufe0f\U000e0000-\U000e007f\ud800-\udfff]"
)

# A page of the corpus stands for 0.6 s; all of it is shown in a quarter of this where nobody else works.
MOST_SECONDS = 60

# Keys that lead to each screen from the fleet, and whether every string of the corpus comes to stand on it.
SCREENS = {
    "fleet": ("", True),
    "session": ("\r", False),
    "turns": ("\r2", False),
    "timeline": ("\r3", False),
    "transcript": ("\r4", True),
    "settings": ("\r5", False),
    "alerts": ("a", True),
    "events": ("\re", True),
    "event": ("\re\r", False),
    "events filtered": ("\re/h0\r", False),
    "forms of export": ("\rex", False),
    "comparison": ("\remk=", False),
    "help": ("?", False),
    "palette": ("\x10", False),
    "filter": ("/h0", False),
    "command": (":", False),
    "faults": ("\rd", False),
    "mark": ("\rm", False),
}


def seen(output):
    """Which strings of the corpus were written, by their names."""
    return set(re.findall(rb"h\d{3}", output))


def shown(keys, tmp_path, *arguments, columns=120, rows=36, share=0.0, seconds=1.5):
    """What the console wrote while a screen was looked at, until it had shown so much of the corpus."""
    terminal = Terminal(
        *arguments,
        columns=columns,
        rows=rows,
        program=("-W", "error", str(PROGRAM)),
        folder=tmp_path,
        PYTHONPATH=os.pathsep.join((str(PACKAGES), str(TESTS))),
    )
    terminal.wait_for("h0")
    for key in keys:
        terminal.type(key)
        terminal.linger(0.4)
    terminal.linger(seconds)
    ends_at = time.monotonic() + MOST_SECONDS
    while len(seen(terminal.output)) < share * len(CORPUS) and time.monotonic() < ends_at:
        terminal.linger(1.0)
    for key in ("\x1b", "\x1b", "\x11"):
        terminal.linger(0.3)
        terminal.type(key)
    assert terminal.end() == 0
    return terminal.output.decode("utf-8")


def assert_harmless(output):
    text, orders = take_apart(output)
    assert orders - OWN == set()
    assert not BIDI.search(text)
    assert not INVISIBLE.search(text)
    return text


def test_the_corpus_is_large_and_every_part_of_it_is_hostile_or_odd():
    assert len(CORPUS) >= 200
    assert len(set(CORPUS)) == len(CORPUS)
    obeyed = [text for text in CORPUS if take_apart(text)[1]]
    assert len(obeyed) >= 150


def test_the_parser_finds_what_a_terminal_would_obey():
    """The judge must be able to condemn: each kind, by both introducers."""
    kinds = {control.kind for text in CORPUS for control in take_apart(text)[1]}
    assert kinds == {"OSC", "DCS", "APC", "PM", "SOS", "CSI", "ESC", "C0", "C1"}
    assert take_apart("a\x1b]52;c;eA==\x07b") == ("ab", {Control("OSC", "52;c;eA==")})
    assert take_apart("\x1b[?25;7l\x1b[38;2;1;2;3m")[1] == {
        Control("CSI", "?25l"),
        Control("CSI", "?7l"),
        Control("CSI", "m"),
    }
    for text in CORPUS:
        if take_apart(text)[1] - OWN:
            with pytest.raises(AssertionError):
                assert_harmless(text)


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: text[:4])
def test_nothing_of_the_corpus_gives_an_order_once_it_is_clean(text):
    cleaned, orders = take_apart(clean(text).replace("\n", " ").replace("\t", " "))
    assert orders == set()
    assert not BIDI.search(cleaned)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("screen", SCREENS)
def test_no_screen_passes_an_order_on(screen, tmp_path):
    keys, whole = SCREENS[screen]
    share = 0.95 if whole else 0.03
    output = shown(keys, tmp_path, share=share)
    assert_harmless(output)
    assert len(seen(output.encode())) >= share * len(CORPUS)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("screen", ["fleet", "session", "events"])
@pytest.mark.parametrize(("arguments", "columns", "rows"), [((), 80, 24), (("--ascii",), 120, 36)])
def test_neither_does_a_small_screen_or_one_of_ascii(screen, arguments, columns, rows, tmp_path):
    assert_harmless(shown(SCREENS[screen][0], tmp_path, *arguments, columns=columns, rows=rows))


@pytest.mark.timeout(60)
def test_a_tame_console_says_the_same_to_its_terminal(tmp_path):
    """The repertoire is not wider than it must be: a console without hostile words uses most of it."""
    _, orders = take_apart(shown("\r", tmp_path, "--tame"))
    assert orders - OWN == set()
    assert {
        Control("CSI", name) for name in ("H", "m", "?1049h", "?1049l", "?25l", "?25h")
    } <= orders
