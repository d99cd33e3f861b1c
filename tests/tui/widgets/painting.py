"""Paintings as plain text, for the tests of the painters."""

from __future__ import annotations

from trunkline.telemetry.snapshot import LineSnapshot
from trunkline.text import Clean
from trunkline.tui.ink import line_width

EMPTY = LineSnapshot(at=0.0, started_at=0.0, name=Clean("demo"), server=Clean(""))
"""A line of which nothing is known."""

SIZES = [(76, 5), (58, 4), (38, 3), (38, 2), (20, 1), (3, 1), (1, 1)]


def painted(painter, value, width=58, height=4):
    lines = painter(value, width, height)
    assert all(line_width(line) == width for line in lines), [line_width(line) for line in lines]
    return "\n".join("".join(span.text for span in line).rstrip() for line in lines)
