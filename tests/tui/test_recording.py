from __future__ import annotations

import pytest

from trunkline.tui.recording import NoRecording
from tui.desks import Tapes
from tui.looking import look


def test_where_nothing_can_be_recorded_the_reason_is_told():
    none = NoRecording("a recording is not recorded again")
    assert none.recorded_s() is none.news() is None
    with pytest.raises(ValueError, match="not recorded again"):
        none.toggle(1.0)
    assert "not recorded again" in look(keys=("r",), recording=none)


def test_r_begins_a_recording_with_a_mark_and_ends_it():
    tapes = Tapes()
    shown = look(keys=("r",), recording=tapes)
    assert "● REC 00:00:00" in shown
    assert "recording to /x/a.tlrec" in shown
    shown = look(keys=("r",), recording=tapes)
    assert "● REC" not in shown
    assert "recorded to /x/a.tlrec" in shown
    assert all(at is not None for at in tapes.asked)


def test_a_recording_that_ended_by_itself_is_news():
    assert "No space left on device" in look(recording=Tapes(news=["No space left on device"]))


def test_the_page_of_keys_says_what_r_does():
    shown = look(keys=("question_mark",), size=(120, 90))
    assert "Begin a recording of all that this console sees, or end it" in shown
