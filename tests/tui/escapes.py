"""What a program says to its terminal, taken apart: text, and every control by its kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

STRINGS = {"]": "OSC", "P": "DCS", "_": "APC", "^": "PM", "X": "SOS"}
# ECMA-48 5.4: parameters, intermediates, a final byte.
_CSI = re.compile(r"\x1b\[([0-?]*)([ -/]*)([@-~])")
_STRING = re.compile(r"\x1b([\]P_^X])(.*?)(?:\x1b\\|\x07|\x9c|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"\x1b([ -/]*)([0-~])?")


@dataclass(frozen=True, slots=True)
class Control:
    """One order to the terminal."""

    kind: str
    """`CSI`, `OSC`, `DCS`, `APC`, `PM`, `SOS`, `ESC`, `C0`, `C1`."""
    name: str
    """What it does: intermediates and the final byte, private modes each by itself, the words of a string, or the
    character."""


def take_apart(output: str) -> tuple[str, set[Control]]:
    """The text that is left, and all kinds of orders that were given."""
    found: set[Control] = set()
    text, at = [], 0
    while at < len(output):
        char = output[at]
        if char == "\x1b":
            length, orders = _escape(output, at)
            found |= orders
            at += length
            continue
        if ord(char) < 0x20 or ord(char) == 0x7F:
            found.add(Control("C0", f"{ord(char):02x}"))
        elif 0x80 <= ord(char) < 0xA0:
            found.add(Control("C1", f"{ord(char):02x}"))
        else:
            text.append(char)
        at += 1
    return "".join(text), found


def _escape(output, at):
    if match := _CSI.match(output, at):
        parameters, intermediates, final = match.groups()
        private = parameters[:1] if parameters[:1] in "<=>?" else ""
        if final in "hl":
            modes = parameters.lstrip("<=>?").split(";")
            return len(match[0]), {Control("CSI", f"{private}{mode}{final}") for mode in modes}
        return len(match[0]), {Control("CSI", f"{private}{intermediates}{final}")}
    if match := _STRING.match(output, at):
        return len(match[0]), {Control(STRINGS[match[1]], match[2][:40])}
    match = _ESCAPE.match(output, at)
    return len(match[0]), {Control("ESC", match[1] + (match[2] or ""))}
