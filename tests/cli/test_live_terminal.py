"""A conversation at a terminal, without a conversation; tests/cli/test_talk_live.py has one on a pty."""

from __future__ import annotations

import io
import sys
from collections import deque
from contextlib import contextmanager

import pytest

from trunkline.cli.glance import Glance
from trunkline.cli.live_terminal import KEYS, LiveTerminal, PlainTerminal, is_terminal, look_of
from trunkline.cli.news import Tidings, Weight
from trunkline.cli.screen import Look


class HandConversation:
    """Runs for so many looks, and notes what it is asked."""

    def __init__(self, looks: int = 100, *, push_to_talk: bool = False) -> None:
        self.push_to_talk = push_to_talk
        self.glance = Glance()
        self.news: deque[Tidings] = deque()
        self.orders: list[str] = []
        self.waits: list[float] = []
        self._looks = looks

    @property
    def is_running(self) -> bool:
        self._looks -= 1
        return self._looks >= 0

    def order(self, name: str) -> None:
        self.orders.append(name)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


class HandKeyboard:
    """The keys of a test, one a look."""

    def __init__(self, keys: str | Exception) -> None:
        self._keys = keys
        self.entered = 0

    def __call__(self, _descriptor: int):
        @contextmanager
        def taken():
            self.entered += 1
            yield self

        return taken()

    def wait(self, _seconds: float) -> list[str]:
        if isinstance(self._keys, Exception):
            raise self._keys
        key, self._keys = self._keys[:1], self._keys[1:]
        return [key] if key else []


class Output(io.TextIOWrapper):
    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)

    def fileno(self) -> int:
        raise OSError("no descriptor")

    def text(self) -> str:
        return self.buffer.getvalue().decode(self.encoding)


@pytest.fixture
def at_terminal(monkeypatch):
    """What was shown and asked for with these keys."""

    def run(keys, *, conversation: HandConversation | None = None, said=(), encoding="utf-8"):
        talking = conversation or HandConversation(10)
        keyboard, shown, output = HandKeyboard(keys), [], Output(encoding)
        monkeypatch.setattr("trunkline.cli.live_terminal.Keyboard", keyboard)
        monkeypatch.setattr(sys, "stdout", output)
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        monkeypatch.setattr(sys.stdin, "fileno", lambda: 0, raising=False)
        terminal = LiveTerminal(
            talking, deque(said), Look(coloured=False), show_console=lambda: shown.append(1)
        )
        terminal.run()
        terminal.finish()
        return talking, output.text(), keyboard.entered, len(shown)

    return run


def test_keys_become_orders(at_terminal):
    talking, _, _, _ = at_terminal("mmx")
    assert talking.orders == ["mute", "mute"]


def test_the_space_bar_talks_only_where_there_is_a_button(at_terminal):
    assert at_terminal(" ")[0].orders == []
    pressed = HandConversation(5, push_to_talk=True)
    talking, text, _, _ = at_terminal(" ?", conversation=pressed)
    assert talking.orders == ["talk"]
    assert "space talk, send" in text
    assert "space: begin to talk" in text


def test_the_console_is_shown_with_the_terminal_given_back_and_taken_again(at_terminal):
    _, _, entered, shown = at_terminal("c")
    assert (entered, shown) == (2, 1)


@pytest.mark.parametrize("keys", ["q", EOFError()])
def test_whoever_leaves_or_is_gone_is_not_waited_for(at_terminal, keys):
    talking = HandConversation(10**6)
    _, text, entered, _ = at_terminal(keys, conversation=talking)
    assert entered == 1
    assert text.endswith("\x1b[?25h") or "\x1b[?25h" in text


def test_a_failure_in_the_middle_shows_the_cursor_again(at_terminal):
    output = None
    with pytest.raises(ZeroDivisionError):
        at_terminal(ZeroDivisionError())
    output = sys.stdout.text()
    assert output.rindex("\x1b[?25h") > output.rindex("\x1b[?25l")


def test_what_the_encoding_does_not_have_is_replaced(at_terminal):
    _, text, _, _ = at_terminal("q", said=["user      ñ ✖\n"], encoding="ascii")
    assert "user      ? ?" in text


def test_each_key_is_named_and_explained():
    assert all(name and short and sentence for name, short, sentence in KEYS.values())


def test_without_a_terminal_words_go_to_stdout_and_news_to_stderr(capsys):
    talking = HandConversation(2)
    talking.news.append(Tidings(Weight.GOOD, "restored in 412 ms"))
    PlainTerminal(talking, deque(["user      Good ", "morning.\n"])).run()
    printed = capsys.readouterr()
    assert printed.out == "user      Good morning.\n"
    assert printed.err == "restored in 412 ms\n"
    assert talking.waits


@pytest.mark.parametrize(
    ("term", "is_tty", "expected"),
    [("xterm", True, True), ("dumb", True, False), ("", True, False), ("xterm", False, False)],
)
def test_a_terminal_is_what_has_keys_and_can_be_drawn_on(monkeypatch, term, is_tty, expected):
    monkeypatch.setenv("TERM", term)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: is_tty)
    assert is_terminal() == expected


def test_the_look_is_by_the_encoding_and_what_was_asked_for(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", Output())
    assert look_of(ascii_only=False) == Look(coloured=True, ascii_only=False)
    assert look_of(ascii_only=True).ascii_only
    monkeypatch.setattr(sys, "stdout", Output("latin-1"))
    monkeypatch.setenv("NO_COLOR", "1")
    assert look_of(ascii_only=False) == Look(coloured=False, ascii_only=True)
