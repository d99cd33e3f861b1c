"""`trunkline record`: as a user runs it."""

from __future__ import annotations

import signal
import subprocess

import pytest

from cli.running import COMMAND, environment, trunkline
from fleet.children import talking, wait_for
from fleet.hand import heard, life, stamped
from fleet.places import only_place
from trunkline.fleet.player import Player
from trunkline.fleet.publisher import Publisher
from trunkline.fleet.recording import Recording
from trunkline.fleet.telemetry import Telemetry


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


def test_audio_and_no_words_contradict_each_other(place, tmp_path):
    path = tmp_path / "a.tlrec"
    run = trunkline("record", str(path), "--audio", "--no-transcripts")
    assert run.returncode == 2
    assert "--audio holds the words that --no-transcripts leaves out" in run.stderr
    assert not path.exists()


@pytest.mark.parametrize("audio", [False, True])
def test_audio_of_processes_that_keep_it_is_recorded_if_it_is_asked_for(place, tmp_path, audio):
    path = tmp_path / "all.tlrec"
    publisher = Publisher(audio=True)
    with Telemetry(publisher, name="bot") as telemetry:
        process = subprocess.Popen(
            [*COMMAND, "record", str(path), *(["--audio"] if audio else [])],
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        try:
            wait_for(publisher.looks, "the recorder")
            if audio:
                wait_for(lambda: publisher.heard(None), "its wish to hear")
            telemetry.give(stamped(*life("a"), heard("a", 101.0, b"\x12\x34" * 80)))
            wait_for(lambda: path.stat().st_size > 300, "a recording")
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
    with Player(path, speed=0.0) as player:
        player.playback.seek(player.playback.ends_at)
        wait_for(lambda: player.fleet() and player.fleet().rows, "the line")
        wait_for(lambda: player.playback.has_ended, "the end")
        assert player.turns_heard("a") == ((1,) if audio else ())


def test_a_file_without_a_name_goes_where_the_settings_say(place, keeper):
    calls = keeper.user_folder / "calls"
    calls.mkdir()
    keeper.user("[record]\ndirectory = 'calls'\n")
    home = str(keeper.user_folder.parent)
    run = trunkline("record", "--seconds", "0.1", XDG_CONFIG_HOME=home)
    assert run.returncode == 0, run.stderr
    (path,) = calls.iterdir()
    assert path.name.startswith("calls-")
