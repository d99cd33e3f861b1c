from __future__ import annotations

from trunkline.text import Clean
from trunkline.tui.context import WINDOWS_S, Context
from trunkline.tui.glyphs import Glyphs
from tui.desks import NOW, SyntheticDesk, Wishes


def _context(**options):
    desk = SyntheticDesk(**options)
    now = [0.0]
    context = Context(desk=desk, controls=Wishes(), title=Clean("prod"), clock=lambda: now[0])
    return context, desk, now


def test_nothing_is_shown_before_the_first_read():
    context, _, _ = _context()
    assert (context.fleet, context.line, context.at, context.row) == (None, None, None, None)
    assert context.silent_s == 0.0


def test_reading_shows_the_newest():
    context, desk, _ = _context()
    context.read()
    assert context.at == NOW
    desk.advance()
    context.read()
    assert context.at == NOW + 0.5


def test_frozen_it_stands_still_while_the_desk_goes_on():
    context, desk, _ = _context()
    context.select("web-90c3")
    context.freeze(frozen=True)
    desk.advance(4)
    context.read()
    assert context.at == NOW
    assert context.entries() == tuple(desk.entries())
    desk.stream = ()
    assert context.entries() != ()
    context.freeze(frozen=False)
    assert context.at == NOW + 2
    assert context.entries() == ()


def test_selecting_a_line_watches_it():
    context, desk, _ = _context()
    context.read()
    context.select("pstn-0107")
    assert desk.watched == "pstn-0107"
    assert context.line is not None
    assert context.line.key == "pstn-0107"
    assert context.row is not None
    assert context.row.score == 61.0


def test_details_of_another_line_are_not_shown_as_those_of_this_one():
    context, desk, _ = _context()
    context.select("pstn-0107")
    desk.watched = "web-81aa"
    context.read()
    assert context.line is None


def test_another_line_is_never_frozen_with_the_details_of_the_last_one():
    context, _, _ = _context()
    context.select("pstn-0107")
    context.freeze(frozen=True)
    context.select("web-81aa")
    assert context.frozen is False
    assert context.line is not None
    assert context.line.key == "web-81aa"


def test_selecting_the_same_line_again_changes_nothing():
    context, _, _ = _context()
    context.select("pstn-0107")
    context.freeze(frozen=True)
    context.select("pstn-0107")
    assert context.frozen is True


def test_silence_is_counted_from_the_last_change():
    context, desk, now = _context()
    context.read()
    now[0] = 3.0
    context.read()
    assert context.silent_s == 3.0
    desk.advance()
    context.read()
    assert context.silent_s == 0.0


def test_the_window_steps_and_stops_at_its_ends():
    context, desk, _ = _context()
    assert [context.widen(1) for _ in range(3)] == [900, 3600, 3600]
    assert desk.seconds == 3600
    assert [context.widen(-1) for _ in range(5)] == [900, 300, 60, 30, 30]
    assert set(WINDOWS_S) == {30, 60, 300, 900, 3600}


def test_only_ascii_is_ascii():
    context, _, _ = _context()
    assert not context.ascii_only
    context.glyphs = Glyphs.ASCII
    assert context.ascii_only
