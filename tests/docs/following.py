"""Follows a page word for word: its files are saved, its commands typed into a shell on a pty, its output looked for.

What a page says in blocks is what a reader does:

- a block with a file's name as its title is saved as that file;
- in a `console` block a line behind `$ ` is typed, once the shell is ready for it; the lines below must appear, in that
  order, where `…` stands for anything within a line. A command with no lines below must end with status 0. A title
  names a terminal, which is opened when it comes first;
- a line of prose that begins with "Press `KEY`" is done: in the terminals that it names ("in the second terminal"),
  else in the one that was typed into last.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path

import pyte

from docs.blocks import Block, Words, read

PROMPT = "$ "
# What the shells here say when they are ready: how the last command ended comes first.
READY = "[$?]$ "
_READY = re.compile(r"\[(\d+)\]\$ $")
KEYS = {"Ctrl-C": "\x03", "Enter": "\r"}
COLUMNS, ROWS = 120, 40
# From one terminal to another a hand takes a while; without, what a command still does behind its last word is missed
# (`tee` shows a line before it is in its file).
HAND = 0.5
SCREEN = "\x1b[?1049h"
_PRESS = re.compile(r"^Press `([^`]+)`")
_WHERE = re.compile(r"in the (\w+ terminal)")
_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[()][A-Z0-9]|[=>78])")


def _plain(output: str) -> str:
    return _ESCAPES.sub("", output).replace("\r", "")


class Shell:
    """A terminal with a shell in it."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._output = ""
        self._seen = 0
        self._silent = ""
        usual = {"TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", "PS1": READY}
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.chdir(folder)
            os.execve("/bin/sh", ["/bin/sh", "-i"], usual | variables)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, size)

    def type(self, command: str, ends_at: float) -> None:
        """The command, as soon as the one before has ended."""
        self._wait(self._is_ready, ends_at, f"the shell was not ready for {command!r}")
        self._judge()
        self._silent = command
        self._output, self._seen = "", 0
        self._screen.reset()
        os.write(self._terminal, f"{command}\n".encode())
        # Its echo is no output.
        self._wait(lambda: "\n" in self._output, ends_at, f"{command!r} was not echoed")
        self._seen = self._output.index("\n")

    def press(self, keys: str, ends_at: float) -> None:
        """The keys, for a command that runs: an interrupt before it began would be the shell's."""

        def is_taken() -> bool:
            return self._is_running() or self._is_ready()

        self._wait(is_taken, ends_at, f"nothing took {keys!r}")
        self._silent = ""
        os.write(self._terminal, keys.encode())

    def expect(self, line: str, ends_at: float) -> None:
        """Waits until the line was printed behind those expected before, or is on the screen."""
        self._silent = ""
        words = r".*?".join(re.escape(part.strip()) for part in line.split("…"))
        pattern = re.compile(rf"^[ ]*{words}", re.MULTILINE)

        def is_there() -> bool:
            # On a screen of its own, lines come in any order and in pieces.
            is_drawn = SCREEN in self._output
            return bool(pattern.search(_plain(self._output), self._seen)) or (
                is_drawn and any(map(pattern.search, self._screen.display))
            )

        complaint = f"{line!r} never came"
        self._wait(lambda: is_there() or self._is_ready(), ends_at, complaint)
        assert is_there(), f"{complaint}:\n{_plain(self._output)}"
        if found := pattern.search(_plain(self._output), self._seen):
            self._seen = found.end()

    def linger(self, seconds: float) -> None:
        """Reads for so long, whatever comes."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._read(left)

    def end(self, ends_at: float) -> None:
        """Waits until the last command has ended, and leaves."""
        try:
            self._wait(self._is_ready, ends_at, "the last command did not end")
            self._judge()
        finally:
            os.kill(self._pid, signal.SIGHUP)
            os.close(self._terminal)
            os.waitpid(self._pid, 0)

    def _is_running(self) -> bool:
        """Whether a command has begun: its process is no longer a copy of the shell."""
        group = os.tcgetpgrp(self._terminal)
        try:
            begun, shell = [Path(f"/proc/{one}/comm").read_text() for one in (group, self._pid)]
        except OSError:  # it has ended, or this system tells nothing of processes
            return group != self._pid and not Path("/proc/self/comm").exists()
        return begun != shell

    def _is_ready(self) -> bool:
        # Not by the cursor: pyte knows no second screen, so a prompt behind the console stands anywhere.
        return bool(_READY.search(_plain(self._output[-200:])))

    def _judge(self) -> None:
        """A command that nothing was expected of has only its status to show that it did something."""
        ended = _READY.search(_plain(self._output))
        assert not self._silent or (ended and ended[1] == "0"), (
            f"{self._silent!r} failed:\n{_plain(self._output)}"
        )

    def _wait(self, is_so, ends_at: float, complaint: str) -> None:
        while not is_so():
            left = ends_at - time.monotonic()
            assert left > 0, f"{complaint}:\n{_plain(self._output)}"
            self._read(min(left, 1.0))

    def _read(self, seconds: float) -> None:
        if select.select([self._terminal], [], [], seconds)[0]:
            data = os.read(self._terminal, 65_536)
            self._output += data.decode(errors="replace")
            self._stream.feed(data)


class Follower:
    """Somebody who reads a page in a folder of their own and does what it says."""

    def __init__(
        self,
        page: str,
        folder: Path,
        variables: dict[str, str],
        *,
        seconds: float,
        skipped: frozenset[str] | set[str] = frozenset(),
    ) -> None:
        """`skipped` are headings whose blocks are left out."""
        self._parts = [part for part in read(page) if part.heading not in skipped]
        self._folder = folder
        self._variables = variables
        self._ends_at = time.monotonic() + seconds
        self._shells: dict[str, Shell] = {}
        self._last = ""
        self.typed: list[str] = []

    def follow(self) -> None:
        try:
            for part in self._parts:
                if isinstance(part, Words):
                    self._obey(part.text)
                elif part.language == "console":
                    self._type(part)
                elif part.title:
                    (self._folder / part.title).write_text(part.text, encoding="utf-8")
        except BaseException:
            self._ends_at = time.monotonic()  # nothing is waited for any more
            raise
        finally:
            self._leave()

    def _obey(self, words: str) -> None:
        if press := _PRESS.match(words):
            for name in _WHERE.findall(words) or [self._last]:
                shell = self._shells["" if name == "first terminal" else name]
                shell.press(KEYS.get(press[1], press[1]), self._ends_at)

    def _type(self, block: Block) -> None:
        if block.title not in self._shells:
            self._shells[block.title] = Shell(self._folder, self._variables)
        if block.title != self._last and self._last in self._shells:
            self._shells[self._last].linger(HAND)
        self._last, shell = block.title, self._shells[block.title]
        for line in block.text.splitlines():
            if line.startswith(PROMPT):
                command = line.removeprefix(PROMPT)
                self.typed.append(command)
                shell.type(command, self._ends_at)
            elif line.strip():
                shell.expect(line, self._ends_at)

    def _leave(self) -> None:
        """All shells, also if one of them does not end."""
        complaints = []
        for shell in self._shells.values():
            try:
                shell.end(self._ends_at)
            except AssertionError as complaint:
                complaints.append(str(complaint))
        assert not complaints, "\n".join(complaints)
