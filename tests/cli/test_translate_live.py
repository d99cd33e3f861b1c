"""`trunkline translate` as a live conversation on a real pty, against the simulator of its own."""

from __future__ import annotations

import wave

import pytest

from cli.running import SPEECH, trunkline
from cli.terminal import Terminal
from telemetry.srt_reader import read_srt

LIVE = ("translate", "--to", "es", "--simulated", "--output", "none")
SAID = "Good morning. I would like to change my train ticket to Thursday afternoon."
HEARD = "Buenos días. Quisiera cambiar mi billete de tren al jueves por la tarde."


@pytest.mark.timeout(90)
@pytest.mark.parametrize(("keys", "code"), [("\x03", 130), ("q", 0)], ids=["ctrl-c", "q"])
def test_both_sides_are_read_as_they_speak_and_written_down_however_it_ends(
    tmp_path, keys: str, code: int
):
    saved, subtitles = tmp_path / "out.wav", tmp_path / "out.srt"
    terminal = Terminal(
        *LIVE, "--subtitles", str(subtitles), "--save", str(saved), columns=120, rows=36
    )
    terminal.wait_for("● live 00:0")
    terminal.wait_for(f"assistant {HEARD}")
    terminal.wait_for("listening")
    terminal.type(keys)
    assert terminal.end() == code
    screen = terminal.text()
    assert f"user      {SAID}" in screen
    assert "saved the subtitles of 2 utterances to" in " ".join(screen.split())
    assert terminal.shows_cursor
    cues = read_srt(subtitles.read_bytes())
    user = [cue for cue in cues if cue.speaker == "user"]
    translation = [cue for cue in cues if cue.speaker == "es"]
    assert " ".join(cue.words for cue in user) == SAID
    assert " ".join(cue.words for cue in translation) == HEARD
    assert user[0].begin_ms < 800
    assert user[-1].end_ms <= translation[0].begin_ms
    with wave.open(str(saved)) as ours, wave.open(str(SPEECH / "interpreter_1.wav")) as theirs:
        assert ours.readframes(10**6) == theirs.readframes(10**6)


@pytest.mark.timeout(90)
def test_with_transcript_the_words_are_printed_at_the_end_with_their_times():
    run = trunkline(*LIVE, "--transcript", "--input", f"wav:{SPEECH / 'caller_3.wav'}")
    assert run.returncode == 0, run.stderr
    user, translation = run.stdout.splitlines()
    assert user.startswith("00:00.")
    assert "user" in user
    assert translation.split()[1] == "es"


@pytest.mark.timeout(90)
def test_an_interpreter_speaks_meanwhile_and_is_heard_to_its_end(tmp_path):
    saved, subtitles = tmp_path / "out.wav", tmp_path / "out.srt"
    run = trunkline(
        *LIVE,
        "--dedicated",
        *("--input", f"wav:{SPEECH / 'caller_3.wav'}"),
        *("--save", str(saved), "--subtitles", str(subtitles)),
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == (
        "user      I am travelling with two children and a bicycle.\n"
        "assistant Viajo con dos niños y una bicicleta.\n"
    )
    assert len(read_srt(subtitles.read_bytes())) == 2
    with wave.open(str(saved)) as ours, wave.open(str(SPEECH / "interpreter_3.wav")) as theirs:
        assert theirs.readframes(10**6).strip(b"\0") in ours.readframes(10**6)


@pytest.mark.parametrize("option", ["--push-to-talk", "--voice=cedar", "--style=formal"])
def test_an_interpreter_cannot_be_told_everything(option: str):
    run = trunkline(*LIVE, "--dedicated", option)
    assert run.returncode == 2
    assert "leave off --dedicated" in run.stderr


def test_a_place_that_cannot_be_written_to_is_told_before_anything_is_said():
    run = trunkline(*LIVE, "--subtitles", "/nowhere/out.srt")
    assert run.returncode == 8
    assert "no such folder" in run.stderr
