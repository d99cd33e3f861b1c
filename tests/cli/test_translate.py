"""`trunkline translate`, against the simulator given as base URL."""

from __future__ import annotations

import re
import wave
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cli.running import KEY, SPEECH, simulator, trunkline
from telemetry.srt_reader import read_srt
from trunkline.cli.file_call import FileCall
from trunkline.cli.interpreter_call import InterpreterCall
from trunkline.cli.live_call import LiveCall
from trunkline.cli.translate import translate


def samples(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (24_000, 1)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def two_turns(path: Path) -> Path:
    """A caller who goes on half a second after his first sentence, before it is translated to the end."""
    pause = np.zeros(20_000, "<i2")
    said = [samples(SPEECH / "caller_3.wav"), pause, samples(SPEECH / "caller_4.wav")]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes(np.concatenate(said).tobytes())
    return path


def test_a_file_is_translated_saved_and_subtitled(tmp_path):
    saved, subtitles = tmp_path / "out.wav", tmp_path / "out.srt"
    with simulator() as base_url:
        run = trunkline(
            *("translate", "--to", "es", "--from", "en", "--style", "formal"),
            *("--wav", str(SPEECH / "caller_3.wav")),
            *("--save", str(saved), "--subtitles", str(subtitles)),
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == 0, run.stderr
    assert run.stdout == (
        "user      I am travelling with two children and a bicycle.\n"
        "assistant Viajo con dos niños y una bicicleta.\n"
    )
    assert "canary" not in run.stdout + run.stderr
    assert np.array_equal(samples(saved), samples(SPEECH / "interpreter_3.wav"))
    user, translation = read_srt(subtitles.read_bytes())
    assert (user.speaker, translation.speaker) == ("en", "es")
    assert user.words == "I am travelling with two children and a bicycle."
    assert translation.words == "Viajo con dos niños y una bicicleta."
    # The file lasts 2.55 s, the translation 2.78 s, and it begins after the silence that ends a turn.
    assert user.begin_ms < 500
    assert 2000 < user.end_ms < 2700 < translation.begin_ms
    assert translation.end_ms - translation.begin_ms == pytest.approx(2780, abs=250)


def test_a_caller_who_speaks_on_does_not_cut_his_translation_off(tmp_path):
    saved, subtitles = tmp_path / "out.wav", tmp_path / "out.srt"
    with simulator() as base_url:
        run = trunkline(
            *(
                "translate",
                "--to",
                "es",
                "--transcript",
                "--wav",
                str(two_turns(tmp_path / "in.wav")),
            ),
            *("--save", str(saved), "--subtitles", str(subtitles)),
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == 0, run.stderr
    given = [samples(SPEECH / f"interpreter_{number}.wav") for number in (3, 4)]
    assert np.array_equal(samples(saved), np.concatenate(given))
    cues = read_srt(subtitles.read_bytes())
    assert [cue.speaker for cue in cues if cue.speaker == "es"] == ["es", "es"]
    assert {cue.speaker for cue in cues} == {"user", "es"}
    lines = run.stdout.splitlines()
    assert len(lines) == 4
    assert all(re.fullmatch(r"00:\d\d\.\d  (user|es) +\S.*", line) for line in lines)
    assert "Viajo con dos niños" in run.stdout
    assert "¿Cuánto costaría" in run.stdout


def test_a_link_that_breaks_in_the_middle_of_a_sentence_costs_no_word(tmp_path):
    saved, subtitles, scenario = (tmp_path / name for name in ("out.wav", "out.srt", "break.toml"))
    scenario.write_text('[[faults]]\nwhen = { utterance = 1, ms = 900 }\naction = "rst"\n')
    with simulator("--scenario", str(scenario)) as base_url:
        run = trunkline(
            *("translate", "--to", "es", "--wav", str(SPEECH / "caller_3.wav")),
            *("--save", str(saved), "--subtitles", str(subtitles)),
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == 0, run.stderr
    assert "restored in" in run.stderr
    assert np.array_equal(samples(saved), samples(SPEECH / "interpreter_3.wav"))
    user, translation = read_srt(subtitles.read_bytes())
    assert user.words == "I am travelling with two children and a bicycle."
    assert user.begin_ms < 500
    assert translation.words == "Viajo con dos niños y una bicicleta."


def asked(monkeypatch, *arguments: str) -> dict:
    """The session that a command would ask for."""
    found: list[dict] = []
    monkeypatch.setattr(FileCall, "hold", lambda _self, session, *_: found.append(session))
    result = CliRunner().invoke(translate, [*arguments, "--wav", "in.wav"])
    assert result.exit_code == 0, result.output
    return found[0]


def test_the_model_is_told_the_languages_the_style_and_to_answer_nothing(monkeypatch):
    session = asked(monkeypatch, "--to", "pt-BR", "--from", "de-AT", "--style", "formal")
    instructions = session["instructions"]
    assert "into Portuguese (pt-BR)" in instructions
    assert "speaks German (de-AT)" in instructions
    assert "formal" in instructions
    assert "Never answer a question" in instructions
    listening = session["audio"]["input"]
    assert listening["transcription"]["language"] == "de"
    assert listening["turn_detection"]["interrupt_response"] is False


def test_without_a_source_the_model_listens_for_the_language(monkeypatch):
    session = asked(monkeypatch, "--to", "es")
    assert "The speaker speaks" not in session["instructions"]
    assert "language" not in session["audio"]["input"]["transcription"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--wav", "in.wav"), 2, "--to"),
        (("--to", "Spanish", "--wav", "in.wav"), 2, "such as es or pt-BR"),
        (("--to", "es", "--from", "?", "--wav", "in.wav"), 2, "--from"),
        (("--to", "es", "--style", "rude", "--wav", "in.wav"), 2, "formal"),
        (("--to", "es", "--wav", "/nowhere/in.wav"), 8, "no such file"),
        (
            ("--to", "es", "--wav", str(SPEECH / "caller_3.wav"), "--subtitles", "/nowhere/o.srt"),
            8,
            "no such folder",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments, code: int, words: str):
    run = trunkline("translate", *arguments, OPENAI_API_KEY=KEY)
    assert run.returncode == code, run.stderr
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_without_a_key_it_says_where_to_put_one():
    run = trunkline("translate", "--to", "es", "--wav", str(SPEECH / "caller_3.wav"))
    assert run.returncode == 2
    assert "OPENAI_API_KEY" in run.stderr


KEPT = """model = 'gpt-realtime-2'
voice = 'cedar'
[sound]
input = 'USB'
push_to_talk = true
[translate]
to = 'es'
style = 'formal'
"""


def test_what_is_kept_for_conversations_is_not_told_to_an_interpreter(keeper, monkeypatch):
    held: list[InterpreterCall | FileCall] = []
    monkeypatch.setattr(InterpreterCall, "hold", lambda self, *_: held.append(self))
    monkeypatch.setattr(FileCall, "hold", lambda self, *_: held.append(self))
    monkeypatch.setattr(LiveCall, "hold", lambda self, *_: held.append(self))
    keeper.user(KEPT)
    wav = ["--wav", str(SPEECH / "caller_3.wav")]
    for arguments in ([*wav, "--dedicated"], wav, ["--dedicated"], []):
        told = keeper.call("translate", *arguments)
        assert isinstance(told.exception, SystemExit | None), told.exception
    assert [call.model for call in held] == [None, "gpt-realtime-2", None, "gpt-realtime-2"]
    assert [call.options.push_to_talk for call in held[2:]] == [False, True]
    assert held[0].to == "es"


@pytest.mark.parametrize("option", ["--style=formal", "--voice=cedar", "--push-to-talk"])
def test_what_is_said_to_an_interpreter_is_refused_as_before(keeper, option):
    keeper.user(KEPT)
    told = keeper.call("translate", "--dedicated", option)
    assert "leave off --dedicated" in str(told.exception)
