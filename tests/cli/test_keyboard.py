"""Keys from a terminal that is given back as it was."""

from __future__ import annotations

import os
import pty
import select
import termios

import pytest

from trunkline.cli.keyboard import Keyboard, keys_in


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"m", ["m"]),
        (b" ?", [" ", "?"]),
        (b"\x1b[A", []),
        (b"m\x1b[c", ["m"]),
        (b"\x1b[A\x1bOP\x1b[1;5Cq", ["q"]),
        (b"\x1bm\x1b", []),
        (b"\x1b[1", []),
        (b"\xff\n\t", []),
        (b"", []),
    ],
)
def test_what_was_typed_is_characters_and_no_sequences(data: bytes, keys: list[str]):
    assert keys_in(data) == keys


@pytest.fixture
def terminal():
    ours, theirs = pty.openpty()
    yield ours, theirs
    for descriptor in (ours, theirs):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_keys_come_at_once_and_are_not_echoed(terminal):
    ours, theirs = terminal
    with Keyboard(theirs) as keyboard:
        os.write(ours, b"m")
        assert keyboard.wait(5) == ["m"]
        flags = termios.tcgetattr(theirs)[3]
        assert not flags & termios.ECHO
        # Ctrl-C is still an interrupt.
        assert flags & termios.ISIG


def test_the_terminal_is_given_back_as_it_was_after_a_failure_too(terminal):
    _, theirs = terminal
    before = termios.tcgetattr(theirs)
    during = []

    def fail() -> None:
        with Keyboard(theirs):
            during.append(termios.tcgetattr(theirs))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert during != [before]
    assert termios.tcgetattr(theirs) == before


def test_what_was_typed_and_not_read_reaches_no_shell(terminal):
    ours, theirs = terminal
    with Keyboard(theirs):
        os.write(ours, b"rm\n")
        # A terminal passes on what is typed in a moment of its own.
        assert select.select([theirs], [], [], 5)[0]
    os.set_blocking(theirs, False)
    with pytest.raises(BlockingIOError):
        os.read(theirs, 10)


def test_another_descriptor_ends_the_wait(terminal):
    _, theirs = terminal
    reader, writer = os.pipe()
    with Keyboard(theirs) as keyboard:
        os.write(writer, b"x")
        assert keyboard.wait(5, reader) == []
    os.close(reader)
    os.close(writer)


def test_a_terminal_that_is_gone_is_an_end(terminal):
    ours, theirs = terminal
    keyboard = Keyboard(theirs)
    os.close(ours)
    with pytest.raises(EOFError):
        keyboard.wait(5)
