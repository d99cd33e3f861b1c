"""Keys as they are pressed, from a terminal that is given back as it was."""

from __future__ import annotations

import os
import re
import select
import termios
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Keyboard", "keys_in"]

_MOST_BYTES = 1024
# ECMA-48's control sequences, the function keys of VT100 (SS3), and Alt with a key; one at the end may be cut off.
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|O.?|.?)")
# Indices of what termios gives.
_LOCAL_FLAGS, _CONTROL_CHARACTERS = 3, 6
# Ctrl-Z and Ctrl-\ would leave the terminal to others, or to nobody, in a state that they do not expect.
_UNWANTED = (termios.VSUSP, termios.VQUIT)


def keys_in(data: bytes) -> list[str]:
    """The characters that were typed; none for keys that send a sequence, such as arrows, and for what is no text."""
    typed = _SEQUENCE.sub("", data.decode("utf-8", errors="ignore"))
    return [sign for sign in typed if sign.isprintable()]


class Keyboard:
    """While it is entered, keys come at once and are not echoed; Ctrl-C stays an interrupt."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        """Takes the terminal."""
        self._before = termios.tcgetattr(self._descriptor)
        wanted = termios.tcgetattr(self._descriptor)
        wanted[_LOCAL_FLAGS] &= ~(termios.ECHO | termios.ICANON)
        for character in _UNWANTED:
            wanted[_CONTROL_CHARACTERS][character] = os.fpathconf(self._descriptor, "PC_VDISABLE")
        termios.tcsetattr(self._descriptor, termios.TCSANOW, wanted)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Gives it back as it was; what was typed and not read is thrown away, so that no shell runs it."""
        if self._before is not None:
            termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, self._before)
            self._before = None

    def wait(self, seconds: float, *others: int) -> list[str]:
        """The keys of at most so many seconds; at once when there are some, or when another descriptor has something.

        Raises EOFError if the terminal is gone.
        """
        ready, _, _ = select.select([self._descriptor, *others], [], [], seconds)
        if self._descriptor not in ready:
            return []
        try:
            data = os.read(self._descriptor, _MOST_BYTES)
        except OSError:
            data = b""
        if not data:
            raise EOFError
        return keys_in(data)
