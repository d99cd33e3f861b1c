"""A recorder and the disk under it."""

from __future__ import annotations

import logging
import os
import stat

import pytest

from fleet.hand import BREATH, WALL, heard, life, said, stamped
from fleet.reels import understood
from trunkline.errors import ConfigError
from trunkline.fleet import recorder as module
from trunkline.fleet.coding import Coding
from trunkline.fleet.recorder import Recorder, RecordingFile
from trunkline.fleet.state import FleetState
from trunkline.telemetry.frames import Heard


@pytest.fixture(autouse=True)
def wall(monkeypatch):
    monkeypatch.setattr(module.time, "time", lambda: WALL)


def kinds(path) -> list[str]:
    return [kind for kind, _ in understood(path.read_bytes())]


def test_a_recording_is_readable_by_us_alone_and_never_written_over(tmp_path):
    path = tmp_path / "a.tlrec"
    recorder = Recorder(path)
    recorder.start(None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ConfigError, match="is there already"):
        Recorder(path).start(None)
    recorder.stop()
    assert kinds(path) == ["INTRODUCTION"]


def test_a_place_where_nothing_can_be_made_is_told(tmp_path):
    with pytest.raises(ConfigError, match="No such file or directory"):
        Recorder(tmp_path / "none" / "a.tlrec").start(None)


def test_what_came_is_in_the_file_each_second_and_at_the_end(tmp_path):
    path = tmp_path / "a.tlrec"
    recorder = Recorder(path, coding=Coding.PLAIN)
    recorder.start(None)
    recorder.take(stamped(*life("a")), BREATH)
    recorder.tick(WALL + 1)
    assert kinds(path) == ["INTRODUCTION", "BLOCK", "CUT", "KEYFRAME"]
    assert recorder.size_bytes == path.stat().st_size
    recorder.take(stamped(said("a", 101.0, "x")), BREATH)
    recorder.tick(WALL + 1.5)
    assert len(kinds(path)) == 4
    recorder.stop()
    assert kinds(path)[4:] == ["BLOCK"]
    assert recorder.failure is None


def test_a_line_that_was_followed_elsewhere_is_recorded_and_one_that_left_is_not(tmp_path):
    state, path = FleetState(), tmp_path / "a.tlrec"
    for frame in life("k"):
        state.apply(frame)
    recorder = Recorder(path)
    recorder.start(None)
    recorder.adopt(state.keyframe("k"))
    recorder.tick(WALL + 1)
    recorder.forget("k")
    recorder.take(stamped(*life("b")), BREATH)
    recorder.tick(WALL + 70)
    recorder.stop()
    told = understood(path.read_bytes())
    assert [what for kind, what in told if kind == "KEYFRAME"] == ["k", "k", "b"]


def test_a_full_disk_ends_the_recording_once_and_quietly(caplog):
    recorder = Recorder("/dev/full")
    with caplog.at_level(logging.WARNING, "trunkline"):
        recorder.start(None)
        recorder.take(stamped(*life("a")), BREATH)
        recorder.tick(WALL + 1)
        recorder.adopt(None)
        recorder.forget("a")
        recorder.stop()
    assert recorder.failure == "recording to /dev/full stopped: No space left on device"
    assert [record.getMessage() for record in caplog.records] == [recorder.failure]


@pytest.mark.parametrize("error", [5, 28, 122, 9])
def test_any_error_of_the_disk_ends_the_recording_at_its_last_whole_packet(
    tmp_path, monkeypatch, error: int
):
    path = tmp_path / "a.tlrec"
    recorder = Recorder(path)
    recorder.start(None)
    recorder.take(stamped(*life("a")), BREATH)
    recorder.tick(WALL + 1)
    whole = path.read_bytes()
    write = os.write
    monkeypatch.setattr(module.os, "write", _partly(write, error))
    recorder.take(stamped(said("a", 101.0, "x")), BREATH)
    recorder.tick(WALL + 3)
    monkeypatch.undo()
    assert path.read_bytes() == whole
    assert recorder.failure is not None
    assert os.strerror(error) in recorder.failure


def _partly(write, error: int):
    calls = []

    def one(descriptor, data):
        calls.append(len(data))
        if len(calls) == 1:
            return write(descriptor, bytes(data[:10]))
        raise OSError(error, os.strerror(error))

    return one


def test_a_file_that_is_closed_twice_stays_closed(tmp_path):
    file = RecordingFile(tmp_path / "a")
    file.close()
    file.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        file.write(b"x")


def test_a_recording_without_words_takes_no_audio_either(tmp_path):
    with pytest.raises(ConfigError, match="holds no audio either"):
        Recorder(tmp_path / "a.tlrec", transcripts=False, audio=True)


@pytest.mark.parametrize("audio", [False, True])
def test_audio_is_asked_for_and_written_only_if_it_was_said_so(tmp_path, audio: bool):
    path = tmp_path / "a.tlrec"
    recorder = Recorder(path, audio=audio, coding=Coding.PLAIN)
    assert recorder.heard("a") is recorder.heard(None) is audio
    recorder.start(None)
    recorder.take(stamped(*life("a"), heard("a", 100.5, b"ab" * 80)), BREATH)
    recorder.stop()
    frames = [
        frame for kind, what in understood(path.read_bytes()) if kind == "BLOCK" for frame in what
    ]
    assert [type(one) for one in frames].count(Heard) == audio
