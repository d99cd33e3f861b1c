"""`trunkline demo` without a terminal."""

from __future__ import annotations

import json

import pytest

from cli.running import SPEECH, trunkline

KEYS = {
    "ok",
    "turns_answered",
    "turns",
    "reconnects",
    "closures",
    "audio",
    "restore",
    "rtt_ms",
    "seconds",
}


@pytest.mark.timeout(150)
def test_the_whole_demo_answers_every_turn_and_loses_no_audio():
    run = trunkline("demo", "--json", seconds=140)
    assert run.returncode == 0, run.stdout + run.stderr
    told = json.loads(run.stdout)
    assert set(told) == KEYS
    assert (told["ok"], told["turns_answered"], told["turns"]) == (True, 5, 5)
    assert told["reconnects"] == 2
    assert [end["code"] for end in told["closures"]] == [1006, 1011]
    assert all(end["cause"] for end in told["closures"])
    assert [one["epoch"] for one in told["restore"]] == [2, 3]
    audio = told["audio"]
    assert audio["gap_ms"] == 0
    assert audio["accepted_ms"] == pytest.approx(audio["consumed_ms"] + audio["retained_ms"])
    assert told["rtt_ms"]["p50"] <= told["rtt_ms"]["p95"]
    assert run.stderr == ""


def test_a_file_of_ones_own_is_said_and_the_report_is_words():
    wav = str(SPEECH / "caller_3.wav")
    run = trunkline("demo", "--headless", "--seed", "5", "--wav", wav)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "turns answered   1 of 1" in run.stdout
    assert "connection reset" in run.stdout
    assert "result           ok" in run.stdout


def test_a_file_without_speech_is_not_answered_and_the_exit_code_says_so(tmp_path, monkeypatch):
    # The patience of half a minute is the product's; the test has its own.
    from trunkline.cli import call
    from trunkline.cli.rehearsal import Rehearsal
    from trunkline.devices.wavfile import write_wav

    path = tmp_path / "silence.wav"
    write_wav(path, bytes(48_000), rate_hz=24_000)
    monkeypatch.setattr(call, "_PATIENCE_SECONDS", 0.2)
    result = Rehearsal(seconds=None, seed=1, wav=str(path)).run()
    assert not result.ok
    assert result.complaint() == "1 turns were not answered"


@pytest.mark.parametrize("option", ["--json", "--headless"])
def test_a_broken_file_is_told_before_anything_starts(tmp_path, option: str):
    path = tmp_path / "broken.wav"
    path.write_bytes(b"RIFF....WAVE")
    run = trunkline("demo", option, "--wav", str(path))
    assert run.returncode == 8
    assert "broken.wav" in run.stderr
    told = json.loads(run.stdout)["error"]["code"] if option == "--json" else run.stdout
    assert told == ("sound" if option == "--json" else "")
