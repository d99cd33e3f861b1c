"""Recordings of real calls on real disks: killed, full, failing, and played again. The law I17 is held here."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.children import talking, wait_for
from fleet.places import runtime_directory
from trunkline.fleet.finder import Finder
from trunkline.fleet.player import Player
from trunkline.fleet.reader import FleetReader
from trunkline.fleet.recorder import Recorder
from trunkline.fleet.recording import Recording


def words_of(player: Player) -> list[str]:
    line = player.line()
    return [] if line is None else [one.text for one in line.transcript]


def watched(player: Player) -> str:
    wait_for(lambda: player.fleet() and player.fleet().rows, "the lines")
    key = player.fleet().rows[0].key
    player.watch(key)
    return key


def test_a_call_is_recorded_and_shown_again_as_it_was(tmp_path):
    path = tmp_path / "call.tlrec"
    with talking("", "--record", str(path), "--lines", "2") as process:
        wait_for(lambda: _has(path, seconds=3.0), "three seconds")
        process.communicate("", timeout=20)
    with Player(path, speed=0.0) as player:
        assert player.recording.damage is None
        watched(player)
        player.playback.seek(player.playback.ends_at)
        wait_for(lambda: "the word 51" in words_of(player), "what was said")
        wait_for(lambda: {row.state for row in player.fleet().rows} == {"closed"}, "the end")
        player.playback.seek(player.playback.begins_at + 0.5)
        wait_for(lambda: words_of(player) == ["the word 1"], "the beginning")
        wait_for(lambda: player.fleet().rows[0].state == "live", "the line as it was")


def test_a_process_that_is_killed_leaves_a_recording_that_is_whole_up_to_its_last_second(tmp_path):
    path = tmp_path / "call.tlrec"
    with talking("", "--record", str(path)) as process:
        wait_for(lambda: path.stat().st_size > 4000, "some seconds")
        before = path.stat().st_size
        wait_for(lambda: path.stat().st_size > before, "one more flush")
        flushed = path.stat().st_size
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
    with Recording(path) as recording:
        assert recording.end >= flushed
        assert recording.damage is None
        assert recording.ends_at - recording.begins_at > 1.0
        assert recording.cuts


def late_of(process: subprocess.Popen[str]) -> dict[str, float]:
    told, _ = process.communicate("", timeout=20)
    return json.loads(told)


def test_a_full_disk_ends_the_recording_and_not_the_call():
    """I17: recorder faults never reach the call."""
    with runtime_directory() as place, talking(place, "--record", "/dev/full") as process:
        with FleetReader(Finder(place), seen := _Seen()):
            wait_for(lambda: seen.words >= 2, "a call that goes on")
        late = late_of(process)
    assert process.returncode == 0
    assert late["chunks"] > 40


class _Seen(Recorder):
    """Counts what a call says, and writes nothing."""

    def __init__(self) -> None:
        super().__init__(os.devnull)
        self.words = 0

    def start(self, worker):
        pass

    def take(self, stamped, breath):
        self.words += sum(
            type(getattr(one.frame, "fact", None)).__name__ == "Transcript" for one in stamped
        )


@contextlib.contextmanager
def tiny_disk() -> Iterator[Path]:
    """64 KiB of file system."""
    with tempfile.TemporaryDirectory() as name:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", name], check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", name], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount; /dev/full is the same fault")
def test_a_disk_that_fills_up_keeps_what_was_written_whole():
    """I17, on a disk that is there at first."""
    with (
        tiny_disk() as disk,
        talking("", "--record", str(disk / "a.tlrec"), "--lines", "40") as one,
    ):
        path = disk / "a.tlrec"
        size = -1

        def is_full() -> bool:
            nonlocal size
            before, size = size, path.stat().st_size
            return size > 20_000 and before == size

        for _ in range(3):
            wait_for(is_full, "a full disk", 40)
            with contextlib.suppress(AssertionError):
                wait_for(lambda: path.stat().st_size != size, "more", 2.5)
        late = late_of(one)
        assert one.returncode == 0
        assert late["chunks"] > 1000
        with Recording(path) as recording:
            assert recording.damage is None
            assert recording.end > 20_000


def test_a_recorder_beside_running_processes_records_them_all(tmp_path):
    path = tmp_path / "both.tlrec"
    with runtime_directory() as place, talking(place), talking(place):
        with FleetReader(Finder(place), Recorder(path)):
            wait_for(lambda: path.stat().st_size > 8000, "a recording")
        size = path.stat().st_size
    assert path.stat().st_size == size
    with Player(path, speed=0.0) as player:
        player.playback.seek(player.playback.ends_at)
        wait_for(lambda: player.fleet() and len(player.fleet().rows) == 2, "both lines")
        assert {row.state for row in player.fleet().rows} == {"live"}


def test_the_flight_recorder_writes_the_last_minutes_at_a_signal(tmp_path):
    with talking("", "--flight", str(tmp_path)) as process:
        wait_for(lambda: _dumped(process, tmp_path), "a dump of some seconds", 40)
        with Player(max(tmp_path.iterdir(), key=_size), speed=0.0) as player:
            watched(player)
            player.playback.seek(player.playback.ends_at)
            wait_for(lambda: "the word 1" in words_of(player), "what was said")


def _size(path: Path) -> int:
    return path.stat().st_size


def _dumped(process: subprocess.Popen[str], directory: Path) -> bool:
    process.send_signal(signal.SIGUSR1)
    time.sleep(0.5)
    return any(_has(path, seconds=2.0) for path in directory.iterdir())


def _has(path: Path, *, seconds: float) -> bool:
    """Whether a recording, which may be being written, is so long by now."""
    with Recording(path) as recording:
        return recording.ends_at - recording.begins_at > seconds
