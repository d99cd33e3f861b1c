"""`trunkline translate --dedicated`, against the simulator given as base URL."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from cli.running import KEY, SPEECH, simulator, trunkline
from telemetry.srt_reader import read_srt
from trunkline.cli.interpreter_call import InterpreterCall, refuse_conversation
from trunkline.errors import ConfigError

TALK = str(SPEECH / "caller_3.wav")


def samples(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (24_000, 1)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_a_link_that_breaks_costs_no_word_of_what_is_printed_saved_and_subtitled(tmp_path):
    saved, subtitles, scenario = (tmp_path / name for name in ("out.wav", "out.srt", "break.toml"))
    scenario.write_text('[[faults]]\nwhen = { utterance = 1, ms = 900 }\naction = "rst"\n')
    with simulator("--scenario", str(scenario)) as base_url:
        run = trunkline(
            *("translate", "--dedicated", "--to", "es", "--from", "en", "--wav", TALK),
            *("--save", str(saved), "--subtitles", str(subtitles)),
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == 0, run.stderr
    assert run.stdout == (
        "user      I am travelling with two children and a bicycle.\n"
        "assistant Viajo con dos niños y una bicicleta.\n"
    )
    assert "restored in" in run.stderr
    assert "canary" not in run.stdout + run.stderr
    said = np.trim_zeros(samples(saved))
    given = np.trim_zeros(samples(SPEECH / "interpreter_3.wav"))
    assert np.array_equal(said, given)
    user, translation = read_srt(subtitles.read_bytes())
    assert (user.speaker, translation.speaker) == ("en", "es")
    assert translation.words == "Viajo con dos niños y una bicicleta."


def test_a_server_without_translation_sessions_is_told_with_what_to_do():
    with simulator("--profile", "xai") as base_url:
        run = trunkline(
            *("translate", "--dedicated", "--to", "es", "--wav", TALK),
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == 2
    assert "leave off --dedicated" in run.stderr
    assert "Traceback" not in run.stderr


def test_another_refusal_is_passed_on_as_it_is():
    with simulator() as base_url:
        run = trunkline(
            *("translate", "--dedicated", "--to", "es", "--wav", TALK),
            OPENAI_API_KEY="sk-proj-canary0123456789",
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == 4
    assert "--dedicated" not in run.stderr


def test_silence_has_no_translation(tmp_path):
    silence = tmp_path / "silence.wav"
    with wave.open(str(silence), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes(bytes(24_000))
    with simulator() as base_url:
        run = trunkline(
            *("translate", "--dedicated", "--to", "es", "--wav", str(silence)),
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == 8
    assert "is there speech in it?" in run.stderr


@pytest.mark.parametrize(
    ("more", "words"),
    [({"style": "formal"}, "--style"), ({"voice": "cedar"}, "--voice")],
)
def test_what_only_a_conversation_can_be_told_is_refused(more: dict, words: str):
    with pytest.raises(ConfigError, match=words):
        refuse_conversation(**{"style": "neutral", "voice": None} | more)
    refuse_conversation(style="neutral", voice=None)


def test_a_call_that_was_cut_short_is_told_so():
    call = InterpreterCall(to="es", wav=TALK, save=None, model=None, record=None, audio=False)
    call.outcome.turns = 1
    assert call._complaint() == "not all of it was translated"
