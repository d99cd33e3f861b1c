"""A terminal on a real pty: what the command draws is what a person would read."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pyte

from cli.running import environment


class Terminal:
    """Runs a command in a terminal of a size, types keys, and waits for words on the screen."""

    def __init__(
        self,
        *arguments: str,
        columns: int,
        rows: int,
        program: tuple[str, ...] = ("-m", "trunkline"),
        folder: Path | None = None,
        **variables: str,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.output = bytearray()
        self.last_modes: list = []
        """How the terminal was set when the command had ended."""
        size = struct.pack("HHHH", rows, columns, 0, 0)
        usual = {"TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"}
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            # As for whoever types into a shell; tests that run in the background are started with interrupts ignored.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if folder is not None:
                os.chdir(folder)
            argv = [sys.executable, *program, *arguments]
            os.execve(sys.executable, argv, environment(**usual | variables))
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, size)

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def text(self) -> str:
        return "\n".join(self._screen.display)

    def wait_for(self, words: str, seconds: float = 20) -> str:
        """The screen once it shows the words."""
        ends_at = time.monotonic() + seconds
        while words not in self.text():
            assert time.monotonic() < ends_at, f"{words!r} never came:\n{self.text()}"
            assert self._read(0.2), f"the command ended before {words!r}:\n{self.text()}"
        return self.text()

    def wait_until_gone(self, words: str, seconds: float = 20) -> None:
        """Reads until the words are no longer on the screen."""
        ends_at = time.monotonic() + seconds
        while words in self.text():
            assert time.monotonic() < ends_at, f"{words!r} stayed:\n{self.text()}"
            self._read(0.2)

    def end(self, seconds: float = 15) -> int:
        """Reads to the end; gives the exit code."""
        ends_at = time.monotonic() + seconds
        while self._read(0.2):
            assert time.monotonic() < ends_at, f"it did not end:\n{self.text()}"
        _, status = os.waitpid(self._pid, 0)
        self.last_modes = self.modes()
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(status)

    def linger(self, seconds: float) -> None:
        """Reads for so long, whatever comes."""
        ends_at = time.monotonic() + seconds
        while (left := ends_at - time.monotonic()) > 0:
            assert self._read(left), f"the command ended:\n{self.text()}"

    def modes(self) -> list:
        """How the terminal is set, as `stty` shows it."""
        return termios.tcgetattr(self._terminal)

    def signal(self, number: int) -> None:
        """Sends it to the command."""
        os.kill(self._pid, number)

    def resize(self, columns: int, rows: int) -> None:
        """As when a person pulls at the window."""
        self._screen.resize(rows, columns)
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, size)

    @property
    def shows_cursor(self) -> bool:
        return not self._screen.cursor.hidden

    def _read(self, seconds: float) -> bool:
        """Takes what the command wrote; False once it is gone."""
        if not select.select([self._terminal], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._terminal, 65_536)
        except OSError:
            return False
        self.output += data
        self._stream.feed(data)
        return bool(data)
