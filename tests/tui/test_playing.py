from __future__ import annotations

import pytest

from trunkline.tui.playing import moment
from tui.desks import NOW, SyntheticDesk, Tape
from tui.looking import assert_looks_as_before, look, screen_text, settle


def _played(*keys):
    tape = Tape()
    shown = look(keys=keys, desk=SyntheticDesk(playback=tape))
    return tape, shown


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
def test_a_recording_has_a_line_of_its_own(size):
    shown = look(size=size, desk=SyntheticDesk(playback=Tape(speed=4.0)))
    assert_looks_as_before(f"fleet_replay_{size[0]}x{size[1]}", shown)


def test_space_pauses_and_goes_on_at_the_same_speed():
    tape, shown = _played("full_stop", "space")
    assert tape.speed == 0
    assert "replay paused" in shown
    tape, _ = _played("full_stop", "space", "space")
    assert tape.speed == 2.0


def test_comma_and_full_stop_step_the_speed():
    assert _played("full_stop", "full_stop")[0].speed == 4.0
    assert _played("comma")[0].speed == 0.5
    assert _played("space", "full_stop")[0].speed == 2.0


def test_angle_brackets_seek():
    assert _played("less_than_sign")[0].position == NOW - 1810
    assert _played("greater_than_sign", "greater_than_sign")[0].position == NOW - 1780


def test_seeking_stops_at_the_ends():
    tape = Tape(position=NOW - 3597)
    look(keys=("less_than_sign",), desk=SyntheticDesk(playback=tape))
    assert tape.position == tape.begins_at


def test_of_live_lines_these_keys_are_not_bound():
    async def script(app, pilot):
        return {"less_than_sign", "greater_than_sign", "comma", "full_stop"} & set(
            app.screen.active_bindings
        )

    assert look(script) == set()
    assert len(look(script, desk=SyntheticDesk(playback=Tape()))) == 4


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (("play_at", "fast"), "'fast' is no speed"),
        (("play_at", "500"), "speeds go from 0 to 120"),
        (("seek_to", "noon"), "'noon' is no moment"),
    ],
)
def test_what_is_wrong_with_a_speed_or_a_moment_is_said(call, complaint):
    name, argument = call

    async def script(app, pilot):
        app.attempt(lambda: getattr(app, name)(argument))
        await settle(pilot)
        return screen_text(app)

    assert complaint in look(script, desk=SyntheticDesk(playback=Tape()))


def test_commands_play_and_seek():
    tape = Tape()

    async def script(app, pilot):
        app.play_at("16x")
        app.seek_to("+60")
        return tape.speed, tape.position

    assert look(script, desk=SyntheticDesk(playback=tape)) == (16.0, NOW - 1740)


def test_a_moment_by_the_clock_is_on_the_day_of_the_recording():
    tape = Tape()
    assert moment("14:02:05", tape) == NOW - 1800


def test_a_moment_after_midnight_is_on_the_next_day():
    midnight = NOW - NOW % 86_400
    tape = Tape(begins_at=midnight - 60, ends_at=midnight + 60)
    assert moment("00:00:30", tape) == midnight + 30
