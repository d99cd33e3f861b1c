from __future__ import annotations

from dataclasses import replace

from trunkline.tui.moments import minute_of, unix_of, utc_of
from tui.lines import unknown_line

LINE = replace(unknown_line(), started_at=100.0, at=190.0, wall_offset=1_763_994_000.0)
WITHOUT_CLOCK = replace(LINE, wall_offset=0.0)


def test_a_moment_is_utc_where_the_line_told_its_clock():
    assert unix_of(LINE, 105.0) == 1_763_994_105.0
    assert (utc_of(LINE, 105.0), minute_of(LINE, 105.0)) == ("14:21:45", "14:21")


def test_else_it_is_the_time_since_the_line_began():
    assert unix_of(WITHOUT_CLOCK, 105.0) is None
    assert (utc_of(WITHOUT_CLOCK, 165.0), minute_of(WITHOUT_CLOCK, 165.0)) == ("01:05", "01:05")
