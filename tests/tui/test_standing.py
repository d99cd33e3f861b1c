from __future__ import annotations

from trunkline.text import Clean
from trunkline.tui.context import Context
from trunkline.tui.standing import Standing
from tui.desks import NOW, SyntheticDesk, Tape, Wishes


def _of(**options):
    context = Context(
        desk=SyntheticDesk(**options), controls=Wishes(), title=Clean("prod"), clock=lambda: 0.0
    )
    context.read()
    return Standing.of(context, "FLEET")


def test_it_says_all_that_the_first_line_needs():
    standing = _of()
    assert (standing.screen, standing.title, standing.at) == ("FLEET", "prod", NOW)
    assert (standing.frozen, standing.window_s, standing.recorded_s) == (False, 300, None)
    assert (standing.speed, standing.message) == (None, None)


def test_a_recording_has_a_speed_and_a_run_an_end():
    assert _of(playback=Tape(speed=8.0)).speed == 8.0
    assert _of(message=Clean("done")).message == "done"
