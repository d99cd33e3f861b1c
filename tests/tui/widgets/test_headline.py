from __future__ import annotations

import pytest

from telemetry.recorded import snapshot_at
from trunkline.text import Clean
from trunkline.tui.view import View
from trunkline.tui.widgets.headline import SILENT_SECONDS, paint_headline, paint_status
from tui.widgets.painting import SIZES, painted


def _view(**fields):
    return View(title=Clean("trunkline"), **fields)


def test_it_says_which_line_this_is_and_what_time():
    shown = painted(paint_headline, _view(snapshot=snapshot_at()), 100, 1)
    assert shown.split() == ["trunkline", "demo", "gpt-realtime", "@", "127.0.0.1", "at", "00:34"]


def test_before_the_first_data_it_says_so():
    assert "waiting for the first data" in painted(paint_headline, _view(), 80, 1)


def test_a_display_that_stands_still_says_why():
    frozen = painted(paint_headline, _view(snapshot=snapshot_at(), frozen=True), 80, 1)
    assert "FROZEN · space goes on" in frozen
    silent = _view(snapshot=snapshot_at(), silent_s=SILENT_SECONDS)
    assert "▲ no data for 2 s" in painted(paint_headline, silent, 80, 1)


def test_silence_after_the_end_is_no_warning():
    view = _view(snapshot=snapshot_at(), silent_s=60.0, message=Clean("done"))
    assert "no data" not in painted(paint_headline, view, 80, 1)
    assert "finished: done · q to leave" in painted(paint_status, view, 80, 1)


def test_there_is_no_status_while_it_runs():
    assert painted(paint_status, _view(), 80, 1) == ""


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_any_size(size):
    painted(paint_headline, _view(snapshot=snapshot_at(), frozen=True), *size)
    painted(paint_status, _view(message=Clean("done")), *size)
