"""A live conversation at a terminal: keys in, pictures out, and the terminal given back as it was, whatever happens.

On the main thread, where signals are. The console is opened by a key on the same thread: the conversation goes on in
its own meanwhile, and what is said in that time is printed when the console is left.
"""

from __future__ import annotations

import contextlib
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from trunkline.cli.aside import tell
from trunkline.cli.footer import HIDE_CURSOR, SHOW_CURSOR
from trunkline.cli.keyboard import Keyboard
from trunkline.cli.news import Tidings, Weight
from trunkline.cli.screen import Look, Screen

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterator

    from trunkline.cli.conversation import Conversation

__all__ = ["KEYS", "LiveTerminal", "PlainTerminal", "is_terminal", "look_of"]

_TICK_SECONDS = 0.1
_SMALLEST_COLUMNS = 2

KEYS: dict[str, tuple[str, str, str]] = {
    " ": ("space", "talk, send", "begin to talk, which ends an answer; again: have it answered"),
    "m": ("m", "mute", "the server hears silence in place of you; again: it hears you"),
    "c": ("c", "console", "this conversation in the operator's console; q comes back from there"),
    "?": ("?", "keys", "this list"),
    "q": ("q", "quit", "end the conversation, as Ctrl-C does"),
}
"""Each key: how it is written, what it does in a word or two, and in a sentence."""


def is_terminal() -> bool:
    """Whether there is somebody who looks and has keys, at a terminal that can be drawn on."""
    is_dumb = os.environ.get("TERM", "") in ("", "dumb")
    return sys.stdin.isatty() and sys.stdout.isatty() and not is_dumb


def look_of(*, ascii_only: bool) -> Look:
    """What this terminal shows, by its encoding, `NO_COLOR` and what was asked for."""
    from trunkline.tui.glyphs import Glyphs

    signs = Glyphs.of(encoding=sys.stdout.encoding or "", term=os.environ.get("TERM", ""))
    return Look(
        coloured="NO_COLOR" not in os.environ,
        ascii_only=ascii_only or signs is Glyphs.ASCII,
    )


class PlainTerminal:
    """No keys and no pictures: words go to stdout in whole lines, news to stderr."""

    def __init__(self, conversation: Conversation, said: deque[str]) -> None:
        self._conversation = conversation
        self._said = said

    def run(self) -> None:
        """Prints until the conversation is over."""
        while self._conversation.is_running:
            self._conversation.wait(_TICK_SECONDS)
            self.finish()

    def finish(self) -> None:
        """Prints what is left."""
        while self._said:
            click.echo(self._said.popleft(), nl=False)
        while self._conversation.news:
            tidings = self._conversation.news.popleft()
            # What was lost is no small talk.
            say = partial(click.echo, err=True) if tidings.weight is Weight.BAD else tell
            say(tidings.text)


class LiveTerminal:
    """Draws a conversation and obeys keys; `said` is what `cli.words` writes, from the network's thread."""

    def __init__(
        self,
        conversation: Conversation,
        said: deque[str],
        look: Look,
        *,
        show_console: Callable[[], None],
    ) -> None:
        self._conversation = conversation
        self._said = said
        self._show_console = show_console
        self._keys = {key: words for key, words in KEYS.items() if self._has(key)}
        hint = [(name, short) for name, short, _ in self._keys.values()]
        self._screen = Screen(look, hint)

    def run(self) -> None:
        """Until the conversation is over, or somebody wants to leave; the terminal is as it was before then."""
        while self._converse():
            # Its libraries take a moment; the line is drawn over when it is left.
            self._send("opening the console\r")
            self._show_console()

    def finish(self) -> None:
        """Prints what is left, where the last picture was."""
        self._collect()
        self._send(self._screen.erase(self._columns()))

    def _has(self, key: str) -> bool:
        return key != " " or self._conversation.push_to_talk

    def _converse(self) -> bool:
        """Whether the console is wanted; otherwise it is over."""
        # A terminal that is gone has nobody who would want to go on.
        with contextlib.suppress(EOFError), self._taken() as keyboard:
            while self._conversation.is_running:
                self._draw()
                for key in keyboard.wait(_TICK_SECONDS):
                    if key in ("c", "q"):
                        return key == "c"
                    self._press(key)
        return False

    @contextlib.contextmanager
    def _taken(self) -> Iterator[Keyboard]:
        with Keyboard(sys.stdin.fileno()) as keyboard:
            self._send(HIDE_CURSOR)
            try:
                yield keyboard
            finally:
                self._send(self._screen.erase(self._columns()) + SHOW_CURSOR)

    def _press(self, key: str) -> None:
        if key == "m":
            self._conversation.order("mute")
        elif key == " " and self._has(key):
            self._conversation.order("talk")
        elif key == "?":
            for name, _, sentence in self._keys.values():
                self._screen.tell(Tidings(Weight.PLAIN, f"{name}: {sentence}"))

    def _draw(self) -> None:
        self._collect()
        self._send(self._screen.draw(self._conversation.glance, self._columns()))

    def _collect(self) -> None:
        while self._said:
            self._screen.words.write(self._said.popleft())
        while self._conversation.news:
            self._screen.tell(self._conversation.news.popleft())

    def _columns(self) -> int:
        try:
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
        except OSError:
            # It was closed in this moment; whatever is drawn is seen by nobody.
            columns = 80
        return max(columns, _SMALLEST_COLUMNS)

    def _send(self, text: str) -> None:
        """In one piece; what the terminal's encoding does not have is replaced."""
        if text:
            data = text.encode(sys.stdout.encoding or "ascii", errors="replace")
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
