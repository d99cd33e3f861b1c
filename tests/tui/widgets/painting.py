"""Paintings as plain text, for the tests of the painters."""

from __future__ import annotations

from functools import cache

from trunkline.tui.ink import line_width
from tui.desks import SyntheticDesk
from tui.lines import unknown_line

EMPTY = unknown_line()
"""A line of which nothing is known."""

SIZES = [(116, 9), (76, 5), (58, 4), (38, 3), (38, 2), (20, 1), (3, 1), (1, 1)]


@cache
def drawn_line(key="pstn-0107"):
    """One of the drawn sessions."""
    desk = SyntheticDesk()
    desk.watch(key)
    return desk.line()


@cache
def drawn_fleet(lines=7):
    """The drawn fleet."""
    return SyntheticDesk(lines=lines).fleet()


def painted(painter, value, width=58, height=4):
    """The painting, after a look at its widths."""
    lines = painter(value, width, height)
    assert all(line_width(line) in (0, width) for line in lines), [
        line_width(line) for line in lines
    ]
    return "\n".join("".join(span.text for span in line).rstrip() for line in lines)


def tones(lines, words):
    """The tones of the spans that hold the words."""
    return {span.tone for line in lines for span in line if words in span.text}
