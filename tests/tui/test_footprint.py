from __future__ import annotations

import re
from pathlib import Path

from trunkline.tui import footprint as module
from trunkline.tui.footprint import Footprint


def _clocked(monkeypatch):
    now, used = [100.0], [5.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(module.time, "process_time", lambda: used[0])
    return now, used


def test_it_says_the_share_of_the_last_second(monkeypatch):
    now, used = _clocked(monkeypatch)
    footprint = Footprint()
    assert footprint.words() == ""
    now[0], used[0] = 102.0, 5.25
    assert re.fullmatch(r"CPU 12 %  RSS \d+ MB", footprint.words())


def test_asked_more_often_it_says_the_same(monkeypatch):
    now, used = _clocked(monkeypatch)
    footprint = Footprint()
    now[0], used[0] = 101.0, 5.5
    words = footprint.words()
    now[0], used[0] = 101.9, 9.0
    assert footprint.words() == words


def test_without_proc_it_leaves_the_memory_out(monkeypatch):
    now, used = _clocked(monkeypatch)
    monkeypatch.setattr(module, "_STATM", Path("/nonexistent"))
    footprint = Footprint()
    now[0], used[0] = 101.0, 5.5
    assert footprint.words() == "CPU 50 %"
