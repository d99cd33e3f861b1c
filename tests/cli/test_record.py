"""`trunkline record`: as a user runs it."""

from __future__ import annotations

import signal
import subprocess

import pytest

from cli.running import COMMAND, environment, trunkline
from fleet.children import talking, wait_for
from fleet.places import only_place
from trunkline.fleet.recording import Recording


@pytest.fixture
def place(monkeypatch):
    with only_place(monkeypatch) as path:
        yield path


def test_it_records_what_runs_until_it_is_interrupted(place, tmp_path):
    path = tmp_path / "all.tlrec"
    with talking(place):
        process = subprocess.Popen(
            [*COMMAND, "record", str(path), "--process", "talking"],
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        wait_for(lambda: path.exists() and path.stat().st_size > 3000, "a recording")
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    assert process.returncode == 0
    assert f"recording to {path}; Ctrl+C ends it" in told
    assert "1 processes at the end" in told
    with Recording(path) as recording:
        assert recording.damage is None
        assert recording.ends_at > recording.begins_at


def test_without_a_name_the_file_has_the_time_in_its_name(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = trunkline("record", "--seconds", "0.1")
    assert run.returncode == 0
    (path,) = tmp_path.iterdir()
    assert path.name.startswith("calls-")
    assert path.suffix == ".tlrec"


def test_a_file_that_is_there_is_never_written_over(place, tmp_path):
    path = tmp_path / "a.tlrec"
    path.write_text("mine")
    run = trunkline("record", str(path))
    assert run.returncode == 2
    assert "is there already" in run.stderr
    assert path.read_text() == "mine"


def test_a_full_disk_ends_it_with_1(place):
    run = trunkline("record", "/dev/full")
    assert run.returncode == 1
    assert "No space left on device" in run.stderr
    assert run.stderr.splitlines()[-1].startswith("error: recording to /dev/full stopped")
    assert len(run.stderr.splitlines()) == 2
