"""Recordings that are begun in the console, of a desk that is moved by hand."""

from __future__ import annotations

import stat

import pytest

from fleet.hand import WALL, life, moved, said, stamped
from trunkline.cli.recording import DeskRecording
from trunkline.fleet.chronicle import chronicle
from trunkline.fleet.desk import FoldingDesk
from trunkline.fleet.recorder import Recorder
from trunkline.fleet.worker import Worker
from trunkline.tui.exports.folder import Folder


def _words(path):
    (line,) = chronicle(path).lines
    return [one.text for one in line.last.transcript]


@pytest.fixture
def desk():
    return FoldingDesk()


def test_a_recording_has_what_was_known_before_and_what_came_until_its_end(desk, tmp_path):
    worker = Worker(desk, thread="test")
    recording = DeskRecording(desk, "fleet", folder=Folder(tmp_path / "exports"))
    with moved(worker) as turn:
        worker.give(stamped(*life("a"), said("a", 101.0, "before")))
        turn()
        told = recording.toggle(WALL)
        assert recording.recorded_s() is not None
        turn()
        worker.give(stamped(said("a", 102.0, "while it ran"), at=WALL + 2))
        turn()
        (path,) = (tmp_path / "exports").iterdir()
        assert path.name in told
        assert path.name.startswith("fleet-recording-")
        assert str(path) in recording.toggle(WALL)
        assert recording.recorded_s() is None
        turn()
        worker.give(stamped(said("a", 103.0, "after"), at=WALL + 3))
        turn()
        assert worker._parts == [desk]
    assert _words(path) == ["hello", "before", "while it ran"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_recording_that_lasts_as_long_as_the_console_is_whole(desk, tmp_path):
    worker = Worker(desk, thread="test")
    recording = DeskRecording(desk, "fleet", folder=Folder(tmp_path))
    with moved(worker):
        recording.toggle(WALL)
        worker.give(stamped(*life("a")))
        # The last turn of a worker that ends.
        worker._turn()
    (path,) = tmp_path.iterdir()
    assert path.stat().st_size


def test_each_recording_has_a_file_of_its_own(desk, tmp_path):
    with moved(Worker(desk, thread="test")) as turn:
        recording = DeskRecording(desk, "fleet", folder=Folder(tmp_path))
        for _ in range(4):
            recording.toggle(WALL)
            turn()
    assert len(list(tmp_path.iterdir())) == 2


def test_what_was_begun_with_the_console_is_not_ended_by_a_key(desk, tmp_path):
    lasting = Recorder(tmp_path / "a.tlrec")
    with moved(Worker(desk, lasting, thread="test")):
        recording = DeskRecording(desk, "fleet", lasting=lasting)
        assert "as long as this console runs" in recording.toggle(WALL)
        assert recording.recorded_s() is not None


def test_a_disk_that_is_full_is_news_once_and_another_recording_can_be_begun(desk, tmp_path):
    lasting = Recorder("/dev/full")
    with moved(Worker(desk, lasting, thread="test")) as turn:
        recording = DeskRecording(desk, "fleet", lasting=lasting, folder=Folder(tmp_path))
        assert "No space left" in recording.news()
        assert recording.news() is recording.recorded_s() is None
        assert "recording to" in recording.toggle(WALL)
        turn()
    assert list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_is_said(desk, tmp_path):
    (tmp_path / "file").write_text("")
    with moved(Worker(desk, thread="test")):
        recording = DeskRecording(desk, "fleet", folder=Folder(tmp_path / "file" / "x"))
        with pytest.raises(ValueError, match="no recording"):
            recording.toggle(WALL)
        assert recording.recorded_s() is None
